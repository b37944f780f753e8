"""A small SOQL: one object, names of its parents, AND, OR, LIKE, ORDER BY, LIMIT."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from .errors import refused
from .schema import OBJECTS, Field, SObject
from .world import Row

Test = Callable[[Row], bool]
Parents = dict[str, Row]
"""Users by id: the only parents that there are."""

_TOKEN = re.compile(
    r"\s+|(?P<string>'(?:[^'\\\n\r]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|!=|[=<>(),])"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "N": "\n",
    "R": "\r",
    "T": "\t",
    "B": "\b",
    "F": "\f",
}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood."""

    source: SObject
    fields: tuple[str, ...]
    test: Test
    order: tuple[tuple[str, bool], ...]
    limit: int

    def run(self, rows: dict[str, Row]) -> list[Row]:
        """Return the rows that it finds, in their order."""
        found = [row for row in rows.values() if not row["IsDeleted"] and self.test(row)]
        for field, falls in reversed(self.order):
            found.sort(key=lambda row: (row[field] is not None, row[field]), reverse=falls)
        return found[: self.limit]

    def shown(self, row: Row, parents: Parents) -> Row:
        """Return what the query selects of a row."""
        url = f"/services/data/v64.0/sobjects/{self.source.name}/{row['Id']}"
        out: Row = {"attributes": {"type": self.source.name, "url": url}}
        for name in self.fields:
            parent, _, inner = name.rpartition(".")
            if not parent:
                out[name] = row[name]
                continue
            leads = self.source.parent(parent)
            above = parents.get(row[leads.name]) if leads else None
            out[parent] = (
                None if above is None else {"attributes": {"type": "User"}, inner: above[inner]}
            )
        return out


def malformed(why: str) -> NoReturn:
    """Refuse a query."""
    raise refused(400, "MALFORMED_QUERY", why)


