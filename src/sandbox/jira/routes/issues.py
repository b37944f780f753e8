"""Issues: searched, one, and its comments."""

import base64
import binascii
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.jira import errors
from src.sandbox.jira.jql.finding import begin_behind, find
from src.sandbox.jira.jql.terms import JqlError, parse
from src.sandbox.jira.records import Comment, Issue
from src.sandbox.jira.views.comments import comment
from src.sandbox.jira.views.issues import NAMES, issue
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.responses import Response

    from src.sandbox.jira.call import Call
    from src.sandbox.jira.jql.terms import Query

_MOST_WITH_FIELDS = 100
_MOST_IDS = 5_000
_MOST_ON_A_SERVER = 40
"""Less than a caller may ask for: a page says by itself how long it is."""
_MOST_COMMENTS = 100
_MOST_IN_A_SEARCH = 20
_UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_ORDERS = {"created", "+created", "-created"}


class _Token(msgspec.Struct):
    """Where a page ended: behind an issue as it was, so that none is passed over or repeated."""

    last: Issue | None
    query: str


async def search_cloud(call: "Call") -> "Response":
    """Search with tokens: no total, and the fields must be named."""
    text = call.params.get("jql", "")
    query, found = await _found(call, text)
    fields = _fields(call, "id")
    size = min(call.whole("maxResults", 50), _MOST_IDS if fields == ["id"] else _MOST_WITH_FIELDS)
    digest = sha256(text.encode()).hexdigest()[:12]
    last = _read_token(call.params.get("nextPageToken"), digest)
    start = begin_behind(query, await call.context(), found, last)
    page = found[start : start + size]
    body = {
        "issues": [await _listed(call, one, fields) for one in page],
        "isLast": start + size >= len(found),
    }
    if not body["isLast"]:
        body["nextPageToken"] = _token(_Token(page[-1], digest))
    if "names" in call.params.get("expand", ""):
        body["names"] = NAMES
    return json_answer(body)


def _token(token: _Token) -> str:
    return base64.b64encode(msgspec.json.encode(token)).decode()


def _read_token(text: str | None, digest: str) -> Issue | None:
    if text is None:
        return None
    try:
        token = msgspec.json.decode(base64.b64decode(text, validate=True), type=_Token)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError):
        token = _Token(None, "")
    if token.query != digest:
        raise errors.refused(400, "The provided next page token is invalid or expired.")
    return token.last


async def _listed(call: "Call", one: Issue, fields: list[str]) -> dict[str, Any]:
    shown = issue(call, one, fields)
    if "comment" in fields:
        said = await call.state.comments(call.world, one)
        first = said if call.is_server else said[:_MOST_IN_A_SEARCH]
        shown["fields"]["comment"] |= {
            "comments": [comment(call, one, each) for each in first],
            "maxResults": len(first),
            "total": len(said),
        }
    return shown


async def search_server(call: "Call") -> "Response":
    """Search by offset, as a data center does."""
    _, found = await _found(call, call.params.get("jql", ""), is_bounded=False)
    start, size = call.window(most=_MOST_ON_A_SERVER)
    page = found[start : start + size]
    fields = _fields(call, "*navigable")
    body = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "issues": [await _listed(call, one, fields) for one in page],
    }
    if "names" in call.params.get("expand", ""):
        body["names"] = NAMES
    return json_answer(body)


async def search_removed(_: "Call") -> "Response":
    """Say that the old search of the cloud is gone."""
    raise errors.refused(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A "
        "full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046",
    )


async def _found(
    call: "Call", text: str, *, is_bounded: bool = True
) -> "tuple[Query, list[Issue]]":
    try:
        query = parse(text)
        if query.where is None and is_bounded:
            raise errors.refused(400, _UNBOUNDED)
        return query, find(query, await call.context())
    except JqlError as error:
        raise errors.refused(400, str(error)) from error


def _fields(call: "Call", usual: str) -> list[str]:
    named = ",".join(call.params.getlist("fields"))
    return [name.strip() for name in (named or usual).split(",") if name.strip()]


async def show_issue(call: "Call") -> "Response":
    """Show one issue with all fields."""
    one = await call.issue()
    body = issue(call, one, _fields(call, "*all"))
    if "names" in call.params.get("expand", ""):
        body["names"] = {name: NAMES.get(name, name) for name in body["fields"]}
    return json_answer(body)


async def list_comments(call: "Call") -> "Response":
    """List the comments; nothing says which page is the last."""
    one = await call.issue()
    order = call.params.get("orderBy", "created")
    if order not in _ORDERS:
        raise errors.refused(400, f"The orderBy value '{order}' is not valid.")
    said = await call.state.comments(call.world, one)
    if order.startswith("-"):
        said.reverse()
    start, size = call.window(most=_MOST_COMMENTS, usual=100)
    return json_answer(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(said),
            "comments": [comment(call, one, each) for each in said[start : start + size]],
        }
    )


async def said_of(call: "Call", one: Issue) -> Comment:
    """Find the comment of the path."""
    wanted = call.request.path_params["comment"]
    for said in await call.state.comments(call.world, one):
        if str(said.id) == wanted:
            return said
    raise errors.refused(404, f"Can not find a comment for the id: {wanted}.")


async def show_comment(call: "Call") -> "Response":
    """Show one comment."""
    one = await call.issue()
    return json_answer(comment(call, one, await said_of(call, one)))
