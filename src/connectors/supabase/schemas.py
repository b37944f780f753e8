"""The parts of Supabase's answers that we read."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import Raw, field

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Profile(Fragment):
    """Whose access token it is."""

    gotrue_id: str
    primary_email: str | None = None
    username: str | None = None


class Organization(Fragment):
    """An organisation; ``id`` is deprecated."""

    slug: str
    name: str


class Project(Fragment):
    """A project, as lists and single answers have it; ``id`` is deprecated."""

    ref: str
    name: str
    status: str = "UNKNOWN"
    region: str | None = None
    organization_slug: str | None = None
    created_at: str | None = None
    inserted_at: str | None = None


class Pagination(Fragment):
    """How many there are."""

    count: int


class Projects(Fragment, Generic[R]):
    """A page of an organisation's projects."""

    pagination: Pagination
    rows: list[R] = field(name="projects")
    truncated: bool = False


class SchemaRow(Fragment):
    """A row of ``catalogue.SCHEMAS``."""

    name: str
    description: str | None = None


class ColumnRow(Fragment):
    """One column in a row of ``catalogue.TABLES``."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    description: str | None = None
    key: bool = False


class TableRow(Fragment):
    """A row of ``catalogue.TABLES``."""

    schema: str
    name: str
    kind: str
    columns: list[ColumnRow]
    estimate: int | str | None = None
    row_security: bool = False
    description: str | None = None


class Property(Fragment):
    """A column in the description of a project's Data API."""

    format: str | None = None
    type: str | None = None
    description: str | None = None
    default: Any = None


class Definition(Fragment):
    """A table in it."""

    description: str | None = None
    required: list[str] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)


class Description(Fragment):
    """What a project's Data API says of itself (Swagger 2.0)."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    paths: dict[str, dict[str, Raw]] = field(default_factory=dict)


class AuthSettings(Fragment):
    """What any good key may read of a project."""

    external: dict[str, Any] = field(default_factory=dict)
