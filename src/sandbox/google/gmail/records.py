"""Mails as the imitation keeps them."""

import msgspec


class Part(msgspec.Struct, frozen=True):
    """A part of a mail before Gmail shows it."""

    mime_type: str
    headers: tuple[tuple[str, str], ...] = ()
    data: bytes = b""
    filename: str = ""
    parts: "tuple[Part, ...]" = ()
    is_apart: bool = False
    """Its content must be fetched by itself, as of long texts."""
    shown: str | None = None
    """What stands in `body.data`, in place of the content well encoded."""


class Mail(msgspec.Struct, frozen=True):
    """One mail."""

    id: str
    thread: str
    at: int
    """Milliseconds."""
    labels: tuple[str, ...]
    subject: str | None
    sender: str | None
    to: str
    text: str
    """What the search finds, and the whole content where `body` is None."""
    cc: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    body: Part | None = None
    more: tuple[tuple[str, str], ...] = ()
    """Further headers."""


class Label(msgspec.Struct, frozen=True):
    """A label."""

    id: str
    name: str
    type: str = "user"
