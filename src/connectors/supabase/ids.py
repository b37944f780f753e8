"""Our ids of Supabase's things; names of any form are encoded (``connectors/rows.py``).

``@`` in place of a project's ref is the project of a connection that was made with its key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from src.connectors.rows import decode, encode
from src.core.errors import ValidationFailed

REF = re.compile(r"[a-z0-9]{8,40}")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
NAME = re.compile(r"[^\x00]{1,63}", re.DOTALL)
"""An identifier of PostgreSQL, which takes 63 bytes of anything."""
HERE = "@"
KEY = ("id",)
"""The key that a table has unless something else is known."""

_LONGEST_ID = 512
_MOST_BYTES = 63


def _name(part: str) -> str | None:
    name = decode(part)
    return name if name and len(name.encode()) <= _MOST_BYTES else None


def organization_id(slug: str) -> str:
    """The id of an organisation."""
    return f"org:{slug}"


def project_id(ref: str | None) -> str:
    """The id of a project."""
    return f"project:{ref or HERE}"


def parse_organization(text: str) -> str | None:
    """The slug in an organisation's id; None for ids of other things."""
    kind, _, slug = text.partition(":")
    return slug if kind == "org" and SLUG.fullmatch(slug) else None


@dataclass(frozen=True, slots=True)
class Project:
    """A project: by its ref, or None for that of the connection's own key."""

    ref: str | None

    def __str__(self) -> str:
        return project_id(self.ref)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        kind, _, ref = text.partition(":")
        return cls(_ref(ref)) if kind == "project" and _is_ref(ref) else None


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of a project."""

    ref: str | None
    name: str

    def __str__(self) -> str:
        return f"schema:{self.ref or HERE}:{encode(self.name)}"

    @property
    def project(self) -> Project:
        """Where it is."""
        return Project(self.ref)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        match text.split(":"):
            case ["schema", ref, part] if _is_ref(ref) and (name := _name(part)):
                return cls(_ref(ref), name)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view, with the columns that tell its rows apart (none = nothing does)."""

    ref: str | None
    schema: str
    name: str
    key: tuple[str, ...] = KEY

    def __str__(self) -> str:
        parts = ["table", self.ref or HERE, encode(self.schema), encode(self.name)]
        if self.key != KEY:
            parts.append(".".join(map(encode, self.key)) or "~")
        return ":".join(parts)

    @property
    def place(self) -> Schema:
        """Where it is."""
        return Schema(self.ref, self.schema)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        match text.split(":"):
            case ["table", ref, schema, name, *rest] if _is_ref(ref) and len(rest) <= 1:
                place, table = _name(schema), _name(name)
                key = _columns(rest[0]) if rest else KEY
                known = place and table and key is not None and (not rest or key != KEY)
                return cls(_ref(ref), place, table, key) if known else None  # type: ignore[arg-type]
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, by the values of its key as texts."""

    table: Table
    values: tuple[str, ...]

    def __str__(self) -> str:
        table = self.table
        return ":".join(
            [
                "row",
                encode(table.schema),
                encode(table.name),
                ".".join(map(encode, table.key)),
                ".".join(map(encode, self.values)),
            ]
        )

    @property
    def fits(self) -> bool:
        """Whether an id may be this long."""
        return len(str(self)) <= _LONGEST_ID

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id; None for ids of other things."""
        match text.split(":"):
            case ["row", schema, name, columns, values]:
                place, table, key = _name(schema), _name(name), _columns(columns)
                found = [decode(part) for part in values.split(".")]
                if not (place and table and key) or len(found) != len(key) or None in found:
                    return None
                known = tuple(value for value in found if value is not None)
                return cls(Table(None, place, table, key), known)
            case _:
                return None


def _columns(part: str) -> tuple[str, ...] | None:
    if part == "~":
        return ()
    names = [_name(one) for one in part.split(".")]
    return tuple(name for name in names if name) if all(names) else None


def _is_ref(text: str) -> bool:
    return text == HERE or REF.fullmatch(text) is not None


def _ref(text: str) -> str | None:
    return None if text == HERE else text


def wrong(field: str, expected: str) -> ValidationFailed:
    """The error for an id of something else."""
    return ValidationFailed([(field, f"must be the id of {expected}")])
