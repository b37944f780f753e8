"""API v2: comments, level by level, and names of people."""

from typing import TYPE_CHECKING

import msgspec
from starlette.routing import Route

from src.sandbox.confluence import errors, views
from src.sandbox.confluence.call import Call
from src.sandbox.confluence.routes.browse import in_order
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.confluence.records import Comment
    from src.sandbox.confluence.written import Written

RESOLUTIONS = ("open", "reopened", "resolved", "dangling")
_MOST_PEOPLE = 250
_READ = {"current", "archived"}
_SORTS: "dict[str, Callable[[Comment], str]]" = {
    "created-date": lambda one: one.created_at,
    "modified-date": lambda one: one.created_at,
}


class Lookup(msgspec.Struct):
    """The body of users-bulk."""

    accountIds: list[str]  # noqa: N815 - Confluence's own name


def comment_routes(written: "Written", prefix: str) -> "list[Route]":
    """Return the routes below a prefix."""

    def on(handler: "Callable[[Call], Response]") -> "Callable[[Request], Awaitable[Response]]":
        async def endpoint(request: "Request") -> "Response":
            return handler(await Call.begin(request, written))

        return endpoint

    async def look_up(request: "Request") -> "Response":
        return await _people(await Call.begin(request, written))

    api = f"{prefix}/wiki/api/v2"
    levels = [
        Route(f"{api}/{name}/{{id}}/{kind}-comments", on(_top(content, kind)))
        for name, content in (("pages", "page"), ("blogposts", "blogpost"))
        for kind in ("footer", "inline")
    ]
    answers = [
        Route(f"{api}/{kind}-comments/{{id}}/children", on(_answers(kind)))
        for kind in ("footer", "inline")
    ]
    all_of_a_kind = [
        route
        for kind in ("footer", "inline")
        for route in (
            Route(f"{api}/{kind}-comments", on(_everywhere(kind)), methods=["GET"]),
            Route(f"{api}/{kind}-comments/{{id}}", on(_one(kind)), methods=["GET"]),
        )
    ]
    return [
        *levels,
        *answers,
        *all_of_a_kind,
        Route(f"{api}/users-bulk", look_up, methods=["POST"]),
    ]


def _top(content: str, kind: str) -> "Callable[[Call], Response]":
    def listed(call: Call) -> "Response":
        number = call.content(content).id
        wanted = call.chosen("resolution-status", RESOLUTIONS, RESOLUTIONS)
        found = [
            one
            for one in call.world.comments.values()
            if one.content == number
            and one.kind == kind
            and one.parent is None
            and (kind == "footer" or (one.resolution or "open") in wanted)
        ]
        return call.page(found, lambda one: views.comment(one, call))

    return listed


def _answers(kind: str) -> "Callable[[Call], Response]":
    def listed(call: Call) -> "Response":
        parent = comment_of(call, call.number("id"), kind)
        found = [one for one in call.world.comments.values() if one.parent == parent.id]
        return call.page(found, lambda one: views.comment(one, call))

    return listed


def _everywhere(kind: str) -> "Callable[[Call], Response]":
    """List the comments of the whole site, answers too."""

    def listed(call: Call) -> "Response":
        found = [
            one for one in call.world.comments.values() if one.kind == kind and _sees(call, one)
        ]
        sort = call.params.get("sort", "created-date")
        key = _SORTS.get(sort.removeprefix("-"))
        if key is None:
            raise errors.v2(400, f"Invalid value for parameter 'sort': {sort}")
        rows = in_order(found, lambda one: [key(one), one.id], falls=sort.startswith("-"))
        return call.page(rows, lambda one: views.comment(one, call))

    return listed


def _sees(call: Call, comment: "Comment") -> bool:
    content = call.world.contents[comment.content]
    return content.status in _READ and call.sees(content.space)


def _one(kind: str) -> "Callable[[Call], Response]":
    def shown(call: Call) -> "Response":
        found = comment_of(call, call.number("id"), kind)
        if not _sees(call, found):
            raise errors.v2(404)
        body = views.comment(found, call)
        body["_links"]["base"] = call.base
        return json_answer(body)

    return shown


def comment_of(call: Call, number: int, kind: str) -> "Comment":
    """Find a comment that the caller sees."""
    found = call.world.comments.get(number)
    if found is None or found.kind != kind:
        raise errors.v2(404)
    call.content_of(found.content, "page", "blogpost")
    return found


async def _people(call: Call) -> "Response":
    try:
        asked = msgspec.json.decode(await call.request.body(), type=Lookup).accountIds
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.v2(400, str(error)) from error
    if not 0 < len(asked) <= _MOST_PEOPLE:
        raise errors.v2(400, f"accountIds must hold 1 to {_MOST_PEOPLE} ids")
    # Whom nobody knows is left out.
    found = [call.world.people[one] for one in asked if one in call.world.people]
    return json_answer(
        {"results": [views.person(one) for one in found], "_links": {"base": call.base}}
    )
