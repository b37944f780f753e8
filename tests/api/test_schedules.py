"""Schedules: made with jobs, listed, deleted, and carried out when their time has come."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from structlog.testing import capture_logs

from src.core.errors import ValidationFailed
from src.db.client import Mongo
from src.services.schedules import BATCH, MOST_OF_A_CONNECTION, next_run
from tests.api.answers import data_of, error_of, items_of
from tests.api.books import Books, connect

HOURLY = "0 * * * *"
ADA = {"X-User-Id": "ada"}
BOB = {"X-User-Id": "bob"}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def scheduled(books: Books, **body: Any) -> dict[str, Any]:
    """A new schedule, in short."""
    made = data_of(await books.ask(schedule=HOURLY, **body), 202)
    schedule: dict[str, Any] = made["schedule"]
    return schedule


async def listed(books: Books, headers: dict[str, str] | None = None, **query: str) -> list[Any]:
    return items_of(await books.client.get("/api/schedules", params=query, headers=headers))


async def make_due(mongo: Mongo) -> None:
    """Let the time of every schedule have come long ago."""
    await mongo.database["schedules"].update_many({}, {"$set": {"nextRunAt": LONG_AGO}})


async def cancel_all(books: Books) -> None:
    for job_id in await books.jobs(status="queued"):
        await books.client.post(f"/api/jobs/{job_id}/cancel")


async def test_a_schedule_is_made_with_its_first_job(idle_books: Books) -> None:
    made = data_of(await idle_books.ask(schedule=HOURLY, containerIds=["main"]), 202)

    (job,) = made["jobs"]
    assert job["stream"] == "entries"
    assert (await idle_books.look(job["jobId"]))["scheduleId"] == made["schedule"]["scheduleId"]
    short = made["schedule"]
    assert short["cron"] == HOURLY
    assert short["nextRunAt"].endswith(":00:00.000Z")
    (schedule,) = await listed(idle_books)
    assert schedule == {
        "id": short["scheduleId"],
        "connectionId": idle_books.connection_id,
        "connectorId": "ledger",
        "streams": ["entries"],
        "containerIds": ["main"],
        "mode": "incremental",
        "cron": HOURLY,
        "nextRunAt": short["nextRunAt"],
        "createdAt": schedule["createdAt"],
        "createdBy": "open",
    }
    (entry,) = await idle_books.deeds("schedule.created")
    assert entry["target"] == idle_books.connection_id
    assert entry["details"] == {
        "connectorId": "ledger",
        "scheduleId": short["scheduleId"],
        "streams": ["entries"],
        "cron": HOURLY,
    }


async def test_the_same_schedule_asked_for_twice_is_one(idle_books: Books) -> None:
    first, *others = await asyncio.gather(*(scheduled(idle_books) for _ in range(4)))
    assert others == [first] * 3
    assert len(await listed(idle_books)) == 1
    assert len(await idle_books.deeds("schedule.created")) == 1
    other = await scheduled(idle_books, mode="full")
    assert {one["id"] for one in await listed(idle_books)} == {
        first["scheduleId"],
        other["scheduleId"],
    }


async def test_a_connection_has_a_bounded_number_of_schedules(idle_books: Books) -> None:
    for minute in range(MOST_OF_A_CONNECTION):
        data_of(await idle_books.ask(schedule=f"{minute} * * * *"), 202)
    error_of(await idle_books.ask(schedule=HOURLY, mode="full"), 409, "conflict")


async def test_schedules_come_in_pages_and_narrowed(idle_books: Books) -> None:
    first, second = await scheduled(idle_books), await scheduled(idle_books, mode="full")
    page = data_of(await idle_books.client.get("/api/schedules?limit=1"))
    cursor = page["nextCursor"]
    (other,) = await listed(idle_books, limit="1", cursor=cursor)
    ids = {first["scheduleId"], second["scheduleId"]}
    assert {page["items"][0]["id"], other["id"]} == ids
    assert len(await listed(idle_books, connectionId=idle_books.connection_id)) == 2
    assert await listed(idle_books, connectionId="con_0123456789abcdef01234567") == []


async def test_a_deleted_schedule_is_gone_and_its_job_goes_on(idle_books: Books) -> None:
    schedule_id = (await scheduled(idle_books))["scheduleId"]
    path = f"/api/schedules/{schedule_id}"
    assert data_of(await idle_books.client.delete(path)) == {"scheduleId": schedule_id}
    assert await listed(idle_books) == []
    error_of(await idle_books.client.delete(path), 404, "not_found")
    (entry,) = await idle_books.deeds("schedule.deleted")
    assert entry["details"]["scheduleId"] == schedule_id
    assert len(await idle_books.jobs(status="queued")) == 1
    error_of(await idle_books.client.delete("/api/schedules/sch_1"), 404, "not_found")


async def test_who_sees_and_deletes_a_schedule(idle_books: Books) -> None:
    client = idle_books.client
    shared = (await scheduled(idle_books))["scheduleId"]
    hers = await connect(client, userId="ada")
    own = (await scheduled(idle_books, connectionId=hers, headers=ADA))["scheduleId"]
    assert {one["id"] for one in await listed(idle_books, ADA)} == {shared, own}
    assert {one["id"] for one in await listed(idle_books, BOB)} == {shared}
    assert await listed(idle_books, {"X-Tenant-Id": "globex"}) == []
    path = f"/api/schedules/{own}"
    error_of(await client.delete(path, headers=BOB), 404, "not_found")
    error_of(await client.delete(path, headers={"X-Tenant-Id": "globex"}), 404, "not_found")
    error_of(await client.delete(f"/api/schedules/{shared}", headers=ADA), 403, "forbidden")
    error_of(await idle_books.ask(schedule=HOURLY, headers=ADA), 403, "forbidden")
    data_of(await client.delete(path, headers=ADA))
    assert {one["id"] for one in await listed(idle_books)} == {shared}


async def test_what_is_due_is_begun_once_however_often_it_was_missed(
    idle_books: Books, mongo: Mongo
) -> None:
    schedule_id = (await scheduled(idle_books))["scheduleId"]
    await cancel_all(idle_books)
    schedules = idle_books.service.container.schedules
    await schedules.run_due()
    assert await idle_books.jobs(status="queued") == []

    await make_due(mongo)
    await asyncio.gather(schedules.run_due(), schedules.run_due())

    (job_id,) = await idle_books.jobs(status="queued")
    job = await idle_books.look(job_id)
    assert (job["scheduleId"], job["stream"]) == (schedule_id, "entries")
    (schedule,) = await listed(idle_books)
    assert schedule["nextRunAt"] > job["createdAt"]
    await cancel_all(idle_books)
    await schedules.run_due()
    assert await idle_books.jobs(status="queued") == []


async def test_a_schedule_waits_for_the_user_of_its_connection(
    idle_books: Books, mongo: Mongo
) -> None:
    await scheduled(idle_books)
    await cancel_all(idle_books)
    await mongo.database["connections"].update_many(
        {"_id": idle_books.connection_id}, {"$set": {"status": "reauth_required"}}
    )
    await make_due(mongo)
    await idle_books.service.container.schedules.run_due()
    assert await idle_books.jobs(status="queued") == []
    (schedule,) = await listed(idle_books)
    assert datetime.fromisoformat(schedule["nextRunAt"]) > LONG_AGO


async def test_one_schedule_that_cannot_be_read_keeps_no_other_waiting(
    idle_books: Books, mongo: Mongo
) -> None:
    bad = (await scheduled(idle_books))["scheduleId"]
    await scheduled(idle_books, streams=["feed"])
    await cancel_all(idle_books)
    await mongo.database["schedules"].update_one({"_id": bad}, {"$set": {"cron": "never"}})
    await make_due(mongo)
    await idle_books.service.container.schedules.run_due()
    assert len(await idle_books.jobs(status="queued", stream="feed")) == 1
    assert {
        datetime.fromisoformat(one["nextRunAt"]) > LONG_AGO for one in await listed(idle_books)
    } == {True}


@pytest.mark.parametrize(
    ("collection", "damage"),
    [("schedules", {"mode": "sideways"}), ("connections", {"status": "sideways"})],
)
async def test_one_schedule_that_meets_a_bug_keeps_no_other_waiting(
    idle_books: Books, mongo: Mongo, collection: str, damage: dict[str, str]
) -> None:
    """Not in this round, and not by being the first again in each that follows."""
    other = await connect(idle_books.client, userId="ada")
    bad = (await scheduled(idle_books, connectionId=other, headers=ADA))["scheduleId"]
    await scheduled(idle_books)
    await cancel_all(idle_books)
    broken = {"schedules": bad, "connections": other}[collection]
    await make_due(mongo)
    first = {"nextRunAt": LONG_AGO - timedelta(days=1)}
    await mongo.database["schedules"].update_one({"_id": bad}, {"$set": first})
    await mongo.database[collection].update_one({"_id": broken}, {"$set": damage})
    with capture_logs() as logs:
        await idle_books.service.container.schedules.run_due()
    assert [one["schedule"] for one in logs if one["event"] == "schedule.broken"] == [bad]
    assert len(await idle_books.jobs(status="queued")) == 1
    with capture_logs() as logs:
        await idle_books.service.container.schedules.run_due()
    assert [one for one in logs if one["event"] == "schedule.broken"] == []


async def test_a_hundred_schedules_that_meet_a_bug_keep_no_other_waiting(
    idle_books: Books, mongo: Mongo
) -> None:
    """As many as are looked at together stand before it, each time."""
    await scheduled(idle_books)
    await cancel_all(idle_books)
    await make_due(mongo)
    schedules = mongo.database["schedules"]
    good = await schedules.find_one({})
    assert good is not None
    first = LONG_AGO - timedelta(days=1)
    broken = {**good, "mode": "sideways", "nextRunAt": first}
    await schedules.insert_many([{**broken, "_id": f"sch_{at:024x}"} for at in range(BATCH)])
    with capture_logs() as logs:
        for _ in range(2):
            await idle_books.service.container.schedules.run_due()
    assert len([one for one in logs if one["event"] == "schedule.broken"]) == BATCH
    assert len(await idle_books.jobs(status="queued")) == 1


AT = datetime(2026, 3, 7, 10, 30, 15, 250000, UTC)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("* * * * *", datetime(2026, 3, 7, 10, 31, tzinfo=UTC)),
        ("30 10 * * *", datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        ("0 9 * * MON-FRI", datetime(2026, 3, 9, 9, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("*/15 * * * *", datetime(2026, 3, 7, 10, 45, tzinfo=UTC)),
    ],
)
def test_cron_expressions_are_in_utc(cron: str, expected: datetime) -> None:
    assert next_run(cron, AT) == expected
    assert next_run(cron, AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == expected


@pytest.mark.parametrize("cron", ["* * * * * *", "", "0 0 31 2 *", "0 0 31 4,6 *", "@daily"])
def test_what_never_comes_to_pass_is_refused(cron: str) -> None:
    with pytest.raises(ValidationFailed):
        next_run(cron, AT)
