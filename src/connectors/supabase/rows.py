"""Rows by PostgREST. Source: docs.postgrest.org, "Tables and views", "Pagination and count"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from src.connectors.rest.client import List
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import ContentRange
from src.connectors.supabase import filters
from src.connectors.supabase.conditions import Condition, Operator, Order
from src.connectors.supabase.config import Columns
from src.connectors.supabase.database import Rows, Selecting
from src.connectors.supabase.ids import Row, Table
from src.connectors.supabase.mapping import row_to_item, text_columns
from src.connectors.supabase.schemas import Definition
from src.connectors.supabase.tables import COUNTED, Tables
from src.core.errors import (
    AppError,
    ProviderNotFound,
    ProviderRejected,
    UnsupportedCapability,
    UnsupportedFilter,
)
from src.models.base import rfc3339
from src.models.query import ItemQuery, OneItemQuery, PageQuery, Sort
from src.models.unified import Item, Page

T = TypeVar("T", bound=Struct)
Params = Mapping[str, str | None]

TABLE = "/rest/v1/{table}"
ROWS: List[dict[str, Any]] = List(TABLE, dict[str, Any], ContentRange(first=COUNTED))
ONE_ROW: List[dict[str, Any]] = List(TABLE, dict[str, Any], ContentRange())
_NO_COLUMN = "42703"


class Values(Struct):
    """A row as it is."""

    values: dict[str, Any]


class RowReader:
    """Reads and adds rows of the tables that a key opens."""

    def __init__(self, tables: Tables) -> None:
        self.rest = tables.rest
        self._tables = tables

    async def items(self, table: Table, query: ItemQuery) -> Page[Item]:
        """Rows as items, by the table's key or by the time of their last change."""
        table, columns = self._tables.keyed(table), self._tables.columns(table)
        if not table.key:
            raise without_key()
        lost = False

        def mapping(row: dict[str, Any]) -> Item | None:
            """A row whose key makes no id is left out, and the page says so."""
            nonlocal lost
            item = row_to_item(row, table, columns, include_body=query.include_body)
            lost = lost or item is None
            # Under whichever of its ids the table was asked for.
            return item and msgspec.structs.replace(item, container_id=query.container_id)

        params = {
            "select": "*",
            "and": filters.together(await self._conditions(table, columns, query)),
            "order": filters.ordered(_order(table, columns, query)),
        }
        try:
            page = await self._page(table, query, mapping, params)
        except ProviderRejected as error:
            # PostgREST tells of a column that is not there only by refusing to look at it.
            known = _without_column(error, table, columns, query)
            if known is None:
                raise
            raise known from error
        # Row level security hides rows without a word: nothing is no proof that nothing is there.
        is_hidden = self._tables.is_bound and not page.items and query.token is None
        truncated = page.truncated or lost or is_hidden
        return Page(items=page.items, next_token=page.next_token, truncated=truncated)

    async def _conditions(self, table: Table, columns: Columns, query: ItemQuery) -> list[str]:
        parts = []
        if query.updated_since is not None:
            since = rfc3339(query.updated_since)
            at_least = Condition(column=columns.updated, operator=Operator.AT_LEAST, value=since)
            parts.append(filters.condition(at_least))
        if query.q:
            searched = columns.search or await self._text_columns(table)
            parts.append(filters.containing(searched, query.q))
        return parts

    async def _text_columns(self, table: Table) -> tuple[str, ...]:
        found = text_columns(await self._tables.definition(table) or Definition())
        if not found:
            raise UnsupportedFilter(
                "q", "name the text columns of this table in the connection's settings"
            )
        return found

    async def _page(
        self,
        table: Table,
        query: PageQuery,
        mapping: Callable[[dict[str, Any]], T | None],
        params: Params,
        listing: List[dict[str, Any]] = ROWS,
    ) -> Page[T]:
        return await self.rest.page(
            listing,
            mapping,
            query,
            params=params,
            headers=filters.profile(filters.READS, table.schema),
            at={"table": table.name},
        )

    async def item(self, row: Row, query: OneItemQuery) -> Item:
        """One row."""
        table = row.table
        conditions = [
            filters.condition(Condition(column=column, value=value))
            for column, value in zip(table.key, row.values, strict=True)
        ]
        columns = self._tables.columns(table)
        page = await self._page(
            table,
            PageQuery(limit=1, include_raw=query.include_raw),
            partial(row_to_item, table=table, columns=columns, include_body=True),
            {"select": "*", "and": filters.together(conditions)},
            ONE_ROW,
        )
        if not page.items:
            raise ProviderNotFound(
                "There is no such row, or row level security hides it.", details={"at": "provider"}
            )
        return page.items[0]

    async def select(self, selecting: Selecting) -> Page[Any]:
        """Rows as they are; without an order by the table's key, so that pages hold together."""
        table = self._tables.keyed(selecting.table)
        order = selecting.order or tuple(Order(column=column) for column in table.key)
        params = {
            "select": filters.names(selecting.columns) or "*",
            "and": filters.together([filters.condition(one) for one in selecting.conditions]),
            "order": filters.ordered(order) or None,
        }
        page = await self._page(table, selecting.page, Values, params)
        values = tuple(one.values for one in page.items)
        return Page(items=values, next_token=page.next_token, truncated=page.truncated)

    async def insert(self, table: Table, columns: Sequence[str], rows: Rows) -> Rows:
        """New rows, all or none of them."""
        response = await self.rest.call(
            "POST",
            TABLE,
            params={"columns": filters.names(columns)},
            json=rows,
            headers={
                **filters.profile(filters.WRITES, table.schema),
                "Prefer": "return=representation",
            },
            table=table.name,
        )
        return decode(response.content, Rows)


def without_key() -> UnsupportedCapability:
    """What is said of a table without a key."""
    return UnsupportedCapability(
        "Nothing tells the rows of this table apart: name its key in the connection's settings.",
        details={"capability": "items"},
    )


def is_without_column(error: ProviderRejected) -> bool:
    """Whether a column is not there that was asked for."""
    return error.details.get("reason") == _NO_COLUMN


def _without_column(
    error: ProviderRejected, table: Table, columns: Columns, query: ItemQuery
) -> AppError | None:
    """What it means that a column is not there which we asked for, if that is what is said."""
    if not is_without_column(error):
        return None
    said = str(error.details.get("message"))
    asks = "updatedSince" if query.updated_since else "sort" if query.sort else None
    if asks and f".{columns.updated} " in said:
        return UnsupportedFilter(
            asks,
            f"the table has no column {columns.updated}: name another as updatedColumn in the"
            " connection's settings",
        )
    lost = any(f".{column} " in said for column in table.key)
    return without_key() if lost else None


def _order(table: Table, columns: Columns, query: ItemQuery) -> list[Order]:
    order = [Order(column=column) for column in table.key]
    if query.sort is not None:
        down = query.sort is Sort.UPDATED_DESCENDING
        order.insert(0, Order(column=columns.updated, descending=down))
    return order
