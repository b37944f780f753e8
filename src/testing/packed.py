"""Texts that hold others: percent-encoded, in base64, as JSON. What is inside is judged."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote, unquote_plus

import msgspec

Step = str | int
Way = tuple[Step, ...]
"""From the top of a body to a value in it."""

NAMES = "{}"
"""The step, in place of a value's, to the names of an object's own fields."""

_WORD = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_SHORTEST = 12
_DEEPEST = 4
_QUARTET = 4


@dataclass(frozen=True, slots=True)
class Packed:
    """What is inside of a text, and how to put something else there."""

    content: Any
    pack: Callable[[Any], str]


def unpack(text: str) -> Packed | None:
    """A document from JSON, a text from base64; None when a text is just that."""
    document = _from_json(text)
    if document is not None:
        return Packed(document, lambda other: msgspec.json.encode(other).decode())
    plain = from_base64(text)
    if plain is not None:
        return Packed(plain, lambda other: _to_base64(other, text))
    return None


def _from_json(text: str) -> Any:
    if text.lstrip()[:1] not in {"{", "[", '"'}:
        return None
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return document if isinstance(document, dict | list | str) else None


def from_base64(word: str) -> str | None:
    """The text that a word is in base64, of either alphabet; None when it is none."""
    bare = word.replace("\r", "").replace("\n", "").rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) < _SHORTEST:
        return None
    try:
        padded = bare + "=" * (-len(bare) % _QUARTET)
        text = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text if all(one.isprintable() or one.isspace() for one in text) else None


def _to_base64(text: str, like: str) -> str:
    is_urlsafe = "-" in like or "_" in like
    encode = base64.urlsafe_b64encode if is_urlsafe else base64.b64encode
    made = encode(text.encode()).decode()
    return made if len(like) % _QUARTET == 0 else made.rstrip("=")


def leaves(value: Any, way: Way = (), depth: int = 0) -> Iterator[tuple[Way, Any]]:
    """Every value, the names of fields, and what is packed in either, however deep."""
    match value:
        case dict():
            for name, one in value.items():
                yield from leaves(str(name), (*way, NAMES), depth)
                yield from leaves(one, (*way, name), depth)
        case list() | tuple():
            for number, one in enumerate(value):
                yield from leaves(one, (*way, number), depth)
        case None | bool():
            pass
        case _:
            yield way, value
            for inner in _inner(value, depth):
                yield from leaves(inner, way, depth + 1)


def _inner(text: Any, depth: int) -> Iterator[Any]:
    if not isinstance(text, str) or depth == _DEEPEST:
        return
    document = _from_json(text)
    if document is not None:
        yield document
    yield from {unquote(text), unquote_plus(text), unescape(text)} - {text}
    for word in _WORD.findall(text):
        plain = from_base64(word)
        if plain is not None:
            yield plain
    if "\n" in text and (whole := from_base64(text)) is not None:
        yield whole
