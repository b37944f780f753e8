"""From a statement to its words."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from src.sandbox.supabase.errors import DatabaseError

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")+")|(?P<param>\$\d{1,4})"""
    r"""|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<sign><>|!=|<=|>=|::|[=<>(),.;*]))"""
)


class Token(msgspec.Struct, frozen=True):
    """One word: its kind, what it means, and how it was written."""

    kind: str
    value: Any
    text: str


def read(statement: str) -> list[Token]:
    """Return the words of a statement.

    Raises:
        DatabaseError: Something in it is none.
    """
    tokens: list[Token] = []
    position, text = 0, statement.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise syntax_error(text[position:].lstrip()[:1])
        tokens.append(_token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


_MEANINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "string": ("value", lambda text: text[1:-1].replace("''", "'")),
    "name": ("name", lambda text: text[1:-1].replace('""', '"')),
    "number": ("value", lambda text: float(text) if "." in text else int(text)),
    "param": ("param", lambda text: int(text[1:])),
    "word": ("word", str.lower),
    "sign": ("sign", str),
}


def _token(kind: str, text: str) -> Token:
    named, meaning = _MEANINGS[kind]
    return Token(named, meaning(text), text)


def syntax_error(near: str) -> DatabaseError:
    """Say that the statement cannot be understood from here on."""
    if not near:
        return DatabaseError("42601", "syntax error at end of input")
    return DatabaseError("42601", f'syntax error at or near "{near}"')
