"""Runs of Garmin's streams: activities by the day they began, days by range, gear as a whole.

Garmin's list of activities knows pages by number, which move while they are read, and no time of
change. So it is walked by the day: each page begins at the last day of the page before, whatever
has come or gone meanwhile. An incremental run reads the last days again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from src.connectors.garmin.config import Domain
from src.connectors.garmin.days import LONGEST_RANGE, RANGE, Place
from src.connectors.garmin.equipment import all_gear
from src.connectors.garmin.ids import GEAR, read_container
from src.connectors.garmin.mapping import activity_to_item, steps_to_item
from src.connectors.garmin.schemas import Activity
from src.connectors.overlap import next_checkpoint, since
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.errors import unreadable
from src.connectors.rest.paginators import SinglePage
from src.connectors.syncing import PartPage, ReadPart, SyncPage, SyncQuery, over_parts
from src.core.errors import InvalidCursor
from src.models.query import PageQuery
from src.models.unified import Item

LOOK_BACK = timedelta(days=8)
"""How far back an incremental run reads: a watch is not synchronized each day, and somebody names
an activity days later. One of the days is for the zones of the earth."""
ROWS = 100

_ROWS_OF_DAYS = List("/activitylist-service/activities/search/activities", Activity, SinglePage())
_TOKEN = re.compile(r"(-|[0-9]{4}-[0-9]{2}-[0-9]{2})~([0-9]{1,6})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Stand:
    """The last day that is asked for, and how many of the newest rows from there are known."""

    end: date | None = None
    start: int = 0

    @classmethod
    def of(cls, token: str | None) -> _Stand:
        """The stand of a run that goes on; None = it begins."""
        if token is None:
            return cls()
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise InvalidCursor("The run has another form now. Start it anew.")
        return cls(None if found[1] == "-" else date.fromisoformat(found[1]), int(found[2]))

    @property
    def day(self) -> date:
        """The last day, of all days if none was named."""
        return self.end or date.max

    def the_day_before(self) -> _Stand:
        """All that lies before the last day; nothing was asked for that has none."""
        return _Stand(self.day - _DAY)

    @property
    def token(self) -> str:
        """As a run keeps it."""
        return f"{self.end or '-'}~{self.start}"


def begin_of(query: SyncQuery) -> date | None:
    """The first day that a run reads; None = it reads everything."""
    changed = since(query)
    return None if changed is None else (changed - LOOK_BACK).date()


def parts_of(query: SyncQuery) -> tuple[str, ...] | None:
    """The containers that are asked for and hold records of the stream; None = all that do.

    Raises:
        ValidationFailed: Garmin has no such container.
    """
    if query.container_ids is None:
        return None
    # A stream has the name of its container.
    place = query.stream
    asked = dict.fromkeys(query.container_ids)
    found = tuple(one for one in asked if read_container(one, "containerIds")[0] == place)
    # Each record is in one container: whoever wants all gets them there.
    return (place,) if place in found else found


async def run(query: SyncQuery, read: ReadPart) -> AsyncGenerator[SyncPage, None]:
    """A whole run; gear has no checkpoint."""

    async def parts() -> tuple[str, ...]:
        return (query.stream,)

    async with aclosing(over_parts(query, parts, read)) as pages:
        async for page in pages:
            yield page
    if query.stream != GEAR:
        yield SyncPage(checkpoint=next_checkpoint(query))


async def read_gear(
    rest: RestClient, profile: Callable[[], Awaitable[str]]
) -> AsyncGenerator[PartPage, None]:
    """All gear, at once."""
    yield PartPage(records=await all_gear(rest, await profile()))


async def read_activities(
    rest: RestClient, query: SyncQuery, domain: Domain, part: str, token: str | None
) -> AsyncGenerator[PartPage, None]:
    """Activities, the newest first."""
    begin, stand, seen = begin_of(query), _Stand.of(token), set[str]()
    _, narrowed = read_container(part, "containerIds")
    to_item = partial(activity_to_item, container_id=part, domain=domain)
    while True:
        page = await rest.page(
            _ROWS_OF_DAYS,
            to_item,
            PageQuery(limit=ROWS),
            params={
                "start": str(stand.start),
                "limit": str(ROWS),
                "startDate": begin.isoformat() if begin else None,
                "endDate": stand.end.isoformat() if stand.end else None,
                "activityType": narrowed,
            },
        )
        following = _following(stand, page.items)
        if following is not None and begin is not None and following.day < begin:
            following = None
        # A day is begun again on the next page: what has come of it does not come twice.
        fresh = tuple(item for item in page.items if item.id not in seen)
        seen = seen if following is not None and following.end == stand.end else set()
        seen |= {item.id for item in page.items if following and _day_of(item) == following.end}
        yield PartPage(records=fresh, next_token=following.token if following else None)
        if following is None:
            return
        stand = following


def _following(stand: _Stand, items: Sequence[Item]) -> _Stand | None:
    """Where the next page begins; None when there is nothing before these.

    A page that is not full is no end: only a day before which nothing comes is one.
    """
    if not items:
        return stand.the_day_before() if stand.start else None
    days = [_day_of(item) for item in items]
    if stand.end is not None and max(days) > stand.end:
        raise unreadable("the list is not narrowed to the days that were asked for")
    last = days[-1]
    if stand.end is None or last < stand.end:
        return _Stand(last)
    if len(items) < ROWS:
        return stand.the_day_before()
    return _Stand(stand.end, stand.start + len(items))


def _day_of(item: Item) -> date:
    """The day on which an activity began, on its user's clock: what Garmin's list goes by."""
    try:
        return date.fromisoformat(str(item.fields["startDateLocal"])[:10])
    except ValueError as error:
        raise unreadable("an activity has no day") from error


async def read_days(
    rest: RestClient, query: SyncQuery, token: str | None
) -> AsyncGenerator[PartPage, None]:
    """Days with records, range by range into the past."""
    begin = begin_of(query)
    # Where it is a day later already, that day comes with the next run.
    place = Place(query.started_at.date()) if token is None else Place.of(token)
    while True:
        first = place.end - timedelta(days=LONGEST_RANGE - 1)
        start = first if begin is None else max(first, begin)
        page = await rest.page(
            RANGE,
            partial(steps_to_item, body=True),
            PageQuery(),
            at={"start": start.isoformat(), "end": place.end.isoformat()},
        )
        following = place.before(LONGEST_RANGE, found=bool(page.items))
        if begin is not None and first <= begin:
            following = None
        yield PartPage(records=page.items, next_token=following)
        if following is None:
            return
        place = Place.of(following)
