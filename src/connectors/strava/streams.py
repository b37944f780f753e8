"""What is synchronized of an athlete, and what Strava tells of changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from urllib.parse import urlencode

import msgspec

from src.connectors.base import SubscribesWebhooks
from src.connectors.rest.decoding import decode
from src.connectors.strava.config import Settings
from src.connectors.strava.gear import every_gear, find_gear
from src.connectors.strava.ids import ACTIVITIES, GEAR, container_of, item_id, parse_item
from src.connectors.strava.runs import activities, listed_activity
from src.connectors.strava.schemas import Activity, PushEvent, PushSubscription
from src.connectors.strava.scopes import ACTIVITIES as ACTIVITY_SCOPE
from src.connectors.strava.scopes import PROFILE
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.connectors.webhooks import Change, Delivery, Notice, Reading, Subscription, Wish

ACTIVITY = "activity"
"""The event, and what Strava calls what has changed."""
_ATHLETE = "athlete"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Streams(SubscribesWebhooks):
    """Streams of one athlete."""

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """A run; gear only where the connection's settings say so."""
        if query.stream == GEAR:
            yield await self._gear()
            return
        self.need_scopes(ACTIVITY_SCOPE)
        async with aclosing(activities(self.rest, query, self.account)) as pages:
            async for page in pages:
                yield page

    async def _gear(self) -> SyncPage:
        settings = self.settings
        if not (isinstance(settings, Settings) and settings.sync_gear):
            # Nothing is read, so nothing may be taken for gone.
            return SyncPage(truncated=True)
        self.need_scopes(PROFILE)
        found = await every_gear(self.rest)
        return SyncPage(records=found, container_id=GEAR, total=len(found))

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002
        """One activity as a list has it, or gear; the id says which."""
        kind, own = parse_item(record_id, "recordId")
        if kind == ACTIVITY:
            return await self.rest.find_one(
                "/activities/{activity}",
                Activity,
                partial(listed_activity, owner=self.account),
                raw=False,
                activity=own,
            )
        return await find_gear(self.rest, own)

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:  # noqa: ARG003  all alike
        """Any of what an account holds."""
        container_of(container_id, "containerIds")

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """An activity that was made, changed or deleted, or an athlete who took back the grant.

        Nothing proves who sent it, so that it is no more than a hint. A delivery has no id: what
        is sent again is the same to the last byte.
        """
        told = decode(delivery.body, PushEvent)
        own = delivery.handle.get("id")
        if own is not None and own != told.subscription_id:
            return Reading()
        key = str(told.owner_id)
        if told.object_type == ACTIVITY:
            record = item_id(ACTIVITY, told.object_id)
            change = Change(
                event=ACTIVITY, stream=ACTIVITIES, record_id=record, container_id=ACTIVITIES
            )
            return Reading(notices=(Notice(changes=(change,), key=key),))
        if told.object_type == _ATHLETE and told.updates.get("authorized") == "false":
            return Reading(notices=(Notice(key=key, doubts_grant=True),))
        return Reading()

    async def subscribe(self, wish: Wish) -> Subscription:
        """The app's one subscription; one that leads here already is taken over."""
        address = wish.url.get_secret_value()
        for one in await self._subscriptions():
            if one.callback_url == address:
                return Subscription(handle={"id": one.id})
        given = {"callback_url": address, "verify_token": wish.secret.get_secret_value()}
        response = await self.rest.call(
            "POST", "/push_subscriptions", content=urlencode(given).encode(), headers=_FORM
        )
        return Subscription(handle={"id": decode(response.content, PushSubscription).id})

    async def _subscriptions(self) -> list[PushSubscription]:
        return await self.rest.get("/push_subscriptions", list[PushSubscription])

    async def unsubscribe(self, present: Subscription) -> None:
        """End it; Strava answers 404 for one that is gone."""
        number = msgspec.convert(present.handle.get("id"), int)
        if any(one.id == number for one in await self._subscriptions()):
            await self.rest.change(
                "DELETE", "/push_subscriptions/{subscription}", subscription=number
            )
