"""Statements of PostgreSQL: names are quoted, values are parameters, nothing else of a caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from src.connectors.supabase.conditions import Condition, Operator, Order
from src.connectors.supabase.ids import Table
from src.core.errors import ValidationFailed

_COMPARISONS = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "<>",
    Operator.GREATER: ">",
    Operator.AT_LEAST: ">=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.LIKE: "like",
    Operator.ILIKE: "ilike",
}
_PATTERNS = frozenset({Operator.LIKE, Operator.ILIKE})


def quoted(name: str) -> str:
    """A name as an identifier (postgresql.org/docs, "Lexical structure", §4.1.1).

    Raises:
        ValidationFailed: It holds the one character that no identifier can.
    """
    if "\x00" in name:
        raise ValidationFailed([("name", "must not hold a null character")])
    return '"' + name.replace('"', '""') + '"'


def table_name(table: Table) -> str:
    """A table with its schema."""
    return f"{quoted(table.schema)}.{quoted(table.name)}"


@dataclass(slots=True)
class Statement:
    """A text and the values of its parameters."""

    text: str = ""
    parameters: list[Any] = field(default_factory=list)

    def value(self, value: Any) -> str:
        """A place for one more value."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"


def select(
    table: Table,
    columns: Sequence[str],
    conditions: Sequence[Condition],
    order: Sequence[Order],
    *,
    limit: int,
    offset: int,
) -> Statement:
    """Rows of a table."""
    made = Statement()
    wanted = ", ".join(map(quoted, columns)) or "*"
    parts = [f"select {wanted} from {table_name(table)}"]  # noqa: S608  all names are quoted
    if conditions:
        parts.append("where " + " and ".join(_condition(made, one) for one in conditions))
    if order:
        parts.append("order by " + ", ".join(map(_order, order)))
    parts.append(f"limit {made.value(limit)} offset {made.value(offset)}")
    made.text = " ".join(parts)
    return made


def insert(table: Table, columns: Sequence[str], rows: str) -> Statement:
    """New rows, out of a JSON array as PostgREST reads it: the columns' own types decide."""
    made = Statement()
    named = ", ".join(map(quoted, columns))
    target = table_name(table)
    source = f"jsonb_populate_recordset(null::{target}, {made.value(rows)}::jsonb)"
    made.text = (
        f"insert into {target} ({named})"  # noqa: S608  all names are quoted
        f" select {named} from {source} returning *"
    )
    return made


def _condition(made: Statement, condition: Condition) -> str:
    column = quoted(condition.column)
    operator, value = condition.operator, condition.value
    if operator is Operator.IS_NULL:
        return f"{column} is null" if value else f"{column} is not null"
    if isinstance(value, list):
        return f"{column} in ({', '.join(map(made.value, value))})"
    if isinstance(value, str) and operator in _PATTERNS:
        value = value.replace("*", "%")
    return f"{column} {_COMPARISONS[operator]} {made.value(value)}"


def _order(order: Order) -> str:
    return f"{quoted(order.column)} {'desc' if order.descending else 'asc'}"
