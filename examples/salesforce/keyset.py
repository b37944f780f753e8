"""Pages by the last row: a query for the rows behind it.

A query locator would not do here. It gives 200 rows at the least, which is more than a page has,
and a user has ten of them at a time, so that browsing would close those of a running job. Source:
developer.salesforce.com, "Query Options Header" and SOAP API guide, "QueryLocator".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Answer, PageRequest
from src.connectors.rest.values import timestamp
from src.core.errors import InvalidCursor, UnreadableAnswer

from . import soql
from .ids import RECORD
from .schemas import QueryResult, Row


class Place(Struct, frozen=True, array_like=True):
    """Where a row stands: its time in the order, and its id among those of the same time."""

    id: str
    moment: str | None = None

    @classmethod
    def of(cls, row: Row, moment: str | None) -> Place:
        """The place of a row; its time stands in the field ``moment``."""
        return cls(row["Id"], None if moment is None else timestamp(row[moment]))

    @classmethod
    def read(cls, token: str) -> Place:
        """The place that a token names.

        Raises:
            InvalidCursor: It is none of ours.
        """
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise _other_list() from error

    def written(self) -> str:
        """The token of the place."""
        return msgspec.json.encode(self).decode()

    def behind(self, moment: str | None, *, falls: bool) -> str:
        """The condition for the rows that come after it.

        Raises:
            InvalidCursor: It is the place of another list.
        """
        if RECORD.fullmatch(self.id) is None or (self.moment is None) != (moment is None):
            raise _other_list()
        sign = "<" if falls else ">"
        further = f"Id {sign} {soql.literal(self.id)}"
        if moment is None or self.moment is None:
            return further
        try:
            at = soql.moment(self.moment)
        except ValueError as error:
            raise _other_list() from error
        field = soql.name(moment)
        return f"({field} {sign} {at} OR ({field} = {at} AND {further}))"


@dataclass(frozen=True, slots=True)
class Keyset:
    """The paging of a query: each page asks anew for what is behind the last row."""

    fields: Sequence[str]
    source: str
    conditions: Sequence[str]
    moment: str | None
    """The field that rows are sorted by, before their id."""
    falls: bool = False

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The query."""
        conditions = list(self.conditions)
        if token is not None:
            conditions.append(Place.read(token).behind(self.moment, falls=self.falls))
        order = [(one, self.falls) for one in (self.moment, "Id") if one is not None]
        return PageRequest({"q": soql.select(self.fields, self.source, conditions, order, limit)})

    def following(self, answer: Answer) -> str | None:
        """The place of the last row, unless it was surely the last of all."""
        result: QueryResult[Any] = answer.body
        is_cut = not result.done
        if not answer.count or (answer.count < answer.limit and not is_cut):
            return None
        last = result.records[-1]
        row = decode(last, dict[str, Any]) if isinstance(last, msgspec.Raw) else last
        try:
            return Place.of(row, self.moment).written()
        except KeyError as error:
            raise UnreadableAnswer(
                "A record comes without its id or time.", details={"at": "provider"}
            ) from error


def _other_list() -> InvalidCursor:
    return InvalidCursor("The list has another form now. Start without a cursor.")
