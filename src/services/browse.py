"""Unified browsing: one question to one provider, its answer as a page of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from src.connectors.asking import put
from src.connectors.base import (
    BrowsesComments,
    BrowsesContainers,
    BrowsesItems,
    PicksResources,
    ServesRecords,
)
from src.connectors.manifest import Capability, Manifest, ResourceType
from src.core.errors import NotFound, UnsupportedCapability, ValidationFailed
from src.models.principal import Caller
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    PageQuery,
    ResourceQuery,
)
from src.models.rate_limit import RateLimit
from src.models.unified import Comment, Container, Item, Page, Resource
from src.services.calls import Calls, Opened, Result
from src.services.connections import accept
from src.services.cursors import Cursors
from src.services.paging import Question
from src.services.stored_items import StoredItems

T = TypeVar("T")
Q = TypeVar("Q", bound=PageQuery)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A page as callers get it."""

    items: tuple[T, ...]
    next_cursor: str | None
    truncated: bool
    rate_limit: RateLimit | None


@dataclass(frozen=True, slots=True)
class Target:
    """Which connection of which connector is asked, and from where on."""

    connector_id: str
    connection_id: str
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picking:
    """What a picker asks for; ``filters`` is JSON as it came."""

    type: str
    limit: int
    parent_id: str | None = None
    q: str | None = None
    filters: str | None = None
    with_parents: bool = False


@dataclass(frozen=True, slots=True)
class Picked:
    """A page of resources, and the way to it from the top if that was asked for."""

    listing: Listing[Resource]
    parents: tuple[Resource, ...] | None


class Browse:
    """Containers, items, comments and resources of connected accounts."""

    def __init__(self, calls: Calls, cursors: Cursors, stored: StoredItems) -> None:
        self._calls = calls
        self._stored = stored
        self._cursors = cursors

    async def containers(
        self, caller: Caller, target: Target, query: ContainerQuery
    ) -> Listing[Container]:
        """Containers at the top or below another."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesContainers):
            raise _unsupported(opened, Capability.CONTAINERS)
        question = self._question("containers", caller, target, query)
        resumed = _resumed(query, target, question)
        page = await self._calls.run(caller, opened, lambda: put(connector.containers, resumed))
        return _listing(page, question)

    async def items(self, caller: Caller, target: Target, query: ItemQuery) -> Listing[Item]:
        """Items of a container."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesItems):
            raise _unsupported(opened, Capability.ITEMS)
        question = self._question("items", caller, target, query)
        resumed = _resumed(query, target, question)
        if isinstance(connector, ServesRecords) and (
            stream := connector.stream_of_container(query.container_id)
        ):
            kept = await self._stored.page(opened.connection, stream, resumed)
            return _listing(Result(kept, None), question)
        page = await self._calls.run(caller, opened, lambda: put(connector.items, resumed))
        return _listing(page, question)

    async def item(self, caller: Caller, target: Target, query: OneItemQuery) -> Result[Item]:
        """One item with its body."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesItems):
            raise _unsupported(opened, Capability.ITEMS)
        if isinstance(connector, ServesRecords) and (
            stream := connector.stream_of_item(query.item_id)
        ):
            return Result(await self._stored.one(opened.connection, stream, query.item_id), None)
        return await self._calls.run(caller, opened, lambda: put(connector.item, query))

    async def comments(
        self, caller: Caller, target: Target, query: CommentQuery
    ) -> Listing[Comment]:
        """Comments of an item."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesComments):
            raise _unsupported(opened, Capability.COMMENTS)
        question = self._question("comments", caller, target, query)
        resumed = _resumed(query, target, question)
        page = await self._calls.run(caller, opened, lambda: put(connector.comments, resumed))
        return _listing(page, question)

    async def resources(self, caller: Caller, target: Target, picking: Picking) -> Picked:
        """What a form can let its user pick.

        Raises:
            NotFound: There is no such resource type.
            ValidationFailed: The type has no such filter, or needs a parent.
            InsufficientScope: The grant surely lacks a scope of the type; nothing was called.
        """
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, PicksResources):
            raise _unsupported(opened, Capability.RESOURCES)
        kind = _kind(opened.loaded.manifest, picking)
        query = ResourceQuery(
            limit=picking.limit,
            type=kind.name,
            parent_id=picking.parent_id,
            q=picking.q,
            filters=accept("filters", kind.filters, picking.filters or "{}"),
        )
        question = self._question("resources", caller, target, query, picking.with_parents)
        resumed = _resumed(query, target, question)
        connector.need_scopes(*kind.scopes)

        async def pick() -> tuple[Page[Resource], tuple[Resource, ...] | None]:
            page = await put(connector.resources, resumed)
            if not picking.with_parents:
                return page, None
            if query.parent_id is None:
                return page, ()
            return page, await connector.resource_parents(kind.name, query.parent_id)

        result = await self._calls.run(caller, opened, pick)
        page, parents = result.value
        return Picked(_listing(Result(page, result.rate_limit), question), parents)

    async def _open(self, caller: Caller, target: Target) -> Opened:
        return await self._calls.open(caller, target.connector_id, target.connection_id)

    def _question(self, route: str, caller: Caller, target: Target, *parts: object) -> Question:
        return Question(self._cursors, route, caller, target.connection_id, *parts)


def _resumed(query: Q, target: Target, question: Question) -> Q:
    if target.cursor is None:
        return query
    return replace(query, token=question.position(target.cursor))


def _listing(result: Result[Page[T]], question: Question) -> Listing[T]:
    page = result.value
    cursor = question.cursor(page.next_token)
    return Listing(page.items, cursor, page.truncated, result.rate_limit)


def _kind(manifest: Manifest, picking: Picking) -> ResourceType:
    kind = manifest.resource_type(picking.type)
    if kind is None:
        raise NotFound("There is no such resource type.")
    if kind.needs_parent and picking.parent_id is None:
        raise ValidationFailed([("parentId", "is required")])
    return kind


def _unsupported(opened: Opened, capability: Capability) -> UnsupportedCapability:
    name = opened.loaded.manifest.name
    return UnsupportedCapability(
        f"{name} has no {capability.value}.", details={"capability": capability.value}
    )