class Parser:
    """Reads a query word by word."""

    def __init__(self, text: str) -> None:
        """Cut the text into words."""
        self._words = _words(text)
        self._next = 0
        self._source = OBJECTS["Account"]

    def query(self) -> Query:
        """Return the whole query."""
        self._keyword("SELECT")
        names = [self._take("name")]
        while self._is_sign(","):
            names.append(self._take("name"))
        self._keyword("FROM")
        self._source = _object(self._take("name"))
        fields = tuple(self._selected(name) for name in names)
        test = self._condition() if self._is_keyword("WHERE") else _always
        order = self._order() if self._is_keyword("ORDER") else ()
        limit = int(self._take("number")) if self._is_keyword("LIMIT") else _MOST_ROWS
        if self._next != len(self._words):
            malformed(f"unexpected token: {self._words[self._next][1]}")
        return Query(self._source, fields, test, order, limit)

    def _selected(self, name: str) -> str:
        parent, _, inner = name.rpartition(".")
        if not parent:
            return self._field(name).name
        leads = self._source.parent(parent)
        if leads is None or inner.casefold() != "name":
            raise refused(400, "INVALID_FIELD", f"Didn't understand relationship '{parent}'")
        return f"{leads.relationship_name}.Name"

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._keyword("BY")
        found = [self._ordered()]
        while self._is_sign(","):
            found.append(self._ordered())
        return tuple(found)

    def _ordered(self) -> tuple[str, bool]:
        field = self._field(self._take("name"))
        if not field.sortable:
            raise refused(400, "MALFORMED_QUERY", f"field '{field.name}' can not be sorted")
        falls = self._is_keyword("DESC")
        if not falls:
            self._is_keyword("ASC")
        return field.name, falls

    def _condition(self) -> Test:
        """Salesforce wants parentheses where AND and OR meet."""
        tests = [self._simple()]
        word = next((one for one in ("AND", "OR") if self._is_keyword(one)), None)
        while word is not None:
            tests.append(self._simple())
            if not self._is_keyword(word):
                break
        if word == "OR":
            return lambda row: any(test(row) for test in tests)
        return lambda row: all(test(row) for test in tests)

    def _simple(self) -> Test:
        if self._is_sign("("):
            inner = self._condition()
            if not self._is_sign(")"):
                malformed("expecting a right parentheses")
            return inner
        field = self._field(self._take("name"))
        if not field.filterable:
            raise refused(
                400, "INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call"
            )
        if self._is_keyword("LIKE"):
            return _like(field, self._take("string"))
        sign, value = self._take("sign"), self._value(field)
        return _compared(field.name, sign, value)

    def _value(self, field: Field) -> Any:
        kind, text = self._words[self._next] if self._next < len(self._words) else ("", "")
        self._next += 1
        is_string = kind == "string"
        if field.type == "datetime":
            if kind != "moment":
                malformed(
                    f"value of filter criterion for field '{field.name}' must be of type dateTime"
                )
            return text[:19] + ".000+0000"
        if field.type == "boolean":
            if text.lower() not in {"true", "false"}:
                malformed(
                    f"value of filter criterion for field '{field.name}' must be of type boolean"
                )
            return text.lower() == "true"
        if not is_string:
            malformed(
                f"value of filter criterion for field '{field.name}' should be enclosed in quotes"
            )
        value = "".join(one for one, _ in _decoded(text))
        if field.type in {"id", "reference"} and _ID.fullmatch(value) is None:
            raise refused(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
        return value if field.type in {"id", "reference"} else value.casefold()

    def _field(self, name: str) -> Field:
        found = self._source.field(name)
        if found is None:
            raise refused(
                400, "INVALID_FIELD", f"No such column '{name}' on entity '{self._source.name}'."
            )
        return found

    def _take(self, kind: str) -> str:
        if self._next == len(self._words) or self._words[self._next][0] != kind:
            malformed("unexpected token")
        self._next += 1
        return self._words[self._next - 1][1]

    def _keyword(self, word: str) -> None:
        if not self._is_keyword(word):
            malformed(f"expecting {word}")

    def _is_keyword(self, word: str) -> bool:
        return self._is_next("name", lambda text: text.upper() == word)

    def _is_sign(self, sign: str) -> bool:
        return self._is_next("sign", lambda text: text == sign)

    def _is_next(self, kind: str, fits: Callable[[str], bool]) -> bool:
        if self._next == len(self._words):
            return False
        found, text = self._words[self._next]
        if found != kind or not fits(text):
            return False
        self._next += 1
        return True


def _always(_: Row) -> bool:
    return True


def _words(text: str) -> list[tuple[str, str]]:
    words: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            malformed(f"unexpected token: {text[position : position + 10]}")
        if found.lastgroup is not None:
            words.append((found.lastgroup, found[0]))
        position = found.end()
    return words


def _object(name: str) -> SObject:
    found = OBJECTS.get(name)
    if found is None or not found.queryable:
        raise refused(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found


def _decoded(quoted: str) -> list[tuple[str, bool]]:
    """Return the characters of a string, and which of them stand for themselves in a LIKE."""
    found: list[tuple[str, bool]] = []
    position, text = 0, quoted[1:-1]
    while position < len(text):
        escape = _ESCAPE.match(text, position)
        if escape is None:
            found.append((text[position], False))
            position += 1
            continue
        number, simple = escape.groups()
        if number is None and simple not in {*_SIMPLE, "%", "_"}:
            malformed(f"Illegal string escape: \\{simple}")
        found.append((chr(int(number, 16)) if number else _SIMPLE.get(simple, simple), True))
        position = escape.end()
    return found


def _like(field: Field, quoted: str) -> Test:
    wild = {"%": ".*", "_": "."}
    parts = [
        re.escape(one) if literal else wild.get(one, re.escape(one))
        for one, literal in _decoded(quoted)
    ]
    pattern = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    return lambda row: pattern.fullmatch(str(row[field.name] or "")) is not None


def _compared(name: str, sign: str, value: Any) -> Test:
    compare = _SIGNS.get(sign)
    if compare is None:
        malformed(f"unexpected token: {sign}")

    def test(row: Row) -> bool:
        own = row[name]
        if own is None or value is None:
            return sign == "!=" and own is not value
        is_text = isinstance(own, str) and not name.endswith(("Id", "Date", "Modstamp"))
        return bool(compare(own.casefold() if is_text else own, value))

    return test
