"""Projects and boards."""

from typing import TYPE_CHECKING

from src.sandbox.jira import errors
from src.sandbox.jira.views.projects import board, project
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.responses import Response

    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Project

_MOST = 100
_KINDS = {"business", "service_desk", "software"}


async def search_projects(call: "Call") -> "Response":
    """List projects of the cloud; that none matches is a 404."""
    found = sorted(_matching(call), key=lambda one: one.key)
    if not found:
        raise errors.refused(404, "No projects matching the criteria were found.")
    start, size = call.window(most=_MOST)
    page = found[start : start + size]
    expanded = call.params.get("expand", "")
    body = {
        "self": f"{call.api}/project/search?startAt={start}&maxResults={size}",
        "maxResults": size,
        "startAt": start,
        "total": len(found),
        "isLast": start + len(page) >= len(found),
        "values": [project(call, one, expanded) for one in page],
    }
    if not body["isLast"]:
        body["nextPage"] = f"{call.api}/project/search?startAt={start + size}&maxResults={size}"
    return json_answer(body)


def _matching(call: "Call") -> "list[Project]":
    kind = call.params.get("typeKey")
    if kind is not None and kind not in _KINDS:
        raise errors.refused(400, f"The project type '{kind}' is not valid.")
    text = call.params.get("query", "").lower()
    return [
        one
        for one in call.projects().values()
        if kind in {None, one.kind} and (text in one.name.lower() or text in one.key.lower())
    ]


async def list_projects(call: "Call") -> "Response":
    """List the projects of a data center, all at once."""
    expanded = call.params.get("expand", "")
    return json_answer([project(call, one, expanded) for one in call.projects().values()])


async def show_project(call: "Call") -> "Response":
    """Show one project."""
    one = call.project(call.request.path_params["project"])
    return json_answer(project(call, one, "description,insight"))


async def list_boards(call: "Call") -> "Response":
    """List boards, which know no total where they are many."""
    name = call.params.get("name", "").lower()
    kind = call.params.get("type")
    wanted = call.params.get("projectKeyOrId")
    owner = call.project(wanted).id if wanted else None
    visible = call.projects()
    found = [
        one
        for one in call.world.boards
        if (one.project is None or one.project in visible)
        and name in one.name.lower()
        and kind in {None, one.kind}
        and owner in {None, one.project}
    ]
    start, size = call.window(most=50)
    page = found[start : start + size]
    return json_answer(
        {
            "maxResults": size,
            "startAt": start,
            "isLast": start + len(page) >= len(found),
            "values": [board(call, one) for one in page],
        }
    )
