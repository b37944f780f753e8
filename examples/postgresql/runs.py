"""Runs of rows: tables side by side, each in the order of its key."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Protocol, TypeVar

from src.connectors import overlap
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unread, over_parts
from src.core.errors import UnsupportedCapability, ValidationFailed
from src.models.base import rfc3339
from src.models.query import ContainerQuery
from src.models.record import RecordKind
from src.models.unified import Container, Page

from . import mapping
from .config import Settings
from .database import Database
from .ids import Table
from .manifest import AT_ONCE
from .reading import RowReader, Wish, table_of

R = TypeVar("R")

ROWS_AT_ONCE = 500
MOST_TABLES = 10_000
"""A run of more is asked for in parts: its plan is kept as a whole."""
_MOST_NAMES = 1_000

Containers = Callable[[ContainerQuery], Awaitable[Page[Container]]]


class At(Protocol):
    """Connects to a database, works, and hangs up."""

    async def __call__(self, database: str, work: Callable[[Database], Awaitable[R]], /) -> R:
        """What the work gives."""


class RowRun:
    """The rows of one server's tables."""

    def __init__(self, at: At, containers: Containers, settings: Settings) -> None:
        self._at = at
        self._containers = containers
        self._settings = settings

    async def pages(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The run.

        A row that is changed while its table is read, before or behind where the run stands, has a
        time behind the next checkpoint.
        """
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        moment = overlap.since(query)
        since = None if moment is None else rfc3339(moment)
        reading = over_parts(query, self._tables, partial(self._part, since), at_once=AT_ONCE)
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def _tables(self) -> list[str]:
        """Every table with rows of its own: a view shows what others have."""
        found: list[str] = []
        async for database in self._below(None):
            async for schema in self._below(database.id):
                async for table in self._below(schema.id):
                    if table.type in {"table", "foreign_table"}:
                        found.append(table.id)
                    if len(found) > MOST_TABLES:
                        raise ValidationFailed(
                            [("containerIds", f"must name tables: there are over {MOST_TABLES}")]
                        )
        return found

    async def _below(self, parent_id: str | None) -> AsyncGenerator[Container, None]:
        token: str | None = None
        while True:
            page = await self._containers(
                ContainerQuery(limit=_MOST_NAMES, token=token, parent_id=parent_id)
            )
            for container in page.items:
                yield container
            token = page.next_token
            if token is None:
                return

    async def _part(
        self, since: str | None, part: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        table = table_of(part, "containerIds")
        while True:
            try:
                page = await self._at(table.database, partial(self._read, table, since, token))
            except UnsupportedCapability as error:
                # A table without a key must not end the run of all the others.
                unread = Unread(id=part, kind=RecordKind.CONTAINER, error=error)
                page = PartPage(unread=[unread])
            yield page
            token = page.next_token
            if token is None:
                return

    async def _read(
        self, table: Table, since: str | None, token: str | None, line: Database
    ) -> PartPage:
        relation = await line.relation(table.schema, table.name)
        reader = RowReader(table, relation, self._settings)
        # A table that does not say when its rows were changed is read as a whole each time.
        updated = mapping.updated_of(relation, self._settings) if since else None
        read = await reader.page(
            line,
            Wish(limit=ROWS_AT_ONCE, token=token, since=since, updated=updated, body=True),
        )
        return PartPage(records=read.items, next_token=read.next_token, truncated=read.lost)
