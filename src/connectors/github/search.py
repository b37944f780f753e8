"""Queries of GitHub's search language. What a caller types is data in it, never syntax."""

from __future__ import annotations

import re

from src.connectors.rest.values import whole_seconds
from src.core.errors import ValidationFailed
from src.models.query import ItemQuery

_SYNTAX = re.compile(r'["\\\x00-\x1f\x7f]+')
_LONGEST = 256  # qualifiers do not count: "Limitations on query length"
_KINDS = {"issue": "is:issue", "pull_request": "is:pr"}


def phrases(q: str) -> str:
    """Every word of ``q`` as a quoted phrase: inside quotes ``repo:`` or ``OR`` mean nothing.

    Raises:
        ValidationFailed: Nothing is left to search for, or more than GitHub takes.
    """
    words = [word for word in _SYNTAX.sub(" ", q).split() if any(c.isalnum() for c in word)]
    if not words:
        raise ValidationFailed([("q", "needs at least one letter or digit")])
    text = " ".join(f'"{word}"' for word in words)
    if len(text) > _LONGEST:
        raise ValidationFailed([("q", f"is too long: GitHub searches {_LONGEST} characters")])
    return text


def issues(query: ItemQuery, full_name: str) -> str:
    """A search among the issues and pull requests of one repository."""
    parts = [phrases(query.q or ""), f"repo:{full_name}"]
    if query.type:
        parts.append(_KINDS[query.type])
    if query.state:
        parts.append(f"state:{query.state}")
    if query.updated_since:
        parts.append(f"updated:>={whole_seconds(query.updated_since)}")
    return " ".join(parts)


def repositories(q: str, owner: str) -> str:
    """A search among the names of one owner's repositories, forks included."""
    return f"{phrases(q)} in:name {owner} fork:true"
