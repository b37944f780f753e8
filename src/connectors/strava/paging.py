"""Strava's two ways to page, and pages out of what it gives whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Raw, Struct

from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Answer, PageNumber, PageRequest
from src.connectors.strava.schemas import CommentCursor
from src.core.errors import InvalidCursor
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T", bound=Struct)
_LONGEST = 9

BY_NUMBER = PageNumber(until_empty=True)
"""Pages may be short where something is hidden: only an empty one is the end."""


@dataclass(frozen=True, slots=True)
class ByLastCursor:
    """``?page_size=30&after_cursor=…``: the cursor of the last row; the end is a short page.

    A cursor is percent-encoded already, and is encoded once more in the query, as it is.
    """

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The size, and the cursor if there is one."""
        size = {"page_size": str(limit)}
        return PageRequest(size if token is None else {**size, "after_cursor": token})

    def following(self, answer: Answer) -> str | None:
        """The cursor of the last row of a full page."""
        if answer.count < answer.limit or not answer.body:
            return None
        last = answer.body[-1]
        row = decode(last, CommentCursor) if isinstance(last, Raw) else last
        return row.cursor or None


def windowed(rows: Sequence[T], query: PageQuery) -> Page[T]:
    """The page of a whole list that the query asks for.

    Raises:
        InvalidCursor: The token is of another list.
    """
    token = query.token or "0"
    if not (token.isdecimal() and token.isascii()) or len(token) > _LONGEST:
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    start = int(token)
    stop = start + query.limit
    more = str(stop) if len(rows) > stop else None
    return Page(items=tuple(rows[start:stop]), next_token=more)
