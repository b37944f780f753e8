"""What a product of Google's is within the connector: a room with the verbs of browsing.

The connector asks the room whose ``product`` an id begins with; at the top it asks all of them,
one after the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from src.connectors.base import BaseConnector
from src.connectors.google.feeds import FeedReader
from src.connectors.manifest import Stream
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource


class Room(ABC):
    """One product."""

    product: ClassVar[str]
    """The first part of its ids, up to the colon."""
    host: ClassVar[str | None] = None
    """Its address among the manifest's ``hosts``; None = www.googleapis.com."""
    scopes: ClassVar[tuple[str, ...]]
    """What its browsing needs."""
    container_types: ClassVar[frozenset[str]]
    """The types that its containers may have."""
    resource_types: ClassVar[frozenset[str]]
    """The resource types that it lists."""
    stream: ClassVar[Stream]
    """What of it can be synchronized."""

    def __init__(self, connector: BaseConnector) -> None:
        """Use the connector's client, at the product's address."""
        self.connector = connector
        self.rest = connector.rest if self.host is None else connector.rest.at(self.host)

    @abstractmethod
    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Containers at the product's top, or below one of its own."""

    @abstractmethod
    async def items(self, query: ItemQuery) -> Page[Item]:
        """Items of one of its containers."""

    @abstractmethod
    async def item(self, query: OneItemQuery) -> Item:
        """One of its items with its body."""

    @abstractmethod
    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Comments of one of its items; an empty page where the product has none."""

    @abstractmethod
    def reader(self) -> FeedReader:
        """Who reads its stream."""

    @abstractmethod
    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Resources of one of its types."""

    @abstractmethod
    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way from the top to one of its resources."""
