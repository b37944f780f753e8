"""Cursors of our own lists: a position in time and an id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from src.api.schemas.base import PageQuery
from src.models.principal import Caller
from src.services.cursors import Cursors
from src.services.paging import Question

T = TypeVar("T")
Position = tuple[datetime, str]


class Paging:
    """Pages of one list for one question."""

    def __init__(self, cursors: Cursors, route: str, caller: Caller, query: PageQuery) -> None:
        self._query = query
        asked = query.model_dump(mode="json", exclude={"cursor", "workspace_id"})
        self._question = Question(cursors, route, caller, *asked.items())

    def position(self) -> Position | None:
        """Where the page before ended.

        Raises:
            InvalidCursor: The cursor belongs to another question.
        """
        if self._query.cursor is None:
            return None
        at, _, last = self._question.position(self._query.cursor).partition("|")
        return datetime.fromtimestamp(int(at) / 1000, UTC), last

    def cut(
        self, found: Sequence[T], position: Callable[[T], Position]
    ) -> tuple[Sequence[T], str | None]:
        """The page, and the cursor if one more was found than it holds."""
        shown = found[: self._query.limit]
        if len(found) == len(shown):
            return shown, None
        at, last = position(shown[-1])
        return shown, self._question.cursor(f"{round(at.timestamp() * 1000)}|{last}")
