"""Comments as Jira shows them."""

from typing import TYPE_CHECKING, Any

from src.sandbox.jira.seed import bodies
from src.sandbox.jira.views.people import user

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Comment, Issue


def comment(call: "Call", one: "Issue", said: "Comment") -> dict[str, Any]:
    """Show a comment; one for some only says for whom."""
    body = bodies.markup(said.body) if call.is_server else bodies.adf(said.body)
    shown: dict[str, Any] = {
        "self": f"{call.api}/issue/{one.id}/comment/{said.id}",
        "id": str(said.id),
        "author": user(call, said.author),
        "body": body,
        "updateAuthor": user(call, said.author),
        "created": call.time(said.created),
        "updated": call.time(said.created),
    }
    if said.visible_to:
        shown["visibility"] = {"type": "role", "value": said.visible_to, "identifier": "x"}
    if not call.is_server:
        shown["jsdPublic"] = said.is_public
        if said.parent is not None:
            shown["parentId"] = said.parent
    return shown
