"""Our ids of Jira's things: its own numbers, which survive a rename and a move.

Where a caller has a key at hand (``EX``, ``EX-12``) it is taken, too.
"""

from __future__ import annotations

import re

from src.core.errors import ValidationFailed

PROJECT = re.compile(r"[0-9]{1,19}|[A-Za-z][A-Za-z0-9_]{0,254}")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}-[0-9]{1,19}")
ISSUE = re.compile(rf"[0-9]{{1,19}}|{KEY.pattern}")
NUMBER = re.compile(r"[0-9]{1,19}")
_COMMENT = re.compile(rf"({NUMBER.pattern}):({NUMBER.pattern})")
_COMMENT_ADDRESS = re.compile(rf"/issue/({NUMBER.pattern})/comment/")


def project_of(text: str, field: str) -> str:
    """A project's number or key.

    Raises:
        ValidationFailed: It is neither.
    """
    if PROJECT.fullmatch(text) is None:
        raise ValidationFailed([(field, "must be the id or key of a project")])
    return text


def issue_of(text: str, field: str) -> str:
    """An issue's number or key.

    Raises:
        ValidationFailed: It is neither.
    """
    if ISSUE.fullmatch(text) is None:
        raise ValidationFailed([(field, "must be the id or key of an issue")])
    return text


def comment_id(issue: str, number: str) -> str:
    """The id of a comment, whose number means something in its issue only."""
    return f"{issue}:{number}"


def comment_of(text: str, field: str) -> tuple[str, str]:
    """The numbers of an issue and of a comment in it.

    Raises:
        ValidationFailed: It is no comment's id.
    """
    found = _COMMENT.fullmatch(text)
    if found is None:
        raise ValidationFailed([(field, "must be the id of a comment")])
    return found[1], found[2]


def commented_issue(address: str | None) -> str | None:
    """The number of the issue that a comment's address is below, if Jira tells it."""
    found = _COMMENT_ADDRESS.search(address or "")
    return found[1] if found else None
