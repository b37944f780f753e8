"""Gmail: labels hold threads; a thread's first mail is the item, the later ones its comments."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import msgspec

from src.connectors.base import refuse_filters
from src.connectors.google import scopes
from src.connectors.google.gmail import ids, search
from src.connectors.google.gmail.mapping import (
    HEADERS,
    label_to_container,
    label_to_resource,
    mailbox,
    message_to_comment,
    thread_to_item,
)
from src.connectors.google.gmail.mime import Contents, contents, header
from src.connectors.google.gmail.pickers import LabelFilters
from src.connectors.google.gmail.reader import STREAM, GmailReader, MessageReading
from src.connectors.google.gmail.schemas import (
    Attachment,
    Conversation,
    FoundThreads,
    Label,
    Labels,
    Message,
    Ref,
    Thread,
)
from src.connectors.google.gmail.tree import Tree
from src.connectors.google.rooms import Room
from src.connectors.rest.client import List, Params
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Cursor, SinglePage
from src.connectors.rest.together import together
from src.connectors.rest.windows import window, windowed
from src.core.errors import UnsupportedFilter
from src.models.base import rfc3339
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource

THREADS = List(
    "/gmail/v1/users/me/threads",
    Ref,
    Cursor(lambda page: page.next_page_token, size="maxResults"),
    wrapped_in=FoundThreads,
)
MESSAGES = List(
    "/gmail/v1/users/me/threads/{thread}", Message, SinglePage(), wrapped_in=Conversation
)
AT_ONCE = 8
"""Gmail refuses a user's crowd of requests (429 "Too many concurrent requests for user")."""

METADATA: Params = {"format": "metadata", "metadataHeaders": HEADERS}
FULL: Params = {"format": "full"}

_ASIDE = frozenset({"SPAM", "TRASH"})
"""Lists leave them out unless asked not to."""

_MOST_TEXTS = 4
"""Texts of one mail that are fetched because they are kept apart."""


