"""Unified browsing: one question to one provider, its answer as a page of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from src.connectors.base import BrowsesComments, BrowsesContainers, BrowsesItems
from src.connectors.manifest import Capability
from src.core.errors import UnsupportedCapability
from src.models.principal import Caller
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery, PageQuery
from src.models.rate_limit import RateLimit
from src.models.unified import Comment, Container, Item, Page
from src.services.calls import Calls, Opened, Result
from src.services.cursors import Cursors

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


class Browse:
    """Containers, items and comments of connected accounts."""

    def __init__(self, calls: Calls, cursors: Cursors) -> None:
        self._calls = calls
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
        resumed = self._resumed(query, target, question)
        page = await self._calls.run(caller, opened, lambda: connector.containers(resumed))
        return self._listing(page, question)

    async def items(self, caller: Caller, target: Target, query: ItemQuery) -> Listing[Item]:
        """Items of a container."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesItems):
            raise _unsupported(opened, Capability.ITEMS)
        question = self._question("items", caller, target, query)
        resumed = self._resumed(query, target, question)
        page = await self._calls.run(caller, opened, lambda: connector.items(resumed))
        return self._listing(page, question)

    async def item(self, caller: Caller, target: Target, query: OneItemQuery) -> Result[Item]:
        """One item with its body."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesItems):
            raise _unsupported(opened, Capability.ITEMS)
        return await self._calls.run(caller, opened, lambda: connector.item(query))

    async def comments(
        self, caller: Caller, target: Target, query: CommentQuery
    ) -> Listing[Comment]:
        """Comments of an item."""
        opened = await self._open(caller, target)
        connector = opened.connector
        if not isinstance(connector, BrowsesComments):
            raise _unsupported(opened, Capability.COMMENTS)
        question = self._question("comments", caller, target, query)
        resumed = self._resumed(query, target, question)
        page = await self._calls.run(caller, opened, lambda: connector.comments(resumed))
        return self._listing(page, question)

    async def _open(self, caller: Caller, target: Target) -> Opened:
        return await self._calls.open(caller, target.connector_id, target.connection_id)

    @staticmethod
    def _question(
        route: str, caller: Caller, target: Target, query: PageQuery
    ) -> tuple[object, ...]:
        """All that a cursor is bound to."""
        return (route, caller.tenant_id, caller.user_id, target.connection_id, query)

    def _resumed(self, query: Q, target: Target, question: tuple[object, ...]) -> Q:
        if target.cursor is None:
            return query
        return replace(query, token=self._cursors.open(target.cursor, question))

    def _listing(self, result: Result[Page[T]], question: tuple[object, ...]) -> Listing[T]:
        page = result.value
        token = page.next_token
        cursor = None if token is None else self._cursors.seal(token, question)
        return Listing(page.items, cursor, page.truncated, result.rate_limit)


def _unsupported(opened: Opened, capability: Capability) -> UnsupportedCapability:
    name = opened.loaded.manifest.name
    return UnsupportedCapability(
        f"{name} has no {capability.value}.", details={"capability": capability.value}
    )
