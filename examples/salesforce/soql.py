"""SOQL as text. Names come from a describe and are checked once more; everything else is a literal.

Source: developer.salesforce.com, SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date
Formats and Date Literals in WHERE", and the limits of SOQL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from src.core.errors import ValidationFailed

LONGEST_LITERAL = 4_000
"""Characters of one string in a WHERE clause."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79})?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Controls and line separators, which are written by their numbers."""
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_WILD = {"%": "\\%", "_": "\\_"}


def name(text: str) -> str:
    """The name of an object or field, or of one field of a parent.

    Raises:
        ValueError: It is none, and must not come near a query.
    """
    if _NAME.fullmatch(text) is None:
        raise ValueError("not a name of Salesforce's")
    return text


def literal(text: str) -> str:
    """A string.

    Raises:
        ValidationFailed: It is longer than Salesforce takes.
    """
    return _quoted("".join(map(_escaped, text)))


def containing(text: str) -> str:
    """The pattern of a LIKE for what has this text anywhere; nothing in it is a wildcard.

    Raises:
        ValidationFailed: It is longer than Salesforce takes.
    """
    return _quoted("%" + "".join(_WILD.get(one) or _escaped(one) for one in text) + "%")


def moment(text: str) -> str:
    """A time, which stands without quotes.

    Raises:
        ValueError: It is none.
    """
    if _MOMENT.fullmatch(text) is None:
        raise ValueError("not a time")
    return text


def select(
    fields: Sequence[str],
    source: str,
    conditions: Sequence[str],
    order: Sequence[tuple[str, bool]],
    limit: int | None = None,
) -> str:
    """A query.

    Args:
        fields: What is read.
        source: The object.
        conditions: All of them hold; each is made by the functions of this file.
        order: Fields, and whether each is descending.
        limit: How many rows at the most.
    """
    parts = [f"SELECT {', '.join(map(name, fields))} FROM {name(source)}"]  # noqa: S608  see name
    if conditions:
        parts.append("WHERE " + " AND ".join(conditions))
    if order:
        sorting = (f"{name(field)} {'DESC' if falls else 'ASC'}" for field, falls in order)
        parts.append("ORDER BY " + ", ".join(sorting))
    if limit is not None:
        parts.append(f"LIMIT {int(limit)}")
    return " ".join(parts)


def _quoted(escaped: str) -> str:
    if len(escaped) > LONGEST_LITERAL:
        raise ValidationFailed([("q", f"must be shorter than {LONGEST_LITERAL} characters")])
    return f"'{escaped}'"


def _escaped(one: str) -> str:
    if one in _ESCAPES:
        return _ESCAPES[one]
    return f"\\u{ord(one):04x}" if _UNPRINTABLE.match(one) else one
