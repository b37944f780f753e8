"""Projects and boards as Jira shows them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Board, Project

_AVATAR = "https://acme.atlassian.net/secure/projectavatar"


def project(call: "Call", one: "Project", expanded: str = "") -> dict[str, Any]:
    """Show a project; the description comes only when it is asked for."""
    shown: dict[str, Any] = {
        "self": f"{call.api}/project/{one.id}",
        "id": str(one.id),
        "key": one.key,
        "name": one.name,
        "projectTypeKey": one.kind,
        "avatarUrls": {"48x48": f"{_AVATAR}?pid={one.id}", "16x16": f"{_AVATAR}?size=xsmall"},
    }
    if "description" in expanded:
        shown["description"] = one.description
    if call.is_server:
        return shown
    shown |= {
        "simplified": one.is_simplified,
        "style": "next-gen" if one.is_simplified else "classic",
        "isPrivate": one.members is not None,
        "properties": {},
    }
    if "insight" in expanded:
        of_project = [issue for issue in call.world.issues.values() if issue.project == one.id]
        latest = max((issue.updated for issue in of_project), default=None)
        shown["insight"] = {"totalIssueCount": len(of_project)}
        if latest is not None:
            shown["insight"]["lastIssueUpdateTime"] = call.time(latest)
    return shown


def board(call: "Call", one: "Board") -> dict[str, Any]:
    """Show a board; one over several projects has no place."""
    shown: dict[str, Any] = {
        "id": one.id,
        "self": f"{call.api.partition('/rest/')[0]}/rest/agile/1.0/board/{one.id}",
        "name": one.name,
        "type": one.kind,
    }
    if one.project is not None:
        owner = call.world_project(one.project)
        shown["location"] = {
            "projectId": owner.id,
            "projectKey": owner.key,
            "projectName": owner.name,
            "displayName": f"{owner.name} ({owner.key})",
        }
    return shown
