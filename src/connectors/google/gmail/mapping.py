"""From Gmail's nouns to ours. Pure functions; ``docs/connectors/google.md`` has the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from src.connectors.google.gmail import ids
from src.connectors.google.gmail.mime import Contents, contents, header
from src.connectors.google.gmail.schemas import Label, Message, Thread
from src.connectors.google.gmail.tree import Tree
from src.connectors.google.gmail.words import header_text, people
from src.models.base import rfc3339
from src.models.unified import Comment, Container, Item, Person, Resource

UNREAD, DRAFT, STARRED, INBOX = "UNREAD", "DRAFT", "STARRED", "INBOX"
HEADERS = ("Subject", "From", "To", "Cc", "Date", "Message-ID", "In-Reply-To", "Reply-To")
"""Those that are asked for where bodies are not."""

_WEB = "https://mail.google.com/mail/"
_NO_SUBJECT = "(no subject)"
_HIDING = frozenset({"UNREAD", "STARRED", "IMPORTANT"})
_PLACES = {
    "DRAFT": "drafts",
    "IMPORTANT": "imp",
    "CHAT": "chats",
    "UNREAD": "search/is%3Aunread",
}
"""What a browser calls them, if not by their ids."""

_MOST_PEOPLE = 100


def mailbox() -> Container:
    """The whole mailbox: what holds the labels."""
    return Container(id=ids.MAILBOX, type="mailbox", name="Gmail", has_children=True, url=_WEB)


def label_to_container(label: Label, tree: Tree) -> Container:
    """A label."""
    above = tree.above(label)
    return Container(
        id=ids.label_container(label.id),
        type="label",
        name=label.name,
        parent_id=ids.label_container(above) if above else ids.MAILBOX,
        has_children=label.id in tree.holding,
        url=_label_url(label),
    )


def label_to_resource(label: Label, tree: Tree) -> Resource:
    """A label as something to pick."""
    above = tree.above(label)
    return Resource(
        id=ids.label_container(label.id),
        name=label.name,
        type="gmail_label",
        parent_id=ids.label_container(above) if above else None,
        has_children=label.id in tree.holding,
        url=_label_url(label),
    )


def _label_url(label: Label) -> str:
    """Where a browser shows it: by its name, in which spaces are pluses."""
    if label.type == "user":
        return f"{_WEB}#label/{quote_plus(label.name)}"
    if label.id.startswith("CATEGORY_"):
        return f"{_WEB}#category/{label.id.removeprefix('CATEGORY_').lower()}"
    return f"{_WEB}#{_PLACES.get(label.id, label.id.lower())}"


def moment(message: Message) -> str | None:
    """When Gmail took a mail in; its ``Date`` is whatever the sender says."""
    if message.internal_date is None:
        return None
    return rfc3339(datetime.fromtimestamp(int(message.internal_date) / 1000, UTC))


def thread_to_item(
    thread: Thread, container: str | None, body: str | None, found: Contents | None = None
) -> Item:
    """A conversation: its first mail is what it is about, the others are its comments.

    Args:
        thread: With its mails.
        container: Where it was listed; None = say where it is.
        body: The text of its first mail, if it was asked for.
        found: What the first mail holds, if that was asked for.
    """
    messages = thread.messages
    first = messages[0] if messages else Message(id=thread.id)
    times = [at for at in map(moment, messages) if at is not None]
    labels = _labels(messages)
    fields = {
        **_head(first),
        "messageCount": len(messages),
        "participants": _participants(messages),
        "snippet": messages[-1].snippet if messages else "",
        "unread": UNREAD in labels,
        "starred": STARRED in labels,
        "hasDraft": DRAFT in labels,
    }
    if found is not None:
        fields["attachments"] = found.attachments
    return Item(
        id=ids.thread_item(thread.id),
        type="thread",
        container_id=container or _place(labels),
        title=subject(first) or _NO_SUBJECT,
        body=body,
        body_format=None if body is None else "text",
        status="unread" if UNREAD in labels else "read",
        author=sender(first),
        labels=labels,
        url=f"{_WEB}#all/{thread.id}",
        size=sum(message.size_estimate or 0 for message in messages),
        comment_count=max(len(messages) - 1, 0),
        created_at=times[0] if times else None,
        updated_at=max(times, default=None),
        fields=fields,
    )


def message_to_comment(message: Message, thread: str, parents: Mapping[str, str]) -> Comment:
    """A later mail of a conversation.

    Args:
        message: With its body.
        thread: Its conversation.
        parents: By the ``Message-ID`` of a mail the comment that it is.
    """
    found = contents(message.payload)
    answered = (header(message.payload, "In-Reply-To") or "").strip()
    at = moment(message)
    return Comment(
        id=ids.message_comment(message.id),
        item_id=ids.thread_item(thread),
        parent_id=parents.get(answered),
        type="draft" if DRAFT in message.label_ids else "message",
        body=found.read(),
        body_format="text",
        author=sender(message),
        url=f"{_WEB}#all/{message.id}",
        created_at=at,
        updated_at=at,
        fields={
            **_head(message),
            "subject": subject(message),
            "labels": message.label_ids,
            "attachments": found.attachments,
        },
    )


def message_to_item(message: Message, found: Contents) -> Item:
    """A mail by itself, as a record of its stream; its thread is what it is a part of."""
    at = moment(message)
    return Item(
        id=ids.message_comment(message.id),
        type="draft" if DRAFT in message.label_ids else "message",
        container_id=_place(message.label_ids),
        parent_id=ids.thread_item(message.thread_id) if message.thread_id else None,
        title=subject(message) or _NO_SUBJECT,
        body=found.read(),
        body_format="text",
        status="unread" if UNREAD in message.label_ids else "read",
        author=sender(message),
        labels=tuple(message.label_ids),
        url=f"{_WEB}#all/{message.id}",
        size=message.size_estimate,
        created_at=at,
        updated_at=at,
        fields={
            **_head(message),
            "snippet": message.snippet,
            "starred": STARRED in message.label_ids,
            "attachments": found.attachments,
        },
    )


def sender(message: Message) -> Person | None:
    """Who a mail is from."""
    found = people(header(message.payload, "From") or "")
    return found[0] if found else None


def addresses(message: Message, name: str) -> list[dict[str, str | None]]:
    """The persons in an address header, as plain data."""
    found = people(header(message.payload, name) or "")[:_MOST_PEOPLE]
    return [{"name": person.name, "email": person.email} for person in found]


def subject(message: Message) -> str:
    """What a mail says it is about."""
    return header_text(header(message.payload, "Subject") or "")


def _head(message: Message) -> dict[str, Any]:
    return {
        "to": addresses(message, "To"),
        "cc": addresses(message, "Cc"),
        "messageId": (header(message.payload, "Message-ID") or "").strip() or None,
    }


def _labels(messages: Sequence[Message]) -> tuple[str, ...]:
    """Those of any mail, in the order in which they come."""
    return tuple(dict.fromkeys(label for one in messages for label in one.label_ids))


def _place(labels: Sequence[str]) -> str:
    """Where a conversation is looked for first: the inbox, one's own labels, the others."""
    named = [label for label in labels if label not in _HIDING]
    own = [label for label in named if label.startswith("Label_")]
    chosen = INBOX if INBOX in named else next(iter(own or named), None)
    return ids.label_container(chosen) if chosen else ids.MAILBOX


def _participants(messages: Sequence[Message]) -> list[str]:
    found = [one.email for one in map(sender, messages) if one is not None and one.email]
    return list(dict.fromkeys(found))[:_MOST_PEOPLE]
