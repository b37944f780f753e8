"""Values as PostgreSQL compares them: by the type of their column."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.records import Column, Row

_NUMBERS = {"bigint": int, "integer": int, "numeric": float}
_TEXTS = frozenset({"text", "character varying"})
_TIME = "timestamp with time zone"


def coerced(value: Any, column: Column) -> Any:
    """Return a value as one of the column's type.

    Raises:
        DatabaseError: It cannot be one.
    """
    if value is None:
        return None
    try:
        return _coerced(value, column.type)
    except (ValueError, TypeError, KeyError) as error:
        code = "22007" if column.type == _TIME else "22P02"
        message = f'invalid input syntax for type {column.type}: "{value}"'
        raise DatabaseError(code, message) from error


def _coerced(value: Any, kind: str) -> Any:
    if kind in _NUMBERS:
        return value if isinstance(value, int | float) else _NUMBERS[kind](value)
    if kind == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}[value]
    if kind == _TIME:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value if kind == "jsonb" else str(value)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, other: one == other,
    "neq": lambda one, other: one != other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def holds(row: Row, column: Column, operator: str, value: Any) -> bool:
    """Tell whether a row meets a condition; nothing is true of null but that it is null."""
    found = row.get(column.name)
    if operator == "is":
        return found is value
    if operator == "in":
        return any(holds(row, column, "eq", one) for one in value)
    if operator in _COMPARISONS:
        wanted = coerced(value, column)
        return found is not None and _COMPARISONS[operator](coerced(found, column), wanted)
    if column.type not in _TEXTS:
        raise DatabaseError("42883", f"operator does not exist: {column.type} ~~ unknown")
    return found is not None and _matches(str(found), operator, str(value))


def _matches(text: str, operator: str, pattern: str) -> bool:
    flags = re.DOTALL | (re.IGNORECASE if operator in {"ilike", "imatch"} else re.NOFLAG)
    if operator in {"match", "imatch"}:
        return re.search(pattern, text, flags) is not None
    parts = re.split(r"([%_])", pattern)
    written = "".join({"%": ".*", "_": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(written, text, flags) is not None


def ordered(rows: list[Row], column: Column, *, descending: bool) -> list[Row]:
    """Sort by one column; nulls come last, or first when descending."""
    known = [row for row in rows if row.get(column.name) is not None]
    unknown = [row for row in rows if row.get(column.name) is None]
    known.sort(key=lambda row: coerced(row[column.name], column), reverse=descending)
    return [*unknown, *known] if descending else [*known, *unknown]
