"""Runs of rows: tables one by one, each by its key, or by the time of the last change and the key.

The place in a table is the key of the last row, so that rows that come and go shift nothing. A
column that says when a row was changed is often empty until it is: rows without one are read in
every run, behind the others. A table without such a column is read as a whole each time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from src.connectors import overlap
from src.connectors.rest.client import List, RestClient
from src.connectors.supabase import filters
from src.connectors.supabase.after import Following, behind, from_moment
from src.connectors.supabase.conditions import Order
from src.connectors.supabase.config import Columns
from src.connectors.supabase.ids import Row, Table, wrong
from src.connectors.supabase.mapping import row_to_item
from src.connectors.supabase.rows import RowReader, is_without_column, without_key
from src.connectors.supabase.tables import Tables
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unread, over_parts
from src.core.errors import (
    AppError,
    InvalidCursor,
    ProviderNotFound,
    ProviderRejected,
    UnreadableAnswer,
)
from src.models.base import rfc3339
from src.models.query import OneItemQuery, PageQuery
from src.models.record import RecordKind
from src.models.unified import Item, Page

SIZES = (1_000, 100, 10, 1)
"""Rows at once; a project may give fewer, and rows may be too large together."""
AT_ONCE = 4
_NOT_A_TIME = frozenset({"22007", "22008", "22P02"})
"""What PostgreSQL says of a column that is there and holds no times."""


class _Place(Struct, frozen=True, array_like=True):
    by_time: bool = False
    key: tuple[Any, ...] | None = None
    """Of the last row; None = at the beginning."""
    moment: Any = None
    given: int | None = None
    """Rows of the page before: a shorter one is the last."""

    @classmethod
    def read(cls, token: str) -> _Place:
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error


class _Read(Struct, frozen=True):
    """A row: as an item if it has an id, and where it stands."""

    item: Item | None
    key: tuple[Any, ...] | None
    moment: Any


class RowRun:
    """The rows of one project's tables."""

    def __init__(self, rest: RestClient, tables: Tables) -> None:
        self._rest = rest
        self._tables = tables

    async def pages(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The run."""
        # A key that cannot list the tables knows of none that were not named.
        is_cut = self._tables.is_blind and query.container_ids is None
        yield SyncPage(checkpoint=overlap.next_checkpoint(query), truncated=is_cut)
        since = overlap.since(query)
        wanted = replace(query, container_ids=self._canonical(query))
        moment = None if since is None else rfc3339(since)
        reading = over_parts(wanted, self._all, partial(self._table, moment), at_once=AT_ONCE)
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def one(self, record_id: str) -> Item | None:
        """A row; None = it is gone, or hidden."""
        row = Row.parse(record_id)
        if row is None:
            raise wrong("recordId", "a row of this project")
        try:
            return await RowReader(self._tables).item(row, OneItemQuery(item_id=record_id))
        except ProviderNotFound:
            return None

    def _canonical(self, query: SyncQuery) -> tuple[str, ...] | None:
        """The tables that were asked for, by the ids that their rows name."""
        if query.container_ids is None:
            return None
        return tuple(dict.fromkeys(str(self._found(one)) for one in query.container_ids))

    def _found(self, container: str) -> Table:
        return self._tables.keyed(table_here(container))

    async def _all(self) -> list[str]:
        return [
            str(one.table)
            for schema in self._tables.schema_names
            for one in await self._tables.all(schema)
        ]

    async def _table(
        self, since: str | None, part: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        table = self._found(part)
        if not table.key:
            yield _unread(part, without_key())
            return
        place: _Place | None = _Place.read(token) if token else _Place(since is not None)
        while place is not None:
            try:
                page = await self._page(table, since, place)
            except ProviderRejected as error:
                if place.by_time and _has_no_times(error):
                    place = _Place()
                    continue
                if not is_without_column(error):
                    raise
                yield _unread(part, without_key())
                return
            place, given = self._behind(place, page)
            yield given

    async def _page(self, table: Table, since: str | None, place: _Place) -> Page[_Read]:
        for size in SIZES[:-1]:
            try:
                return await self._sized(table, since, place, size)
            except UnreadableAnswer:
                continue
        return await self._sized(table, since, place, SIZES[-1])

    async def _sized(
        self, table: Table, since: str | None, place: _Place, size: int
    ) -> Page[_Read]:
        columns = self._tables.columns(table)
        order = [Order(column=column) for column in table.key]
        if place.by_time:
            order.insert(0, Order(column=columns.updated))
        return await self._rest.page(
            List("/rest/v1/{table}", dict[str, Any], Following(place.given)),
            partial(_read, table=table, columns=columns),
            PageQuery(limit=size),
            params={
                "select": "*",
                "and": filters.together(_conditions(table, columns, since, place)),
                "order": filters.ordered(order),
            },
            headers=filters.profile(filters.READS, table.schema),
            at={"table": table.name},
        )

    def _behind(self, place: _Place, page: Page[_Read]) -> tuple[_Place | None, PartPage]:
        rows = page.items
        last = next((row for row in reversed(rows) if row.key is not None), None)
        following = None
        if page.next_token is not None and last is not None:
            following = _Place(place.by_time, last.key, last.moment, len(rows))
        items = [row.item for row in rows if row.item is not None]
        # Row level security hides rows without a word: nothing is no proof that nothing is there.
        is_hidden = self._tables.is_bound and not rows and place.key is None
        given = PartPage(
            records=items,
            next_token=None if following is None else msgspec.json.encode(following).decode(),
            truncated=is_hidden or len(items) < len(rows),
        )
        return following, given


def _read(row: dict[str, Any], table: Table, columns: Columns) -> _Read:
    key = tuple(row.get(column) for column in table.key)
    is_whole = not any(value is None or isinstance(value, dict | list) for value in key)
    return _Read(
        row_to_item(row, table, columns, include_body=True),
        key if is_whole else None,
        row.get(columns.updated),
    )


def _conditions(table: Table, columns: Columns, since: str | None, place: _Place) -> list[str]:
    if place.key is None:
        return [from_moment(columns.updated, since)] if place.by_time and since else []
    if place.by_time:
        return [behind(table.key, place.key, (columns.updated, place.moment))]
    return [behind(table.key, place.key)]


def _has_no_times(error: ProviderRejected) -> bool:
    return is_without_column(error) or error.details.get("reason") in _NOT_A_TIME


def _unread(part: str, error: AppError) -> PartPage:
    return PartPage(unread=[Unread(id=part, kind=RecordKind.CONTAINER, error=error)])


def table_here(container_id: str) -> Table:
    """A table of the connection's own project.

    Raises:
        ValidationFailed: It is the id of something else.
    """
    table = Table.parse(container_id)
    if table is None or table.ref is not None:
        raise wrong("containerIds", "a table of this project")
    return table
