"""The nouns of the imitation: organisations, projects, tables."""

from typing import Any, Literal

import msgspec

Row = dict[str, Any]


class Organization(msgspec.Struct, frozen=True):
    """An organisation."""

    slug: str
    name: str


class Column(msgspec.Struct, frozen=True):
    """A column of a table."""

    name: str
    type: str
    nullable: bool = True
    key: bool = False
    default: str | None = None
    description: str | None = None


class Table(msgspec.Struct, frozen=True):
    """A table or view with its first rows."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    kind: Literal["r", "p", "v", "m", "f"] = "r"
    estimate: int = -1
    """What the planner believes."""
    description: str | None = None
    row_security: bool = True
    anon: Literal["rows", "hidden", "denied"] = "rows"
    """What row level security and grants leave to a role without a user."""
    anon_adds: bool = False
    """Whether a policy lets it add rows."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(one.name for one in self.columns if one.key)

    def column(self, name: str) -> Column | None:
        """The column with this name."""
        return next((one for one in self.columns if one.name == name), None)


class Project(msgspec.Struct, frozen=True):
    """A project with its database and its keys."""

    ref: str
    name: str
    organization: Organization
    tables: tuple[Table, ...] = ()
    schemas: tuple[str, ...] = ("public",)
    status: str = "ACTIVE_HEALTHY"
    region: str = "eu-central-1"
    created_at: str = "2026-01-05T09:00:00Z"
    exposed: tuple[str, ...] = ("public",)
    max_rows: int = 1_000
    hosts: tuple[str, ...] = ()
    """Custom domains."""

    @property
    def is_up(self) -> bool:
        """Whether it answers anything."""
        return self.status.startswith("ACTIVE_")

    def table(self, schema: str, name: str) -> Table | None:
        """The table with this name."""
        return next((one for one in self.tables if (one.schema, one.name) == (schema, name)), None)


class User(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: str
    email: str
    organizations: tuple[str, ...]
