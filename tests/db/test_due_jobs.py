"""Finding jobs that wait, over all tenants: fair, and only those that nobody works on."""

from datetime import timedelta
from typing import Any

from src.db.client import Mongo
from src.db.due_jobs import DueJobs
from src.models.base import now

NOW = now()
AGO = timedelta(minutes=1)


async def put(mongo: Mongo, tenant_id: str, job_id: str, **fields: Any) -> None:
    job = {
        "_id": job_id,
        "tenantId": tenant_id,
        "connectionId": job_id,
        "connectorId": "github",
        "stream": "issues",
        "status": "queued",
        "live": True,
        "dueAt": NOW - AGO,
        "lease": None,
    }
    await mongo.database["jobs"].insert_one({**job, **fields})


async def found(mongo: Mongo, limit: int = 10) -> list[tuple[str, str]]:
    jobs = DueJobs(lambda: mongo.database)
    return [(job.tenant_id, job.job_id) for job in await jobs.list(NOW, limit)]


async def test_only_what_is_due_and_free_is_found(mongo: Mongo) -> None:
    await put(mongo, "acme", "waits")
    await put(mongo, "acme", "of_a_dead_worker", lease={"until": NOW - AGO})
    await put(mongo, "acme", "worked_on", lease={"until": NOW + AGO})
    await put(mongo, "acme", "later", dueAt=NOW + AGO)
    await put(mongo, "acme", "held", dueAt=None)
    await put(mongo, "acme", "over", live=False)
    assert sorted(await found(mongo)) == [("acme", "of_a_dead_worker"), ("acme", "waits")]


async def test_a_tenant_with_many_jobs_does_not_stand_before_one_with_few(mongo: Mongo) -> None:
    for at in range(6):
        await put(mongo, "many", f"many{at}", dueAt=NOW - AGO + timedelta(milliseconds=at))
    await put(mongo, "few", "few0", dueAt=NOW - AGO / 2)
    assert await found(mongo, 3) == [("many", "many0"), ("few", "few0"), ("many", "many1")]


async def test_nobody_is_hidden_by_however_many_jobs_of_another(mongo: Mongo) -> None:
    job = {"tenantId": "many", "connectorId": "github", "stream": "issues", "live": True}
    times = {"dueAt": NOW - AGO, "lease": None}
    await mongo.database["jobs"].insert_many(
        [{**job, **times, "_id": f"many{at}", "connectionId": f"many{at}"} for at in range(20_001)]
    )
    await put(mongo, "few", "few0", dueAt=NOW - AGO / 2)
    assert ("few", "few0") in await found(mongo, 2)


async def test_jobs_that_are_worked_on_do_not_count_as_waiting(mongo: Mongo) -> None:
    """Those of a tenant that has waited longest, but for one, are in good hands."""
    for at in range(40):
        lease = {"until": NOW + AGO}
        await put(mongo, "busy", f"busy{at}", dueAt=NOW - 2 * AGO, lease=lease)
    await put(mongo, "busy", "free", dueAt=NOW - AGO / 3)
    await put(mongo, "few", "few0", dueAt=NOW - AGO / 2)
    await put(mongo, "all_busy", "busy", dueAt=NOW - 3 * AGO, lease={"until": NOW + AGO})
    assert await found(mongo, 5) == [("few", "few0"), ("busy", "free")]
    assert len(await found(mongo, 1)) == 1


async def test_what_waits_is_counted_without_tenants(mongo: Mongo) -> None:
    await put(mongo, "acme", "first", dueAt=NOW - AGO)
    await put(mongo, "globex", "second", dueAt=NOW)
    await put(mongo, "globex", "held", status="held", dueAt=None)
    await put(mongo, "globex", "over", status="succeeded", live=False)
    waiting = await DueJobs(lambda: mongo.database).count(NOW)
    assert waiting.by_status == {("github", "queued"): 2, ("github", "held"): 1}
    assert waiting.since is not None
    assert abs(waiting.since - (NOW - AGO)) < timedelta(milliseconds=1)


async def test_nothing_waits_where_there_are_no_jobs(mongo: Mongo) -> None:
    waiting = await DueJobs(lambda: mongo.database).count(NOW)
    assert (waiting.by_status, waiting.since) == ({}, None)
