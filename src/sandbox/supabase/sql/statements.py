"""From words to statements: select, insert, update and delete of one table."""

from collections.abc import Callable
from typing import Any

import msgspec

from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.sql.tokens import Token, read, syntax_error

_OPERATORS = {
    "=": "eq",
    "<>": "neq",
    "!=": "neq",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "like": "like",
    "ilike": "ilike",
}
_CONSTANTS = {"null": None, "true": True, "false": False}


class Condition(msgspec.Struct, frozen=True):
    """A comparison of a column."""

    column: str
    operator: str
    value: Any
    negated: bool = False


class Order(msgspec.Struct, frozen=True):
    """A column to sort by."""

    column: str
    descending: bool


class Output(msgspec.Struct, frozen=True):
    """One column of an answer: of the table, or a value."""

    name: str
    column: str | None = None
    value: Any = None
    counts: bool = False


class Select(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a table, or values without one; no outputs mean all columns."""

    outputs: tuple[Output, ...]
    schema: str | None = None
    table: str | None = None
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An insert, update or delete."""

    verb: str
    schema: str | None
    table: str
    rows: tuple[dict[str, Any], ...] = ()
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    returning: bool = False


class Parser:
    """Reads one statement with the values of its parameters."""

    def __init__(self, text: str, parameters: list[Any]) -> None:
        """Begin at the first word."""
        self._tokens = read(text)
        self._parameters = parameters
        self._at = 0

    def statement(self) -> Select | Change:
        """Return the whole statement.

        Raises:
            DatabaseError: It is none, or more than one.
        """
        readings: dict[str, Callable[[], Select | Change]] = {
            "select": self._select,
            "insert": self._insert,
            "update": self._update,
            "delete": self._delete,
        }
        first = self._next()
        if first is None or first.kind != "word" or first.value not in readings:
            raise syntax_error(first.text if first else "")
        made = readings[first.value]()
        self._skip(";")
        if (rest := self._next()) is not None:
            raise syntax_error(rest.text)
        return made

    def _select(self) -> Select:
        outputs = () if self._skip("*") else self._some(self._output)
        if not self._skip("from"):
            return Select(outputs=outputs)
        schema, table = self._table()
        conditions = self._where()
        order: tuple[Order, ...] = ()
        if self._skip("order"):
            self._need("by")
            order = self._some(self._order)
        limit = int(self._value()) if self._skip("limit") else None
        offset = int(self._value()) if self._skip("offset") else 0
        return Select(
            outputs=outputs,
            schema=schema,
            table=table,
            conditions=conditions,
            order=order,
            limit=limit,
            offset=offset,
        )

    def _output(self) -> Output:
        token = self._next()
        if token is None or token.kind == "sign":
            raise syntax_error(token.text if token else "")
        if token.kind in {"value", "param"} or token.value in _CONSTANTS:
            self._at -= 1
            value = self._value()
            return Output(self._alias("?column?"), value=value)
        if token.kind == "word" and token.value == "count" and self._skip("("):
            self._need("*")
            self._need(")")
            return Output(self._alias("count"), counts=True)
        return Output(self._alias(token.value), column=token.value)

    def _alias(self, usual: str) -> str:
        return self._name() if self._skip("as") else usual

    def _order(self) -> Order:
        column = self._name()
        descending = self._skip("desc")
        if not descending:
            self._skip("asc")
        return Order(column, descending)

    def _insert(self) -> Change:
        self._need("into")
        schema, table = self._table()
        self._need("(")
        columns = self._some(self._name)
        self._need(")")
        if self._skip("values"):
            rows = tuple(dict(zip(columns, one, strict=True)) for one in self._some(self._tuple))
        else:
            rows = self._populated(columns)
        return Change(
            verb="insert", schema=schema, table=table, rows=rows, returning=self._returning()
        )

    def _tuple(self) -> tuple[Any, ...]:
        self._need("(")
        values = self._some(self._value)
        self._need(")")
        return values

    def _populated(self, columns: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
        """Rows out of JSON: ``select … from jsonb_populate_recordset(null::t, $1::jsonb)``."""
        self._need("select")
        self._some(self._name)
        for word in ("from", "jsonb_populate_recordset", "(", "null", "::"):
            self._need(word)
        self._table()
        self._need(",")
        text = self._value()
        for word in ("::", "jsonb", ")"):
            self._need(word)
        found = msgspec.json.decode(text, type=list[dict[str, Any]])
        return tuple({name: row.get(name) for name in columns} for row in found)

    def _update(self) -> Change:
        schema, table = self._table()
        self._need("set")
        values = dict(self._some(self._assignment))
        conditions = self._where()
        return Change(
            verb="update",
            schema=schema,
            table=table,
            values=values,
            conditions=conditions,
            returning=self._returning(),
        )

    def _assignment(self) -> tuple[str, Any]:
        column = self._name()
        self._need("=")
        return column, self._value()

    def _delete(self) -> Change:
        self._need("from")
        schema, table = self._table()
        conditions = self._where()
        return Change(
            verb="delete",
            schema=schema,
            table=table,
            conditions=conditions,
            returning=self._returning(),
        )

    def _returning(self) -> bool:
        if not self._skip("returning"):
            return False
        self._need("*")
        return True

    def _table(self) -> tuple[str | None, str]:
        first = self._name()
        return (first, self._name()) if self._skip(".") else (None, first)

    def _where(self) -> tuple[Condition, ...]:
        if not self._skip("where"):
            return ()
        found = [self._condition()]
        while self._skip("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        column = self._name()
        token = self._next()
        if token is None:
            raise syntax_error("")
        if token.value == "is":
            negated = self._skip("not")
            self._need("null")
            return Condition(column, "is", None, negated)
        if token.value == "in":
            return Condition(column, "in", self._tuple())
        if token.value not in _OPERATORS:
            raise syntax_error(token.text)
        return Condition(column, _OPERATORS[token.value], self._value())

    def _value(self) -> Any:
        token = self._next()
        if token is not None and token.kind == "value":
            return token.value
        if token is not None and token.kind == "word" and token.value in _CONSTANTS:
            return _CONSTANTS[token.value]
        if token is None or token.kind != "param":
            raise syntax_error(token.text if token else "")
        if not 0 < token.value <= len(self._parameters):
            raise DatabaseError("42P02", f"there is no parameter {token.text}")
        return self._parameters[token.value - 1]

    def _name(self) -> str:
        token = self._next()
        if token is None or token.kind not in {"name", "word"}:
            raise syntax_error(token.text if token else "")
        return str(token.value)

    def _some(self, reading: Any) -> tuple[Any, ...]:
        found = [reading()]
        while self._skip(","):
            found.append(reading())
        return tuple(found)

    def _next(self) -> Token | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        self._at += 1
        return token

    def _skip(self, word: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        found = token is not None and token.kind in {"word", "sign"} and token.value == word
        self._at += found
        return found

    def _need(self, word: str) -> None:
        if not self._skip(word):
            token = self._next()
            raise syntax_error(token.text if token else "")
