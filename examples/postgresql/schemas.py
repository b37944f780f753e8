"""What a server tells, and what it is asked for, in PostgreSQL's own nouns."""

from __future__ import annotations

from msgspec import Struct

ROWS_OF = ("r", "p", "v", "m", "f")
"""``pg_class.relkind`` of what has rows: tables, partitioned ones, views, materialized and foreign
ones."""


class Answer(Struct, frozen=True):
    """The base of what is read: immutable, and the same over HTTP for the imitation."""


class AccountRow(Answer, frozen=True):
    """Who is connected, and to what."""

    user: str
    database: str
    is_superuser: bool = False


class NameRow(Answer, frozen=True):
    """A database or a schema."""

    name: str
    description: str | None = None


class RelationRow(Answer, frozen=True):
    """A table as a list shows it."""

    name: str
    kind: str
    description: str | None = None
    estimate: int | None = None


class Column(Answer, frozen=True):
    """A column that may be read."""

    name: str
    type: str
    """As people write it: ``numeric(10,2)``."""
    cast: str
    """The same without its limits, to make a value of a text."""
    base: str
    """``pg_type.typname`` of the type, or of the one that a domain stands for."""
    category: str
    """``pg_type.typcategory`` of the same."""
    is_plain: bool = True
    """Its order is PostgreSQL's own, so that a list can go on behind one of its values."""
    key: int | None = None
    """Its place in the key that tells rows apart, from 0."""
    description: str | None = None


class ColumnRow(Answer, frozen=True):
    """A column as the catalogue has it, with the kind of what it belongs to."""

    kind: str
    name: str
    type: str
    cast: str
    base: str
    category: str
    is_plain: bool
    is_readable: bool
    key: int | None
    description: str | None


class Relation(Answer, frozen=True):
    """A table with the columns that may be read."""

    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns that tell rows apart; none = nothing does."""
        named = [column for column in self.columns if column.key is not None]
        return tuple(sorted(named, key=lambda column: column.key or 0))

    def column(self, name: str | None) -> Column | None:
        """The column with this name."""
        return next((one for one in self.columns if one.name == name), None)


class Listed(Struct, frozen=True, kw_only=True):
    """How much of a list of names, and from where."""

    limit: int
    behind: str | None = None
    """Only names behind this one."""
    q: str | None = None
    """Only names that hold this text."""


class Selection(Struct, frozen=True, kw_only=True):
    """Which rows, in the order of the key."""

    limit: int
    cell: int
    """How much of a value is read, in characters."""
    behind: tuple[str, ...] | None = None
    """Only those behind this key."""
    at: tuple[str, ...] | None = None
    """Only the one with this key."""
    q: str | None = None
    """Only those that hold this text in one of ``searched``."""
    searched: tuple[str, ...] = ()
    since: str | None = None
    """Only those that were changed since then, or without a time in ``updated``."""
    updated: str | None = None


class Cells(Answer, frozen=True):
    """A row: each value as a text, None for NULL, and the key once more, whole."""

    key: tuple[str, ...]
    values: tuple[str | None, ...]


class Rows(Answer, frozen=True):
    """Rows that were read."""

    rows: tuple[Cells, ...]
    has_more: bool
