"""Runs of Strava's streams: activities by their start, and gear.

Strava lists activities by start and never by change, so an incremental run looks back a month from
the latest start that was seen: what was uploaded late is found, and what was renamed lately. Older
changes come by webhook, or with a full run. With ``after`` the oldest come first, and each page
asks for what began with the last one before it, or later: nothing that goes meanwhile moves others
out of sight. Source: developers.strava.com/docs/reference, "List Athlete Activities".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec.structs import replace

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.errors import unreadable
from src.connectors.rest.keyset import by_change, reached
from src.connectors.rest.paginators import Answer, PageRequest
from src.connectors.strava.config import LastStart
from src.connectors.strava.ids import ACTIVITIES
from src.connectors.strava.mapping import to_activity
from src.connectors.strava.schemas import Activity
from src.connectors.syncing import SyncPage, SyncQuery
from src.models.connection import Account
from src.models.query import PageQuery
from src.models.unified import Item

LOOKS_BACK = timedelta(days=30)
PAGE = 200
"""Strava gives no more at once, and each request counts against the limit of the app."""
_DIGITS = 10
_EPOCH = datetime.fromtimestamp(0, UTC)
_FIRST = 1
"""``after`` counts in seconds since 1970, and 0 would mean that it is not there."""


@dataclass(frozen=True, slots=True)
class _After:
    """One page of what began after a time."""

    after: int
    number: int

    def request(self, limit: int, token: str | None) -> PageRequest:  # noqa: ARG002
        """The time, the number and the size."""
        params = {"after": self.after, "page": self.number, "per_page": limit}
        return PageRequest({name: str(value) for name, value in params.items()})

    def following(self, answer: Answer) -> str | None:
        """Pages may be short where something is hidden: only an empty one is the end."""
        return str(self.number + 1) if answer.count else None


def listed_activity(activity: Activity, owner: Account | None) -> Item:
    """An activity as a list has it: the single answer tells more."""
    way = None if activity.map is None else replace(activity.map, polyline=None)
    bare = replace(activity, description=None, calories=None, device_name=None, gear=None, map=way)
    return to_activity(bare, owner)


async def activities(
    rest: RestClient, query: SyncQuery, owner: Account | None
) -> AsyncGenerator[SyncPage, None]:
    """All activities, or those of the last weeks before the checkpoint and since."""
    latest = query.checkpoint.last_start if isinstance(query.checkpoint, LastStart) else None
    moment = _FIRST if latest is None else int((latest - LOOKS_BACK).timestamp())
    since = f"{max(moment, _FIRST):0{_DIGITS}}"
    if (come := reached(query.position, since)) != since:
        latest = max(latest or _EPOCH, datetime.fromtimestamp(int(come), UTC))

    async def read(since: str, number: int) -> Sheet[Item]:
        return await _sheet(rest, owner, int(since), number)

    pages = by_change(read, since, query.position)
    async with aclosing(pages) as found:
        async for page in found:
            latest = max([latest or _EPOCH, *map(_start_of, page.items)])
            yield SyncPage(
                records=page.items,
                container_id=ACTIVITIES,
                position=page.next_token,
                asked_at=page.asked_at,
            )
    # A device whose clock is wrong must not keep the next run from looking.
    last = min(latest or _EPOCH, query.started_at)
    yield SyncPage(checkpoint=LastStart(last_start=last))


async def _sheet(rest: RestClient, owner: Account | None, since: int, number: int) -> Sheet[Item]:
    # ``after`` itself does not count, and others may have begun in the same second.
    listing = List("/athlete/activities", Activity, _After(max(since - 1, _FIRST), number))
    query = PageQuery(limit=PAGE)
    page = await rest.page(listing, partial(listed_activity, owner=owner), query)
    times = [f"{int(_start_of(one).timestamp()):0{_DIGITS}}" for one in page.items]
    return Sheet(
        items=page.items,
        ids=times,
        following=page.next_token,
        asked_at=page.asked_at,
        keys=[one.id for one in page.items],
    )


def _start_of(activity: Item) -> datetime:
    if activity.created_at is None:
        raise unreadable("an activity without a start")
    return datetime.fromisoformat(activity.created_at).astimezone(UTC)
