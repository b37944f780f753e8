"""The text search inside a query, which has a small language of its own."""

import re

from src.sandbox.jira.jql.terms import JqlError

_WORD = re.compile(r"\w+")
_RESERVED = set("+-&|!(){}[]^?\\:~")


def matches(wanted: str, text: str) -> bool:
    """Tell whether a text has what is wanted: all words of one alternative."""
    if _RESERVED & set(wanted) or wanted.lstrip()[:1] == "*":
        raise JqlError(f"The text query '{wanted}' is not allowed to hold special characters.")
    held = {word.lower() for word in _WORD.findall(text)}
    return any(_has_all(part.split(), held) for part in re.split(r"\sOR\s", wanted))


def _has_all(words: list[str], held: set[str]) -> bool:
    wanted = [word.lower() for word in words if word not in {"AND", "NOT"}]
    return bool(wanted) and all(_has(word, held) for word in wanted)


def _has(word: str, held: set[str]) -> bool:
    if word.endswith("*"):
        return any(one.startswith(word[:-1]) for one in held)
    return word in held
