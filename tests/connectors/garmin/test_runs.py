"""Runs over many activities: by the day, whatever comes and goes meanwhile."""

import json
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.connectors.garmin.connector import GarminConnector
from src.connectors.garmin.runs import LOOK_BACK, ROWS
from src.connectors.manifest import UpdatedSince
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import InvalidCursor, UnreadableAnswer, UnsupportedCapability, ValidationFailed
from src.sandbox.garmin.app import create_app
from src.sandbox.garmin.seed import ACTIVITIES_OF_MIA, DAYS, SHOES
from src.sandbox.kit import MemoryStore
from tests.connectors.garmin.conftest import NOW, Garmin

STARTED = datetime.fromtimestamp(NOW, UTC)
SEEDED = ACTIVITIES_OF_MIA + 1
DAY = 86_400


async def add(garmin: Garmin, count: int, began: float, apart: float, first: int = 1) -> set[str]:
    """So many more activities, the newest first, so many seconds apart."""
    for index in range(count):
        told = {"activityId": first + index, "began": began - index * apart}
        (await garmin.client.post("/_sandbox/activities", json=told)).raise_for_status()
    return {f"activity:{first + index}" for index in range(count)}


async def delete(garmin: Garmin, activity: str) -> None:
    number = activity.partition(":")[2]
    (await garmin.client.delete(f"/_sandbox/activities/{number}")).raise_for_status()


def query(stream: str = "activities", **more: Any) -> SyncQuery:
    return SyncQuery(stream=stream, started_at=STARTED, **more)


async def pages(connector: GarminConnector, asked: SyncQuery) -> list[SyncPage]:
    async with aclosing(connector.sync(asked)) as found:
        return [page async for page in found]


def ids(found: list[SyncPage]) -> list[str]:
    return [record.id for page in found for record in page.records]


async def test_all_activities_come_once_over_many_pages(garmin: Garmin) -> None:
    spread = await add(garmin, 130, NOW, DAY / 2)
    # More on one day than a page holds, and a day that is exactly one page.
    crowded = await add(garmin, ROWS + 20, NOW - 200 * DAY, 60, first=1_000)
    full = await add(garmin, ROWS, NOW - 300 * DAY, 60, first=2_000)
    found = ids(await pages(garmin.key(), query()))
    assert len(found) == len(set(found)) == SEEDED + 130 + 2 * ROWS + 20
    assert spread | crowded | full <= set(found)


@pytest.mark.parametrize("more", [0, 3], ids=["fewer", "more"])
async def test_nothing_is_lost_while_the_list_moves(garmin: Garmin, more: int) -> None:
    imitation = create_app(MemoryStore(), clock=lambda: NOW)
    garmin.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=imitation), base_url="http://garmin.sandbox"
    )
    there = await add(garmin, 250, NOW, DAY / 3)
    gone: list[str] = []

    async def moving(scope: Any, receive: Any, send: Any) -> None:
        """Before each page the newest go, which have been read, and others come in their place."""
        if scope["path"].endswith("/search/activities"):
            for _ in range(2):
                gone.append(f"activity:{len(gone) + 1}")
                await delete(garmin, gone[-1])
            await add(garmin, more, NOW + len(gone), 1, first=10_000 + 10 * len(gone))
        await imitation(scope, receive, send)

    garmin.network.add("personal.connectapi.garmin.com", moving)
    seen = set(ids(await pages(garmin.key(), query())))
    assert len(gone) >= 8
    assert there - set(gone) <= seen


async def test_a_run_goes_on_where_it_was_broken_off(garmin: Garmin) -> None:
    await add(garmin, 250, NOW, DAY / 3)
    whole = await pages(garmin.key(), query())
    for count in range(1, len(whole)):
        position = next(page.position for page in whole[count - 1 :: -1] if page.position)
        rest = await pages(garmin.key(), query(plan=("activities",), position=position))
        before = {record.id for page in whole[:count] for record in page.records}
        assert before | set(ids(rest)) == set(ids(whole))
        assert rest[-1].checkpoint == whole[-1].checkpoint


async def test_an_incremental_run_reads_the_last_days_again(garmin: Garmin) -> None:
    recent = await add(garmin, 1, (STARTED - LOOK_BACK + timedelta(days=1)).timestamp(), 1)
    await add(garmin, 1, (STARTED - LOOK_BACK - timedelta(days=2)).timestamp(), 1, first=9)
    garmin.asked()
    found = await pages(garmin.key(), query(checkpoint=UpdatedSince(updated_since=STARTED)))
    assert set(ids(found)) == recent
    assert all("startDate=2026-06-13" in one for one in garmin.asked())
    quiet = query(checkpoint=UpdatedSince(updated_since=STARTED + timedelta(days=30)))
    assert ids(await pages(garmin.key(), quiet)) == []
    assert len(garmin.asked()) == 1


async def test_a_list_that_heeds_no_days_is_refused(garmin: Garmin) -> None:
    imitation = create_app(MemoryStore(), clock=lambda: NOW)

    async def deaf(scope: Any, receive: Any, send: Any) -> None:
        """A Garmin that gives the newest whatever day it is asked for."""
        said = scope["query_string"].split(b"&")
        kept = b"&".join(part for part in said if not part.startswith(b"endDate"))
        await imitation({**scope, "query_string": kept}, receive, send)

    garmin.network.add("personal.connectapi.garmin.com", deaf)
    position = json.dumps({"next": 1, "open": {"0": "2019-01-01~0"}})
    with pytest.raises(UnreadableAnswer):
        await pages(garmin.key(), query(plan=("activities",), position=position))


async def test_days_are_read_back_to_the_first(garmin: Garmin) -> None:
    found = await pages(garmin.key(), query("daily"))
    days = ids(found)
    assert len(days) == len(set(days))
    assert days
    oldest = (STARTED - timedelta(days=DAYS)).date().isoformat()
    assert min(days) > f"day:{oldest}"
    asked = query("daily", checkpoint=UpdatedSince(updated_since=STARTED))
    garmin.asked()
    last = await pages(garmin.key(), asked)
    assert set(ids(last)) == {day for day in days if day >= "day:2026-06-13"}
    assert len(garmin.asked()) == 1


async def test_gear_is_read_where_it_is_wanted(garmin: Garmin) -> None:
    wanted = garmin.tokens(settings={"syncGear": True})
    assert f"gear:{SHOES}" in ids(await pages(wanted, query("gear")))
    assert ids(await pages(garmin.tokens(), query("gear"))) == []
    assert ids(await pages(garmin.key(settings={"syncGear": True}), query("gear"))) == []


async def test_containers_of_other_streams_are_passed_over(garmin: Garmin) -> None:
    asked = query("daily", container_ids=("activities",))
    assert ids(await pages(garmin.key(), asked)) == []
    narrowed = await pages(garmin.key(), query(container_ids=("activities:running",)))
    assert {record.container_id for page in narrowed for record in page.records} == {
        "activities:running"
    }
    both = await pages(garmin.key(), query(container_ids=("activities:running", "activities")))
    assert len(ids(both)) == SEEDED
    with pytest.raises(ValidationFailed):
        await pages(garmin.key(), query(container_ids=("repo:1",)))
    position = json.dumps({"next": 1, "open": {"0": "nonsense"}})
    with pytest.raises(InvalidCursor):
        await pages(garmin.key(), query(plan=("activities",), position=position))


async def test_an_app_that_is_pinged_asks_for_nothing(garmin: Garmin) -> None:
    with pytest.raises(UnsupportedCapability):
        await pages(garmin.open("oauth2", "some-token"), query())
    assert garmin.asked() == []
