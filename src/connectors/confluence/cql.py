"""Queries of Confluence's search language. What a caller types is data in it, never syntax."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from src.core.errors import ValidationFailed

_LONGEST = 300
_SIGNS = re.compile(r"[^\w]+|_+")
_ORDER = {"updatedAt": "asc", "-updatedAt": "desc"}


def quoted(text: str) -> str:
    """A text as CQL takes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def words(q: str) -> str:
    """The words of ``q``, in small letters: inside a search text ``*`` and ``OR`` have a meaning.

    Raises:
        ValidationFailed: Nothing is left to search for, or more than anybody types.
    """
    found = _SIGNS.sub(" ", q).strip().lower()
    if not found:
        raise ValidationFailed([("q", "needs at least one letter or digit")])
    if len(found) > _LONGEST:
        raise ValidationFailed([("q", f"is too long: {_LONGEST} characters are searched")])
    return quoted(found)


def content(
    *,
    q: str,
    types: tuple[str, ...],
    space: str | None = None,
    parent: str | None = None,
    ancestor: str | None = None,
    since: datetime | None = None,
    sort: str | None = None,
    title_only: bool = False,
) -> str:
    """A search among what is written.

    Args:
        q: What the caller types.
        types: Which kinds.
        space: The key of the only space to look into.
        parent: The number of what they must lie below at once.
        ancestor: The number of what they must lie below.
        since: Changed since; a day early, as CQL counts in the caller's time zone.
        sort: By the time of change, as a browse route names it.
        title_only: Whether bodies are not looked at.
    """
    text = words(q)
    parts = [f"type in ({', '.join(types)})"]
    if space is not None:
        parts.append(f"space = {quoted(space)}")
    if parent is not None:
        parts.append(f"parent = {parent}")
    if ancestor is not None:
        parts.append(f"ancestor = {ancestor}")
    parts.append(f"title ~ {text}" if title_only else f"(title ~ {text} or text ~ {text})")
    if since is not None:
        day = since.astimezone(UTC) - timedelta(days=1)
        parts.append(f'lastmodified >= "{day:%Y-%m-%d}"')
    order = _ORDER.get(sort or "")
    return " and ".join(parts) + (f" order by lastmodified {order}" if order else "")


def spaces(q: str) -> str:
    """A search among the names of spaces."""
    return f"type = space and title ~ {words(q)}"
