"""Cuts a query into words, phrases and qualifiers."""

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

_TERM = re.compile(
    r'(?P<negated>-)?(?:(?P<name>[A-Za-z][A-Za-z-]*):)?(?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bare>[^\s"]+))'
)
_ESCAPED = re.compile(r'\\(["\\])')


class Term(msgspec.Struct, frozen=True):
    """A word or phrase, or a qualifier when it has a name."""

    name: str
    value: str
    negated: bool = False


class Clause(msgspec.Struct, frozen=True):
    """Terms that must all hold."""

    terms: tuple[Term, ...]

    @property
    def words(self) -> list[Term]:
        """Return what is searched for in the text."""
        return [term for term in self.terms if not term.name]

    def qualifiers(self, *names: str) -> list[Term]:
        """Return the qualifiers with one of the names."""
        return [term for term in self.terms if term.name in names]


def parse(query: str, known: "Collection[str]") -> list[Clause]:
    """Return the alternatives of a query.

    A stray quote is skipped, an unknown qualifier is a word, and a bare `OR` begins an alternative
    with a scope of its own: text that is not escaped can leave the scope, as it can at GitHub.
    """
    clauses: list[list[Term]] = [[]]
    negate_next = False
    for match in _TERM.finditer(query):
        text = match.group()
        if text == "OR":
            clauses.append([])
        elif text == "NOT":
            negate_next = True
        elif text != "AND":
            clauses[-1].append(_term(match, known, negated=negate_next))
            negate_next = False
    return [Clause(tuple(terms)) for terms in clauses if terms]


def _term(match: re.Match[str], known: "Collection[str]", *, negated: bool) -> Term:
    sign, name, quoted, bare = match.group("negated", "name", "quoted", "bare")
    value = bare if quoted is None else _ESCAPED.sub(r"\1", quoted)
    negated = negated or bool(sign)
    if name and name.lower() not in known:
        return Term("", f"{name}:{value}".lower(), negated)
    return Term((name or "").lower(), value.lower(), negated)
