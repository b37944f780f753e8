"""API v1, where v2 has nothing: search, and who is calling."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from src.sandbox.confluence import errors, views
from src.sandbox.confluence.call import Call
from src.sandbox.confluence.cql import Entity, Malformed, Parser, Query
from src.sandbox.confluence.paging import next_query, offset_of
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.atlassian.points import Clock
    from src.sandbox.confluence.records import Content, Space
    from src.sandbox.confluence.written import Written

_MOST = 100
_USUAL = 25
_DIGITS = 5
_MOST_WITH_BODIES = 50
_FOUND = ("page", "blogpost", "whiteboard", "database", "folder", "embed")
_ORDERS: "dict[str, Callable[[Entity], str]]" = {
    "lastmodified": lambda one: one.changed_at,
    "created": lambda one: one.created_at,
    "title": lambda one: one.title,
}


def search_routes(written: "Written", clock: "Clock", prefix: str) -> "list[Route]":
    """Return the routes below a prefix."""

    async def contents(request: "Request") -> "Response":
        return _contents(await Call.begin(request, written), clock)

    async def everything(request: "Request") -> "Response":
        return _everything(await Call.begin(request, written), clock)

    async def current(request: "Request") -> "Response":
        return _current(await Call.begin(request, written))

    api = f"{prefix}/wiki/rest/api"
    return [
        Route(f"{api}/content/search", contents),
        Route(f"{api}/search", everything),
        Route(f"{api}/user/current", current),
    ]


def _current(call: Call) -> "Response":
    user = call.caller.user
    return json_answer(
        {
            "type": "known",
            "accountId": user.account_id,
            "accountType": "atlassian",
            "email": user.email,
            "publicName": user.name,
            "displayName": user.name,
            "profilePicture": {"path": f"/wiki/aa-avatar/{user.account_id}", "isDefault": False},
            "isExternalCollaborator": False,
            "timeZone": user.time_zone,
            "_links": {"base": call.base, "context": "/wiki"},
        }
    )


def _query(call: Call, clock: "Clock") -> Query:
    text = call.params.get("cql")
    if not text:
        raise errors.v1(400, "cql query parameter is required")
    now = datetime.fromtimestamp(clock(), UTC)
    try:
        return Parser(text, call.caller.user.time_zone, now).parse()
    except Malformed as error:
        raise errors.v1(400, f"Could not parse cql : {text} ({error})") from error


def _of_content(call: Call, content: "Content") -> Entity:
    way = call.world.ancestors(content)
    return Entity(
        type=content.kind,
        space=call.world.spaces[content.space].key,
        title=content.title,
        text=views.plain(content.storage),
        id=content.id,
        changed_at=content.changed_at,
        created_at=content.created_at,
        creator=content.author,
        parent=content.parent,
        ancestors=tuple(one.id for one in way),
        labels=content.labels,
    )


def _of_space(space: "Space") -> Entity:
    return Entity("space", space.key, space.name, "", space.id, space.created_at, space.created_at)


def _matching(query: Query, entities: "Sequence[Entity]") -> "list[Entity]":
    found = [one for one in entities if query.test(one)]
    if query.order is not None:
        field, descending = query.order
        key = _ORDERS.get(field, lambda one: one.title)
        found.sort(key=key, reverse=descending)
    return found


def _contents(call: Call, clock: "Clock") -> "Response":
    query = _query(call, clock)
    visible = {
        one.id: one
        for one in call.world.contents.values()
        if one.status == "current" and one.kind in _FOUND and call.sees(one.space)
    }
    found = _matching(query, [_of_content(call, one) for one in visible.values()])
    expand = call.params.get("expand", "").split(",")
    most = _MOST_WITH_BODIES if any(name.startswith("body") for name in expand) else _MOST
    return _page(call, found, most, lambda hit: _content(call, visible[hit.id], expand))


def _everything(call: Call, clock: "Clock") -> "Response":
    query = _query(call, clock)
    spaces = {one.id: one for one in call.world.spaces.values() if call.sees(one.id)}
    found = _matching(query, [_of_space(one) for one in spaces.values()])
    return _page(call, found, _MOST, lambda hit: _space_hit(spaces[hit.id]))


def _page(
    call: Call, found: "Sequence[Entity]", most: int, show: "Callable[[Entity], dict[str, Any]]"
) -> "Response":
    """Answer with a page; the next one's address begins behind /wiki here."""
    asked = call.params.get("limit", "25")
    limit = min(int(asked[:_DIGITS]), most) if asked.isascii() and asked.isdigit() else _USUAL
    cursor = call.params.get("cursor")
    offset = 0 if cursor is None else offset_of(cursor)
    if offset is None:
        raise errors.v1(400, "The cursor is malformed")
    shown = [show(one) for one in found[offset : offset + limit]]
    links: dict[str, Any] = {"base": call.base, "context": "/wiki"}
    path = call.path.removeprefix("/wiki")
    if offset + limit < len(found):
        links["next"] = f"{path}?{next_query(call.request, limit, offset + limit, next='true')}"
    return json_answer(
        {
            "results": shown,
            "start": offset,
            "limit": limit,
            "size": len(shown),
            "totalSize": len(found),
            "cqlQuery": call.params.get("cql"),
            "_links": links,
        }
    )


def _content(call: Call, one: "Content", expand: "Sequence[str]") -> dict[str, Any]:
    world = call.world
    shown: dict[str, Any] = {
        "id": str(one.id),
        "type": one.kind,
        "status": one.status,
        "title": one.title,
        "_links": {"webui": views.webui(world, one)},
    }
    if "space" in expand:
        shown["space"] = _space(world.spaces[one.space])
    if "version" in expand:
        editor = one.editor or one.author
        by = {"accountId": editor, "displayName": _name(call, editor)} if editor else None
        shown["version"] = {
            "by": by,
            "when": one.changed_at,
            "number": one.version,
            "message": one.message,
        }
    if "history" in expand:
        author = one.author
        made = {"accountId": author, "displayName": _name(call, author)} if author else None
        shown["history"] = {"createdBy": made, "createdDate": one.created_at}
    if "ancestors" in expand:
        way = world.ancestors(one)
        shown["ancestors"] = [
            {"id": str(above.id), "type": above.kind, "title": above.title} for above in way
        ]
    if "metadata.labels" in expand:
        shown["metadata"] = {"labels": {"results": [{"name": name} for name in one.labels]}}
    if "body.storage" in expand:
        shown["body"] = {"storage": {"value": one.storage, "representation": "storage"}}
    return shown


def _name(call: Call, account: str | None) -> str | None:
    known = call.world.people.get(account or "")
    return known.name if known else None


def _space(one: "Space") -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "name": one.name,
        "type": one.type,
        "status": one.status,
        "_links": {"webui": f"/spaces/{one.key}"},
    }


def _space_hit(one: "Space") -> dict[str, Any]:
    return {
        "space": _space(one),
        "title": one.name,
        "excerpt": "",
        "url": f"/spaces/{one.key}",
        "entityType": "space",
        "lastModified": one.created_at,
        "score": 0.0,
    }
