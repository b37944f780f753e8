"""Rows behind a row in an order, as PostgREST is asked for them.

Columns of a key are compared one after the other; nulls come last, which is PostgreSQL's own order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from src.connectors.rest.paginators import Answer, PageRequest
from src.connectors.supabase import filters
from src.connectors.supabase.conditions import Condition, Operator
from src.connectors.supabase.tables import COUNTED

_TOTAL = re.compile(r".*/([0-9]{1,15})")


def from_moment(column: str, since: str) -> str:
    """Rows changed since a moment, and those that do not say when they were."""
    return _any(_compared(column, Operator.AT_LEAST, since), _is_null(column))


def behind(
    columns: Sequence[str], values: Sequence[Any], moment: tuple[str, Any] | None = None
) -> str:
    """Rows behind the one with these values.

    Args:
        columns: What rows are sorted by.
        values: Of the last row.
        moment: A column that they are sorted by before, and its value; it may be null.
    """
    further = _further(columns, values)
    if moment is None:
        return further
    column, value = moment
    if value is None:
        return _all(_is_null(column), further)
    return _any(
        _all(_compared(column, Operator.EQUAL, value), further),
        _compared(column, Operator.GREATER, value),
        _is_null(column),
    )


def _further(columns: Sequence[str], values: Sequence[Any]) -> str:
    ways = []
    for index, (column, value) in enumerate(zip(columns, values, strict=True)):
        same = [
            _compared(name, Operator.EQUAL, values[before])
            for before, name in enumerate(columns[:index])
        ]
        ways.append(_all(*same, _compared(column, Operator.GREATER, value)))
    return _any(*ways)


def _compared(column: str, operator: Operator, value: Any) -> str:
    return filters.compared(column, operator, value)


def _is_null(column: str) -> str:
    return filters.condition(Condition(column=column, operator=Operator.IS_NULL, value=True))


def _all(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"and({','.join(parts)})"


def _any(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"or({','.join(parts)})"


@dataclass(frozen=True, slots=True)
class Following:
    """Whether there are rows behind a page, of which a project gives fewer than it is asked for.

    The first page is counted: exactly, up to the project's own limit. Later a page that is shorter
    than the one before is the last.
    """

    given: int | None
    """Rows of the page before; None = this is the first."""

    def request(self, limit: int, token: str | None) -> PageRequest:  # noqa: ARG002
        """So many rows of those that the conditions leave."""
        span = {"Range-Unit": "items", "Range": f"0-{limit - 1}"}
        return PageRequest(headers={**span, **COUNTED} if self.given is None else span)

    def following(self, answer: Answer) -> str | None:
        """Something, if there are more; where they begin their keys tell."""
        if not answer.count:
            return None
        if self.given is not None:
            return "more" if answer.count >= min(self.given, answer.limit) else None
        told = _TOTAL.fullmatch(answer.headers.get("content-range", ""))
        # Without a count nobody knows.
        is_all = told is not None and answer.count >= int(told[1])
        return None if is_all else "more"
