"""Rows of tables as items: names of any form within ids, and columns as words.

Tables are named and filled by people, so nothing about them can be taken for granted.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_TITLES = ("title", "name", "subject", "label", "email", "username", "slug")
_LONGEST_TITLE = 200


def encode(text: str) -> str:
    """A text of any form as part of an id, so that an id is never spliced.

    One of letters, digits, ``-`` and ``_`` stands as it is, any other as ``~`` and its base64url.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "~" + urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(part: str) -> str | None:
    """The text that a part stands for; None for what ``encode`` never makes."""
    if not part.startswith("~"):
        return part if _PLAIN.fullmatch(part) else None
    packed = part[1:]
    try:
        text = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return None
    return text if encode(text) == part and "\x00" not in text else None


def title_of(row: Mapping[str, Any], column: str | None, otherwise: str) -> str:
    """What a row is called: by the column that somebody named, else by one with a usual name."""
    for name in (column, *_TITLES):
        value = row.get(name or "")
        if isinstance(value, str) and value.strip():
            return value.strip()[:_LONGEST_TITLE]
    return otherwise[:_LONGEST_TITLE]


def lines_of(row: Mapping[str, Any]) -> str:
    """A row as text, a line for each column."""
    return "\n".join(f"{name}: {text_of(value)}" for name, value in row.items())


def text_of(value: Any) -> str:
    """A value as text, nothing for null, and JSON for what is no text."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return msgspec.json.encode(value).decode()
