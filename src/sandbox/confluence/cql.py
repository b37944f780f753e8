"""Confluence's search language: what the connector sends, and what an attacker would try.

Source: developer.atlassian.com/cloud/confluence/advanced-searching-using-cql. `and` binds before
`or`, strings are escaped by a backslash, times are read in the caller's own time zone and to the
minute, and inside a text query capital OR, AND, NOT and a trailing `*` have a meaning.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec


class Entity(msgspec.Struct, frozen=True):
    """What a search may find, by the fields of the language."""

    type: str
    space: str
    title: str
    text: str
    id: int
    changed_at: str
    created_at: str = ""
    creator: str | None = None
    parent: int | None = None
    ancestors: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()


class Malformed(Exception):
    """The query cannot be parsed; the text says where."""


Test: TypeAlias = Callable[[Entity], bool]
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>!=|!~|>=|<=|[=~<>(),])|(?P<word>[^\s"=~<>!(),]+))'
)
_MOMENTS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_RELATIVE = re.compile(r"([+-]?\d+)([mhdwMy])")
_HOURS = {"m": 1 / 60, "h": 1, "d": 24, "w": 168, "M": 720, "y": 8760}
_COMPARED: dict[str, Callable[[datetime, datetime], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt}
_TEXTS = {"title", "text", "siteSearch"}
_TIMES = {"lastmodified", "created"}
_DEEPEST = 50


class Query(msgspec.Struct, frozen=True):
    """A parsed query: what matches, and the order."""

    test: Test
    order: tuple[str, bool] | None = None
    """A field, and whether the largest comes first."""


class Parser:
    """Reads one query for one caller."""

    def __init__(self, text: str, zone: str, now: datetime) -> None:
        """Know the caller's time zone, in which times are read."""
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._zone = ZoneInfo(zone)
        self._now = now

    def parse(self) -> Query:
        """Read all of it."""
        test = self._any() if not self._is_word("order") else lambda _: True
        order = None
        if self._is_word("order"):
            self._take()
            if not self._is_word("by"):
                raise Malformed("Expecting 'by'")
            self._take()
            field = self._take()[1].lower()
            descending = self._is_word("desc")
            if descending or self._is_word("asc"):
                self._take()
            order = (field, descending)
        if self._at < len(self._tokens):
            raise Malformed(f"unexpected '{self._tokens[self._at][1]}'")
        return Query(test, order)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._is_word("or"):
            self._take()
            tests.append(self._all())
        return lambda entity: any(test(entity) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._is_word("and"):
            self._take()
            tests.append(self._one())
        return lambda entity: all(test(entity) for test in tests)

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Malformed("nested too deeply")
        if self._is_word("not"):
            self._take()
            inner = self._one()
            return lambda entity: not inner(entity)
        if self._peek() == ("sign", "("):
            self._take()
            inner = self._any()
            self._expect(")")
            self._depth -= 1
            return inner
        self._depth -= 1
        return self._clause()

    def _clause(self) -> Test:
        kind, field = self._take()
        if kind != "word":
            raise Malformed(f"unexpected '{field}'")
        sign = self._sign()
        values = self._values() if sign.endswith("in") else [self._value()]
        return _test(field, sign, values, self._moment)

    def _sign(self) -> str:
        kind, sign = self._take()
        if kind == "sign" and sign not in "(),":
            return sign
        if sign.lower() == "in":
            return "in"
        if sign.lower() == "not" and self._is_word("in"):
            self._take()
            return "not in"
        raise Malformed(f"Expecting an operator but got '{sign}'")

    def _values(self) -> list[str]:
        self._expect("(")
        values = [self._value()]
        while self._peek() == ("sign", ","):
            self._take()
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> str:
        kind, text = self._take()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "sign":
            raise Malformed(f"unexpected '{text}'")
        if self._peek() != ("sign", "("):
            return text
        self._take()
        argument = "" if self._peek() == ("sign", ")") else self._value()
        self._expect(")")
        return f"{text}({argument})"

    def _moment(self, text: str) -> datetime:
        inner = re.fullmatch(r"now\((.*)\)", text)
        relative = _RELATIVE.fullmatch(inner[1] if inner else text)
        if relative:
            return self._now + timedelta(hours=int(relative[1]) * _HOURS[relative[2]])
        if inner:
            return self._now
        for form in _MOMENTS:
            try:
                return datetime.strptime(text, form).replace(tzinfo=self._zone)
            except ValueError:
                continue
        raise Malformed(f"Unable to parse date '{text}'")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _is_word(self, word: str) -> bool:
        kind, text = self._peek()
        return kind == "word" and text.lower() == word

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise Malformed("unexpected end of the query")
        self._at += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._take() != ("sign", sign):
            raise Malformed(f"Expecting '{sign}'")


def _tokens(text: str) -> "list[tuple[str, str]]":
    found: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed(f"unexpected '{text[at : at + 20]}'")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _test(field: str, sign: str, values: Sequence[str], moment: Callable[[str], datetime]) -> Test:
    if field in _TEXTS:
        return _text_test(field, sign, values)
    if field in _TIMES:
        return _time_test(field, sign, moment(values[0]))
    read = _READERS.get(field)
    if read is None:
        raise Malformed(f"No field exists with name : {field}")
    wanted = {value.lower() for value in values}
    if sign in {"=", "in"}:
        return lambda entity: bool(wanted & read(entity))
    if sign in {"!=", "not in"}:
        return lambda entity: not wanted & read(entity)
    raise Malformed(f"The operator {sign} is not supported for {field}")


_READERS: dict[str, Callable[[Entity], set[str]]] = {
    "type": lambda entity: {entity.type},
    "space": lambda entity: {entity.space.lower()},
    "space.key": lambda entity: {entity.space.lower()},
    "id": lambda entity: {str(entity.id)},
    "content": lambda entity: {str(entity.id)},
    "parent": lambda entity: {str(entity.parent)},
    "ancestor": lambda entity: {str(one) for one in entity.ancestors},
    "creator": lambda entity: {(entity.creator or "").lower()},
    "label": lambda entity: set(entity.labels),
}


def _text_test(field: str, sign: str, values: Sequence[str]) -> Test:
    def read(entity: Entity) -> str:
        words = entity.title if field == "title" else f"{entity.title} {entity.text}"
        return words.lower()

    if sign in {"=", "!="} and field == "title":
        return lambda entity: (entity.title == values[0]) == (sign == "=")
    if sign not in {"~", "!~"}:
        raise Malformed(f"The operator {sign} is not supported for {field}")
    either = [_words(part) for part in re.split(r"\bOR\b", values[0])]

    def holds(entity: Entity) -> bool:
        found = set(re.findall(r"\w+", read(entity)))
        return any(words and all(_has(found, word) for word in words) for words in either)

    return holds if sign == "~" else lambda entity: not holds(entity)


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\w+\*?|\*", text) if word not in {"AND", "NOT"}]


def _has(found: set[str], word: str) -> bool:
    if word.endswith("*"):
        return any(one.startswith(word[:-1]) for one in found)
    return word in found


def _time_test(field: str, sign: str, moment: datetime) -> Test:
    def read(entity: Entity) -> datetime:
        text = entity.changed_at if field == "lastmodified" else entity.created_at
        return datetime.fromisoformat(text).replace(second=0, microsecond=0)

    compare = _COMPARED.get(sign)
    if compare is None:
        raise Malformed(f"The operator {sign} is not supported for {field}")
    return lambda entity: compare(read(entity), moment)
