"""Garmin Connect: activities, daily summaries, devices and gear, by three ways to authorize.

What an app of the Developer Program may know comes by ping alone (``pings``), becomes records, and
is browsed there: such an account is never asked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any, cast

import msgspec

from src.connectors.base import (
    BrowsesItems,
    ConnectorContext,
    Identity,
    PicksResources,
    ReceivesWebhooks,
    ServesRecords,
    refuse_filters,
)
from src.connectors.garmin import belongings, equipment, mapping, runs
from src.connectors.garmin.config import USUAL, Config, Settings
from src.connectors.garmin.days import days, light_day
from src.connectors.garmin.ids import (
    ACTIVITIES,
    ACTIVITY_TYPES,
    DAILY,
    DEVICES,
    GEAR,
    read_container,
    read_item,
    wrong,
)
from src.connectors.garmin.manifest import MANIFEST, OAUTH2, TOKENS
from src.connectors.garmin.pings import read_ping
from src.connectors.garmin.schemas import (
    Activity,
    ActivityDetail,
    DailySummary,
    Permissions,
    SocialProfile,
    UserId,
)
from src.connectors.garmin.token_files import read_file
from src.connectors.garmin.webhooks import pull, pushed_container, pushed_item, reading_of
from src.connectors.manifest import Capability
from src.connectors.rest.client import List
from src.connectors.rest.paginators import Offset
from src.connectors.rest.windows import windowed
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unit
from src.connectors.webhooks import Change, Delivery, Reading
from src.core.errors import ProviderNotFound, UnsupportedCapability, ValidationFailed
from src.models.credential import Credential
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, PageQuery, ResourceQuery
from src.models.unified import Container, Item, Page, Resource

ACTIVITY_LIST = List(
    "/activitylist-service/activities/search/activities",
    Activity,
    Offset(offset="start", size="limit"),
)
NO_FILTER = "Garmin cannot narrow its lists by this."


class GarminConnector(BrowsesItems, PicksResources, ServesRecords, ReceivesWebhooks):
    """One account; Garmin has no comments."""

    manifest = MANIFEST

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._domain = cast("Config", context.config).domain
        self._settings = cast("Settings", context.settings)

    @property
    def _has_tokens(self) -> bool:
        """Whether the tokens of Garmin's own apps are at work, which open most."""
        return self.auth_method == TOKENS

    @property
    def _is_pushed(self) -> bool:
        """Whether Garmin hands the data over by itself, and is not to be asked for any."""
        method = self.manifest.auth_method(self.auth_method)
        return method is not None and method.delivery == "push"

    @classmethod
    def read_token(cls, raw: Mapping[str, Any]) -> Credential:
        """A token file of garth or python-garminconnect."""
        return read_file(raw)

    async def identify(self) -> Identity:
        """The user; the Developer Program also tells what they permit."""
        if self._domain != USUAL and not self._has_tokens:
            raise ValidationFailed(
                [("config.domain", "garmin.cn is known for imported tokens only")]
            )
        if self.auth_method != OAUTH2:
            profile = await self._profile()
            return Identity(mapping.profile_to_account(profile, self._domain))
        user = await self.rest.get("/wellness-api/rest/user/id", UserId)
        kind = cast("type[Permissions | list[str]]", Permissions | list[str])
        told = await self.rest.get("/wellness-api/rest/user/permissions", kind)
        permitted = told.permissions if isinstance(told, Permissions) else told
        return Identity(mapping.user_to_account(user), tuple(dict.fromkeys(permitted)))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Activities, days, devices and gear; below activities their types."""
        refuse_filters(query, "type", "q", why=NO_FILTER)
        if query.parent_id is None:
            return windowed(await self._top(), query)
        place, narrowed = read_container(query.parent_id, "parentId")
        if place != ACTIVITIES or narrowed is not None or self._is_pushed:
            return Page(items=())
        named = ACTIVITY_TYPES.items()
        return windowed([mapping.type_to_container(kind, name) for kind, name in named], query)

    async def _top(self) -> tuple[Container, ...]:
        if self._is_pushed:
            return mapping.pushed_containers()
        newest = await self.rest.page(ACTIVITY_LIST, mapping.activity_to_item, PageQuery(limit=1))
        found = newest.items[0] if newest.items else None
        return mapping.top_containers(of_tokens=self._has_tokens, newest=found)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Activities, days, devices or gear, newest first."""
        refuse_filters(
            query,
            "parent_id",
            "type",
            "state",
            "status",
            "q",
            "updated_since",
            "sort",
            why=NO_FILTER,
        )
        place, narrowed = read_container(query.container_id, "containerId")
        self._need_pull(Capability.ITEMS)
        if place == ACTIVITIES:
            page = await self._activities(query, narrowed)
        elif place == DAILY:
            page = await days(self.rest, query)
        else:
            self._need_tokens(Capability.ITEMS)
            if place == DEVICES:
                page = await equipment.devices(self.rest, query)
            else:
                page = await equipment.gear(self.rest, await self._profile_number(), query)
        return msgspec.structs.replace(page, items=tuple(map(mapping.without_people, page.items)))

    async def _activities(self, query: ItemQuery, narrowed: str | None) -> Page[Item]:
        to_item = partial(
            mapping.activity_to_item,
            container_id=query.container_id,
            domain=self._domain,
            body=query.include_body,
        )
        return await self.rest.page(
            ACTIVITY_LIST, to_item, query, params={"activityType": narrowed}
        )

    async def item(self, query: OneItemQuery) -> Item:
        """One activity, day, device or gear."""
        kind, own = read_item(query.item_id)
        self._need_pull(Capability.ITEMS)
        if kind == "activity":
            found = await self._activity(own, raw=query.include_raw)
        elif kind == "day":
            found = await self._day(own, raw=query.include_raw)
        else:
            self._need_tokens(Capability.ITEMS)
            found = await self._equipment(kind, own, raw=query.include_raw)
        return mapping.without_people(found)

    async def _activity(self, own: str, *, raw: bool) -> Item:
        found = await self.rest.one(
            "/activity-service/activity/{activity}",
            ActivityDetail,
            partial(mapping.detail_to_item, domain=self._domain),
            raw=raw,
            activity=own,
        )
        if not (self._has_tokens and self._settings.sync_gear):
            return found
        used = await equipment.gear_of_activity(self.rest, own)
        return msgspec.structs.replace(
            found, fields={**found.fields, **belongings.named_gear(used)}
        )

    async def _day(self, own: str, *, raw: bool) -> Item:
        """The whole day; the range where the address of the whole one needs a name that lacks."""
        profile = await self._profile() if self._has_tokens else None
        if profile is not None and profile.display_name:
            return await self.rest.one(
                "/usersummary-service/usersummary/daily/{profile}",
                DailySummary,
                mapping.summary_to_item,
                raw=raw,
                params={"calendarDate": own},
                profile=profile.display_name,
            )
        found = await light_day(self.rest, own, raw=raw)
        if found is None:
            raise ProviderNotFound("Garmin has no data here.", details={"at": "provider"})
        return found

    async def _equipment(self, kind: str, own: str, *, raw: bool) -> Item:
        if kind == "device":
            return await equipment.device(self.rest, own, raw=raw)
        number = await self._profile_number()
        return await equipment.one_gear(self.rest, number, own, raw=raw)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Gear."""
        self._need_tokens(Capability.RESOURCES)
        return await equipment.gear_resources(self.rest, await self._profile_number(), query)

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  there is one
        parent_id: str,  # noqa: ARG002  none is right
    ) -> tuple[Resource, ...]:
        """Gear lies in nothing."""
        wrong("parentId", "nothing: gear lies in no other")

    def stream_of_container(self, container_id: str) -> str | None:
        """The stream that Garmin's pings fill, where they do."""
        return pushed_container(container_id) if self._is_pushed else None

    def stream_of_item(self, item_id: str) -> str | None:
        """The stream that holds an item, likewise."""
        return pushed_item(item_id) if self._is_pushed else None

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:  # noqa: ARG003  all alike
        """Any of Garmin's: a stream passes over those that hold none of its records."""
        read_container(container_id, "containerIds")

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """A run of a stream; gear only where it is wanted."""
        self._need_pull(Capability.SYNC)
        wants_gear = self._has_tokens and self._settings.sync_gear
        asked = () if query.stream == GEAR and not wants_gear else runs.parts_of(query)

        def read(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
            if query.stream == ACTIVITIES:
                return runs.read_activities(self.rest, query, self._domain, part, token)
            if query.stream == DAILY:
                return runs.read_days(self.rest, query, token)
            return runs.read_gear(self.rest, self._profile_number)

        async with aclosing(runs.run(replace(query, container_ids=asked), read)) as pages:
            async for page in pages:
                yield page

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002  ids tell it
        """An activity, a day or a gear, as a run gives it; of an activity Garmin tells more."""
        kind, own = read_item(record_id)
        self._need_pull(Capability.SYNC)
        try:
            if kind == "activity":
                return await self._activity(own, raw=False)
            if kind == "day":
                return await light_day(self.rest, own, raw=False)
            self._need_tokens(Capability.SYNC)
            return await self._equipment(kind, own, raw=False)
        except ProviderNotFound:
            return None

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """What a ping tells of: where to fetch, and whose grant is in doubt."""
        return reading_of(read_ping(delivery.body))

    async def follow(self, change: Change) -> SyncPage:
        """Fetch what a ping has pointed to; the ticket holds path, span and pull token."""
        pulled = await pull(self.rest, change, self.account.id if self.account else "")
        return SyncPage(records=[one.item for one in pulled])

    async def _profile(self) -> SocialProfile:
        return await self.rest.get("/userprofile-service/socialProfile", SocialProfile)

    async def _profile_number(self) -> str:
        """The number that Garmin knows the user by, which is the account's id."""
        if self.account is not None:
            return self.account.id
        return str((await self._profile()).profile_id)

    def _need_pull(self, capability: Capability) -> None:
        """Stop what only a store of records could answer.

        Raises:
            UnsupportedCapability: Garmin hands the data over by itself, and is not to be asked.
        """
        if self._is_pushed:
            raise UnsupportedCapability(
                "Garmin sends the data of this connection by itself, and is not to be asked: set"
                " up a webhook, and read its records.",
                details={"capability": capability.value},
            )

    def _need_tokens(self, capability: Capability) -> None:
        """Stop what only tokens of Garmin's own apps open.

        Raises:
            UnsupportedCapability: The connection has none.
        """
        if not self._has_tokens:
            raise UnsupportedCapability(
                "Devices and gear can only be seen with an imported token file.",
                details={"capability": capability.value},
            )
