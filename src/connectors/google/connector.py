"""Google: Drive with Docs and Sheets, Gmail, Calendar; each product in a room of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial

from src.connectors.base import (
    BrowsesComments,
    Identity,
    PicksResources,
    RunsTools,
    SubscribesWebhooks,
)
from src.connectors.google import channels, feeds
from src.connectors.google.calendar.reader import CalendarReader
from src.connectors.google.calendar.room import Calendar
from src.connectors.google.drive.reader import DriveReader
from src.connectors.google.drive.room import Drive
from src.connectors.google.gmail.reader import GmailReader
from src.connectors.google.gmail.room import Gmail
from src.connectors.google.ids import not_an_id, product_of
from src.connectors.google.manifest import MANIFEST
from src.connectors.google.rooms import Room
from src.connectors.google.schemas import UserInfo
from src.connectors.rest.paginators import chain
from src.connectors.syncing import SyncPage, SyncQuery
from src.connectors.webhooks import Delivery, Reading, Subscription, Wish
from src.core.errors import InsufficientScope, UnsupportedFilter, ValidationFailed
from src.models.connection import Account
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource

ROOMS: tuple[type[Room], ...] = (Drive, Gmail, Calendar)
READERS = {reader.stream.name: reader for reader in (DriveReader, GmailReader, CalendarReader)}
"""In the order in which their containers are listed."""

_CONTAINER_TYPES = sorted(name for room in ROOMS for name in room.container_types)


class GoogleConnector(BrowsesComments, PicksResources, RunsTools, SubscribesWebhooks):
    """One Google account."""

    manifest = MANIFEST

    async def identify(self) -> Identity:
        """The user by OpenID Connect, whatever products the grant covers."""
        user = await self.rest.at("identity").get("/v1/userinfo", UserInfo)
        name = user.email or user.name or user.sub
        return Identity(Account(id=user.sub, name=name, avatar_url=user.picture))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Below a container what its product holds there; at the top those of every product.

        A product that the grant does not cover is left out, and the list says so.
        """
        if query.parent_id is not None:
            return await self._room_of(query.parent_id, "parentId").containers(query)
        if query.type is not None:
            return await self._room_with(query.type).containers(query)
        rooms = [room(self) for room in ROOMS]
        if all(self.missing_scopes(*room.scopes) for room in rooms):
            missing = self.missing_scopes(*(scope for room in rooms for scope in room.scopes))
            raise InsufficientScope("The grant covers none of the products.", missing)
        return await chain(query, [partial(self._top, room) for room in rooms])

    async def _top(self, room: Room, query: ContainerQuery) -> Page[Container]:
        if self.missing_scopes(*room.scopes):
            return Page(items=(), truncated=True)
        return await room.containers(query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Files of a folder, messages of a label, events of a calendar."""
        return await self._room_of(query.container_id, "containerId").items(query)

    async def item(self, query: OneItemQuery) -> Item:
        """One file, message or event with its text."""
        return await self._room_of(query.item_id, "itemId").item(query)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """What people say about a file; the messages of a mail's conversation."""
        return await self._room_of(query.item_id, "itemId").comments(query)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """What the product of the type lets a user pick."""
        return await self._picking(query.type).resources(query)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way from the top of the product."""
        return await self._picking(resource_type).resource_parents(resource_type, parent_id)

    def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """Files, messages or events: whole, or what their feeds tell."""
        return feeds.run(query, self._streaming(query.stream).reader())

    async def fetch(self, stream: str, record_id: str) -> Item | None:
        """One file, message or event as a run gives it."""
        return await self._streaming(stream).reader().fetch(record_id)

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:
        """Containers of the product that the stream is of."""
        try:
            READERS[stream].check(container_id)
        except ValidationFailed:
            message = f"is no container of the stream {stream}"
            raise ValidationFailed([("containerIds", message)]) from None

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """That a stream has changed: a channel tells no more."""
        return channels.read(delivery)

    async def subscribe(self, wish: Wish) -> Subscription:
        """Channels for the events that are wished for."""
        return await channels.Channels(self).open(wish)

    async def unsubscribe(self, present: Subscription) -> None:
        """End the channels."""
        await channels.Channels(self).stop(present)

    def _streaming(self, stream: str) -> Room:
        room = next(room for room in ROOMS if room.stream.name == stream)
        return self._opened(room)

    def _room_of(self, value: str, field: str) -> Room:
        """The room of an id, if the grant covers its product.

        Raises:
            ValidationFailed: It is no id of ours.
            InsufficientScope: The grant does not cover the product.
        """
        room = next((room for room in ROOMS if room.product == product_of(value)), None)
        if room is None:
            raise not_an_id(field)
        return self._opened(room)

    def _room_with(self, container_type: str) -> Room:
        room = next((room for room in ROOMS if container_type in room.container_types), None)
        if room is None:
            known = ", ".join(_CONTAINER_TYPES)
            raise UnsupportedFilter("type", f"type must be one of: {known}")
        return self._opened(room)

    def _picking(self, resource_type: str) -> Room:
        room = next(room for room in ROOMS if resource_type in room.resource_types)
        return self._opened(room)

    def _opened(self, room: type[Room]) -> Room:
        self.need_scopes(*room.scopes)
        return room(self)
