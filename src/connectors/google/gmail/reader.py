"""The stream of messages: every mail of the mailbox, kept up by its history.

Spam and trash are left out, as Gmail's own lists do, unless they are what is asked for. Source:
developers.google.com/workspace/gmail/api/guides/sync.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from src.connectors.google import scopes
from src.connectors.google.feeds import FeedReader, FeedTokens
from src.connectors.google.gmail import ids
from src.connectors.google.gmail.mapping import message_to_item
from src.connectors.google.gmail.mime import Contents, contents
from src.connectors.google.gmail.schemas import (
    Entry,
    FoundMessages,
    History,
    Message,
    Profile,
    Ref,
)
from src.connectors.manifest import Deletions, Stream
from src.connectors.rest.client import List, Params
from src.connectors.rest.paginators import Cursor
from src.connectors.rest.together import together
from src.connectors.syncing import CheckpointExpired, PartPage
from src.core.errors import ProviderNotFound, ProviderRejected
from src.models.query import PageQuery
from src.models.unified import Item, Page

if TYPE_CHECKING:
    from src.connectors.google.gmail.room import Gmail

STREAM = Stream(
    name="messages",
    incremental=True,
    deletions=Deletions.FEED,
    checkpoint=FeedTokens,
    scopes=(scopes.GMAIL_READ,),
)
LIMIT = 20
"""Mails of a page, each of which is a request: a page must fit well into a slice at our pace."""
AT_ONCE = 8

FOUND = List(
    "/gmail/v1/users/me/messages",
    Ref,
    Cursor(lambda page: page.next_page_token, size="maxResults"),
    wrapped_in=FoundMessages,
)
_KINDS = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")
_ASIDE = frozenset({"SPAM", "TRASH"})


class MessageReading:
    """Makes an item of a mail, and keeps what more may have to be fetched for it."""

    def __init__(self) -> None:
        self.message = ""
        self.labels: frozenset[str] = frozenset()
        self.found = Contents()

    def mapping(self, message: Message) -> Item:
        """The item, with the text that is there."""
        self.message = message.id
        self.labels = frozenset(message.label_ids)
        self.found = contents(message.payload)
        return message_to_item(message, self.found)


class GmailReader(FeedReader):
    """Reads mails with their texts."""

    stream: ClassVar[Stream] = STREAM
    at_once = 1
    """Within a part mails are read side by side as it is."""

    def __init__(self, room: Gmail, *, limit: int = LIMIT) -> None:
        super().__init__()
        self._room = room
        self._limit = limit

    @staticmethod
    def check(container_id: str) -> None:
        """The mailbox and its labels."""
        ids.parse_container(container_id, "containerIds")

    async def plan(self) -> Sequence[str]:
        """The mailbox, or the labels that are chosen; the one history is read once for all."""
        chosen = self._containers
        for one in chosen:
            self.check(one)
        return chosen[:1] if self.known else chosen

    @property
    def _containers(self) -> tuple[str, ...]:
        return (ids.MAILBOX,) if self.chosen is None else self.chosen

    def since(self, part: str) -> str | None:  # noqa: ARG002  it is the same for all of them
        """The oldest of the places where the chosen labels stand."""
        told = [self.known.get(one, "") for one in self._containers]
        return min(told, key=int) if all(one.isdecimal() for one in told) else None

    async def whole(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """The history's present end first, so that it tells what changes meanwhile."""
        rest = self._room.rest
        label = ids.parse_container(part, "containerIds")
        if token is None:
            self.feeds[part] = (await rest.get("/gmail/v1/users/me/profile", Profile)).history_id
        params: Params = {
            "labelIds": label,
            "includeSpamTrash": "true" if label in _ASIDE else None,
        }
        while True:
            query = PageQuery(limit=self._limit, token=token)
            page = await self._page(query, params)
            token = page.next_token
            records, _ = await self._read([one.id for one in page.items], (part,))
            yield PartPage(records=records, next_token=token, truncated=page.truncated)
            if token is None:
                return

    async def _page(self, query: PageQuery, params: Params) -> Page[Ref]:
        try:
            return await self._room.rest.page(FOUND, _as_it_is, query, params=params)
        # Gmail takes a label that is no more for a bad value.
        except ProviderRejected as error:
            if str(error.details.get("message")).startswith("Invalid label"):
                raise ProviderNotFound("Gmail has no such label any more.") from error
            raise

    async def changes(
        self,
        part: str,  # noqa: ARG002  the history is that of the whole mailbox
        since: str,
        token: str | None,
    ) -> AsyncGenerator[PartPage, None]:
        """The mails that the history names, as they are now."""
        chosen = self._containers
        while True:
            page = await self._history(since, token)
            if token is None:
                self.feeds.update(dict.fromkeys(chosen, page.history_id or since))
            token = page.next_page_token
            gone = _named(page.history, "messages_deleted")
            changed = {
                **_named(page.history, "messages_added"),
                **_named(page.history, "labels_added"),
                **_named(page.history, "labels_removed"),
            }
            records, lost = await self._read([one for one in changed if one not in gone], chosen)
            deleted = [ids.message_comment(one) for one in (*gone, *lost)]
            yield PartPage(records=records, deleted=deleted, next_token=token)
            if token is None:
                return

    async def _history(self, since: str, token: str | None) -> History:
        params: Params = {
            "startHistoryId": since,
            "historyTypes": _KINDS,
            "maxResults": str(self._limit),
            "pageToken": token,
        }
        try:
            return await self._room.rest.get("/gmail/v1/users/me/history", History, params=params)
        # So Gmail says that it remembers a week, or less: gmail/api/guides/sync.
        except ProviderNotFound as error:
            raise CheckpointExpired("the history does not go back so far") from error

    async def _read(
        self, messages: Sequence[str], containers: Sequence[str]
    ) -> tuple[list[Item], list[str]]:
        """The mails as they are now, and which of them are not, or no longer, in the containers."""
        readings = [MessageReading() for _ in messages]
        calls = [
            partial(self._room.find_message, message, reading)
            for message, reading in zip(messages, readings, strict=True)
        ]
        items = await together(calls, at_once=AT_ONCE)
        records: list[Item] = []
        lost: list[str] = []
        for message, reading, item in zip(messages, readings, items, strict=True):
            if item is not None and _is_within(reading.labels, containers):
                records.append(item)
            else:
                lost.append(message)
        return records, lost

    async def fetch(self, record_id: str) -> Item | None:
        """A mail, unless it is gone, or put aside as spam or trash."""
        message = ids.parse_message(record_id, "recordId")
        if message is None:
            return None
        reading = MessageReading()
        item = await self._room.find_message(message, reading)
        return None if reading.labels & _ASIDE else item


def _named(history: Sequence[Entry], kind: str) -> dict[str, None]:
    """The mails that entries tell of, in order, each once."""
    return {told.message.id: None for entry in history for told in getattr(entry, kind)}


def _is_within(labels: frozenset[str], containers: Sequence[str]) -> bool:
    named = {ids.parse_container(one, "containerIds") for one in containers}
    if None in named and not labels & _ASIDE:
        return True
    wanted = labels & named
    return bool(wanted & _ASIDE) or (bool(wanted) and not labels & _ASIDE)


def _as_it_is(ref: Ref) -> Ref:
    return ref
