"""Fragments of Gmail's answers: only the fields that we read, with Gmail's own nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import field

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Profile(Fragment, rename="camel"):
    """``/users/me/profile``: whose mailbox it is."""

    email_address: str
    history_id: str = ""
    """The newest entry of the mailbox's history."""


class Label(Fragment, rename="camel"):
    """A label; a ``/`` in its name makes it a part of another."""

    id: str
    name: str
    type: str = "user"


class Labels(Fragment, Generic[R]):
    """All labels at once."""

    rows: list[R] = field(name="labels", default_factory=list)

    @property
    def truncated(self) -> bool:
        """They come whole."""
        return False


class Ref(Fragment, rename="camel"):
    """What a list tells of a thread or a message: its id."""

    id: str
    thread_id: str = ""


class _Found(Fragment, Generic[R], rename="camel"):
    """A page of a list; Gmail leaves the rows out when there are none."""

    next_page_token: str | None = None

    @property
    def truncated(self) -> bool:
        """Gmail does not say so."""
        return False


class FoundThreads(_Found[R], Generic[R], rename="camel"):
    """A page of threads."""

    threads: list[R] = field(default_factory=list)

    @property
    def rows(self) -> Sequence[R]:
        """The threads."""
        return self.threads


class FoundMessages(_Found[R], Generic[R], rename="camel"):
    """A page of messages."""

    messages: list[R] = field(default_factory=list)

    @property
    def rows(self) -> Sequence[R]:
        """The messages."""
        return self.messages


class Header(Fragment):
    """One line of the head of a mail, or of a part of it."""

    name: str
    value: str


class Body(Fragment, rename="camel"):
    """What a part holds: ``data``, or where a large one is kept."""

    size: int = 0
    data: str | None = None
    attachment_id: str | None = None


class Part(Fragment, rename="camel"):
    """A part of a mail; the whole of it is one, too."""

    part_id: str | None = None
    mime_type: str = ""
    filename: str | None = None
    headers: list[Header] = field(default_factory=list)
    body: Body | None = None
    parts: list[Part] = field(default_factory=list)


class Message(Fragment, rename="camel"):
    """A mail; without ``payload`` where only its labels were asked for."""

    id: str
    thread_id: str = ""
    label_ids: list[str] = field(default_factory=list)
    snippet: str = ""
    internal_date: str | None = None
    size_estimate: int | None = None
    payload: Part | None = None


class Thread(Fragment):
    """A conversation with its mails, the oldest first."""

    id: str
    messages: list[Message] = field(default_factory=list)


class Conversation(Fragment, Generic[R]):
    """The same, as a listing of its mails."""

    id: str
    messages: list[R] = field(default_factory=list)

    @property
    def rows(self) -> Sequence[R]:
        """The mails."""
        return self.messages

    @property
    def truncated(self) -> bool:
        """It comes whole."""
        return False


class Attachment(Fragment):
    """The content of a part that is kept apart."""

    size: int = 0
    data: str = ""


class Told(Fragment):
    """A mail that an entry of the history is about."""

    message: Ref


class Entry(Fragment, rename="camel"):
    """What was done to mails at one moment."""

    messages_added: list[Told] = field(default_factory=list)
    messages_deleted: list[Told] = field(default_factory=list)
    labels_added: list[Told] = field(default_factory=list)
    labels_removed: list[Told] = field(default_factory=list)


class History(Fragment, rename="camel"):
    """A page of the history; without entries nothing has happened."""

    history: list[Entry] = field(default_factory=list)
    next_page_token: str | None = None
    history_id: str = ""
    """The newest entry of all."""
