"""Spaces, as containers."""

from __future__ import annotations

from functools import partial

from src.connectors.confluence import cql
from src.connectors.confluence.ids import parse_space
from src.connectors.confluence.mapping import hit_to_container, to_container
from src.connectors.confluence.paging import ByCursor, BySearch, Told
from src.connectors.confluence.schemas import Results, Space, SpaceHit
from src.connectors.rest.client import List, RestClient
from src.core.errors import UnsupportedFilter
from src.models.query import ContainerQuery
from src.models.unified import Container, Page

TYPES = frozenset(
    {
        "global",
        "collaboration",
        "knowledge_base",
        "personal",
        "system",
        "onboarding",
        "xflow_sample_space",
    }
)


async def listed(rest: RestClient, query: ContainerQuery) -> Page[Container]:
    """The spaces that the account sees; nothing lies below one but its items."""
    if query.type is not None and query.type not in TYPES:
        raise UnsupportedFilter("type", f"type must be one of: {', '.join(sorted(TYPES))}")
    if query.parent_id is not None:
        parse_space(query.parent_id, "parentId")
        return Page(items=())
    told = Told()
    if query.q is not None:
        return await rest.page(
            List("/wiki/rest/api/search", SpaceHit, BySearch(told), wrapped_in=Results),
            partial(hit_to_container, told=told, kind=query.type),
            query,
            params={"cql": cql.spaces(query.q)},
        )
    return await rest.page(
        List("/wiki/api/v2/spaces", Space, ByCursor(told), wrapped_in=Results),
        partial(to_container, told=told),
        query,
        params={"type": query.type, "sort": "name", "description-format": "plain"},
    )


async def find(rest: RestClient, number: str) -> Space:
    """One space."""
    return await rest.get("/wiki/api/v2/spaces/{space}", Space, space=number)
