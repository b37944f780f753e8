"""Issues as Jira shows them: the fields that were asked for, null where nothing is set."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from src.sandbox.jira.jql.finding import CATEGORIES, TYPES
from src.sandbox.jira.seed import bodies
from src.sandbox.jira.views.people import user

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Issue

NAMES = {
    "summary": "Summary",
    "status": "Status",
    "customfield_10016": "Story Points",
    "customfield_10020": "Sprint",
    "customfield_10030": "Region",
    "customfield_10031": "Colours",
    "customfield_10032": "Responsible",
    "customfield_10033": "Never set",
    "customfield_10034": "Twice",
    "customfield_10035": "Twice",
    "customfield_10036": "Priority",
    "customfield_10037": "Acceptance",
}
_CATEGORY_IDS = {"new": 2, "indeterminate": 4, "done": 3}
_PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
_ISSUE_IDS = {name: str(10_000 + number) for number, name in enumerate(TYPES)}


def issue(call: "Call", one: "Issue", fields: Collection[str]) -> dict[str, Any]:
    """Show an issue with these fields; `*all` is all of them."""
    project = call.world_project(one.project)
    shown: dict[str, Any] = {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": str(one.id),
        "self": f"{call.api}/issue/{one.id}",
        "key": f"{project.key}-{one.number}",
    }
    wanted = [*_FIELDS, *one.custom] if _wants_all(fields) else fields
    values = {name: _value(call, one, name) for name in wanted if _is_known(one, name)}
    return {**shown, "fields": values} if values else shown


def _wants_all(fields: Collection[str]) -> bool:
    return "*all" in fields or "*navigable" in fields


def _is_known(one: "Issue", name: str) -> bool:
    return name in _FIELDS or name in one.custom


def _value(call: "Call", one: "Issue", name: str) -> Any:
    return _FIELDS[name](call, one) if name in _FIELDS else one.custom[name]


def _status(call: "Call", one: "Issue") -> dict[str, Any]:
    return status(call, one.status)


def status(call: "Call", name: str) -> dict[str, Any]:
    """Show a status with its category."""
    category = CATEGORIES[name]
    number = _CATEGORY_IDS[category]
    return {
        "self": f"{call.api}/status/{10_000 + number}",
        "description": "",
        "name": name,
        "id": str(10_000 + number),
        "statusCategory": {
            "self": f"{call.api}/statuscategory/{number}",
            "id": number,
            "key": category,
            "colorName": "blue-gray",
            "name": name,
        },
    }


def _type(call: "Call", one: "Issue") -> dict[str, Any]:
    level = TYPES[one.type.lower()]
    shown = {
        "self": f"{call.api}/issuetype/{_ISSUE_IDS[one.type.lower()]}",
        "id": _ISSUE_IDS[one.type.lower()],
        "name": one.type,
        "subtask": level < 0,
    }
    # A data center knows no levels.
    return shown if call.is_server else {**shown, "hierarchyLevel": level}


def _project(call: "Call", one: "Issue") -> dict[str, Any]:
    project = call.world_project(one.project)
    return {
        "self": f"{call.api}/project/{project.id}",
        "id": str(project.id),
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.kind,
    }


def _link(call: "Call", one: "Issue") -> dict[str, Any]:
    project = call.world_project(one.project)
    return {
        "id": str(one.id),
        "key": f"{project.key}-{one.number}",
        "self": f"{call.api}/issue/{one.id}",
        "fields": {
            "summary": one.summary,
            "status": _status(call, one),
            "issuetype": _type(call, one),
        },
    }


def _parent(call: "Call", one: "Issue") -> dict[str, Any] | None:
    parent = call.present.get(one.parent) if one.parent is not None else None
    return _link(call, parent) if parent else None


def _subtasks(call: "Call", one: "Issue") -> list[dict[str, Any]]:
    children = [call.world.issues[number] for number in call.world.children.get(one.id, ())]
    return [_link(call, child) for child in children if TYPES[child.type.lower()] < 0]


def _body(call: "Call", one: "Issue") -> Any:
    return bodies.markup(one.body) if call.is_server else bodies.adf(one.body)


def _comments(call: "Call", one: "Issue") -> dict[str, Any]:
    # The first hundred stand in a whole issue; the test data has them in the list of comments.
    return {
        "comments": [],
        "self": f"{call.api}/issue/{one.id}/comment",
        "maxResults": one.comments,
        "total": one.comments,
        "startAt": 0,
    }


def _files(call: "Call", one: "Issue") -> list[dict[str, Any]]:
    return [
        {
            "self": f"{call.api}/attachment/{one.id}{number}",
            "id": f"{one.id}{number}",
            "filename": f"file {number} ü.txt",
            "author": user(call, one.reporter),
            "created": call.time(one.created),
            "size": 1_000 + number,
            "mimeType": "text/plain",
            "content": f"{call.api}/attachment/content/{one.id}{number}",
        }
        for number in range(1, one.files + 1)
    ]


def _named(name: str | None, number: str = "1") -> dict[str, Any] | None:
    return None if name is None else {"id": number, "name": name}


_FIELDS: "dict[str, Callable[[Call, Issue], Any]]" = {
    "summary": lambda _, one: one.summary,
    "status": _status,
    "issuetype": _type,
    "priority": lambda _, one: _named(one.priority, _PRIORITIES.get(one.priority or "", "3")),
    "resolution": lambda _, one: _named("Done" if one.resolved else None, "10000"),
    "project": _project,
    "parent": _parent,
    "subtasks": _subtasks,
    "assignee": lambda call, one: user(call, one.assignee),
    "reporter": lambda call, one: user(call, one.reporter),
    "creator": lambda call, one: user(call, one.reporter),
    "labels": lambda _, one: [*one.labels],
    "components": lambda _, one: [{"id": "1", "name": name} for name in one.components],
    "fixVersions": lambda _, one: [{"id": "1", "name": name} for name in one.versions],
    "duedate": lambda _, one: one.due,
    "resolutiondate": lambda call, one: call.time(one.resolved),
    "created": lambda call, one: call.time(one.created),
    "updated": lambda call, one: call.time(one.updated),
    "description": _body,
    "environment": lambda *_: None,
    "attachment": _files,
    "comment": _comments,
    "votes": lambda *_: {"votes": 0, "hasVoted": False},
}
