"""Drive's query language: terms with operators and values, joined by and, or, not, parentheses.

Source: developers.google.com/workspace/drive/api/guides/ref-search-terms.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from src.sandbox.google.drive.records import File, World

Test: TypeAlias = Callable[[File], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<sign>!=|<=|>=|[=<>()])|(?P<word>[A-Za-z]+))", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TIMES = {"modifiedTime", "createdTime"}
_FLAGS = {"trashed", "sharedWithMe", "starred"}
_WORD = re.compile(r"[\w']+")


class BadQuery(ValueError):
    """What is no query."""


class NoSuchParent(ValueError):
    """A folder that is not there is not an empty one."""


class Asker(msgspec.Struct, frozen=True):
    """Whose words the query is in."""

    login: str
    email: str
    world: World


def uses(query: str, term: str) -> bool:
    """Tell whether a query asks about a term."""
    return any(kind == "word" and text == term for kind, text in _tokens(query))


def compiled(query: str, asker: Asker) -> Test:
    """Return the query as a test of files.

    Raises:
        BadQuery: It cannot be read.
        NoSuchParent: It asks about a folder that is not there.
    """
    reader = _Reader(_tokens(query), asker)
    test = reader.any_of()
    if reader.rest:
        raise BadQuery(query)
    return test


def _tokens(query: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while query[position:].strip():
        match = _TOKEN.match(query, position)
        if match is None or match.lastgroup is None:
            raise BadQuery(query)
        text = match[match.lastgroup]
        if match.lastgroup == "text":
            text = _ESCAPE.sub(r"\1", text[1:-1])
        found.append((match.lastgroup, text))
        position = match.end()
    return found


class _Reader:
    """Reads a query from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], asker: Asker) -> None:
        self.rest = tokens
        self._asker = asker

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self._takes("word", "or"):
            tests.append(self._all_of())
        return lambda file: any(test(file) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._takes("word", "and"):
            tests.append(self._one())
        return lambda file: all(test(file) for test in tests)

    def _one(self) -> Test:
        if self._takes("word", "not"):
            test = self._one()
            return lambda file: not test(file)
        if self._takes("sign", "("):
            test = self.any_of()
            self._need("sign", ")")
            return test
        return self._clause()

    def _clause(self) -> Test:
        kind, text = self._next()
        if kind == "text":
            self._need("word", "in")
            return self._membership(text, self._next())
        operator = self._next()[1]
        value_kind, value = self._next()
        if kind != "word" or value_kind == "sign":
            raise BadQuery(text)
        return self._comparison(text, operator, value_kind, value)

    def _membership(self, value: str, term: tuple[str, str]) -> Test:
        match term:
            case ("word", "parents"):
                parent = self._root_or(value)
                if self._asker.world.file(parent) is None:
                    raise NoSuchParent(value)
                return lambda file: file.parent == parent
            case ("word", "owners"):
                return lambda file: f"{file.owner}@example.com" == value
            case ("word", "readers" | "writers"):
                return lambda file: value in {f"{one}@example.com" for one in file.readers}
            case _:
                raise BadQuery(term[1])

    def _root_or(self, value: str) -> str:
        if value != "root":
            return value
        return self._asker.world.root(self._asker.login).id

    def _comparison(self, term: str, operator: str, kind: str, value: str) -> Test:
        if term in _FLAGS:
            return self._flag(term, operator, kind, value)
        if kind != "text":
            raise BadQuery(value)
        if term in _TIMES:
            return _time(term, operator, value)
        return _text(term, operator, value)

    def _flag(self, term: str, operator: str, kind: str, value: str) -> Test:
        if kind != "word" or operator not in {"=", "!="} or value not in {"true", "false"}:
            raise BadQuery(value)
        wanted = (value == "true") == (operator == "=")
        login = self._asker.login
        tests: dict[str, Test] = {
            "trashed": lambda file: file.trashed,
            "sharedWithMe": lambda file: _is_shared_with(self._asker.world, file, login),
            "starred": lambda _: False,
        }
        test = tests[term]
        return lambda file: test(file) == wanted

    def _takes(self, kind: str, text: str) -> bool:
        if self.rest and self.rest[0] == (kind, text):
            self.rest = self.rest[1:]
            return True
        return False

    def _need(self, kind: str, text: str) -> None:
        if not self._takes(kind, text):
            raise BadQuery(text)

    def _next(self) -> tuple[str, str]:
        if not self.rest:
            raise BadQuery("the end")
        first, *self.rest = self.rest
        return first


def _is_shared_with(world: World, file: File, login: str) -> bool:
    """Tell whether it was shared by itself; what is in a shared folder was not."""
    above = world.file(file.parent) if file.parent else None
    return login in file.readers and not (above is not None and login in above.readers)


def _time(term: str, operator: str, value: str) -> Test:
    try:
        wanted = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadQuery(value) from error
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    tests: dict[str, Callable[[datetime], bool]] = {
        "<": lambda moment: moment < wanted,
        "<=": lambda moment: moment <= wanted,
        "=": lambda moment: moment == wanted,
        "!=": lambda moment: moment != wanted,
        ">": lambda moment: moment > wanted,
        ">=": lambda moment: moment >= wanted,
    }
    if operator not in tests:
        raise BadQuery(operator)
    test = tests[operator]
    name = "modified" if term == "modifiedTime" else "created"
    return lambda file: test(datetime.fromisoformat(getattr(file, name)))


def _text(term: str, operator: str, value: str) -> Test:
    wanted = value.lower()
    asked = {*_words(wanted.strip('"'))}
    tests: dict[tuple[str, str], Test] = {
        ("name", "contains"): lambda file: any(
            word.startswith(wanted) for word in _words(file.name)
        ),
        ("fullText", "contains"): lambda file: asked <= {*_words(f"{file.name} {file.text}")},
        ("name", "="): lambda file: file.name == value,
        ("mimeType", "contains"): lambda file: file.mime_type.startswith(value),
        ("mimeType", "="): lambda file: file.mime_type == value,
        ("mimeType", "!="): lambda file: file.mime_type != value,
    }
    if (term, operator) not in tests:
        raise BadQuery(term)
    return tests[term, operator]


def _words(text: str) -> list[str]:
    return [word.strip("'") for word in _WORD.findall(text.lower())]
