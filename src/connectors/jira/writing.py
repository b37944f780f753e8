"""From the arguments of tools to what Jira takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.connectors.jira.ids import issue_of, project_of
from src.core.errors import ValidationFailed

if TYPE_CHECKING:
    from src.connectors.jira.installation import Installation
    from src.connectors.jira.tools import CreateIssue, IssueValues, TransitionIssue, UpdateIssue


def new_issue(at: Installation, arguments: CreateIssue) -> dict[str, Any]:
    """The fields of an issue that is made."""
    fields = {
        **_values(at, arguments),
        "project": _reference(project_of(arguments.project, "project")),
        "summary": arguments.summary,
        "issuetype": _named(arguments.issue_type),
    }
    if arguments.parent is not None:
        fields["parent"] = _reference(issue_of(arguments.parent, "parent"))
    if arguments.assignee is not None:
        fields["assignee"] = at.user(arguments.assignee)
    return fields


def changed_issue(at: Installation, arguments: UpdateIssue) -> dict[str, Any]:
    """What is changed of an issue.

    Raises:
        ValidationFailed: Nothing.
    """
    fields = _values(at, arguments)
    if arguments.summary is not None:
        fields["summary"] = arguments.summary
    labels = [
        *({"add": label} for label in arguments.add_labels or ()),
        *({"remove": label} for label in arguments.remove_labels or ()),
    ]
    if labels and "labels" in fields:
        raise ValidationFailed([("arguments.labels", "replaces all: add or remove beside it")])
    change: dict[str, Any] = {}
    if fields:
        change["fields"] = fields
    if labels:
        change["update"] = {"labels": labels}
    if not change:
        raise ValidationFailed([("arguments", "change nothing")])
    return change


def moved_issue(at: Installation, transition: str, arguments: TransitionIssue) -> dict[str, Any]:
    """What goes along with a transition."""
    change: dict[str, Any] = {"transition": {"id": transition}}
    if arguments.resolution is not None:
        change["fields"] = {"resolution": {"name": arguments.resolution}}
    if arguments.comment is not None:
        body = at.document(arguments.comment)
        change["update"] = {"comment": [{"add": {"body": body}}]}
    return change


def _values(at: Installation, arguments: IssueValues) -> dict[str, Any]:
    """What has a field of its own wins over ``fields``."""
    fields = dict(arguments.fields or {})
    if arguments.description is not None:
        fields["description"] = at.document(arguments.description)
    if arguments.labels is not None:
        fields["labels"] = arguments.labels
    if arguments.priority is not None:
        fields["priority"] = {"name": arguments.priority}
    if arguments.due_date is not None:
        fields["duedate"] = arguments.due_date
    return fields


def _reference(thing: str) -> dict[str, str]:
    return {"id" if thing.isdecimal() else "key": thing}


def _named(thing: str) -> dict[str, str]:
    return {"id" if thing.isdecimal() else "name": thing}
