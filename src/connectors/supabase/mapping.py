"""From Supabase's nouns to ours. Pure functions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from src.connectors.rest.values import timestamp
from src.connectors.rows import lines_of, text_of, title_of
from src.connectors.supabase.catalogue import WORDS
from src.connectors.supabase.config import Columns
from src.connectors.supabase.ids import Project as ProjectRef
from src.connectors.supabase.ids import Row, Schema, Table, organization_id
from src.connectors.supabase.schemas import (
    ColumnRow,
    Definition,
    Description,
    Organization,
    Profile,
    Project,
    SchemaRow,
    TableRow,
)
from src.core.errors import UnreadableAnswer
from src.models.connection import Account
from src.models.unified import Container, Item

DASHBOARD = "https://supabase.com/dashboard"
ACTIVE = "ACTIVE_"
"""How the status of a project begins that can be asked anything."""

_PRIMARY_KEY = "<pk/>"
_CREATED = ("created_at", "inserted_at")
_TEXTS = frozenset({"text", "character varying", "character", "citext", "varchar"})
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}.*")


def profile_to_account(profile: Profile) -> Account:
    """A user, whose access token it is."""
    name = profile.primary_email or profile.username or profile.gotrue_id
    return Account(id=profile.gotrue_id, name=name, url=f"{DASHBOARD}/account/me")


def organization_to_account(organization: Organization) -> Account:
    """An organisation, which is what a grant is for."""
    return Account(
        id=organization.slug,
        name=organization.name,
        url=f"{DASHBOARD}/org/{organization.slug}",
    )


def organization_to_container(organization: Organization) -> Container:
    """An organisation holds projects."""
    return Container(
        id=organization_id(organization.slug),
        type="organization",
        name=organization.name,
        has_children=True,
        url=f"{DASHBOARD}/org/{organization.slug}",
    )


def project_to_container(project: Project, slug: str | None = None) -> Container:
    """A project holds schemas, as long as it is up."""
    owner = project.organization_slug or slug
    return Container(
        id=str(ProjectRef(project.ref)),
        type="project",
        name=project.name,
        description=f"{project.status} in {project.region}" if project.region else project.status,
        parent_id=organization_id(owner) if owner else None,
        has_children=project.status.startswith(ACTIVE),
        url=f"{DASHBOARD}/project/{project.ref}",
        created_at=timestamp(project.created_at or project.inserted_at),
    )


def schema_to_container(row: SchemaRow, ref: str) -> Container:
    """A schema holds tables, which are items."""
    return Container(
        id=str(Schema(ref, row.name)),
        type="schema",
        name=row.name,
        description=row.description,
        parent_id=str(ProjectRef(ref)),
        url=f"{DASHBOARD}/project/{ref}/editor",
    )


def table_to_item(row: TableRow, ref: str, *, include_body: bool) -> Item:
    """A table or view of the catalogue."""
    table = Table(ref, row.schema, row.name)
    estimate = int(row.estimate) if row.estimate is not None else -1
    return Item(
        id=str(table),
        type=WORDS[row.kind],
        container_id=str(table.place),
        title=row.name,
        body=_listed(row.columns) if include_body else None,
        body_format="text" if include_body else None,
        url=f"{DASHBOARD}/project/{ref}/editor",
        fields={
            "schema": row.schema,
            "description": row.description,
            "rowEstimate": estimate if estimate >= 0 else None,
            "rowLevelSecurity": row.row_security,
            "columns": [_column(one) for one in row.columns],
        },
    )


def described_columns(definition: Definition) -> list[ColumnRow]:
    """The columns of a table as the Data API describes them."""
    required = set(definition.required)
    return [
        ColumnRow(
            name=name,
            type=one.format or one.type or "",
            nullable=name not in required,
            default=None if one.default is None else str(one.default),
            key=_PRIMARY_KEY in (one.description or ""),
        )
        for name, one in definition.properties.items()
    ]


def described_table(
    description: Description, schema: str, name: str, columns: Columns
) -> Table | None:
    """A table that the Data API describes, with the key that is known of it."""
    definition = description.definitions.get(name)
    if definition is None or f"/{name}" not in description.paths:
        return None
    told = tuple(one.name for one in described_columns(definition) if one.key)
    return Table(None, schema, name, columns.key_of(told))


def kind_of(description: Description, name: str) -> str:
    """What takes no new rows is a view."""
    return "table" if "post" in description.paths.get(f"/{name}", {}) else "view"


def described_to_item(
    table: Table, definition: Definition, kind: str, *, estimate: int | None, include_body: bool
) -> Item:
    """A table of the project that the connection's key opens."""
    columns = described_columns(definition)
    return Item(
        id=str(table),
        type=kind,
        container_id=str(table.place),
        title=table.name,
        body=_listed(columns) if include_body else None,
        body_format="text" if include_body else None,
        has_children=True,
        fields={
            "schema": table.schema,
            "description": definition.description,
            "rowEstimate": estimate,
            "columns": [_column(one) for one in columns],
        },
    )


def described_to_container(table: Table, description: str | None) -> Container:
    """The same as what holds rows."""
    return Container(
        id=str(table),
        type="table",
        name=table.name,
        description=description,
        parent_id=str(table.place),
    )


def row_to_item(
    row: Mapping[str, Any], table: Table, columns: Columns, *, include_body: bool
) -> Item | None:
    """A row; None for one that has no id, or one that is too long for ours."""
    values = [row.get(column) for column in table.key]
    if not values or any(value is None or isinstance(value, dict | list) for value in values):
        return None
    ref = Row(table, tuple(map(text_of, values)))
    if not ref.fits:
        return None
    return Item(
        id=str(ref),
        type="row",
        container_id=str(table),
        title=title_of(row, columns.title, f"{table.name} {', '.join(ref.values)}"),
        body=lines_of(row) if include_body else None,
        body_format="text" if include_body else None,
        created_at=next(filter(None, (_moment(row.get(name)) for name in _CREATED)), None),
        updated_at=_moment(row.get(columns.updated)),
        fields=dict(row),
    )


def text_columns(definition: Definition) -> tuple[str, ...]:
    """The columns that a text can be looked for in."""
    return tuple(
        name
        for name, one in definition.properties.items()
        if (one.format or one.type or "").partition("(")[0] in _TEXTS
    )


def _column(column: ColumnRow) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": column.nullable,
        "primaryKey": column.key,
        "default": column.default,
        "description": column.description,
    }


def _listed(columns: Sequence[ColumnRow]) -> str:
    return "\n".join(
        f"{one.name} {one.type}"
        + ("" if one.nullable else " not null")
        + (" primary key" if one.key else "")
        for one in columns
    )


def _moment(value: Any) -> str | None:
    """A column of any kind as a time, if it is one."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return timestamp(value)
    except UnreadableAnswer:
        return None
