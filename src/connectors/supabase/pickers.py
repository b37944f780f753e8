"""What forms can let their users pick: organisations, projects, tables.

Each list is a tree that is opened from the top: projects below organisations, tables below the
schemas of a project. What only leads further down is not selectable.
"""

from __future__ import annotations

from typing import Literal, cast

from src.connectors.manifest import ResourceType
from src.connectors.supabase.catalogue import WORDS
from src.connectors.supabase.config import Config
from src.connectors.supabase.ids import Project as ProjectRef
from src.connectors.supabase.ids import Schema, Table, organization_id, parse_organization, wrong
from src.connectors.supabase.management import Management
from src.connectors.supabase.mapping import ACTIVE
from src.connectors.supabase.project import Project
from src.connectors.supabase.schemas import Organization, SchemaRow, TableRow
from src.connectors.supabase.schemas import Project as ProjectRow
from src.connectors.supabase.scopes import DATABASE, ORGANIZATIONS, PROJECTS
from src.connectors.supabase.tables import Described
from src.core.errors import ProviderNotFound, UnsupportedCapability
from src.models.base import Model
from src.models.query import ContainerQuery, ResourceQuery
from src.models.unified import Container, Page, Resource

ORGANIZATION = "supabase_organization"
DATABASE_TYPE = "supabase_database"
TABLE = "supabase_table"
_MEDIA = "application/vnd.supabase."
"""What a resource is, where its type alone does not say it."""


class DatabaseFilters(Model):
    """Which projects."""

    active: bool | None = None


class TableFilters(Model):
    """Which tables; a schema is then not opened first."""

    schema_name: str | None = None
    kind: Literal["table", "view", "materialized_view", "foreign_table"] | None = None


RESOURCE_TYPES = (
    ResourceType(name=ORGANIZATION, label="Organization", scopes=(ORGANIZATIONS,)),
    ResourceType(
        name=DATABASE_TYPE,
        label="Database",
        parent=ORGANIZATION,
        filters=DatabaseFilters,
        scopes=(ORGANIZATIONS, PROJECTS),
    ),
    ResourceType(
        name=TABLE,
        label="Table",
        parent=DATABASE_TYPE,
        needs_parent=True,
        filters=TableFilters,
        scopes=(ORGANIZATIONS, PROJECTS, DATABASE),
    ),
)


