"""Pages of lists that are there whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from src.core.errors import InvalidCursor
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T")


def window(rows: Sequence[T], query: PageQuery) -> Page[T]:
    """As many as were asked for, of a list that is there whole."""
    token = query.token or "0"
    if not (token.isascii() and token.isdecimal()):
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    start = int(token)
    end = start + query.limit
    return Page(items=tuple(rows[start:end]), next_token=str(end) if end < len(rows) else None)


def with_items(page: Page[T], items: tuple[T, ...]) -> Page[T]:
    """The same page with these in place of its items."""
    return Page(items=items, next_token=page.next_token, truncated=page.truncated)
