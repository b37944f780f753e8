"""PostgreSQL: databases hold schemas, schemas hold tables, and tables hold rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar, cast

from src.connectors.base import (
    BrowsesItems,
    ConnectorContext,
    Identity,
    PicksResources,
    Syncs,
    refuse_filters,
)
from src.connectors.rest.errors import unreadable
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.core.errors import (
    ProviderNotFound,
    ProviderRejected,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.base import rfc3339
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, PageQuery, ResourceQuery
from src.models.unified import Container, Item, Page, Resource

from . import mapping, pickers
from .config import Config, Settings
from .database import Database as Line
from .driver import PostgresDriver
from .ids import Database, Row, Schema, Table, wrong
from .manifest import DATABASE, MANIFEST
from .reading import RowReader, Wish, table_of
from .runs import RowRun
from .schemas import Listed

R = TypeVar("R")

_NO_SUCH_VALUE = frozenset({"22003", "22007", "22008", "22P02", "22P03", "22021"})
"""What the server says of a value that is none of the column's type."""


class PostgresqlConnector(BrowsesItems, PicksResources, Syncs):
    """One role at one server. It reads, and has nothing that could write."""

    manifest = MANIFEST

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._config = cast("Config", context.config)
        self._settings = cast("Settings", context.settings)

    async def _at(self, database: str, work: Callable[[Line], Awaitable[R]]) -> R:
        """Connect to a database, work, and hang up."""
        driver = PostgresDriver(self._config.user, database)
        return await self.tcp.run(driver, work, tls=self._config.how, repeatable=True)

    async def identify(self) -> Identity:
        """The role, which must not be one that nothing is forbidden to.

        Raises:
            ValidationFailed: It is a superuser.
        """
        row = await self._at(self._config.database, lambda line: line.account())
        if row.is_superuser:
            raise ValidationFailed(
                [("config.user", "is a superuser: make a role that may only read")]
            )
        return Identity(mapping.account_of(row, f"{self._config.host}:{self._config.port}"))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Databases at the top, their schemas, and what has rows in these."""
        refuse_filters(query, "type", why="each level has things of one kind")
        if query.q is not None:
            _need_text(query.q)
        parent = query.parent_id
        if parent is None:
            return await self._databases(query)
        if (database := Database.parse(parent)) is not None:
            return await self._schemas(query, database)
        if (schema := Schema.parse(parent)) is not None:
            return await self._relations(query, schema)
        if Table.parse(parent) is not None:
            return Page(items=())
        raise wrong("parentId", "a database or a schema")

    async def _databases(self, query: ContainerQuery) -> Page[Container]:
        wish = _listed(query, query.q)
        found = await self._at(self._config.database, lambda line: line.databases(wish))
        return _page(list(map(mapping.database_to_container, found)), query)

    async def _schemas(self, query: ContainerQuery, database: Database) -> Page[Container]:
        wish = _listed(query, query.q)
        found = await self._at(database.name, lambda line: line.schemas(wish))
        shown = [mapping.schema_to_container(row, database.name) for row in found]
        return _page(shown, query)

    async def _relations(self, query: ContainerQuery, schema: Schema) -> Page[Container]:
        wish = _listed(query, query.q)
        found = await self._at(schema.database, lambda line: line.relations(schema.name, wish))
        shown = [mapping.relation_to_container(row, schema) for row in found]
        return _page(shown, query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Rows of a table, in the order of its key."""
        refuse_filters(
            query, "parent_id", "type", "state", "status", why="rows of a table are all alike"
        )
        refuse_filters(query, "sort", why="rows come in the order of their key")
        table = table_of(query.container_id)
        if query.q is not None:
            _need_text(query.q)

        async def work(line: Line) -> Page[Item]:
            relation = await line.relation(table.schema, table.name)
            reader = RowReader(table, relation, self._settings)
            searched, updated = mapping.searched_of(relation), None
            if query.q is not None and not searched:
                raise UnsupportedFilter("q", "this table has no column of texts")
            if query.updated_since is not None:
                updated = mapping.updated_of(relation, self._settings)
                if updated is None:
                    raise UnsupportedFilter(
                        "updatedSince",
                        f"this table has no column {self._settings.updated_column} of times: name"
                        " another as updatedColumn in the connection's settings",
                    )
            since = query.updated_since
            read = await reader.page(
                line,
                Wish(
                    limit=query.limit,
                    token=query.token,
                    q=query.q,
                    searched=searched,
                    since=None if since is None else rfc3339(since),
                    updated=updated,
                    body=query.include_body,
                    raw=query.include_raw,
                ),
            )
            return Page(items=read.items, next_token=read.next_token, truncated=read.lost)

        return await self._at(table.database, work)

    async def item(self, query: OneItemQuery) -> Item:
        """One row."""
        row = Row.parse(query.item_id)
        if row is None:
            raise wrong("itemId", "a row")
        found = await self._one(row, single=True, raw=query.include_raw)
        if found is None:
            raise ProviderNotFound(
                "There is no such row, or row level security hides it.", details={"at": "provider"}
            )
        return found

    async def _one(self, row: Row, *, single: bool, raw: bool = False) -> Item | None:
        table = row.table

        async def work(line: Line) -> Item | None:
            relation = await line.relation(table.schema, table.name)
            reader = RowReader(table, relation, self._settings)
            return await reader.one(line, row.key, single=single, raw=raw)

        try:
            return await self._at(table.database, work)
        except ProviderRejected as error:
            # An id of ours may hold any text, also one that no value of the key can have.
            if error.details.get("reason") in _NO_SUCH_VALUE:
                return None
            raise

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Databases, and tables below the schemas of one."""
        parent = query.parent_id
        if query.type == DATABASE and parent is not None:
            raise wrong("parentId", "nothing: databases stand at the top")
        is_place = parent is not None and (Database.parse(parent) or Schema.parse(parent))
        if query.type != DATABASE and not is_place:
            raise wrong("parentId", "a database or a schema")
        page = await self.containers(
            ContainerQuery(limit=query.limit, token=query.token, parent_id=parent, q=query.q)
        )
        return pickers.resources_of(page, query.type)

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  both have the same parents
        parent_id: str,
    ) -> tuple[Resource, ...]:
        """The way from the database down."""
        place = Database.parse(parent_id) or Schema.parse(parent_id)
        if place is None:
            raise wrong("parentId", "a database or a schema")
        return pickers.way_to(place)

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The rows of all tables."""
        run = RowRun(self._at, self.containers, self._settings)
        async with aclosing(run.pages(query)) as pages:
            async for page in pages:
                yield page

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002  there is one
        """One row."""
        row = Row.parse(record_id)
        if row is None:
            raise wrong("recordId", "a row")
        try:
            return await self._one(row, single=False)
        except ProviderNotFound:
            return None


def _listed(query: PageQuery, q: str | None) -> Listed:
    """One more than is shown, which tells that there is more."""
    return Listed(limit=query.limit + 1, behind=query.token, q=q)


def _page(found: list[Container], query: PageQuery) -> Page[Container]:
    shown = found[: query.limit]
    names = [container.name for container in found]
    if query.token in names or len(set(names)) < len(names):
        raise unreadable("the provider repeats a page")
    return Page(
        items=tuple(shown),
        next_token=shown[-1].name if len(found) > query.limit and shown else None,
    )


def _need_text(q: str) -> None:
    """Stop what PostgreSQL has no character for."""
    if "\x00" in q:
        raise ValidationFailed([("q", "must not hold the character zero")])
