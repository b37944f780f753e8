"""The readable text of a mail, and what is attached to it; whatever comes, it never fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.connectors.google import html
from src.connectors.google.gmail.schemas import Part
from src.connectors.google.gmail.words import (
    decode_base64url,
    decode_text,
    header_text,
    parameter,
    plain,
    whole_characters,
)

DEEPEST = 30
MOST_PARTS = 500
LONGEST = 500_000
"""Characters of text; what comes after is cut off."""

MOST_SOURCE = 4 * LONGEST
"""Of base64, in all texts of a mail together."""


@dataclass(frozen=True, slots=True)
class Text:
    """A part that can be read; its content may be kept apart, under ``attachment_id``."""

    part: Part
    is_html: bool

    @property
    def attachment_id(self) -> str | None:
        """Where the content is, if not here."""
        body = self.part.body
        return body.attachment_id if body is not None and body.data is None else None

    @property
    def source(self) -> str:
        """The content, if it is here."""
        return (self.part.body.data if self.part.body else None) or ""

    def read(self, source: str, most: int = MOST_SOURCE) -> str:
        """The text of a content, of which no more than ``most`` is looked at."""
        content_type = header(self.part, "Content-Type")
        content = decode_base64url(source[:most])
        if len(source) > most:
            content = whole_characters(content)
        text = plain(decode_text(content, parameter(content_type, "charset")))
        if self.is_html:
            return html.to_text(text)
        if parameter(content_type, "format") == "flowed":
            text = _unflowed(text, joined=parameter(content_type, "delsp") == "yes")
        return text.strip("\n")


@dataclass(slots=True)
class Contents:
    """What a mail is made of."""

    texts: list[Text] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    parts: int = 0

    def read(self, fetched: Mapping[str, str] | None = None) -> str:
        """The texts one after the other.

        Args:
            fetched: The content of parts that are kept apart, by attachment id.
        """
        read: list[str] = []
        left = MOST_SOURCE
        for text in self.texts:
            source = (fetched or {}).get(text.attachment_id or "") or text.source
            read.append(text.read(source, left))
            left -= min(len(source), left)
        return "\n\n".join(text for text in read if text.strip())[:LONGEST]


def header(part: Part | None, name: str) -> str | None:
    """The first header of this name, as it is."""
    wanted = name.lower()
    for one in part.headers if part is not None else ():
        if one.name.lower() == wanted:
            return one.value
    return None


def contents(payload: Part | None) -> Contents:
    """Look through a mail: which of its parts are its text, which are attached."""
    found = Contents()
    if payload is not None:
        _look(payload, found, 0)
    return found


def _look(part: Part, found: Contents, depth: int) -> None:
    found.parts += 1
    if depth > DEEPEST or found.parts > MOST_PARTS:
        return
    kind = part.mime_type.lower()
    if _is_attached(part, kind):
        found.attachments.append(_attachment(part))
    elif kind == "multipart/alternative":
        _choose(part, found, depth)
    elif kind.startswith("multipart/") or part.parts:
        for one in part.parts:
            _look(one, found, depth + 1)
    elif kind in {"text/plain", "text/html", "", "text/enriched", "text/markdown"}:
        found.texts.append(Text(part, is_html=kind == "text/html"))
    elif part.body is not None and (part.body.attachment_id or part.body.data):
        found.attachments.append(_attachment(part))


def _choose(part: Part, found: Contents, depth: int) -> None:
    """Of texts that say the same, the plain one if it says anything; the others are left out."""
    chosen: list[Text] = []
    best = 0
    for one in part.parts:
        inner = Contents(parts=found.parts)
        _look(one, inner, depth + 1)
        found.parts = inner.parts
        found.attachments += inner.attachments
        worth = _worth(inner.texts)
        if worth > best:
            chosen, best = inner.texts, worth
    found.texts += chosen


def _worth(texts: list[Text]) -> int:
    if not texts:
        return 0
    if any(text.is_html for text in texts):
        return 2
    is_blank = all(
        text.attachment_id is None and not text.read(text.source).strip() for text in texts
    )
    return 1 if is_blank else 3


def _is_attached(part: Part, kind: str) -> bool:
    """Whether a part is a file, or a mail of its own that was passed on."""
    if part.filename or kind.startswith("message/"):
        return True
    disposition = header(part, "Content-Disposition") or ""
    return disposition.strip().lower().startswith("attachment")


def _attachment(part: Part) -> dict[str, Any]:
    body = part.body
    disposition = (header(part, "Content-Disposition") or "").strip().lower()
    content_id = (header(part, "Content-ID") or "").strip().strip("<>")
    return {
        "id": body.attachment_id if body else None,
        "partId": part.part_id,
        "name": _name(part),
        "mimeType": part.mime_type or None,
        "size": body.size if body else 0,
        "inline": disposition.startswith("inline") or bool(content_id),
        "contentId": content_id or None,
    }


def _name(part: Part) -> str | None:
    """The file's name; a mail that was passed on has its subject."""
    if part.filename:
        return header_text(part.filename)
    if part.mime_type.lower() != "message/rfc822" or not part.parts:
        return None
    return header_text(header(part.parts[0], "Subject") or "") or None


def _unflowed(text: str, *, joined: bool) -> str:
    """Lines of ``format=flowed`` (RFC 3676) put together again, quotes kept apart by depth."""
    lines: list[str] = []
    flowing, depth = False, 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        quotes = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        goes_on = bare.endswith(" ") and bare != "-- "
        shown = bare[:-1] if joined and goes_on else bare
        if flowing and quotes == depth and lines and bare != "-- ":
            lines[-1] += shown
        else:
            lines.append(f"{'>' * quotes} {shown}" if quotes else shown)
        flowing, depth = goes_on, quotes
    return "\n".join(lines)
