"""Ids of the mailbox, of labels, threads and mails: a word of ours and Gmail's own id."""

from __future__ import annotations

import re

from src.connectors.google.ids import not_an_id
from src.core.errors import ValidationFailed

MAILBOX = "gmail:mailbox"
"""The whole mailbox: it holds the labels, and as its items every thread."""

_LABEL = re.compile(r"gmail:label:([A-Za-z0-9_-]{1,200})")
_THREAD = re.compile(r"gmail:thread:([0-9a-f]{1,32})")
_MESSAGE = re.compile(r"gmail:message:([0-9a-f]{1,32})")

PATTERNS = {
    "label": re.compile(r"[A-Za-z0-9_-]{1,200}"),
    "thread": re.compile(r"[0-9a-f]{1,32}"),
    "message": re.compile(r"[0-9a-f]{1,32}"),
    "attachment": re.compile(r"[A-Za-z0-9_-]{1,4096}"),
}


def label_container(label: str) -> str:
    """The container of a label."""
    return f"gmail:label:{label}"


def thread_item(thread: str) -> str:
    """The item of a thread."""
    return f"gmail:thread:{thread}"


def message_comment(message: str) -> str:
    """The comment of a mail, its id as a record, and for tools."""
    return f"gmail:message:{message}"


def parse_container(value: str, field: str) -> str | None:
    """The label that a container's id names; None for the whole mailbox.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    if value == MAILBOX:
        return None
    if (found := _LABEL.fullmatch(value)) is None:
        raise not_an_id(field)
    return found[1]


def parse_thread(value: str, field: str = "itemId") -> str:
    """The thread that an item's id names.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    if (found := _THREAD.fullmatch(value)) is None:
        raise not_an_id(field)
    return found[1]


def parse_message(value: str, field: str = "itemId") -> str | None:
    """The mail that an id names; None if it is of a thread.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    if found := _MESSAGE.fullmatch(value):
        return found[1]
    parse_thread(value, field)
    return None


def parse_label(value: str, field: str) -> str:
    """The label that a tool was given: an id of ours, or Gmail's own.

    Raises:
        ValidationFailed: It is neither.
    """
    found = _LABEL.fullmatch(value)
    label = found[1] if found else value
    if PATTERNS["label"].fullmatch(label) is None:
        raise ValidationFailed([(field, "must be the id of a label")])
    return label


def parse_mail(value: str, field: str) -> tuple[str, str]:
    """``message`` or ``thread``, and the id, of what a tool was given.

    Gmail's own id alone is a message's.

    Raises:
        ValidationFailed: It is no id of a message or thread.
    """
    if PATTERNS["message"].fullmatch(value):
        return "message", value
    if found := _MESSAGE.fullmatch(value):
        return "message", found[1]
    if found := _THREAD.fullmatch(value):
        return "thread", found[1]
    raise ValidationFailed([(field, "must be the id of a message or thread")])
