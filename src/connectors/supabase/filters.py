"""Conditions as PostgREST reads them: every name and value is quoted, and so never an operator.

All conditions stand in one ``and=(…)``: there a column that is called ``select`` or ``order`` is a
column, where as a parameter of its own it would be another question. Source: docs.postgrest.org,
"Tables and views", Reserved characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from src.connectors.supabase.conditions import Condition, Operator, Order
from src.core.errors import ValidationFailed

READS = "Accept-Profile"
WRITES = "Content-Profile"


def quoted(text: str) -> str:
    """A name or a value, whatever it holds."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def profile(header: str, schema: str) -> dict[str, str]:
    """The header that says in which schema.

    Raises:
        ValidationFailed: No header can say it: it would be another, or a further one.
    """
    if schema != schema.strip() or not schema.isprintable():
        raise ValidationFailed([("schema", "the Data API cannot be asked for a schema called so")])
    return {header: schema}


def names(columns: Iterable[str]) -> str:
    """Columns, for ``select`` and ``columns``."""
    return ",".join(map(quoted, columns))


def ordered(order: Sequence[Order]) -> str:
    """For ``order``."""
    return ",".join(f"{quoted(one.column)}.{'desc' if one.descending else 'asc'}" for one in order)


def condition(one: Condition) -> str:
    """One comparison."""
    column = quoted(one.column)
    match one.operator:
        case Operator.IS_NULL:
            return f"{column}.is.null" if one.value else f"{column}.not.is.null"
        case Operator.IN:
            listed = one.value if isinstance(one.value, list) else [one.value]
            return f"{column}.in.({','.join(quoted(_text(value)) for value in listed)})"
        case _:
            return compared(one.column, one.operator, one.value)


def compared(column: str, operator: Operator, value: Any) -> str:
    """A comparison with one value of a row, of any length."""
    return f"{quoted(column)}.{operator.value}.{quoted(_text(value))}"


def containing(columns: Iterable[str], text: str) -> str:
    """Any of the columns holds the text; a pattern of ``ilike`` cannot name a ``*``."""
    pattern = quoted(re.escape(text))
    return f"or({','.join(f'{quoted(column)}.imatch.{pattern}' for column in columns)})"


def together(parts: Sequence[str]) -> str | None:
    """For ``and``; None where there is no condition."""
    return f"({','.join(parts)})" if parts else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
