"""Bikes and shoes: listed with the athlete, told whole one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from pydantic import Field

from src.connectors.manifest import ResourceType
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import SinglePage
from src.connectors.rest.together import together
from src.connectors.rest.windows import windowed
from src.connectors.strava.mapping import RESOURCE, to_gear, to_gear_resource
from src.connectors.strava.schemas import AthletesGear, Gear
from src.connectors.strava.scopes import PROFILE
from src.core.errors import InsufficientScope
from src.models.base import Model
from src.models.query import PageQuery
from src.models.unified import Item, Page, Resource

GEAR = List("/athlete", Gear, SinglePage(), wrapped_in=AthletesGear)
AT_ONCE = 4


class GearFilters(Model):
    """How much is told of gear, and of which."""

    details: bool = Field(
        default=True, description="Brand and model, too: one more request for each bike or pair."
    )
    retired: bool | None = Field(default=None, description="Only gear that is, or is not, retired.")


RESOURCE_TYPES = (
    ResourceType(name=RESOURCE, label="Gear", filters=GearFilters, scopes=(PROFILE,)),
)


async def list_gear(rest: RestClient, query: PageQuery) -> Page[Item]:
    """A page of the athlete's gear, which Strava gives whole and without brand and model."""
    whole = replace(query, token=None)
    listed = await rest.page(GEAR, to_gear, whole, hears=_need_told)
    return windowed(listed.items, query)


async def every_gear(rest: RestClient) -> list[Item]:
    """All of the athlete's gear, with all that Strava tells of each; not what goes meanwhile."""
    told = await rest.get("/athlete", AthletesGear[Gear])
    _need_told(told)
    calls = [partial(find_gear, rest, one.id) for one in told.rows]
    found = await together(calls, at_once=AT_ONCE)
    return [one for one in found if one is not None]


async def find_gear(rest: RestClient, gear: str) -> Item | None:
    """All that Strava tells of a bike or shoes; None = they are gone."""
    whole = partial(to_gear, whole=True)
    return await rest.find_one("/gear/{gear}", Gear, whole, raw=False, gear=gear)


async def pick_gear(
    rest: RestClient, query: PageQuery, *, q: str | None, filters: GearFilters
) -> Page[Resource]:
    """A page of gear whose name holds ``q``, with all that Strava tells of each."""
    told = await rest.get("/athlete", AthletesGear[Gear])
    _need_told(told)
    word = (q or "").casefold()
    page = windowed(
        [
            one
            for one in told.rows
            if word in f"{one.name} {one.nickname or ''}".casefold()
            and filters.retired in {None, bool(one.retired)}
        ],
        query,
    )
    rows = page.items
    if filters.details:
        rows = tuple(await together([_reading(rest, one.id) for one in rows], at_once=AT_ONCE))
    return Page(items=tuple(map(to_gear_resource, rows)), next_token=page.next_token)


def _reading(rest: RestClient, gear: str) -> Callable[[], Awaitable[Gear]]:
    return partial(rest.get, "/gear/{gear}", Gear, gear=gear)


def _need_told(told: AthletesGear[Gear]) -> None:
    """Strava leaves gear out where the scope is missing; none is not the same as unknown.

    Raises:
        InsufficientScope: It is left out.
    """
    if not told.is_told:
        raise InsufficientScope("The grant lacks a scope that this needs.", (PROFILE,))
