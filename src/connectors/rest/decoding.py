"""From bytes to the fragment that we read, and from there to our nouns.

Whatever a provider sends, the outcome is a value or ``UnreadableAnswer``, never a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

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
    kept: Any = msgspec.Raw if raw else row
    return decode(content, list[kept] if wrapper is None else wrapper[kept])


def map_one(content: bytes, row: type[R], mapping: Callable[[R], T], *, raw: bool) -> T:
    """One mapped resource, with the provider's own payload if asked for.

    Raises:
        UnreadableAnswer: It is no JSON, of another form, or holds a value that cannot be read.
    """
    mapped = _mapped(mapping, decode(content, row))
    if not raw:
        return mapped
    _need_utf8(content)
    return msgspec.structs.replace(mapped, raw=msgspec.Raw(content))


def map_rows(
    rows: Sequence[Any], row: type[R], mapping: Callable[[R], T | None], *, raw: bool
) -> tuple[T, ...]:
    """Mapped rows; a mapping that answers None leaves its row out.

    Raises:
        UnreadableAnswer: A row has another form, or holds a value that cannot be read.
    """
    found: list[T] = []
    for entry in rows:
        result = _mapped(mapping, decode(entry, row) if raw else entry)
        if result is not None:
            found.append(msgspec.structs.replace(result, raw=entry) if raw else result)
    return tuple(found)


M = TypeVar("M")


def _mapped(mapping: Callable[[R], M], value: R) -> M:
    """A mapping converts the provider's values; one that it cannot read is the provider's fault."""
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