class AccountPickers:
    """What an account reaches."""

    def __init__(self, at: Management) -> None:
        self._at = at

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Resources of the type that the query names."""
        match query.type:
            case "supabase_organization":
                if query.parent_id is not None:
                    raise wrong("parentId", "nothing: organisations stand at the top")
                return await self._at.organizations(query, _organization, query.q)
            case "supabase_database":
                return await self._databases(query)
            case _:
                return await self._tables(query)

    async def _databases(self, query: ResourceQuery) -> Page[Resource]:
        active = cast("DatabaseFilters", query.filters).active
        if query.parent_id is None:
            if query.q is None and active is None:
                return await self._at.organizations(query, _folder, None)
            return await self._at.all_projects(query, _wanted(active), query.q)
        slug = parse_organization(query.parent_id)
        if slug is None:
            raise wrong("parentId", "an organisation")
        return await self._at.projects(query, slug, query.q, _wanted(active, slug))

    async def _tables(self, query: ResourceQuery) -> Page[Resource]:
        filters = cast("TableFilters", query.filters)
        parent = query.parent_id or ""
        project, schema = ProjectRef.parse(parent), Schema.parse(parent)
        ref = (project or schema or ProjectRef(None)).ref
        if ref is None:
            raise wrong("parentId", "a project or a schema")
        name = schema.name if schema else filters.schema_name
        if project and name is None and query.q is None and filters.kind is None:
            return await self._at.schemas(query, project, None, _schema)

        known: str = ref

        def mapping(row: TableRow) -> Resource:
            kind, table = WORDS[row.kind], Table(known, row.schema, row.name)
            return _table(table, kind, whole=name is None)

        return await self._at.tables(
            query, ref, mapping, schema=name, part=query.q, kind=filters.kind
        )

    async def parents(self, parent_id: str) -> tuple[Resource, ...]:
        """The way from the organisation down."""
        if slug := parse_organization(parent_id):
            return (_folder(await self._at.organization(slug)),)
        schema = Schema.parse(parent_id)
        project = schema.project if schema else ProjectRef.parse(parent_id)
        if project is None or project.ref is None:
            raise wrong("parentId", "an organisation, a project or a schema")
        row = await self._at.project(project.ref)
        way = [_database(row)]
        if row.organization_slug:
            way.insert(0, _folder(await self._at.organization(row.organization_slug)))
        if schema is not None:
            way.append(_schema(await self._at.schema(schema), project.ref))
        return tuple(way)


class ProjectPickers:
    """What a project's key reaches: the one project."""

    def __init__(self, at: Project, config: Config) -> None:
        self._at = at
        self._own = Resource(id=str(ProjectRef(None)), name=config.host, type=DATABASE_TYPE)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Resources of the type that the query names; no organisation shows itself to a key."""
        if query.type == ORGANIZATION:
            raise UnsupportedCapability(
                "A project's key shows no organisations.", details={"capability": "resources"}
            )
        if query.type == DATABASE_TYPE:
            if query.parent_id is not None:
                raise wrong("parentId", "nothing: a key opens one project")
            await self._at.check()
            shown = (query.q or "").casefold() in self._own.name.casefold()
            return Page(items=(self._own,) if shown else ())
        return await self._tables(query)

    async def _tables(self, query: ResourceQuery) -> Page[Resource]:
        filters = cast("TableFilters", query.filters)
        parent = query.parent_id or ""
        schema = Schema.parse(parent)
        if ProjectRef.parse(parent) != ProjectRef(None) and (schema is None or schema.ref):
            raise wrong("parentId", "this project or a schema of it")
        name = schema.name if schema else filters.schema_name
        if name is None:
            page = await self._at.containers(ContainerQuery(limit=query.limit, token=query.token))
            return Page(
                items=tuple(map(_schema_of, page.items)),
                next_token=page.next_token,
                truncated=page.truncated,
            )

        def mapping(one: Described) -> Resource:
            return _table(one.table, one.kind, whole=False)

        return await self._at.tables.page(name, query, mapping, part=query.q, kind=filters.kind)

    async def parents(self, parent_id: str) -> tuple[Resource, ...]:
        """The project, and perhaps a schema of it."""
        if ProjectRef.parse(parent_id) == ProjectRef(None):
            return (self._own,)
        schema = Schema.parse(parent_id)
        if schema is None or schema.ref is not None:
            raise wrong("parentId", "this project or a schema of it")
        page = await self._at.containers(ContainerQuery(limit=100, q=schema.name))
        found = next((one for one in page.items if one.name == schema.name), None)
        if found is None:
            raise ProviderNotFound("There is no such schema here.", details={"at": "provider"})
        return (self._own, _schema_of(found))


def _organization(row: Organization) -> Resource:
    return Resource(id=organization_id(row.slug), name=row.name, type=ORGANIZATION)


def _folder(row: Organization) -> Resource:
    """An organisation where it is only opened."""
    return Resource(
        id=organization_id(row.slug),
        name=row.name,
        type=DATABASE_TYPE,
        mime_type=f"{_MEDIA}organization",
        has_children=True,
        selectable=False,
    )


def _database(row: ProjectRow, slug: str | None = None) -> Resource:
    """A project; one that is not up holds nothing that could be read."""
    owner = row.organization_slug or slug
    is_up = row.status.startswith(ACTIVE)
    return Resource(
        id=str(ProjectRef(row.ref)),
        name=row.name if is_up else f"{row.name} ({row.status})",
        type=DATABASE_TYPE,
        parent_id=organization_id(owner) if owner else None,
        selectable=is_up,
    )


class _wanted:  # noqa: N801  a mapping
    """Projects that are up, or that are not, or all."""

    def __init__(self, active: bool | None, slug: str | None = None) -> None:
        self._active = active
        self._slug = slug

    def __call__(self, row: ProjectRow) -> Resource | None:
        is_up = row.status.startswith(ACTIVE)
        return _database(row, self._slug) if self._active in {None, is_up} else None


def _schema(row: SchemaRow, ref: str) -> Resource:
    return Resource(
        id=str(Schema(ref, row.name)),
        name=row.name,
        type=TABLE,
        mime_type=f"{_MEDIA}schema",
        parent_id=str(ProjectRef(ref)),
        has_children=True,
        selectable=False,
    )


def _schema_of(container: Container) -> Resource:
    return Resource(
        id=container.id,
        name=container.name,
        type=TABLE,
        mime_type=f"{_MEDIA}schema",
        parent_id=str(ProjectRef(None)),
        has_children=container.has_children,
        selectable=False,
    )


def _table(table: Table, kind: str, *, whole: bool) -> Resource:
    """A table or view, with its schema where several are listed together."""
    return Resource(
        id=str(table),
        name=f"{table.schema}.{table.name}" if whole else table.name,
        type=TABLE,
        mime_type=f"{_MEDIA}{kind.replace('_', '-')}",
        parent_id=str(table.place),
    )
