"""Drive's query language. What a caller types is data in it, never syntax.

Source: developers.google.com/workspace/drive/api/guides/search-files and …/ref-search-terms.
"""

from __future__ import annotations

import re
from datetime import datetime

from src.connectors.google.drive.ids import Ref
from src.connectors.google.drive.kinds import FOLDER, GOOGLE, TYPES
from src.connectors.rest.values import whole_seconds
from src.core.errors import ValidationFailed

_UNFIT = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')
_MOST_WORDS = 20
IN_USE = "trashed = false"
FOLDERS = f"mimeType = '{FOLDER}'"
_OF_OTHERS = f"(not mimeType contains '{GOOGLE}')"
"""Files that are not Google's own."""


def quoted(text: str) -> str:
    """A text as a value of the language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def all_of(*clauses: str | None) -> str:
    """Each of these; what is None asks for nothing."""
    return " and ".join(clause for clause in clauses if clause)


def within(container: Ref | None) -> str:
    """Directly in a folder or shared drive, or shared with the account."""
    return "sharedWithMe = true" if container is None else f"{quoted(container.id)} in parents"


def words(term: str, q: str, field: str = "q") -> str:
    """Every word of ``q``, each as a value of its own.

    Args:
        term: ``name`` (the beginnings of its words) or ``fullText``.
        q: What a person types.
        field: What a refusal is about.

    Raises:
        ValidationFailed: Nothing is left to search for, or too much.
    """
    # A quotation mark would begin a phrase, a hyphen before a word an exclusion.
    found = [word.strip("-'") for word in _UNFIT.sub(" ", q).split()]
    found = [word for word in found if any(char.isalnum() for char in word)]
    if not found:
        raise ValidationFailed([(field, "needs at least one letter or digit")])
    if len(found) > _MOST_WORDS:
        raise ValidationFailed([(field, f"is too long: at most {_MOST_WORDS} words")])
    return all_of(*(f"{term} contains {quoted(word)}" for word in found))


def since(moment: datetime | None) -> str | None:
    """Changed at this moment or later."""
    return None if moment is None else f"modifiedTime >= {quoted(whole_seconds(moment))}"


def of_type(mime_type: str | None) -> str | None:
    """Of one media type."""
    return None if mime_type is None else f"mimeType = {quoted(mime_type)}"


def of_kind(name: str | None) -> str | None:
    """Of one type of items."""
    return _OF_OTHERS if name == "file" else of_type(TYPES[name] if name else None)
