"""From PostgreSQL's nouns to ours. Pure functions, no I/O."""

from __future__ import annotations

from typing import Any

import msgspec

from src.connectors.rest.errors import unreadable
from src.connectors.rest.values import timestamp
from src.connectors.rows import lines_of, title_of
from src.core.errors import UnreadableAnswer
from src.models.connection import Account
from src.models.unified import Container, Item

from .config import Settings
from .ids import Database, Row, Schema, Table
from .schemas import AccountRow, Cells, NameRow, Relation, RelationRow
from .values import value_of

KINDS = {
    "r": "table",
    "p": "table",
    "v": "view",
    "m": "materialized_view",
    "f": "foreign_table",
}
TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})
TIMES = frozenset({"timestamptz", "timestamp"})

_CREATED = ("created_at", "inserted_at")
_LIST_CHARACTERS = 1024 * 1024
_SMALLEST_CELL, _LARGEST_CELL = 1024, 16 * 1024
_SINGLE_CHARACTERS = 3 * 1024 * 1024
_LARGEST_SINGLE_CELL = 1024 * 1024


def account_of(row: AccountRow, server: str) -> Account:
    """A role at a database of a server."""
    return Account(
        id=f"{row.user}@{server}/{row.database}", name=f"{row.database} ({row.user})", url=None
    )


def database_to_container(row: NameRow) -> Container:
    """A database holds schemas."""
    return Container(
        id=str(Database(row.name)),
        type="database",
        name=row.name,
        description=row.description,
        has_children=True,
    )


def schema_to_container(row: NameRow, database: str) -> Container:
    """A schema holds tables."""
    schema = Schema(database, row.name)
    return Container(
        id=str(schema),
        type="schema",
        name=row.name,
        description=row.description,
        parent_id=str(schema.place),
        has_children=True,
    )


def relation_to_container(row: RelationRow, schema: Schema) -> Container:
    """A table holds rows, which are items."""
    return Container(
        id=str(Table(schema.database, schema.name, row.name)),
        type=kind_of(row),
        name=row.name,
        description=row.description,
        parent_id=str(schema),
    )


def kind_of(row: RelationRow) -> str:
    """What a thing with rows is called.

    Raises:
        UnreadableAnswer: The server calls it what no server does.
    """
    kind = KINDS.get(row.kind)
    if kind is None:
        raise unreadable("a relation of no kind that was asked for")
    return kind


def cell_of(relation: Relation, *, single: bool = False) -> int:
    """How much of a value is read, so that rows of many columns stay bearable.

    It depends on the table alone: a row is the same in a list, in a run, and by itself in a run.
    """
    columns = max(len(relation.columns), 1)
    if single:
        return max(_SMALLEST_CELL, min(_SINGLE_CHARACTERS // columns, _LARGEST_SINGLE_CELL))
    return max(_SMALLEST_CELL, min(_LIST_CHARACTERS // columns, _LARGEST_CELL))


def row_to_item(
    cells: Cells, table: Table, relation: Relation, settings: Settings, cell: int, *, body: bool
) -> Item | None:
    """A row; None for one whose key makes no id.

    Raises:
        UnreadableAnswer: It holds what PostgreSQL does not write.
    """
    ref = Row(table, cells.key)
    if not ref.fits:
        return None
    if len(cells.values) != len(relation.columns):
        raise unreadable("a row of other columns than were asked for")
    values: dict[str, Any] = {}
    cut: list[str] = []
    for text, column in zip(cells.values, relation.columns, strict=True):
        try:
            values[column.name], is_cut = value_of(text, column, cell)
        except ValueError as error:
            raise unreadable(f"a value is no {column.base}") from error
        if is_cut:
            cut.append(column.name)
    return Item(
        id=str(ref),
        type="row",
        container_id=str(table),
        title=title_of(values, settings.title_column, f"{table.name} {', '.join(cells.key)}"),
        body=lines_of(values) if body else None,
        body_format="text" if body else None,
        created_at=next(filter(None, (_moment(values.get(name)) for name in _CREATED)), None),
        updated_at=_moment(values.get(settings.updated_column)),
        fields={"columns": values, "cut": cut},
    )


def raw_of(cells: Cells, relation: Relation) -> msgspec.Raw:
    """A row as the server wrote it, each value as its text."""
    names = (column.name for column in relation.columns)
    return msgspec.Raw(msgspec.json.encode(dict(zip(names, cells.values, strict=True))))


def searched_of(relation: Relation) -> tuple[str, ...]:
    """The columns that a text can be looked for in."""
    return tuple(column.name for column in relation.columns if column.base in TEXTS)


def updated_of(relation: Relation, settings: Settings) -> str | None:
    """The column that says when a row was changed, if the table has it."""
    column = relation.column(settings.updated_column)
    return column.name if column and column.base in TIMES else None


def _moment(value: Any) -> str | None:
    """A column of any kind as a time, if it is one."""
    try:
        return timestamp(value) if isinstance(value, str) else None
    except UnreadableAnswer:
        return None
