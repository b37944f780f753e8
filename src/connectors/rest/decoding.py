"""From bytes to the fragment that we read, and from there to our nouns.

Whatever a provider sends, the outcome is a value or ``UnreadableAnswer``, never a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from src.connectors.rest.errors import unreadable

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)


@lru_cache(maxsize=1024)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decode(content: bytes | msgspec.Raw, kind: type[R]) -> R:
    """An answer as the fragment that we read.

    Raises:
        UnreadableAnswer: It is no JSON, or of another form.
    """
    try:
        return cast("R", _decoder(cast("Any", kind)).decode(content))
    except msgspec.ValidationError as error:
        raise unreadable(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unreadable("not JSON") from error
    except RecursionError as error:
        raise unreadable("nested too deeply") from error


def decode_page(content: bytes, row: type[Any], wrapper: Any, *, raw: bool) -> Any:
    """A page: a list of rows, or the wrapper around one; with ``raw`` its rows stay bytes.

    Raises:
        UnreadableAnswer: It is no JSON, or of another form.
    """
    if raw:
        _need_utf8(content)
    return decode(content, _page_of(cast("Hashable", msgspec.Raw if raw else row), wrapper))


@lru_cache(maxsize=1024)
def _page_of(kept: Hashable, wrapper: Any) -> Any:
    return (list if wrapper is None else wrapper)[kept]


class Fragment(Struct, gc=False):
    """The part of a provider's answer that we read.

    Answers are trees, so the collector, which looks for circles, need not look at them.
    """


def map_one(content: bytes, row: type[R], mapping: Callable[[R], T], *, raw: bool) -> T:
    """One mapped resource, with the provider's own payload if asked for.

    Raises:
        UnreadableAnswer: It is no JSON, of another form, or holds a value that cannot be read.
    """
    result = mapped(mapping, decode(content, row))
    if not raw:
        return result
    _need_utf8(content)
    return msgspec.structs.replace(result, raw=msgspec.Raw(content))


def map_rows(
    rows: Sequence[Any], row: type[R], mapping: Callable[[R], T | None], *, raw: bool
) -> tuple[T, ...]:
    """Mapped rows; a mapping that answers None leaves its row out.

    Raises:
        UnreadableAnswer: A row has another form, or holds a value that cannot be read.
    """
    if raw:
        pairs = ((mapped(mapping, decode(entry, row)), entry) for entry in rows)
        return tuple(
            msgspec.structs.replace(result, raw=entry)
            for result, entry in pairs
            if result is not None
        )
    results = mapped(lambda entries: [mapping(entry) for entry in entries], rows)
    return tuple(result for result in results if result is not None)


M = TypeVar("M")


def mapped(mapping: Callable[[R], M], value: R) -> M:
    """What a mapping makes of a value; one that it cannot read is the provider's fault.

    Raises:
        UnreadableAnswer: The mapping cannot read it.
    """
    try:
        return mapping(value)
    except (ValueError, ArithmeticError, LookupError) as error:
        raise unreadable(f"a value cannot be read ({type(error).__name__})") from error


def _need_utf8(content: bytes) -> None:
    """Bytes that are passed on must be whole; the fields that we read are checked anyway."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise unreadable("not UTF-8") from error