class Gmail(Room):
    """One mailbox."""

    product = "gmail"
    host = "gmail"
    scopes = (scopes.GMAIL_READ,)
    container_types = frozenset({"mailbox", "label"})
    resource_types = frozenset({"gmail_label"})
    stream = STREAM

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """At the top the mailbox; in it the labels, and in these what their names put there.

        ``q`` finds labels by name, however deep.
        """
        if query.type not in {None, *self.container_types}:
            raise UnsupportedFilter("type", "type must be mailbox or label")
        is_top = query.parent_id is None and query.type != "label" and not query.q
        if is_top or query.type == "mailbox":
            if query.type == "mailbox":
                refuse_filters(query, "q", why="mailboxes cannot be searched")
            return Page(items=() if query.parent_id else (mailbox(),))
        within = ids.parse_container(query.parent_id or ids.MAILBOX, "parentId")
        content = await self._labels()
        tree = Tree(decode(content, Labels[Label]).rows)
        page = windowed(tree.found(within, query.q), query)
        raw = _payloads(content) if query.include_raw else {}
        found = (
            msgspec.structs.replace(
                label_to_container(label, tree), raw=raw.get(label.id, msgspec.UNSET)
            )
            for label in page.items
        )
        return Page(items=tuple(found), next_token=page.next_token)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """The same labels, to be picked."""
        within = ids.parse_container(query.parent_id or ids.MAILBOX, "parentId")
        kind = query.filters.type if isinstance(query.filters, LabelFilters) else None
        tree = await self._tree()
        found = tree.found(within, query.q)
        chosen = [label_to_resource(one, tree) for one in found if kind in {None, one.type}]
        return windowed(chosen, query)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:  # noqa: ARG002  it has one type
        """The way from the outermost label to this one."""
        tree = await self._tree()
        label = ids.parse_container(parent_id, "parentId") or ""
        return tuple(label_to_resource(one, tree) for one in tree.way(label))

    async def _tree(self) -> Tree:
        return Tree(decode(await self._labels(), Labels[Label]).rows)

    async def _labels(self) -> bytes:
        return (await self.rest.call("GET", "/gmail/v1/users/me/labels")).content

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Threads with a mail in the label, in Gmail's order: the newest first.

        Gmail lists ids alone, so that a page costs one request and one for each thread.
        """
        refuse_filters(query, "parent_id", "state", "sort", why="Gmail cannot do this")
        if query.type not in {None, "thread"}:
            raise UnsupportedFilter("type", "type must be thread")
        if query.status not in {None, "unread"}:
            raise UnsupportedFilter("status", "status must be unread")
        label = ids.parse_container(query.container_id, "containerId")
        found = await self.rest.page(
            THREADS, _same, replace(query, include_raw=False), params=_listed(query, label)
        )
        reads = [partial(self._listed_thread, ref.id, query) for ref in found.items]
        threads = await together(reads, at_once=AT_ONCE)
        since = rfc3339(query.updated_since) if query.updated_since else ""
        return Page(
            items=tuple(one for one in threads if one and (one.updated_at or "") >= since),
            next_token=found.next_token,
            truncated=found.truncated,
        )

    async def _listed_thread(self, thread: str, query: ItemQuery) -> Item | None:
        """One thread of a page; None for one that has gone since it was listed."""
        reading = _Reading(query.container_id, has_body=query.include_body)
        item = await self.rest.find_one(
            "/gmail/v1/users/me/threads/{thread}",
            Thread,
            reading.mapping,
            raw=query.include_raw,
            params=FULL if query.include_body else METADATA,
            thread=thread,
        )
        return None if item is None else await self._completed(item, reading)

    async def item(self, query: OneItemQuery) -> Item:
        """One thread, with the text of its first mail; or one mail, as it is in its stream."""
        message = ids.parse_message(query.item_id)
        if message is not None:
            mail = MessageReading()
            item = await self.rest.one(
                "/gmail/v1/users/me/messages/{message}",
                Message,
                mail.mapping,
                raw=query.include_raw,
                params=FULL,
                message=message,
            )
            return await self._with_text(item, mail)
        reading = _Reading(None, has_body=True)
        item = await self.rest.one(
            "/gmail/v1/users/me/threads/{thread}",
            Thread,
            reading.mapping,
            raw=query.include_raw,
            params=FULL,
            thread=ids.parse_thread(query.item_id),
        )
        return await self._completed(item, reading)

    async def _completed(self, item: Item, reading: _Reading) -> Item:
        """The item with what is kept apart of its text."""
        if not any(text.attachment_id for text in reading.found.texts):
            return item
        return msgspec.structs.replace(item, body=await self.text(reading.first, reading.found))

    async def find_message(self, message: str, reading: MessageReading) -> Item | None:
        """One mail with its text; None for one that is gone."""
        item = await self.rest.find_one(
            "/gmail/v1/users/me/messages/{message}",
            Message,
            reading.mapping,
            raw=False,
            params=FULL,
            message=message,
        )
        return None if item is None else await self._with_text(item, reading)

    async def _with_text(self, item: Item, reading: MessageReading) -> Item:
        if not any(text.attachment_id for text in reading.found.texts):
            return item
        body = await self.text(reading.message, reading.found)
        return msgspec.structs.replace(item, body=body)

    def reader(self) -> GmailReader:
        """The stream of messages."""
        return GmailReader(self)

    async def text(self, message: str, found: Contents) -> str:
        """The text of a mail, with what Gmail keeps apart of it because it is long."""
        fetched: dict[str, str] = {}
        for text in found.texts[:_MOST_TEXTS]:
            if text.attachment_id:
                kept = await self.rest.get(
                    "/gmail/v1/users/me/messages/{message}/attachments/{attachment}",
                    Attachment,
                    message=message,
                    attachment=text.attachment_id,
                )
                fetched[text.attachment_id] = kept.data
        return found.read(fetched)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """The later mails of a thread, the oldest first; Gmail hands a thread out whole.

        A mail by itself has none.
        """
        if ids.parse_message(query.item_id) is not None:
            return Page(items=())
        thread = ids.parse_thread(query.item_id)
        shown = window(query)
        parents: dict[str, str] = {}
        place = -1

        def mapping(message: Message) -> Comment | None:
            """A mail outside the page is not read, which is most of the work."""
            nonlocal place
            comment = None
            if place in shown:
                comment = message_to_comment(message, thread, parents)
            name = header(message.payload, "Message-ID")
            if place >= 0 and name:
                parents[name.strip()] = ids.message_comment(message.id)
            place += 1
            return comment

        page = await self.rest.page(
            MESSAGES, mapping, replace(query, token=None), params=FULL, at={"thread": thread}
        )
        more = str(shown.stop) if place > shown.stop else None
        return Page(items=page.items, next_token=more)


class _Reading:
    """Makes an item of a thread, and keeps what more may have to be fetched for it."""

    def __init__(self, container: str | None, *, has_body: bool) -> None:
        self._container = container
        self._has_body = has_body
        self.first = ""
        self.found = Contents()

    def mapping(self, thread: Thread) -> Item:
        """The item; with its body if that was asked for."""
        if not self._has_body:
            return thread_to_item(thread, self._container, None)
        if thread.messages:
            self.first = thread.messages[0].id
            self.found = contents(thread.messages[0].payload)
        return thread_to_item(thread, self._container, self.found.read(), self.found)


def _same(ref: Ref) -> Ref:
    return ref


def _listed(query: ItemQuery, label: str | None) -> Params:
    wanted = [one for one in (label, "UNREAD" if query.status else None) if one]
    return {
        "labelIds": wanted or None,
        "q": search.query(query.q, query.updated_since),
        "includeSpamTrash": "true" if label in _ASIDE else None,
    }


def _payloads(content: bytes) -> dict[str, msgspec.Raw]:
    """By id, each label as Gmail wrote it."""
    rows = decode(content, Labels[msgspec.Raw]).rows
    return {decode(row, Label).id: row for row in rows}
