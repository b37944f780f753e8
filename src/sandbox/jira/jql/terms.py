"""From the text of a query to a tree of terms."""

import re

import msgspec

_TOKEN = re.compile(
    r'\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|(!=|!~|>=|<=|[=~<>(),])|([^\s()=!~<>,"\']+))'
)
_ESCAPED = re.compile(r"\\(.)")
_OPERATORS = {"=", "!=", "~", "!~", ">", ">=", "<", "<="}
_MOST_ORDERS = 7


class JqlError(ValueError):
    """A query that Jira refuses, in its words."""


class Token(msgspec.Struct, frozen=True):
    """A word, a quoted text, or a sign."""

    text: str
    kind: str

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of these keywords, which quotes would make a text."""
        return self.kind == "word" and self.text.upper() in words


class Clause(msgspec.Struct, frozen=True):
    """A field, an operator and its values."""

    field: str
    operator: str
    values: tuple[Token, ...]


class Not(msgspec.Struct, frozen=True):
    """The opposite."""

    term: "Term"


class All(msgspec.Struct, frozen=True):
    """All of these."""

    terms: "tuple[Term, ...]"


class Any(msgspec.Struct, frozen=True):
    """Any of these."""

    terms: "tuple[Term, ...]"


Term = Clause | Not | All | Any


class Query(msgspec.Struct, frozen=True):
    """What is asked for, and in which order: a field, and whether it falls."""

    where: Term | None
    order: tuple[tuple[str, bool], ...]


def parse(text: str) -> Query:
    """Read a query."""
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[Token]:
    tokens = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise JqlError(f"Error in the JQL Query: unexpected character at {position}.")
        double, single, sign, word = found.groups()
        quoted = double if double is not None else single
        if quoted is not None:
            tokens.append(Token(_ESCAPED.sub(r"\1", quoted), "text"))
        else:
            tokens.append(Token(sign, "sign") if sign else Token(word, "word"))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def query(self) -> Query:
        where = None if self._sees("ORDER") or not self._tokens else self._any()
        order = self._order() if self._sees("ORDER") else ()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return Query(where, order)

    def _any(self) -> Term:
        terms = [self._all()]
        while self._takes("OR"):
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else Any(tuple(terms))

    def _all(self) -> Term:
        terms = [self._one()]
        while self._takes("AND"):
            terms.append(self._one())
        return terms[0] if len(terms) == 1 else All(tuple(terms))

    def _one(self) -> Term:
        if self._takes("NOT"):
            return Not(self._one())
        if self._takes_sign("("):
            inner = self._any()
            self._needs_sign(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._next()
        if field.kind == "sign":
            raise self._unexpected()
        operator = self._next()
        if operator.kind == "sign" and operator.text in _OPERATORS:
            return Clause(field.text.lower(), operator.text, (self._value(),))
        if operator.is_word("IN"):
            return Clause(field.text.lower(), "in", self._values())
        if operator.is_word("NOT"):
            if not self._takes("IN"):
                raise self._unexpected()
            return Clause(field.text.lower(), "not in", self._values())
        if operator.is_word("IS"):
            negated = self._takes("NOT")
            value = self._next()
            if not value.is_word("EMPTY", "NULL"):
                raise self._unexpected()
            return Clause(field.text.lower(), "is not" if negated else "is", (value,))
        raise self._unexpected()

    def _values(self) -> tuple[Token, ...]:
        if not self._takes_sign("("):
            return (self._value(),)
        values = [self._value()]
        while self._takes_sign(","):
            values.append(self._value())
        self._needs_sign(")")
        return tuple(values)

    def _value(self) -> Token:
        token = self._next()
        if token.kind == "sign":
            raise self._unexpected()
        if token.kind == "word" and self._takes_sign("("):
            self._needs_sign(")")
            return Token(token.text.lower(), "function")
        return token

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._next()
        if not self._takes("BY"):
            raise self._unexpected()
        fields = [self._ordered()]
        while self._takes_sign(","):
            fields.append(self._ordered())
        if len(fields) > _MOST_ORDERS:
            raise JqlError(f"The query has more than {_MOST_ORDERS} fields in its ORDER BY.")
        return tuple(fields)

    def _ordered(self) -> tuple[str, bool]:
        field = self._next().text.lower()
        if self._takes("DESC"):
            return field, True
        self._takes("ASC")
        return field, False

    def _next(self) -> Token:
        if self._at == len(self._tokens):
            raise JqlError("Error in the JQL Query: it ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _sees(self, *words: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].is_word(*words)

    def _takes(self, *words: str) -> bool:
        seen = self._sees(*words)
        self._at += seen
        return seen

    def _takes_sign(self, sign: str) -> bool:
        seen = self._at < len(self._tokens) and self._tokens[self._at] == Token(sign, "sign")
        self._at += seen
        return seen

    def _needs_sign(self, sign: str) -> None:
        if not self._takes_sign(sign):
            raise self._unexpected()

    def _unexpected(self) -> JqlError:
        near = self._tokens[min(self._at, len(self._tokens)) - 1].text if self._tokens else ""
        return JqlError(f"Error in the JQL Query: Expecting something else near '{near}'.")
