"""Issues made and changed, as Jira checks what it is sent."""

import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from src.sandbox.atlassian.errors import limited
from src.sandbox.jira import errors
from src.sandbox.jira.hooks import Happening
from src.sandbox.jira.jql.finding import CATEGORIES, TYPES, find_issue
from src.sandbox.jira.records import Comment, Issue
from src.sandbox.jira.routes.issues import said_of
from src.sandbox.jira.seed.people import find_person
from src.sandbox.jira.views.comments import comment
from src.sandbox.jira.views.issues import issue, status
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call

Sent = dict[str, Any]

_TRANSITIONS = {
    "11": ("Open again", "To Do"),
    "21": ("Start", "In Progress"),
    "31": ("Finish", "Done"),
}
_NO_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
_PRIORITIES = {"Highest", "High", "Medium", "Low", "Lowest"}
_TOLD = ("summary", "status", "issuetype", "project")
_LONGEST = 32_767
_LONGEST_SUMMARY = 255


async def create_issue(call: "Call") -> Response:
    """Make an issue."""
    sent = (await call.body()).get("fields")
    fields = sent if isinstance(sent, dict) else {}
    wrong = _wrong_of_new(call, fields) | await _wrong(call, fields)
    if wrong:
        raise errors.refused(400, **wrong)
    reference = fields["project"]
    project = call.project(str(reference.get("id") or reference.get("key")))
    number, own = await call.state.new_numbers(call.world, project.id)
    now = int(time.time())
    blank = Issue(
        id=number,
        project=project.id,
        number=own,
        type=_type_name(fields["issuetype"]),
        summary="",
        status="To Do",
        created=now,
        updated=now,
        reporter=call.caller.user.login,
    )
    made = await _changed(call, blank, fields)
    await call.state.write(call.world, made)
    _tell(call, "jira:issue_created", made)
    key = f"{project.key}-{own}"
    body = {"id": str(number), "key": key, "self": f"{call.api}/issue/{number}"}
    return json_answer(body, 201)


def _wrong_of_new(call: "Call", fields: Sent) -> dict[str, str]:
    wrong = {}
    if not fields.get("summary"):
        wrong["summary"] = "You must specify a summary of the issue."
    reference = fields.get("project")
    named = isinstance(reference, dict) and (reference.get("id") or reference.get("key"))
    visible = {name for one in call.projects().values() for name in (str(one.id), one.key)}
    if not named or str(named) not in visible:
        wrong["project"] = "valid project is required"
    if not _type_name(fields.get("issuetype")):
        wrong["issuetype"] = "Specify a valid issue type"
    return wrong


def _type_name(reference: object) -> str:
    if not isinstance(reference, dict):
        return ""
    names = {name: name.capitalize() for name in TYPES}
    by_id = {str(10_000 + number): name.capitalize() for number, name in enumerate(TYPES)}
    return names.get(str(reference.get("name", "")).lower()) or by_id.get(
        str(reference.get("id", "")), ""
    )


async def _wrong(call: "Call", fields: Sent) -> dict[str, str]:
    """Return what is wrong with the values of any issue."""
    wrong = {}
    summary = fields.get("summary")
    if isinstance(summary, str) and (len(summary) > _LONGEST_SUMMARY or "\n" in summary):
        wrong["summary"] = "The summary is invalid because it is too long or has new lines."
    if fields.get("description") is not None:
        wrong |= _wrong_body(call, fields["description"], "description")
    priority = fields.get("priority")
    if isinstance(priority, dict) and priority.get("name") not in _PRIORITIES:
        wrong["priority"] = "Priority name is not valid"
    labels = fields.get("labels") or []
    if any(" " in label for label in labels if isinstance(label, str)):
        wrong["labels"] = "The label can't contain spaces."
    if fields.get("assignee") is not None and _login(call, fields["assignee"]) == "":
        wrong["assignee"] = "The user cannot be assigned issues."
    if fields.get("parent") is not None and await _parent(call, fields["parent"]) is None:
        wrong["parent"] = "Could not find issue by id or key."
    unknown = [name for name in fields if name.startswith("customfield_9")]
    for name in unknown:
        wrong[name] = (
            f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        )
    return wrong


def _wrong_body(call: "Call", body: object, field: str) -> dict[str, str]:
    if call.is_server:
        return {} if isinstance(body, str) else {field: "Operation value must be a string"}
    if len(str(body)) > _LONGEST * 4:
        return {field: "CONTENT_LIMIT_EXCEEDED"}
    return {} if is_document(body) else {field: _NO_DOCUMENT}


def is_document(body: object) -> bool:
    """Tell whether this is a document that Jira would keep."""
    if not isinstance(body, dict) or body.get("type") != "doc" or body.get("version") != 1:
        return False
    content = body.get("content")
    return isinstance(content, list) and all(map(_is_node, content))


def _is_node(node: object) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    if node["type"] == "text":
        return bool(node.get("text"))
    return all(map(_is_node, node.get("content", [])))


async def _parent(call: "Call", reference: object) -> Issue | None:
    if not isinstance(reference, dict):
        return None
    return find_issue(str(reference.get("id") or reference.get("key")), await call.context())


def _login(call: "Call", reference: object) -> str | None:
    """Return whom a field names: None is nobody, an empty text somebody who cannot be."""
    if not isinstance(reference, dict):
        return ""
    named = reference.get("name" if call.is_server else "accountId", "")
    if named is None or named == "-1":
        return None
    person = find_person(str(named)) if named else None
    return person.login if person is not None and person.active else ""


