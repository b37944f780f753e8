"""Unified browsing: containers, items, comments; and resources, for pickers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import ok, ok_list
from src.api.errors import PROVIDER_CODES
from src.api.openapi import answers
from src.api.routing import Route
from src.api.schemas.base import ProviderId
from src.api.schemas.browse import (
    CommentsQuery,
    ContainersQuery,
    ItemQueryString,
    ItemsQuery,
    ResourcesQuery,
)
from src.core.errors import ErrorCode
from src.models.principal import Permission
from src.models.unified import Comment, Container, Item, Resource
from src.services.browse import Listing, Target

router = APIRouter(prefix="/connectors/{connector_id}", tags=["browse"], route_class=Route)

_LIST_CODES = (
    ErrorCode.INVALID_CURSOR,
    ErrorCode.UNSUPPORTED_CAPABILITY,
    ErrorCode.UNSUPPORTED_FILTER,
    *PROVIDER_CODES,
)


def _page(listing: Listing[Container] | Listing[Item] | Listing[Comment]) -> Response:
    return ok_list(
        listing.items,
        next_cursor=listing.next_cursor,
        truncated=listing.truncated,
        rate_limit=listing.rate_limit,
    )


@router.get(
    "/containers",
    operation_id="listContainers",
    **answers(needs(Permission.BROWSE_READ, *_LIST_CODES), Container, listed=True),
)
async def containers(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[ContainersQuery, Query()],
) -> Response:
    """Containers at the top of the account, or below another container."""
    target = Target(connector_id, query.connection_id, query.cursor)
    return _page(await container.browse.containers(caller, target, query.to_query()))


@router.get(
    "/items",
    operation_id="listItems",
    **answers(needs(Permission.BROWSE_READ, *_LIST_CODES), Item, listed=True),
)
async def items(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[ItemsQuery, Query()],
) -> Response:
    """Items of a container."""
    target = Target(connector_id, query.connection_id, query.cursor)
    return _page(await container.browse.items(caller, target, query.to_query()))


@router.get(
    "/items/{item_id}",
    operation_id="getItem",
    **answers(
        needs(Permission.BROWSE_READ, ErrorCode.UNSUPPORTED_CAPABILITY, *PROVIDER_CODES), Item
    ),
)
async def item(
    connector_id: str,
    item_id: Annotated[ProviderId, Path(description="An id that `items` gave.")],
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[ItemQueryString, Query()],
) -> Response:
    """One item, with its body."""
    target = Target(connector_id, query.connection_id)
    result = await container.browse.item(caller, target, query.to_query(item_id))
    return ok(result.value, rate_limit=result.rate_limit)


@router.get(
    "/comments",
    operation_id="listComments",
    **answers(needs(Permission.BROWSE_READ, *_LIST_CODES), Comment, listed=True),
)
async def comments(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[CommentsQuery, Query()],
) -> Response:
    """Comments of an item; `parentId` makes threads."""
    target = Target(connector_id, query.connection_id, query.cursor)
    return _page(await container.browse.comments(caller, target, query.to_query()))


@router.get(
    "/resources/{resource_type}",
    operation_id="listResources",
    **answers(
        needs(Permission.BROWSE_READ, *_LIST_CODES), Resource, listed=True, beside=("parents",)
    ),
)
async def resources(
    connector_id: str,
    resource_type: Annotated[str, Path(description="A name of `resourceTypes`.")],
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[ResourcesQuery, Query()],
) -> Response:
    """What a form can let its user pick; with `include=parents` also the way to `parentId`."""
    target = Target(connector_id, query.connection_id, query.cursor)
    picked = await container.browse.resources(caller, target, query.to_picking(resource_type))
    listing = picked.listing
    return ok_list(
        listing.items,
        next_cursor=listing.next_cursor,
        truncated=listing.truncated,
        rate_limit=listing.rate_limit,
        beside={} if picked.parents is None else {"parents": picked.parents},
    )
