"""What pickers list: spaces, and pages as a tree or by their title."""

from __future__ import annotations

from functools import partial

from src.connectors.confluence import cql, spaces, tree
from src.connectors.confluence.ids import (
    COLLECTIONS,
    ItemRef,
    is_space,
    parent_of,
    parse_space,
    space_id,
)
from src.connectors.confluence.paging import ByCursor, BySearch, Told
from src.connectors.confluence.schemas import (
    Ancestor,
    Child,
    Content,
    Found,
    Results,
    Space,
)
from src.connectors.rest.client import List, RestClient
from src.core.errors import UnsupportedFilter
from src.models.query import ContainerQuery, ResourceQuery
from src.models.unified import Container, Page, Resource

SPACE = "confluence_space"
PAGE = "confluence_page"
_DEEPEST = 250
"""Ancestors that are read, which is as many as one page of them holds."""


async def picked(rest: RestClient, query: ResourceQuery) -> Page[Resource]:
    """Spaces; or pages, below a space or a page; without a parent, the spaces to open."""
    if query.type == SPACE or (query.parent_id is None and query.q is None):
        return await _spaces(rest, query)
    if query.q is not None:
        return await _searched(rest, query)
    parent = query.parent_id or ""
    if is_space(parent):
        return await _top(rest, parse_space(parent, "parentId"), query)
    told = Told()
    ref = ItemRef.parse(parent, "parentId")
    return await tree.children(rest, ref, query, partial(_child, parent=ref, told=told), told)


async def _spaces(rest: RestClient, query: ResourceQuery) -> Page[Resource]:
    if query.parent_id is not None:
        raise UnsupportedFilter("parentId", "nothing lies above a space")
    listed = await spaces.listed(
        rest, ContainerQuery(limit=query.limit, token=query.token, q=query.q)
    )
    return Page(
        items=tuple(_of_container(one, query.type) for one in listed.items),
        next_token=listed.next_token,
        truncated=listed.truncated,
    )


def _of_container(container: Container, wanted: str) -> Resource:
    return Resource(
        id=container.id,
        name=container.name,
        type=wanted,
        # Where pages are picked, a space can be opened only.
        selectable=wanted == SPACE,
        has_children=wanted == PAGE,
        url=container.url,
    )


async def _top(rest: RestClient, space: str, query: ResourceQuery) -> Page[Resource]:
    told = Told()
    return await rest.page(
        List("/wiki/api/v2/spaces/{space}/pages", Content, ByCursor(told), wrapped_in=Results),
        partial(_page, told=told, parent_id=space_id(space)),
        query,
        params={"depth": "root", "sort": "title", "status": "current"},
        at={"space": space},
    )


def _page(content: Content, told: Told, parent_id: str) -> Resource:
    return Resource(
        id=f"page:{content.id}",
        name=content.title or "",
        type=PAGE,
        parent_id=parent_id,
        has_children=True,
        url=_address(content.id, told),
    )


def _address(number: str, told: Told) -> str | None:
    """Where a browser finds a page: entries of the tree come without an address."""
    return f"{told.base}/pages/viewpage.action?pageId={number}" if told.base else None


def _child(child: Child, parent: ItemRef, told: Told) -> Resource | None:
    """A page, or what may hold pages; the rest cannot be picked and leads nowhere."""
    if child.type not in {"page", "folder", "whiteboard", "database"}:
        return None
    is_page = child.type == "page"
    return Resource(
        id=f"{child.type}:{child.id}",
        name=child.title or "",
        type=PAGE,
        parent_id=str(parent),
        has_children=True,
        selectable=is_page,
        url=_address(child.id, told) if is_page else None,
    )


async def _searched(rest: RestClient, query: ResourceQuery) -> Page[Resource]:
    space, ancestor = None, None
    if query.parent_id and is_space(query.parent_id):
        if query.token is None:
            # Later pages are addresses that Confluence gave.
            number = parse_space(query.parent_id, "parentId")
            space = (await spaces.find(rest, number)).key
    elif query.parent_id:
        ancestor = ItemRef.parse(query.parent_id, "parentId").number
    told = Told()
    return await rest.page(
        List("/wiki/rest/api/content/search", Found, BySearch(told), wrapped_in=Results),
        partial(_found, told=told),
        query,
        params={
            "cql": cql.content(
                q=query.q or "", types=("page",), space=space, ancestor=ancestor, title_only=True
            ),
            "expand": "space,ancestors",
        },
    )


def _found(found: Found, told: Told) -> Resource:
    space = space_id(found.space.id) if found.space else None
    above = found.ancestors[-1] if found.ancestors else None
    return Resource(
        id=f"page:{found.id}",
        name=found.title or "",
        type=PAGE,
        parent_id=parent_of(above.id, above.type) if above else space,
        has_children=True,
        url=_address(found.id, told),
    )


async def parents(rest: RestClient, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
    """The way from the space to something, both included."""
    if resource_type == SPACE or is_space(parent_id):
        number = parse_space(parent_id, "parentId")
        return (_space(await spaces.find(rest, number), wanted=resource_type),)
    ref = ItemRef.parse(parent_id, "parentId")
    above = await rest.get(
        "/wiki/api/v2/{collection}/{number}/ancestors",
        Results[Ancestor],
        params={"limit": str(_DEEPEST)},
        collection=COLLECTIONS[ref.kind],
        number=ref.number,
    )
    known_kinds = (one for one in above.results if one.type in COLLECTIONS)
    way = [*(ItemRef.parse(f"{one.type}:{one.id}", "parentId") for one in known_kinds), ref]
    told = Told()
    known = await _contents(rest, way, told)
    space_number = next((one.space_id for one in known.values() if one.space_id), None)
    steps: list[Resource] = []
    if space_number is not None:
        steps.append(_space(await spaces.find(rest, space_number), wanted=resource_type))
    for step in way:
        content = known.get(step)
        steps.append(
            Resource(
                id=str(step),
                name=(content.title if content else None) or str(step),
                type=PAGE,
                parent_id=steps[-1].id if steps else None,
                has_children=True,
                selectable=step.kind == "page",
                url=_address(step.number, told) if step.kind == "page" else None,
            )
        )
    return tuple(steps)


async def _contents(rest: RestClient, way: list[ItemRef], told: Told) -> dict[ItemRef, Content]:
    """All the pages at once, and what is no page one by one."""
    pages = [step for step in way if step.kind == "page"]
    found: dict[ItemRef, Content] = {}
    if pages:
        listed = await rest.get(
            "/wiki/api/v2/pages",
            Results[Content],
            params={"id": ",".join(page.number for page in pages), "limit": str(_DEEPEST)},
        )
        told.hear(listed.links)
        found = {ItemRef("page", content.id): content for content in listed.results}
    for step in way:
        if step.kind != "page":
            found[step] = await _content(rest, step)
    return found


async def _content(rest: RestClient, ref: ItemRef) -> Content:
    return await rest.get(
        "/wiki/api/v2/{collection}/{number}",
        Content,
        collection=COLLECTIONS[ref.kind],
        number=ref.number,
    )


def _space(space: Space, wanted: str) -> Resource:
    told = Told()
    return Resource(
        id=space_id(space.id),
        name=space.name,
        type=wanted,
        selectable=wanted == SPACE,
        has_children=wanted == PAGE,
        url=told.address(space.links),
    )
