"""One project by its own key: exposed schemas, their tables, and the rows of these as items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from src.connectors.base import refuse_filters
from src.connectors.rest.windows import windowed
from src.connectors.supabase.database import (
    CONTAINER_TYPES,
    ROW_TYPE,
    Database,
    Rows,
    Selecting,
)
from src.connectors.supabase.ids import Project as ProjectRef
from src.connectors.supabase.ids import Row, Schema, Table, wrong
from src.connectors.supabase.mapping import described_to_container, described_to_item
from src.connectors.supabase.rows import RowReader
from src.connectors.supabase.schemas import AuthSettings
from src.connectors.supabase.tables import Described, Tables
from src.core.errors import ProviderNotFound, UnsupportedFilter
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery
from src.models.unified import Container, Item, Page

P = TypeVar("P", Schema, Table)

_TYPES = ("table", "view")


class Project(Database):
    """What one key opens."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._rows = RowReader(tables)

    async def check(self) -> None:
        """Let the project look at the key: this is open to any good one.

        Raises:
            CredentialRefused: It does not know it.
        """
        await self.tables.rest.get("/auth/v1/settings", AuthSettings)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """The exposed schemas, and their tables."""
        if query.type is not None and query.type not in CONTAINER_TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(CONTAINER_TYPES)}")
        parent = query.parent_id
        if parent is None or ProjectRef.parse(parent) == ProjectRef(None):
            return await self._schemas(query)
        if schema := _here(Schema.parse(parent)):
            if query.type not in {None, "table"}:
                return Page(items=())
            return await self.tables.page(schema.name, query, _to_container, part=query.q)
        if _here(Table.parse(parent)):
            return Page(items=())
        raise wrong("parentId", "a schema of this project")

    async def _schemas(self, query: ContainerQuery) -> Page[Container]:
        if query.type not in {None, "schema"}:
            return Page(items=())
        part = (query.q or "").casefold()
        names = [name for name in self.tables.schema_names if part in name.casefold()]
        page = windowed(names, query)
        found = [await self._schema(name) for name in page.items]
        return Page(items=tuple(found), next_token=page.next_token, truncated=self.tables.is_blind)

    async def _schema(self, name: str) -> Container:
        tables = await self.tables.all(name)
        return Container(
            id=str(Schema(None, name)), type="schema", name=name, has_children=bool(tables)
        )

    async def items(self, query: ItemQuery) -> Page[Item]:
        """The tables of a schema, or the rows of a table."""
        refuse_filters(query, "parent_id", "state", "status", why="rows have nothing of this kind")
        if schema := _here(Schema.parse(query.container_id)):
            return await self._tables_of(schema, query)
        table = _here(Table.parse(query.container_id))
        if table is None:
            raise wrong("containerId", "a schema or a table of this project")
        if query.type not in {None, ROW_TYPE}:
            raise UnsupportedFilter("type", "rows are of type row")
        return await self._rows.items(table, query)

    async def _tables_of(self, schema: Schema, query: ItemQuery) -> Page[Item]:
        refuse_filters(query, "updated_since", "sort", why="tables cannot be filtered by this")
        if query.type not in {None, *_TYPES}:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(_TYPES)}")

        def mapping(one: Described) -> Item:
            return _to_item(one, None, raw=query.include_raw, include_body=query.include_body)

        return await self.tables.page(schema.name, query, mapping, part=query.q, kind=query.type)

    async def item(self, query: OneItemQuery) -> Item:
        """One table, or one row."""
        if row := Row.parse(query.item_id):
            return await self._rows.item(row, query)
        table = _here(Table.parse(query.item_id))
        if table is None:
            raise wrong("itemId", "a table or a row of this project")
        found = await self.tables.find(table)
        if found is None:
            raise ProviderNotFound("There is no such table.", details={"at": "provider"})
        count = await self.tables.count(table)
        return _to_item(found, count, raw=query.include_raw, include_body=True)

    async def select(self, selecting: Selecting) -> Page[Any]:
        """Rows as they are."""
        return await self._rows.select(selecting)

    async def insert(self, table: Table, columns: Sequence[str], rows: Rows) -> Rows:
        """New rows, all or none of them."""
        return await self._rows.insert(table, columns, rows)


def _here(place: P | None) -> P | None:
    """A place of this project; None for one that an account reaches."""
    return place if place is not None and place.ref is None else None


def _to_container(one: Described) -> Container:
    return described_to_container(one.table, one.definition.description)


def _to_item(one: Described, estimate: int | None, *, raw: bool, include_body: bool) -> Item:
    item = described_to_item(
        one.table, one.definition, one.kind, estimate=estimate, include_body=include_body
    )
    if not raw:
        return item
    return msgspec.structs.replace(item, raw=msgspec.Raw(msgspec.json.encode(one.definition)))
