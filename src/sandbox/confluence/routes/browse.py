"""API v2: spaces, pages, blog posts, what stands between pages, and the tree."""

from typing import TYPE_CHECKING, TypeVar

from starlette.routing import Route

from src.sandbox.confluence import errors, views
from src.sandbox.confluence.call import Call
from src.sandbox.confluence.paging import Listing
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.confluence.paging import Place
    from src.sandbox.confluence.records import Content
    from src.sandbox.confluence.written import Written

T = TypeVar("T")
KINDS = {
    "pages": "page",
    "blogposts": "blogpost",
    "folders": "folder",
    "whiteboards": "whiteboard",
    "databases": "database",
    "embeds": "embed",
}
_SPACE_TYPES = (
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
)
_SPACE_SORTS = {"id": lambda one: one.id, "key": lambda one: one.key, "name": lambda one: one.name}
_SORTS: "dict[str, Callable[[Content], str | int]]" = {
    "id": lambda one: one.id,
    "created-date": lambda one: one.created_at,
    "modified-date": lambda one: one.changed_at,
    "title": lambda one: one.title,
}
_STATUSES = {
    "page": ("current", "archived", "deleted", "trashed"),
    "blogpost": ("current", "deleted", "trashed"),
}
_MOST_IDS = 250
_MOST_SPACES = 100


def browse_routes(written: "Written", prefix: str) -> "list[Route]":
    """Return the routes below a prefix."""

    def on(handler: "Callable[[Call], Response]") -> "Callable[[Request], Awaitable[Response]]":
        async def endpoint(request: "Request") -> "Response":
            return handler(await Call.begin(request, written))

        return endpoint

    api = f"{prefix}/wiki/api/v2"
    singles = [
        Route(f"{api}/{name}/{{id}}", on(_single(kind)), methods=["GET"])
        for name, kind in KINDS.items()
    ]
    trees = [
        Route(f"{api}/{name}/{{id}}/direct-children", on(_children(kind)))
        for name, kind in KINDS.items()
        if kind not in {"blogpost", "embed"}
    ]
    ways = [
        Route(f"{api}/{name}/{{id}}/ancestors", on(_ancestors(kind)))
        for name, kind in KINDS.items()
        if kind != "blogpost"
    ]
    return [
        Route(f"{api}/spaces", on(list_spaces)),
        Route(f"{api}/spaces/{{id}}", on(one_space)),
        Route(f"{api}/spaces/{{id}}/pages", on(_of_space("page"))),
        Route(f"{api}/spaces/{{id}}/blogposts", on(_of_space("blogpost"))),
        Route(f"{api}/pages", on(_of_site("page")), methods=["GET"]),
        Route(f"{api}/blogposts", on(_of_site("blogpost")), methods=["GET"]),
        *singles,
        *trees,
        *ways,
    ]


def list_spaces(call: Call) -> "Response":
    """List the spaces that the caller sees."""
    kinds = call.chosen("type", _SPACE_TYPES, _SPACE_TYPES)
    statuses = call.chosen("status", ("current", "archived"), ("current", "archived"))
    found = [
        one
        for one in call.world.spaces.values()
        if call.sees(one.id) and one.type in kinds and one.status in statuses
    ]
    sort = call.params.get("sort", "id")
    key = _SPACE_SORTS.get(sort.removeprefix("-"))
    if key is None:
        raise errors.v2(400, f"Invalid value for parameter 'sort': {sort}")
    found.sort(key=key, reverse=sort.startswith("-"))
    return call.page(found, lambda one: views.space(one, call))


def one_space(call: Call) -> "Response":
    """Show a space."""
    shown = views.space(call.space(), call)
    shown["_links"]["base"] = call.base
    return json_answer(shown)


def _of_space(kind: str) -> "Callable[[Call], Response]":
    def listed(call: Call) -> "Response":
        space = call.space()
        usual = ("current", "archived") if kind == "page" else ("current",)
        statuses = call.chosen("status", _STATUSES[kind], usual)
        depth = call.chosen("depth", ("all", "root"), ("all",))[0]
        found = [
            one
            for one in call.world.contents.values()
            if one.space == space.id
            and one.kind == kind
            and one.status in statuses
            and not (depth == "root" and one.parent is not None)
        ]
        return call.page(_sorted(call, found), lambda one: views.listed(one, call))

    return listed


def _sorted(call: Call, found: "list[Content]") -> "Listing[Content]":
    sort = call.params.get("sort", "id")
    key = _SORTS.get(sort.removeprefix("-"))
    if key is None:
        raise errors.v2(400, f"Invalid value for parameter 'sort': {sort}")
    return in_order(found, lambda one: [key(one), one.id], falls=sort.startswith("-"))


def in_order(found: "list[T]", place: "Callable[[T], Place]", *, falls: bool) -> "Listing[T]":
    """Return rows sorted by their places, for cursors that nothing moves."""
    return Listing(sorted(found, key=place, reverse=falls), place, falls)


def _of_site(kind: str) -> "Callable[[Call], Response]":
    """List pages or blog posts of the whole site: by ids, of some spaces, or all."""

    def listed(call: Call) -> "Response":
        wanted = _numbers(call, "id", _MOST_IDS)
        spaces = _numbers(call, "space-id", _MOST_SPACES)
        usual = ("current", "archived") if kind == "page" else ("current",)
        statuses = call.chosen("status", _STATUSES[kind], usual)
        found = [
            one
            for one in call.world.contents.values()
            if one.kind == kind
            and one.status in statuses
            and (not wanted or str(one.id) in wanted)
            and (not spaces or str(one.space) in spaces)
            and call.sees(one.space)
        ]
        return call.page(_sorted(call, found), lambda one: views.listed(one, call))

    return listed


def _numbers(call: Call, name: str, most: int) -> list[str]:
    numbers = [text for text in call.params.get(name, "").split(",") if text]
    if len(numbers) > most or not all(text.isdigit() for text in numbers):
        raise errors.v2(400, f"Invalid value for parameter '{name}'")
    return numbers


def _single(kind: str) -> "Callable[[Call], Response]":
    return lambda call: json_answer(views.single(call.content(kind), call))


def _children(kind: str) -> "Callable[[Call], Response]":
    return lambda call: call.page(call.world.children(call.content(kind).id), views.child)


def _ancestors(kind: str) -> "Callable[[Call], Response]":
    def listed(call: Call) -> "Response":
        way: Sequence[Content] = call.world.ancestors(call.content(kind))
        return call.page(way, lambda one: {"id": str(one.id), "type": one.kind})

    return listed
