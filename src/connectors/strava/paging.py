"""Strava's two ways to page."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Raw

from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Answer, PageNumber, PageRequest
from src.connectors.strava.schemas import CommentCursor

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
