"""A part of Gmail's search language: words, phrases, operators, OR, minus, groups."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from src.sandbox.google.gmail.records import Label, Mail
from src.sandbox.google.gmail.views import top

Test = Callable[[Mail], bool]

_TERM = re.compile(r'-?[A-Za-z_]+:"[^"]*"|-?"[^"]*"?|[(){}]|[^\s(){}"]+')
_WORD = re.compile(r"\w+")
_PLACES = {"drafts": "DRAFT", "anywhere": ""}


class Search:
    """One query, read."""

    def __init__(self, text: str, labels: tuple[Label, ...]) -> None:
        """Know the labels by their names."""
        self._names = {
            one.name.lower().replace("/", "-").replace(" ", "-"): one.id for one in labels
        }
        self._terms = iter(_TERM.findall(text))
        self.sees_all = re.search(r"\bin:(anywhere|spam|trash)\b", text) is not None
        """Whether spam and trash are asked for."""
        self.test = self._all_of("")

    def _all_of(self, closing: str) -> Test:
        tests: list[Test] = []
        joins = False
        for term in self._terms:
            if term == closing:
                break
            if term == "OR":
                joins = True
                continue
            test = self._one(term)
            if joins and tests:
                test = _either(tests.pop(), test)
            joins = False
            tests.append(test)
        if closing == "}":
            return lambda mail: any(test(mail) for test in tests)
        return lambda mail: all(test(mail) for test in tests)

    def _one(self, term: str) -> Test:
        if term in _CLOSING:
            return self._all_of(_CLOSING[term])
        if term.startswith("-") and len(term) > 1:
            test = self._one(term[1:])
            return lambda mail: not test(mail)
        operator, colon, value = term.partition(":")
        if colon and operator in {"in", "is", "label"}:
            return self._placed(value.strip('"'))
        if colon and operator in _OPERATORS:
            return _OPERATORS[operator](value)
        return _holds(_whole, term)

    def _placed(self, value: str) -> Test:
        name = _PLACES.get(value.lower(), self._names.get(value.lower(), value.upper()))
        if value.lower() == "read":
            return lambda mail: "UNREAD" not in mail.labels
        return lambda mail: not name or name in mail.labels


def _either(one: Test, other: Test) -> Test:
    return lambda mail: one(mail) or other(mail)


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _whole(mail: Mail) -> str:
    return f"{mail.subject} {mail.sender} {mail.to} {mail.cc} {mail.text}"


def _holds(read: Callable[[Mail], str], value: str) -> Test:
    wanted = _words(value)
    return lambda mail: wanted in _words(read(mail))


def _at(value: str, *, after: bool) -> Test:
    moment = _seconds(value)
    if after:
        return lambda mail: mail.at > moment * 1000
    return lambda mail: mail.at < moment * 1000


def _seconds(value: str) -> float:
    if value.isdecimal():
        return int(value)
    parts = [int(part) for part in re.findall(r"\d+", value)]
    try:
        year, month, day = parts
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _has(value: str) -> Test:
    if value != "attachment":
        return lambda _: False
    return lambda mail: any(part.filename for part in top(mail).parts)


_CLOSING = {"(": ")", "{": "}"}
_OPERATORS: dict[str, Callable[[str], Test]] = {
    "from": lambda value: _holds(lambda mail: mail.sender or "", value),
    "to": lambda value: _holds(lambda mail: mail.to, value),
    "cc": lambda value: _holds(lambda mail: mail.cc, value),
    "subject": lambda value: _holds(lambda mail: mail.subject or "", value),
    "after": lambda value: _at(value, after=True),
    "newer": lambda value: _at(value, after=True),
    "before": lambda value: _at(value, after=False),
    "older": lambda value: _at(value, after=False),
    "has": _has,
}
