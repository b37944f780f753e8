"""Gmail's search language. What a caller of the browse routes types is data in it, never syntax."""

from __future__ import annotations

import re
from datetime import datetime
from math import floor

from src.core.errors import ValidationFailed

_SYNTAX = re.compile(r"[^\w@.+'-]+")
"""Whatever could be an operator or end a phrase; Gmail's index knows no such signs anyway."""

_LONGEST = 500


def phrases(q: str) -> str:
    """The words of ``q``, each piece without spaces as a quoted phrase: ``from:`` means nothing.

    Raises:
        ValidationFailed: Nothing is left to search for, or it is too long.
    """
    pieces = (" ".join(_SYNTAX.sub(" ", piece).split()) for piece in q.split())
    kept = [piece for piece in pieces if any(sign.isalnum() for sign in piece)]
    if not kept:
        raise ValidationFailed([("q", "needs at least one letter or digit")])
    text = " ".join(f'"{piece}"' for piece in kept)
    if len(text) > _LONGEST:
        raise ValidationFailed([("q", f"is too long: {_LONGEST} characters are searched")])
    return text


def query(q: str | None, since: datetime | None) -> str | None:
    """Words and a moment as a search; the second before the moment is asked for, too.

    Gmail does not say whether ``after:`` takes in its own second. What comes too early is left out
    by those who read the threads.
    """
    parts = [phrases(q)] if q is not None else []
    if since is not None:
        parts.append(f"after:{max(floor(since.timestamp()) - 1, 0)}")
    return " ".join(parts) or None
