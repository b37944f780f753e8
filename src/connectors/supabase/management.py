"""The Management API: organisations, projects, and what their databases' catalogues say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from src.connectors.base import refuse_filters
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.decoding import decode, decode_page, map_rows
from src.connectors.rest.paginators import Offset
from src.connectors.rest.windows import cut, window, windowed
from src.connectors.supabase import sql
from src.connectors.supabase.catalogue import ALL_KINDS, KINDS, SCHEMAS, TABLES
from src.connectors.supabase.database import (
    CONTAINER_TYPES,
    TABLE_TYPES,
    Database,
    Rows,
    Selecting,
)
from src.connectors.supabase.ids import Project, Schema, Table, parse_organization, wrong
from src.connectors.supabase.mapping import (
    organization_to_container,
    project_to_container,
    schema_to_container,
    table_to_item,
)
from src.connectors.supabase.schemas import (
    Organization,
    Projects,
    SchemaRow,
    TableRow,
)
from src.connectors.supabase.schemas import Project as ProjectRow
from src.connectors.supabase.secrets import clean, cleaned
from src.connectors.supabase.statements import Statements
from src.core.errors import ProviderNotFound, UnsupportedFilter
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, PageQuery
from src.models.unified import Container, Item, Page

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)


def _count(page: Any) -> int:
    count: int = page.pagination.count
    return count


PROJECTS = List(
    "/v1/organizations/{slug}/projects", ProjectRow, Offset(total=_count), wrapped_in=Projects
)


class Management(Database):
    """All that an account, or a grant for an organisation, reaches."""

    def __init__(self, rest: RestClient) -> None:
        self.rest = rest
        self._statements = Statements(rest)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Organisations, their projects, and the projects' schemas."""
        if query.type is not None and query.type not in CONTAINER_TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(CONTAINER_TYPES)}")
        parent = query.parent_id
        if parent is None:
            return await self._top(query)
        if slug := parse_organization(parent):
            return await self._projects_of(slug, query)
        if project := Project.parse(parent):
            return await self._schemas_of(project, query)
        if _at_a_project(Schema.parse(parent) or Table.parse(parent)):
            return Page(items=())
        raise wrong("parentId", "an organisation, a project or a schema")

    async def _top(self, query: ContainerQuery) -> Page[Container]:
        if query.type == "project":
            return cleaned(await self.all_projects(query, project_to_container, query.q))
        if query.type not in {None, "organization"}:
            return Page(items=())
        return cleaned(await self.organizations(query, organization_to_container, query.q))

    async def _projects_of(self, slug: str, query: ContainerQuery) -> Page[Container]:
        if query.type not in {None, "project"}:
            return Page(items=())
        mapping = partial(project_to_container, slug=slug)
        return cleaned(await self.projects(query, slug, query.q, mapping))

    async def _schemas_of(self, project: Project, query: ContainerQuery) -> Page[Container]:
        if query.type not in {None, "schema"}:
            return Page(items=())
        return await self.schemas(query, project, query.q, schema_to_container)

    async def organizations(
        self, query: PageQuery, mapping: Callable[[Organization], T], q: str | None
    ) -> Page[T]:
        """The organisations of the account; Supabase gives them all at once."""
        response = await self.rest.call("GET", "/v1/organizations")
        return _part(response.content, Organization, mapping, query, q)

    async def organization(self, slug: str) -> Organization:
        """One organisation."""
        return await self.rest.get("/v1/organizations/{slug}", Organization, slug=slug)

    async def projects(
        self, query: PageQuery, slug: str, q: str | None, mapping: Callable[[ProjectRow], T | None]
    ) -> Page[T]:
        """The projects of an organisation."""
        params = {"search": q, "sort": "name_asc"}
        return await self.rest.page(PROJECTS, mapping, query, params=params, at={"slug": slug})

    async def all_projects(
        self, query: PageQuery, mapping: Callable[[ProjectRow], T | None], q: str | None
    ) -> Page[T]:
        """The projects of all organisations; Supabase gives them all at once."""
        response = await self.rest.call("GET", "/v1/projects")
        return _part(response.content, ProjectRow, mapping, query, q)

    async def schemas(
        self,
        query: PageQuery,
        project: Project,
        q: str | None,
        mapping: Callable[..., T],
    ) -> Page[T]:
        """The schemas of a project, without the system's own."""
        ref = _ref(project, "parentId")
        return await self._listed(
            ref, SCHEMAS, (None, q), SchemaRow, partial(mapping, ref=ref), query
        )

    async def schema(self, schema: Schema) -> SchemaRow:
        """One schema."""
        ref = _ref(schema.project, "parentId")
        content = await self._statements.read(ref, SCHEMAS, [schema.name, None, 1, 0])
        rows = decode(content, list[SchemaRow])
        if not rows:
            raise _gone("schema")
        return rows[0]

    async def tables(
        self, query: PageQuery, ref: str, mapping: Callable[[TableRow], T], **where: str | None
    ) -> Page[T]:
        """Tables and views: of a ``schema``, of a ``name``, with a ``part`` of one, of a kind."""
        kinds = KINDS.get(where.get("kind") or "", ALL_KINDS)
        asked = (kinds, where.get("schema"), where.get("name"), where.get("part"))
        return await self._listed(ref, TABLES, asked, TableRow, mapping, query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """The tables of a schema; organisations and projects hold none."""
        refuse_filters(
            query,
            "parent_id",
            "state",
            "status",
            "updated_since",
            "sort",
            why="tables cannot be filtered by this",
        )
        if query.type is not None and query.type not in TABLE_TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(TABLE_TYPES)}")
        if parse_organization(query.container_id) or Project.parse(query.container_id):
            return Page(items=())
        schema = Schema.parse(query.container_id)
        if schema is None:
            raise wrong("containerId", "a schema")
        ref = _ref(schema.project, "containerId")
        page = await self.tables(
            query,
            ref,
            partial(table_to_item, ref=ref, include_body=query.include_body),
            schema=schema.name,
            part=query.q,
            kind=query.type,
        )
        return cleaned(page)

    async def item(self, query: OneItemQuery) -> Item:
        """One table with its columns."""
        table = Table.parse(query.item_id)
        if table is None:
            raise wrong("itemId", "a table; rows are read with a project's own key")
        ref = _ref(table.place.project, "itemId")
        page = await self.tables(
            PageQuery(limit=1, include_raw=query.include_raw),
            ref,
            partial(table_to_item, ref=ref, include_body=True),
            schema=table.schema,
            name=table.name,
        )
        if not page.items:
            raise _gone("table")
        return clean(page.items[0])

    async def project(self, ref: str) -> ProjectRow:
        """One project."""
        return await self._statements.project(ref)

    async def select(self, selecting: Selecting) -> Page[Any]:
        """Rows, read by the read-only role."""
        ref = _ref(selecting.table.place.project, "arguments.table")
        page = selecting.page
        statement = sql.select(
            selecting.table,
            selecting.columns,
            selecting.conditions,
            selecting.order,
            limit=page.limit + 1,
            offset=window(page).start,
        )
        rows = await self.run_query(ref, statement.text, statement.parameters)
        return cut(rows, page)

    async def insert(self, table: Table, columns: Sequence[str], rows: Rows) -> Rows:
        """New rows."""
        ref = _ref(table.place.project, "arguments.table")
        statement = sql.insert(table, columns, msgspec.json.encode(rows).decode())
        return await self.execute(ref, statement.text, statement.parameters)

    async def run_query(self, ref: str | None, query: str, parameters: Sequence[Any]) -> Rows:
        """What a statement answers that only reads."""
        ref = _ref(Project(ref), "arguments.database")
        return decode(await self._statements.read(ref, query, parameters), Rows)

    async def execute(self, ref: str | None, query: str, parameters: Sequence[Any]) -> Rows:
        """Whatever the statement does, it is sent once."""
        ref = _ref(Project(ref), "arguments.database")
        return await self._statements.execute(ref, query, parameters)

    async def _listed(
        self,
        ref: str,
        text: str,
        asked: Sequence[Any],
        kind: type[R],
        mapping: Callable[[R], T],
        query: PageQuery,
    ) -> Page[T]:
        """A page of the catalogue; one row more than asked for tells whether there is a next."""
        parameters = [*asked, query.limit + 1, window(query).start]
        content = await self._statements.read(ref, text, parameters)
        rows = decode_page(content, kind, None, raw=query.include_raw)
        return cut(map_rows(rows, kind, mapping, raw=query.include_raw), query)


def _gone(what: str) -> ProviderNotFound:
    return ProviderNotFound(f"There is no such {what}.", details={"at": "provider"})


def _part(
    content: bytes, kind: type[R], mapping: Callable[[R], T | None], query: PageQuery, q: str | None
) -> Page[T]:
    """A page of what Supabase gives whole, by name."""
    rows = decode_page(content, kind, None, raw=query.include_raw)
    found = map_rows(rows, kind, mapping, raw=query.include_raw)
    if q:
        part = q.casefold()
        found = tuple(one for one in found if part in getattr(one, "name", "").casefold())
    return windowed(found, query)


def _ref(project: Project, field: str) -> str:
    """The ref of a project that an account reaches.

    Raises:
        ValidationFailed: It is that of a connection by key.
    """
    if project.ref is None:
        raise wrong(field, "something in a project of the account")
    return project.ref


def _at_a_project(place: Schema | Table | None) -> bool:
    return place is not None and place.ref is not None
