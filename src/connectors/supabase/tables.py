"""The tables of a project, as its Data API describes them to those who may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct

from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode
from src.connectors.rest.windows import windowed
from src.connectors.supabase import filters
from src.connectors.supabase.config import Columns, Config, Settings
from src.connectors.supabase.database import Rows
from src.connectors.supabase.ids import Table
from src.connectors.supabase.keys import BOUND_BY_POLICIES
from src.connectors.supabase.mapping import described_table, kind_of
from src.connectors.supabase.schemas import Definition, Description
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T", bound=Struct)

COUNTED = {"Prefer": "count=estimated"}
"""Exact up to the project's own limit of rows, then the planner's guess: never a full count."""


@dataclass(frozen=True, slots=True)
class Described:
    """A table with what is known of it; nothing of its columns where the key may not know."""

    table: Table
    definition: Definition
    kind: str


class Tables:
    """What a key may know of a project's tables.

    Since April 2026 only secret and service_role keys may read the description; for others the
    configuration names the tables.
    """

    def __init__(
        self, rest: RestClient, config: Config, settings: Settings, kind: str | None
    ) -> None:
        """Ask with a key of ``kind``."""
        self.rest = rest
        self.schema_names = config.schema_names
        self._named = config.table_names
        self._settings = settings
        self.is_bound = kind in BOUND_BY_POLICIES

    @property
    def is_blind(self) -> bool:
        """Whether nobody knows the tables: the key lists none, and none are named."""
        return self.is_bound and not self._named

    def columns(self, table: Table) -> Columns:
        """What its columns mean."""
        return self._settings.of(table.schema, table.name)

    def keyed(self, table: Table) -> Table:
        """The same table with the key that the settings name, else the one in its id."""
        key = self.columns(table).key_of(table.key)
        return Table(None, table.schema, table.name, key)

    async def all(self, schema: str) -> list[Described]:
        """The tables and views of a schema, by name."""
        if self.is_bound:
            return await self._those_named(schema)
        description = await self._description(schema)
        found = []
        for name in sorted(description.definitions):
            table = described_table(description, schema, name, self._settings.of(schema, name))
            if table is not None:
                definition = description.definitions[name]
                found.append(Described(table, definition, kind_of(description, name)))
        return found

    async def page(
        self,
        schema: str,
        query: PageQuery,
        mapping: Callable[[Described], T],
        *,
        part: str | None = None,
        kind: str | None = None,
    ) -> Page[T]:
        """A page of them: with a ``part`` of a name, of a kind."""
        part = (part or "").casefold()
        found = [
            one
            for one in await self.all(schema)
            if part in one.table.name.casefold() and kind in {None, one.kind}
        ]
        page = windowed(found, query)
        return Page(
            items=tuple(map(mapping, page.items)),
            next_token=page.next_token,
            truncated=self.is_blind,
        )

    async def find(self, table: Table) -> Described | None:
        """One table; where the key may know none, whatever was asked for."""
        found = next(
            (one for one in await self.all(table.schema) if one.table.name == table.name), None
        )
        if found is None and self.is_bound:
            return Described(self.keyed(table), Definition(), "table")
        return found

    async def definition(self, table: Table) -> Definition | None:
        """The columns of a table; None where the key may not know them."""
        if self.is_bound:
            return None
        return (await self._description(table.schema)).definitions.get(table.name)

    async def count(self, table: Table) -> int | None:
        """About how many rows a table has."""
        response = await self.rest.call(
            "GET",
            "/rest/v1/{table}",
            params={"limit": "0"},
            headers={**filters.profile(filters.READS, table.schema), **COUNTED},
            table=table.name,
        )
        decode(response.content, Rows)
        total = response.headers.get("content-range", "").rpartition("/")[2]
        return int(total) if total.isascii() and total.isdecimal() else None

    async def _those_named(self, schema: str) -> list[Described]:
        named = [name for place, name in self._named if place == schema]
        if named:
            # Ask for one, so that a schema that is not exposed is told now and not later.
            await self.count(Table(None, schema, named[0]))
        return [
            Described(self.keyed(Table(None, schema, name)), Definition(), "table")
            for name in named
        ]

    async def _description(self, schema: str) -> Description:
        profile = filters.profile(filters.READS, schema)
        response = await self.rest.call("GET", "/rest/v1/", headers=profile)
        return decode(response.content, Description)
