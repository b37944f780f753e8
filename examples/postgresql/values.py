"""From the texts of a server to values of JSON. Pure functions, no I/O.

Source: postgresql.org/docs, "Data Types". What JSON has no form for stays the text that PostgreSQL
writes: ``numeric`` (which a float would falsify), ``infinity``, dates before our era, intervals.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from .schemas import Column
from .statements import CUT, WHOLE

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(\+00)?")
_NO_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})


def value_of(text: str | None, column: Column, cell: int) -> tuple[Any, bool]:
    """A value, and whether only its beginning was read, which is then a text.

    Raises:
        ValueError: It is nothing that PostgreSQL writes for this type.
    """
    if text is None:
        return None, False
    if column.base == "bytea":
        return text.replace("\n", "").removesuffix(CUT), text.endswith(CUT)
    if len(text) > cell:
        return text[:cell], True
    return _whole(text, column), False


def _whole(text: str, column: Column) -> Any:
    read = _READINGS.get("json" if column.category in WHOLE else column.base)
    return text if read is None else read(text)


def _number(text: str) -> Any:
    return text if text in _NO_NUMBERS else float(text)


def _moment(text: str) -> str:
    return moment_of(text) or text


def moment_of(text: str) -> str | None:
    """A time as RFC 3339 has it; one without a zone stays without. None for what is none."""
    found = _MOMENT.fullmatch(text)
    return f"{found[1]}T{found[2]}{'Z' if found[3] else ''}" if found else None


def _tree(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        # PostgreSQL nests deeper, and takes texts, that others do not read.
        return text


_READINGS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), int),
    **dict.fromkeys(("float4", "float8"), _number),
    **dict.fromkeys(("json", "jsonb"), _tree),
    **dict.fromkeys(("timestamptz", "timestamp"), _moment),
    "bool": lambda text: text == "true",
}
