"""PostgREST's query parameters: filters, logic, order and columns, with its quoting."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.records import Row, Table
from src.sandbox.supabase.values import holds

Meets = Callable[[Row], bool]

RESERVED = frozenset({"select", "order", "limit", "offset", "columns", "on_conflict", "apikey"})
_LOGIC = frozenset({"and", "or", "not.and", "not.or"})
_OPERATORS = frozenset(
    {"eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch", "in", "is"}
)
_CONSTANTS = {"null": None, "true": True, "false": False}
_BARE = re.compile(r"[^\",.()\s:][^\",.()]*")


class Order(msgspec.Struct, frozen=True):
    """One column to sort by."""

    column: str
    descending: bool


def parse_error(text: str) -> DatabaseError:
    """Say that a parameter cannot be read."""
    return DatabaseError("PGRST100", f'"failed to parse filter ({text})"')


class Reader:
    """Reads one parameter from left to right."""

    def __init__(self, text: str) -> None:
        """Begin at the start."""
        self._text = text
        self._at = 0

    @property
    def is_over(self) -> bool:
        """Tell whether everything is read."""
        return self._at >= len(self._text)

    def stands(self, text: str) -> bool:
        """Tell whether this text comes next."""
        return self._text.startswith(text, self._at)

    def skip(self, sign: str) -> bool:
        """Step over a sign if it stands here."""
        found = self.stands(sign)
        self._at += len(sign) if found else 0
        return found

    def need(self, sign: str) -> None:
        """Step over a sign that must stand here."""
        if not self.skip(sign):
            raise parse_error(self._text)

    def name(self) -> str:
        """Read a name or value, in quotes or bare."""
        if self.skip('"'):
            return self._quoted()
        match = _BARE.match(self._text, self._at)
        if match is None:
            raise parse_error(self._text)
        self._at = match.end()
        return match[0]

    def _quoted(self) -> str:
        found = ""
        while not self.skip('"'):
            if self.is_over:
                raise parse_error(self._text)
            self.skip("\\")
            if self.is_over:
                raise parse_error(self._text)
            found += self._text[self._at]
            self._at += 1
        return found

    def value(self) -> str:
        """Read a value: bare ones may hold points."""
        if self.skip('"'):
            return self._quoted()
        start = self._at
        while not self.is_over and self._text[self._at] not in ",)":
            self._at += 1
        return self._text[start : self._at]

    def rest(self) -> str:
        """Read all that is left."""
        left, self._at = self._text[self._at :], len(self._text)
        return left


def conditions(table: Table, params: list[tuple[str, str]]) -> list[Meets]:
    """Return what a row must meet.

    Raises:
        DatabaseError: A parameter cannot be read, or names what is not there.
    """
    found = []
    for name, text in params:
        if name in RESERVED:
            continue
        reader = Reader(text)
        if name in _LOGIC:
            found.append(_logic(table, name, reader))
        else:
            found.append(_comparison(table, name, reader, inside=False))
        if not reader.is_over:
            raise parse_error(text)
    return found


def _logic(table: Table, word: str, reader: Reader) -> Meets:
    reader.need("(")
    parts = [_part(table, reader)]
    while reader.skip(","):
        parts.append(_part(table, reader))
    reader.need(")")
    together = all if word.endswith("and") else any
    negated = word.startswith("not.")
    return lambda row: together(part(row) for part in parts) is not negated


def _part(table: Table, reader: Reader) -> Meets:
    for word in ("not.and", "not.or", "and", "or"):
        if reader.stands(f"{word}("):
            reader.skip(word)
            return _logic(table, word, reader)
    column = reader.name()
    reader.need(".")
    return _comparison(table, column, reader, inside=True)


def _comparison(table: Table, name: str, reader: Reader, *, inside: bool) -> Meets:
    negated = reader.skip("not.")
    operator = next((one for one in _OPERATORS if reader.skip(f"{one}.")), "")
    if not operator:
        raise parse_error(reader.rest())
    value = _operand(operator, reader, inside=inside)
    column = table.column(name)
    if column is None:
        raise DatabaseError("42703", f"column {table.name}.{name} does not exist")
    return lambda row: holds(row, column, operator, value) is not negated


def _operand(operator: str, reader: Reader, *, inside: bool) -> Any:
    if operator == "in":
        return _listed(reader)
    value = reader.value() if inside else reader.rest()
    if operator in {"like", "ilike"}:
        return value.replace("*", "%")
    if operator != "is":
        return value
    if value.lower() not in _CONSTANTS:
        raise parse_error(value)
    return _CONSTANTS[value.lower()]


def _listed(reader: Reader) -> list[str]:
    reader.need("(")
    found = [reader.value()]
    while reader.skip(","):
        found.append(reader.value())
    reader.need(")")
    return found


def orders(table: Table, text: str) -> list[Order]:
    """Read ``order``."""
    reader, found = Reader(text), []
    while not reader.is_over:
        name, descending = reader.name(), False
        while reader.skip("."):
            word = reader.name()
            if word not in {"asc", "desc", "nullsfirst", "nullslast"}:
                raise parse_error(text)
            descending = descending or word == "desc"
        found.append(Order(_known(table, name), descending))
        if not reader.is_over:
            reader.need(",")
    return found


def columns(table: Table, text: str) -> list[str]:
    """Read ``select`` or ``columns``; ``*`` is all."""
    if text == "*":
        return [one.name for one in table.columns]
    reader, found = Reader(text), []
    while not reader.is_over:
        found.append(_known(table, reader.name()))
        if not reader.is_over:
            reader.need(",")
    return found


def _known(table: Table, name: str) -> str:
    if table.column(name) is None:
        raise DatabaseError("42703", f"column {table.name}.{name} does not exist")
    return name
