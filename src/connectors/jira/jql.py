"""Queries in Jira's query language. What a caller types is data in it, never syntax.

Every query names its project first, so that nothing in it can leave the project, and so that it is
bounded, which Jira asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from src.connectors.jira.ids import issue_of, project_of
from src.core.errors import ValidationFailed
from src.models.query import ItemQuery, Sort

ROOT = "root"
"""As ``parentId``: issues that stand below no other."""

Moment = Literal["created", "updated"]
"""The times of an issue that it can be asked for and sorted by."""

_WORD = re.compile(r"\w+")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST = 256
_STATES = {"open": "statusCategory != Done", "closed": "statusCategory = Done"}
_ORDERS = {
    None: "created DESC",
    Sort.UPDATED_ASCENDING: "updated ASC",
    Sort.UPDATED_DESCENDING: "updated DESC",
}


def of_project(query: ItemQuery, *, root: str) -> str:
    """The issues that a caller asks for; ``root`` is how those without a parent are asked for."""
    clauses = [f"project = {_project(query.container_id)}"]
    if query.parent_id is not None:
        is_root = query.parent_id == ROOT
        clauses.append(root if is_root else f"parent = {_issue(query.parent_id)}")
    clauses += _filters(query)
    return f"{' AND '.join(clauses)} ORDER BY {_ORDERS[query.sort]}"


def inside(project: str) -> str:
    """The issues of a project, as a condition."""
    return f"project = {_project(project)}"


def ascending(conditions: Sequence[str], by: Moment, since: int | None) -> str:
    """The issues from a time on, the oldest first; without one, at least one condition is needed.

    Args:
        conditions: What they meet besides.
        by: Which of their times.
        since: In milliseconds.
    """
    begin = [] if since is None else [f"{by} >= {since}"]
    return f"{' AND '.join([*conditions, *begin])} ORDER BY {by} ASC, key ASC"


def _filters(query: ItemQuery) -> list[str]:
    clauses = []
    if query.type is not None:
        clauses.append(f"issuetype = {quoted(query.type, 'type')}")
    if query.state is not None:
        clauses.append(_STATES[query.state])
    if query.status is not None:
        clauses.append(f"status = {quoted(query.status, 'status')}")
    if query.updated_since is not None:
        clauses.append(f"updated >= {milliseconds(query.updated_since)}")
    if query.q is not None:
        clauses.append(matching(query.q))
    return clauses


def picking(project: str | None, q: str | None) -> str:
    """The issues of a project, or of all, for a picker; those touched last come first."""
    clauses = []
    if project is not None:
        clauses.append(f"project = {_project(project, 'parentId')}")
    if q is not None:
        clauses.append(matching(q))
    # Jira takes no query without a condition.
    return f"{' AND '.join(clauses) or 'project IS NOT EMPTY'} ORDER BY updated DESC"


def matching(q: str) -> str:
    """Issues with all these words; the last may be the beginning of one in the summary.

    Raises:
        ValidationFailed: Nothing is left to search for, or too much.
    """
    # Lower case: AND, OR and NOT are operators of the text search in capitals only.
    words = " ".join(_WORD.findall(q)).lower()
    if not any(letter.isalnum() for letter in words):
        raise ValidationFailed([("q", "needs at least one letter or digit")])
    if len(words) > _LONGEST:
        raise ValidationFailed([("q", f"is too long: at most {_LONGEST} characters")])
    return f'(summary ~ "{words}*" OR text ~ "{words}")'


def quoted(value: str, field: str) -> str:
    """A value that may hold anything.

    Raises:
        ValidationFailed: It holds what no name in Jira does.
    """
    if _UNFIT.search(value):
        raise ValidationFailed([(field, "must not hold control characters")])
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def milliseconds(moment: datetime) -> int:
    """A time as Jira reads it whatever the user's time zone is, rounded down."""
    return int(moment.timestamp() * 1000)


def _project(text: str, field: str = "containerId") -> str:
    project = project_of(text, field)
    # A number is an id; in quotes it could be a key or a name as well.
    return project if project.isdecimal() else quoted(project, field)


def _issue(text: str) -> str:
    issue = issue_of(text, "parentId")
    return issue if issue.isdecimal() else quoted(issue, "parentId")
