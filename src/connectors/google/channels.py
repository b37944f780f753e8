"""Watch channels: Google calls an address of ours when a feed has something new, and says no more.

A channel is of one feed: the account's or a shared drive's, or a calendar's. It lives for a week at
the most and cannot be renewed, so that another takes its place. Gmail tells by Cloud Pub/Sub only,
which is no webhook. Sources: developers.google.com/workspace/drive/api/guides/push and
…/calendar/api/guides/push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from src.connectors.google import scopes
from src.connectors.google.calendar import ids as calendars
from src.connectors.google.calendar.reader import CalendarReader
from src.connectors.google.drive import ids as drives
from src.connectors.google.drive.access import ALL_DRIVES, DriveAccess
from src.connectors.google.drive.reader import DriveReader
from src.connectors.google.drive.schemas import StartToken
from src.connectors.google.ids import not_an_id, product_of
from src.connectors.rest.decoding import Fragment, decode
from src.connectors.rest.values import seconds_after, whole_number
from src.connectors.webhooks import (
    Change,
    Delivery,
    Notice,
    Reading,
    SecretHeader,
    Subscription,
    WebhookEvent,
    WebhookSpec,
    Wish,
)
from src.core.errors import AppError, ProviderNotFound, SkipThis

if TYPE_CHECKING:
    from src.connectors.base import BaseConnector

WEEK = 7 * 24 * 3600
"""Seconds: no channel of these lives for longer, and by itself one of Drive lives for an hour."""
MOST = 100
"""Channels of one webhook."""

FILES, EVENTS = "drive.changes", "calendar.events"
_PRODUCTS = {FILES: "drive", EVENTS: "calendar"}
_SCOPES = {"drive": (scopes.DRIVE_READ,), "calendar": (scopes.CALENDAR_READ,)}
_STREAMS = {"drive": (FILES, "files"), "calendar": (EVENTS, "events")}

WEBHOOKS = WebhookSpec(
    events=(
        WebhookEvent(name=FILES, description="Something in Drive has changed.", streams=("files",)),
        WebhookEvent(
            name=EVENTS, description="Something in a calendar has changed.", streams=("events",)
        ),
    ),
    proof=SecretHeader(header="X-Goog-Channel-Token"),
    headers=(
        "X-Goog-Channel-ID",
        "X-Goog-Message-Number",
        "X-Goog-Resource-State",
    ),
    container="optional",
)
_OPENED = "sync"
"""The state of the first message of a channel, which may come before the answer to our request."""


class Channel(Fragment, rename="camel"):
    """A channel as Google describes it, and as it is kept: its two ids are what ending it takes."""

    id: str
    resource_id: str
    expiration: str | None = None
    """Milliseconds of the Unix clock."""


class Handle(msgspec.Struct, frozen=True):
    """What a subscription keeps."""

    channels: list[Channel] = []
    container: str | None = None
    """The one that was asked for."""


def read(delivery: Delivery) -> Reading:
    """The stream whose feed has something new; the id of a channel begins with its product."""
    told = delivery.headers
    channel, state = told.get("x-goog-channel-id", ""), told.get("x-goog-resource-state")
    product = channel.partition("-")[0]
    if state == _OPENED or product not in _STREAMS:
        return Reading()
    event, stream = _STREAMS[product]
    change = Change(event=event, stream=stream, container_id=_kept(delivery.handle).container)
    number = told.get("x-goog-message-number", "")
    return Reading(
        notices=(Notice(changes=(change,)),), delivery_id=f"{channel}-{number}" if number else None
    )


def _kept(handle: Mapping[str, Any]) -> Handle:
    try:
        return msgspec.convert(dict(handle), Handle)
    except msgspec.ValidationError:
        return Handle()


class Channels:
    """Opens channels and ends them, at both products."""

    def __init__(self, connector: BaseConnector) -> None:
        self._connector = connector
        self._rest = connector.rest

    async def open(self, wish: Wish) -> Subscription:
        """A channel for each feed that is wished for.

        Raises:
            ValidationFailed: The container has no feed, or is of another product than the events.
            InsufficientScope: The grant lacks a product.
            ProviderForbidden: Google tells nobody of changes there.
        """
        opened: list[Channel] = []
        try:
            for product in self._products(wish):
                await self._open_all(product, wish, opened)
        # Nobody would know of those that were opened before one was refused.
        except AppError:
            await self._end(opened)
            raise
        ends = [end for one in opened if (end := whole_number(one.expiration)) is not None]
        return Subscription(
            handle=msgspec.to_builtins(Handle(opened, wish.container_id)),
            expires_at=datetime.fromtimestamp(min(ends) / 1000, UTC) if ends else None,
        )

    async def stop(self, present: Subscription) -> None:
        """End every channel of a subscription."""
        await self._end(_kept(present.handle).channels)

    def _products(self, wish: Wish) -> list[str]:
        """Those of the events, or the one of the container."""
        products = [_PRODUCTS[event] for event in wish.events]
        if wish.container_id is not None:
            if product_of(wish.container_id) not in products:
                raise not_an_id("containerId")
            products = [product_of(wish.container_id)]
        for product in products:
            self._connector.need_scopes(*_SCOPES[product])
        return products

    async def _open_all(self, product: str, wish: Wish, opened: list[Channel]) -> None:
        """Those of one product; a feed that tells nobody is left out where others do."""
        feeds = [wish.container_id] if wish.container_id else await self._feeds(product)
        before, refused = len(opened), None
        for feed in feeds[:MOST]:
            try:
                opened.append(await self._open(product, feed, wish))
            # Calendars of holidays and birthdays stand in every list, and have no channels.
            except SkipThis as error:
                refused = error
        if refused is not None and len(opened) == before:
            raise refused

    async def _feeds(self, product: str) -> Sequence[str]:
        if product == "drive":
            return await DriveReader(DriveAccess(self._rest)).plan()
        return await CalendarReader(self._rest).calendars()

    async def _open(self, product: str, feed: str, wish: Wish) -> Channel:
        channel = {
            "id": f"{product}-{uuid4()}",
            "type": "web_hook",
            "address": wish.url.get_secret_value(),
            "token": wish.secret.get_secret_value(),
        }
        if product == "drive":
            return await self._open_drive(feed, channel)
        asked = {**channel, "params": {"ttl": str(WEEK)}}
        calendar = calendars.parse_calendar(feed, "containerId")
        return await self._rest.write(
            "POST",
            "/calendar/v3/calendars/{calendar}/events/watch",
            Channel,
            json=asked,
            calendar=calendar,
        )

    async def _open_drive(self, feed: str, channel: dict[str, Any]) -> Channel:
        """One of Drive's, from the feed's present end on.

        It takes the moment of its end, which is a week from the answer that tells where that is.
        """
        drive = _drive(feed)
        start = await DriveAccess(self._rest).start(drive)
        token = decode(start.content, StartToken).start_page_token
        end = seconds_after(start.headers.get("date"), WEEK)
        answer = await self._rest.call(
            "POST",
            "/drive/v3/changes/watch",
            params={"pageToken": token, "driveId": drive, **ALL_DRIVES},
            json=channel if end is None else {**channel, "expiration": str(end * 1000)},
        )
        return decode(answer.content, Channel)

    async def _end(self, channels: Sequence[Channel]) -> None:
        for channel in channels:
            asked = {"id": channel.id, "resourceId": channel.resource_id}
            try:
                if channel.id.startswith("drive-"):
                    await self._rest.change("POST", "/drive/v3/channels/stop", json=asked)
                else:
                    await self._rest.change("POST", "/calendar/v3/channels/stop", json=asked)
            # It has ended by itself.
            except ProviderNotFound:
                continue


def _drive(feed: str) -> str | None:
    """The shared drive whose feed it is; None = the account's.

    Raises:
        ValidationFailed: It is a folder or a file, which have no feed of their own.
    """
    if feed == drives.ACCOUNT:
        return None
    container = drives.parse_container(feed, "containerId")
    if container is None or container.kind != "drive":
        raise not_an_id("containerId")
    return container.id
