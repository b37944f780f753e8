"""Devices and gear: lists that Garmin answers whole, given out in windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import msgspec

from src.connectors.garmin import belongings
from src.connectors.garmin.ids import DEVICES, GEAR, item_id, wrong
from src.connectors.garmin.schemas import Device, Gear, GearStats
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import SinglePage
from src.connectors.rest.together import together
from src.connectors.rest.windows import windowed
from src.core.errors import ProviderNotFound
from src.models.query import PageQuery, ResourceQuery
from src.models.unified import Item, Page, Resource

DEVICE_LIST = List("/device-service/deviceregistration/devices", Device, SinglePage())
GEAR_LIST = List("/gear-service/gear/filterGear", Gear, SinglePage())
GEAR_AT_ONCE = 4

G = TypeVar("G", Item, Resource)


async def devices(rest: RestClient, query: PageQuery) -> Page[Item]:
    """The devices of an account."""
    page = await rest.page(DEVICE_LIST, belongings.device_to_item, replace(query, token=None))
    return windowed(page.items, query)


async def gear(rest: RestClient, profile: str, query: PageQuery) -> Page[Item]:
    """The gear of an account, each with its distance."""
    found = await rest.page(
        GEAR_LIST,
        belongings.gear_to_item,
        replace(query, token=None),
        params={"userProfilePk": profile},
    )
    page = windowed(found.items, query)
    return msgspec.structs.replace(page, items=await _with_stats(rest, page.items))


async def all_gear(rest: RestClient, profile: str) -> tuple[Item, ...]:
    """The whole gear of an account, each with its distance."""
    found = await rest.page(
        GEAR_LIST, belongings.gear_to_item, PageQuery(), params={"userProfilePk": profile}
    )
    return await _with_stats(rest, found.items)


async def gear_of_activity(rest: RestClient, activity: str) -> tuple[Item, ...]:
    """What gear was used in an activity."""
    found = await rest.page(
        GEAR_LIST, belongings.gear_to_item, PageQuery(), params={"activityId": activity}
    )
    return found.items


async def gear_resources(rest: RestClient, profile: str, query: ResourceQuery) -> Page[Resource]:
    """Gear that can be picked; it lies in nothing."""
    if query.parent_id is not None:
        wrong("parentId", "nothing: gear lies in no other")
    found = await rest.page(
        GEAR_LIST,
        belongings.gear_to_resource,
        replace(query, token=None),
        params={"userProfilePk": profile},
    )
    part = (query.q or "").casefold()
    page = windowed([one for one in found.items if part in one.name.casefold()], query)
    return msgspec.structs.replace(page, items=await _with_stats(rest, page.items))


async def device(rest: RestClient, own: str, *, raw: bool) -> Item:
    """One device, out of the list.

    Raises:
        ProviderNotFound: It is not registered.
    """
    page = await rest.page(DEVICE_LIST, belongings.device_to_item, PageQuery(include_raw=raw))
    return _one(page.items, item_id("device", own), DEVICES)


async def one_gear(rest: RestClient, profile: str, own: str, *, raw: bool) -> Item:
    """One gear with its distance.

    Raises:
        ProviderNotFound: There is no such gear.
    """
    query = PageQuery(include_raw=raw)
    page = await rest.page(
        GEAR_LIST, belongings.gear_to_item, query, params={"userProfilePk": profile}
    )
    (found,) = await _with_stats(rest, (_one(page.items, item_id("gear", own), GEAR),))
    return found


async def _with_stats(rest: RestClient, gear: Sequence[G]) -> tuple[G, ...]:
    async def one(row: G) -> G:
        return belongings.with_stats(row, await _stats(rest, row.id.partition(":")[2]))

    return tuple(await together([partial(one, row) for row in gear], at_once=GEAR_AT_ONCE))


async def _stats(rest: RestClient, own: str) -> GearStats | None:
    try:
        return await rest.get("/gear-service/gear/stats/{gear}", GearStats, gear=own)
    except ProviderNotFound:
        # Garmin has none of a gear that was removed.
        return None


def _one(items: Sequence[Item], wanted: str, place: str) -> Item:
    for item in items:
        if item.id == wanted:
            return item
    raise ProviderNotFound(f"There is no such thing among {place}.", details={"at": "provider"})
