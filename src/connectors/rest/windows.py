"""Pages cut here, out of lists that a provider hands out whole or from any place on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from src.core.errors import InvalidCursor
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T")
_LONGEST = 9


def window(query: PageQuery) -> range:
    """Which entries of the list the page has.

    Raises:
        InvalidCursor: The token is of another list.
    """
    token = query.token or "0"
    if not (token.isascii() and token.isdecimal()) or len(token) > _LONGEST:
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    return range(int(token), int(token) + query.limit)


def windowed(rows: Sequence[T], query: PageQuery) -> Page[T]:
    """The page of a whole list that the query asks for."""
    return cut(rows[window(query).start :], query)


def cut(rows: Sequence[T], query: PageQuery) -> Page[T]:
    """The page out of rows that begin where it does, and of which one more was asked for."""
    following = str(window(query).stop) if len(rows) > query.limit else None
    return Page(items=tuple(rows[: query.limit]), next_token=following)
