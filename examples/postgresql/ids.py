"""Our ids of what a server holds; names of any form are encoded, so that an id is never spliced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from src.connectors.rows import decode, encode
from src.core.errors import ValidationFailed

_LONGEST_ID = 512
_MOST_BYTES = 63
"""PostgreSQL's own limit of a name."""


def _names(parts: list[str]) -> list[str] | None:
    names = [decode(part) for part in parts]
    known = [name for name in names if name and len(name.encode()) <= _MOST_BYTES]
    return known if len(known) == len(parts) else None


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the server."""

    name: str

    def __str__(self) -> str:
        return f"database:{encode(self.name)}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        kind, *parts = text.split(":")
        names = _names(parts) if kind == "database" else None
        return cls(names[0]) if names and len(names) == 1 else None


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of a database."""

    database: str
    name: str

    def __str__(self) -> str:
        return f"schema:{encode(self.database)}:{encode(self.name)}"

    @property
    def place(self) -> Database:
        """Where it is."""
        return Database(self.database)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        kind, *parts = text.split(":")
        names = _names(parts) if kind == "schema" else None
        return cls(*names) if names and len(names) == len(cls.__slots__) else None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, a view, or anything else that has rows."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"table:{encode(self.database)}:{encode(self.schema)}:{encode(self.name)}"

    @property
    def place(self) -> Schema:
        """Where it is."""
        return Schema(self.database, self.schema)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        kind, *parts = text.split(":")
        names = _names(parts) if kind == "table" else None
        return cls(*names) if names and len(names) == len(cls.__slots__) else None


@dataclass(frozen=True, slots=True)
class Row:
    """A row, by the values of its table's key as texts."""

    table: Table
    key: tuple[str, ...]

    def __str__(self) -> str:
        place = str(self.table).removeprefix("table:")
        # An empty text is a value, too, and no part of an id is empty.
        return f"row:{place}:{'.'.join(map(encode, self.key))}"

    @property
    def fits(self) -> bool:
        """Whether an id may be this long."""
        return len(str(self)) <= _LONGEST_ID

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        kind, *parts = text.split(":")
        table = Table.parse(":".join(["table", *parts[:-1]])) if parts else None
        if kind != "row" or table is None:
            return None
        values = [decode(part) for part in parts[-1].split(".")]
        key = tuple(value for value in values if value is not None)
        return cls(table, key) if len(key) == len(values) else None


def wrong(field: str, expected: str) -> ValidationFailed:
    """The error for an id of something else."""
    return ValidationFailed([(field, f"must be the id of {expected}")])
