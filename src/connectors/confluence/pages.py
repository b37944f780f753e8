"""Pages and blog posts of a space, as items: lists, and searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from src.connectors.confluence import cql, spaces
from src.connectors.confluence.bodies import BODY_FORMAT
from src.connectors.confluence.ids import ItemRef, Kind
from src.connectors.confluence.mapping import found_to_item, to_item
from src.connectors.confluence.paging import ByCursor, BySearch, Told
from src.connectors.confluence.people import named_page
from src.connectors.confluence.schemas import Content, Found, Results
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import chain
from src.connectors.rest.values import timestamp
from src.core.errors import ProviderUnavailable, UnsupportedFilter
from src.models.base import rfc3339
from src.models.query import ItemQuery, Sort
from src.models.unified import Item, Page

ROOT = "root"
STATUSES = ("current", "archived", "trashed")
_SORTS = {Sort.UPDATED_ASCENDING: "modified-date", Sort.UPDATED_DESCENDING: "-modified-date"}
_FAILED = 500
_SHORT = 5
_EXPAND = "version,space,history,ancestors,metadata.labels"
_SEARCHED = {None: ("page", "blogpost"), "page": ("page",), "blog_post": ("blogpost",)}


async def listed(rest: RestClient, space: str, query: ItemQuery) -> Page[Item]:
    """Pages, then blog posts; or one of them; ``parent_id`` may be ``root``, the top of the tree.

    Raises:
        UnsupportedFilter: Confluence cannot honour a filter, or not with the others.
    """
    _check(query)
    pages = partial(_pages, rest, space)
    posts = partial(_posts, rest, space)
    if query.type == "page" or query.parent_id == ROOT or query.status == "archived":
        return await pages(query)
    if query.type == "blog_post":
        return await posts(query)
    return await chain(query, (pages, posts))


def _check(query: ItemQuery) -> None:
    if query.type not in _SEARCHED:
        why = "type must be page or blog_post; others are listed with the parentId they lie below"
        raise UnsupportedFilter("type", why)
    if query.type == "blog_post" and (query.parent_id or query.status == "archived"):
        raise UnsupportedFilter("type", "blog posts have no tree, and are never archived")
    if query.status not in {None, *STATUSES}:
        raise UnsupportedFilter("status", f"status must be one of: {', '.join(STATUSES)}")
    if query.sort is None:
        return
    if query.type is None and query.parent_id is None:
        raise UnsupportedFilter("sort", "name a type with it: pages and blog posts are two lists")
    if query.sort is Sort.UPDATED_ASCENDING and query.updated_since is not None:
        raise UnsupportedFilter("sort", "with updatedSince the newest come first")


async def _pages(rest: RestClient, space: str, query: ItemQuery) -> Page[Item]:
    told = Told()
    page = await rest.page(
        List(
            "/wiki/api/v2/spaces/{space}/pages",
            Content,
            _paging(query, told),
            wrapped_in=Results,
        ),
        _mapping("page", query, told),
        query,
        params={**_params(query), "depth": "root" if query.parent_id == ROOT else None},
        at={"space": space},
    )
    return await named_page(rest, page, told)


async def _posts(rest: RestClient, space: str, query: ItemQuery) -> Page[Item]:
    told = Told()
    page = await rest.page(
        List(
            "/wiki/api/v2/spaces/{space}/blogposts",
            Content,
            _paging(query, told),
            wrapped_in=Results,
        ),
        _mapping("blogpost", query, told),
        query,
        params=_params(query),
        at={"space": space},
    )
    return await named_page(rest, page, told)


def _params(query: ItemQuery) -> dict[str, str | None]:
    # There is no filter by time: the newest come first, until one is too old.
    sort = Sort.UPDATED_DESCENDING if query.updated_since else query.sort
    return {
        "status": query.status,
        "sort": _SORTS[sort] if sort else None,
        "body-format": BODY_FORMAT if query.include_body else None,
    }


def _paging(query: ItemQuery, told: Told) -> ByCursor:
    if query.updated_since is None:
        return ByCursor(told)
    since = rfc3339(query.updated_since)

    def is_enough(rows: Sequence[Any]) -> bool:
        last = rows[-1]
        content = decode(last, Content) if isinstance(last, msgspec.Raw) else last
        return _changed(content) < since

    return ByCursor(told, is_enough)


def _mapping(kind: Kind, query: ItemQuery, told: Told) -> Any:
    since = rfc3339(query.updated_since) if query.updated_since else ""

    def mapping(content: Content) -> Item | None:
        if since and _changed(content) < since:
            return None
        return to_item(content, kind, told, include_body=query.include_body)

    return mapping


def _changed(content: Content) -> str:
    return timestamp(content.version.created_at if content.version else None) or ""


async def searched(rest: RestClient, space: str, query: ItemQuery) -> Page[Item]:
    """Pages and blog posts by their words; the index may lag by a minute.

    Raises:
        UnsupportedFilter: Confluence cannot honour a filter in a search.
    """
    if query.type not in _SEARCHED:
        raise UnsupportedFilter("type", "type must be page or blog_post in a search")
    if query.status not in {None, "current"}:
        raise UnsupportedFilter("status", "a search finds what is current")
    if query.parent_id == ROOT:
        raise UnsupportedFilter("parentId", "a search cannot be kept to the top of the tree")
    parent = ItemRef.parse(query.parent_id, "parentId").number if query.parent_id else None
    key = ""
    if query.token is None:
        # Later pages are addresses that Confluence gave; only the first is asked for in words.
        key = (await spaces.find(rest, space)).key
    told = Told()
    since = rfc3339(query.updated_since) if query.updated_since else ""

    def mapping(found: Found) -> Item | None:
        item = found_to_item(found, space, told, include_body=query.include_body)
        # CQL knows days, in a time zone that we do not.
        return None if since and (item.updated_at or "") < since else item

    params = {
        "cql": cql.content(
            q=query.q or "",
            types=_SEARCHED[query.type],
            space=key,
            parent=parent,
            since=query.updated_since,
            sort=query.sort,
        ),
        "expand": f"{_EXPAND},body.storage" if query.include_body else _EXPAND,
    }
    listing = List("/wiki/rest/api/content/search", Found, BySearch(told), wrapped_in=Results)
    try:
        page = await rest.page(listing, mapping, query, params=params)
    except ProviderUnavailable as error:
        # CONFCLOUD-76433: a search with many bodies fails on some sites, and a short one does not.
        is_quirk = query.include_body and error.details.get("status") == _FAILED
        if not is_quirk or query.token is not None or query.limit <= _SHORT:
            raise
        short = replace(query, limit=_SHORT)
        page = await rest.page(listing, mapping, short, params=params)
    return await named_page(rest, page, told)
