"""What lies below something in a space, and single things of every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from src.connectors.base import refuse_filters
from src.connectors.confluence import scopes
from src.connectors.confluence.bodies import BODY_FORMAT
from src.connectors.confluence.ids import TYPES, ItemRef, Kind, space_id
from src.connectors.confluence.mapping import to_item
from src.connectors.confluence.paging import ByCursor, Told
from src.connectors.confluence.people import named, named_page
from src.connectors.confluence.schemas import Child, Content, Results
from src.connectors.rest.client import List, RestClient
from src.core.errors import UnsupportedFilter
from src.models.query import ItemQuery, OneItemQuery, PageQuery
from src.models.unified import Item, Page

T = TypeVar("T", bound=msgspec.Struct)

_KINDS: dict[str, Kind] = {kind: kind for kind in TYPES}
_BODY = {"include-labels": "true", "body-format": BODY_FORMAT}
_EXTENT: dict[Kind, Mapping[str, str]] = {
    "page": {**_BODY, "include-direct-children": "true"},
    "blogpost": _BODY,
}
"""What is asked for besides, where there is more."""


NEEDED: dict[Kind, str] = {
    "page": scopes.PAGES,
    "blogpost": scopes.PAGES,
    "folder": scopes.FOLDERS,
    "whiteboard": scopes.WHITEBOARDS,
    "database": scopes.DATABASES,
    "embed": scopes.EMBEDS,
}
"""The scope that one of each kind needs."""


async def below(rest: RestClient, space: str, parent: ItemRef, query: ItemQuery) -> Page[Item]:
    """What lies below something: the tree knows titles only, so pages are fetched all at once."""
    refuse_filters(
        query, "status", "updated_since", "sort", why="cannot be combined with this parentId"
    )
    if query.type not in {None, *TYPES.values()}:
        raise UnsupportedFilter("type", f"type must be one of: {', '.join(TYPES.values())}")
    told = Told()

    def mapping(child: Child) -> Item | None:
        if child.space_id not in {None, space}:
            return None
        item = child_to_item(child, parent, space)
        return item if item and query.type in {None, item.type} else None

    page = await children(rest, parent, query, mapping, told)
    ids = [ItemRef.parse(item.id).number for item in page.items if item.type == "page"]
    if not ids:
        return page
    found = await rest.page(
        List("/wiki/api/v2/pages", Content, ByCursor(told), wrapped_in=Results),
        partial(to_item, kind="page", told=told, include_body=query.include_body),
        PageQuery(limit=len(ids), include_raw=query.include_raw),
        params={
            "id": ",".join(ids),
            "body-format": BODY_FORMAT if query.include_body else None,
        },
    )
    whole = {item.id: item for item in found.items}
    items = tuple(whole.get(item.id, item) for item in page.items)
    return await named_page(rest, replace(page, items=items), told)


async def children(
    rest: RestClient,
    parent: ItemRef,
    query: PageQuery,
    mapping: Callable[[Child], T | None],
    told: Told,
) -> Page[T]:
    """The entries of the tree below something."""
    if parent.kind in {"blogpost", "embed"}:
        return Page(items=())
    return await rest.page(
        List(
            "/wiki/api/v2/{collection}/{number}/direct-children",
            Child,
            ByCursor(told),
            wrapped_in=Results,
        ),
        mapping,
        query,
        at=parent.at,
    )


def child_to_item(child: Child, parent: ItemRef, space: str) -> Item | None:
    """An entry of the tree; None for a kind that came after this was written."""
    kind = _KINDS.get(child.type)
    if kind is None:
        return None
    return Item(
        id=f"{kind}:{child.id}",
        type=TYPES[kind],
        container_id=space_id(space),
        parent_id=str(parent),
        title=child.title or "",
        status=child.status,
        has_children=kind not in {"blogpost", "embed"},
        fields={"position": child.child_position},
    )


async def single(rest: RestClient, ref: ItemRef, query: OneItemQuery) -> Item:
    """One thing; those without text have an empty body."""
    told = Told()

    def mapping(content: Content) -> Item:
        told.hear(content.links)
        return to_item(content, ref.kind, told, include_body=True)

    item = await rest.one(
        "/wiki/api/v2/{collection}/{number}",
        Content,
        mapping,
        raw=query.include_raw,
        params=_EXTENT.get(ref.kind),
        **ref.at,
    )
    return (await named(rest, (item,), told))[0]