async def _changed(call: "Call", one: Issue, fields: Sent) -> Issue:
    changes: Sent = {}
    if "summary" in fields:
        changes["summary"] = fields["summary"]
    if "description" in fields:
        changes["body"] = fields["description"]
    if "labels" in fields:
        changes["labels"] = tuple(fields["labels"])
    if "priority" in fields:
        changes["priority"] = (fields["priority"] or {}).get("name")
    if "duedate" in fields:
        changes["due"] = fields["duedate"]
    if "assignee" in fields:
        changes["assignee"] = _login(call, fields["assignee"] or {"accountId": None, "name": None})
    if "parent" in fields:
        parent = await _parent(call, fields["parent"])
        changes["parent"] = parent.id if parent else None
    custom = {name: value for name, value in fields.items() if name.startswith("customfield_")}
    return msgspec.structs.replace(one, **changes, custom={**one.custom, **custom})


async def _writable(call: "Call") -> Issue:
    """Find the issue of the path, unless it is changed too often."""
    one = await call.issue()
    if not call.is_server and not await call.state.spend_write(call.world, one):
        raise Refused(limited("jira", "per-issue-on-write", {"retry-after": "2"}))
    return one


async def edit_issue(call: "Call") -> Response:
    """Change fields of an issue."""
    one = await _writable(call)
    sent = await call.body()
    fields = sent.get("fields") or {}
    if wrong := await _wrong(call, fields):
        raise errors.refused(400, **wrong)
    changed = await _changed(call, one, fields)
    labels = [*changed.labels]
    for operation in (sent.get("update") or {}).get("labels", []):
        if "add" in operation and operation["add"] not in labels:
            labels.append(operation["add"])
        labels = [label for label in labels if label != operation.get("remove")]
    await _keep(call, msgspec.structs.replace(changed, labels=tuple(labels)))
    return Response(status_code=204)


async def _keep(call: "Call", one: Issue) -> None:
    kept = msgspec.structs.replace(one, updated=int(time.time()))
    await call.state.write(call.world, kept)
    _tell(call, "jira:issue_updated", kept)


def _tell(call: "Call", event: str, one: Issue, said: Comment | None = None) -> None:
    """Let those know who have webhooks, which sites of the cloud know."""
    if call.site is None:
        return
    address = f"{call.site.url}/rest/api/2/issue/{one.id}"
    shown = issue(call, one, _TOLD) | {"self": address}
    told = None if said is None else comment(call, one, said)
    call.happened.append(Happening(event, one, shown, told))


async def add_comment(call: "Call") -> Response:
    """Say something about an issue."""
    one = await _writable(call)
    body = (await call.body()).get("body")
    if not body:
        raise errors.refused(400, comment="Comment body can not be empty!")
    if wrong := _wrong_body(call, body, "comment"):
        raise errors.refused(400, **wrong)
    said = await _say(call, one, body)
    await _keep(call, one)
    return json_answer(comment(call, one, said), 201)


async def _say(call: "Call", one: Issue, body: object) -> Comment:
    said = Comment(0, call.caller.user.login, body, int(time.time()))
    kept = await call.state.say(call.world, one, said)
    _tell(call, "comment_created", one, kept)
    return kept


async def remove_issue(call: "Call") -> Response:
    """Delete an issue."""
    one = await _writable(call)
    await call.state.remove(call.world, one)
    _tell(call, "jira:issue_deleted", one)
    return Response(status_code=204)


async def remove_comment(call: "Call") -> Response:
    """Delete a comment, which changes its issue."""
    one = await _writable(call)
    said = await said_of(call, one)
    await call.state.unsay(call.world, one, said)
    _tell(call, "comment_deleted", one, said)
    await _keep(call, one)
    return Response(status_code=204)


async def list_transitions(call: "Call") -> Response:
    """List the ways that are open to an issue: to every other status."""
    one = await call.issue()
    found = [
        {
            "id": number,
            "name": name,
            "to": status(call, target),
            "hasScreen": target == "Done",
            "isGlobal": True,
            "isAvailable": True,
        }
        for number, (name, target) in _TRANSITIONS.items()
        if target != one.status
    ]
    return json_answer({"expand": "transitions", "transitions": found})


async def move_issue(call: "Call") -> Response:
    """Move an issue on, and say something with it."""
    one = await _writable(call)
    sent = await call.body()
    number = str((sent.get("transition") or {}).get("id", ""))
    _, target = _TRANSITIONS.get(number, ("", one.status))
    if target == one.status:
        raise errors.refused(400, f"Transition id '{number}' is not valid for this issue.")
    for operation in (sent.get("update") or {}).get("comment", []):
        await _say(call, one, operation["add"]["body"])
    done = CATEGORIES[target] == "done"
    resolved = int(time.time()) if done else None
    await _keep(call, msgspec.structs.replace(one, status=target, resolved=resolved))
    return Response(status_code=204)


async def assign_issue(call: "Call") -> Response:
    """Hand an issue to somebody."""
    one = await _writable(call)
    login = _login(call, await call.body())
    if login == "":
        raise errors.refused(400, assignee="The user cannot be assigned issues.")
    await _keep(call, msgspec.structs.replace(one, assignee=login))
    return Response(status_code=204)
