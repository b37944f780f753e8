"""Slices: handed over, postponed, ended; and workers that come back after they were given up."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import OperationFailure
from starlette.requests import Request

from src.connectors.rest.pacing import BURST_SECONDS
from src.models.connection import ConnectionStatus
from src.models.job import JobStatus, SyncMode
from src.services.sync.slices import MOST_OUTAGES, SliceEnd
from tests.fakes.clock import Sleeps
from tests.services.sync.conftest import Build
from tests.services.sync.ledger import World


class Gate:
    """A request that waits until it is let through."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, _: Request) -> None:
        self.reached.set()
        await self.opened.wait()


async def let_pass(_: Request) -> None:
    """A request that nothing happens to."""


async def test_a_slice_that_is_over_hands_on_and_the_next_goes_on_from_there(
    build: Build,
) -> None:
    world = await build(jobs_slice_seconds=0.000001)
    world.ledger.fill(35)
    world.ledger.fill(35, "other")
    job_id = await world.job()

    ends = [await world.slice(job_id)]
    while ends[-1] is SliceEnd.HANDED_ON:
        assert [hint.id for hint in world.queue.hints] == [job_id] * len(ends)
        ends.append(await world.slice(job_id))

    assert ends[-1] is SliceEnd.OVER
    assert len(ends) > 2
    job = await world.look(job_id)
    assert (job.status, job.counts.added, job.lease) == (JobStatus.SUCCEEDED, 70, None)
    assert await world.copy() == world.ledger.texts()
    assert world.ledger.asked.count("/books/main") == 4, "nothing was read twice"


async def test_a_process_that_ends_hands_over_what_it_has_not_stored(world: World) -> None:
    world.ledger.fill(200)
    gate, stop = Gate(), asyncio.Event()
    world.ledger.hooks = [*[let_pass] * 8, gate]
    job_id = await world.job()

    working = asyncio.create_task(world.slice(job_id, stop))
    await gate.reached.wait()
    stop.set()
    end = await working

    assert end is SliceEnd.HANDED_ON
    job = await world.look(job_id)
    assert (job.status, job.lease, job.live) == (JobStatus.RUNNING, None, True)
    gate.opened.set()
    assert await world.slice(job_id) is SliceEnd.OVER
    assert await world.copy() == world.ledger.texts()
    assert (await world.look(job_id)).counts.added == 200


async def test_a_storm_of_limits_is_sat_out_as_long_as_the_provider_says(world: World) -> None:
    world.ledger.fill(35)
    job_id = await world.job()
    await world.fault({"kind": "rate_limited", "retry_after": 70})
    for _ in range(MOST_OUTAGES + 2):
        assert await world.slice(job_id) is SliceEnd.WAITING
        job = await world.look(job_id)
        assert job.due_at is not None
        assert job.started_at is not None
        assert job.due_at - job.started_at > timedelta(seconds=60)
        assert job.error is not None
        assert (job.status, job.error.code) == (JobStatus.RUNNING, "rate_limited")
        assert await world.slice(job_id) is SliceEnd.NOT_DUE
        await world.make_due(job_id)
    await world.fault()

    assert await world.slice(job_id) is SliceEnd.OVER
    assert await world.copy() == world.ledger.texts()


async def test_a_provider_that_says_too_little_is_left_alone_longer_each_time(
    world: World,
) -> None:
    world.ledger.fill(35)
    job_id = await world.job()
    await world.fault({"kind": "rate_limited", "retry_after": 20})
    pauses = []
    for _ in range(4):
        assert await world.slice(job_id) is SliceEnd.WAITING
        error = (await world.look(job_id)).error
        assert error is not None
        pauses.append(error.retry_after)
        await world.make_due(job_id)

    assert pauses == [20, 40, 60, 60]


async def test_an_outage_is_tried_again_and_too_many_in_a_row_end_the_job(world: World) -> None:
    world.ledger.fill(35)
    job_id = await world.job()
    await world.fault({"kind": "server_error", "status": 503})
    for attempt in range(1, MOST_OUTAGES):
        assert await world.slice(job_id) is SliceEnd.WAITING
        assert (await world.look(job_id)).attempts == attempt
        await world.make_due(job_id)

    assert await world.slice(job_id) is SliceEnd.OVER

    job = await world.look(job_id)
    assert job.error is not None
    assert (job.status, job.error.code, job.live) == (JobStatus.FAILED, "provider_error", False)
    state = await world.scope.sync_states.get(world.connection.id, "entries")
    assert state is not None
    assert (state.last_status, state.checkpoint) == ("failed", None)


async def test_a_page_that_came_forgets_the_outages_before(world: World) -> None:
    world.ledger.fill(200)
    job_id = await world.job()
    outage = {"kind": "server_error", "status": 503}
    await world.fault(outage)
    for _ in range(MOST_OUTAGES - 1):
        assert await world.slice(job_id) is SliceEnd.WAITING
        await world.make_due(job_id)
    await world.fault()
    gate, stop = Gate(), asyncio.Event()
    world.ledger.hooks = [*[let_pass] * 8, gate]
    working = asyncio.create_task(world.slice(job_id, stop))
    await gate.reached.wait()
    stop.set()
    assert await working is SliceEnd.HANDED_ON
    gate.opened.set()

    await world.fault(outage)
    assert await world.slice(job_id) is SliceEnd.WAITING

    assert (await world.look(job_id)).attempts == 1


async def test_a_refused_credential_ends_the_job_and_asks_the_user(world: World) -> None:
    world.ledger.fill(200)

    async def change_key(_: Request) -> None:
        world.ledger.key = "another"

    world.ledger.hooks = [*[let_pass] * 8, change_key]

    job = await world.run()

    assert job.error is not None
    assert (job.status, job.error.code) == (JobStatus.FAILED, "reauthorization_required")
    connection = await world.scope.connections.get_fresh(world.connection.id)
    assert connection is not None
    assert connection.status is ConnectionStatus.REAUTH_REQUIRED
    assert 0 < len(await world.records()) < 200, "what was read before is kept"


async def test_a_worker_that_was_given_up_writes_nothing_any_more(build: Build) -> None:
    slow, quick = await build(), await build()
    slow.ledger.fill(200)
    gate = Gate()
    slow.ledger.hooks = [*[let_pass] * 8, gate]
    job_id = await slow.job()
    working = asyncio.create_task(slow.slice(job_id))
    await gate.reached.wait()

    await slow.make_due(job_id)
    assert await quick.slice(job_id) is SliceEnd.OVER
    before = await quick.records()
    gate.opened.set()

    assert await working is SliceEnd.LOST
    assert await quick.records() == before
    job = await quick.look(job_id)
    assert (job.counts.added, job.fence, len(before)) == (200, 2, 200)


async def test_a_worker_whose_job_is_anothers_now_writes_nothing_either(world: World) -> None:
    world.ledger.fill(200)
    gate = Gate()
    world.ledger.hooks = [*[let_pass] * 8, gate]
    job_id = await world.job()
    working = asyncio.create_task(world.slice(job_id))
    await gate.reached.wait()
    await world.make_due(job_id)
    taken = await world.scope.job_runs.acquire(job_id, "another", 60)
    assert taken is not None
    before = await world.records()
    gate.opened.set()

    assert await working is SliceEnd.LOST
    assert await world.records() == before
    assert await world.look(job_id) == taken
    await world.make_due(job_id)
    assert await world.slice(job_id) is SliceEnd.OVER
    assert (await world.look(job_id)).counts.added == 200
    assert await world.copy() == world.ledger.texts()


async def test_a_cancelled_job_ends_with_its_batch(world: World) -> None:
    world.ledger.fill(200)
    gate = Gate()
    world.ledger.hooks = [*[let_pass] * 8, gate]
    job_id = await world.job()
    working = asyncio.create_task(world.slice(job_id))
    await gate.reached.wait()
    await world.scope.jobs.cancel(job_id)
    gate.opened.set()

    assert await working is SliceEnd.OVER
    job = await world.look(job_id)
    assert (job.status, job.live) == (JobStatus.CANCELLED, False)


async def test_what_changes_while_it_is_read_is_there_in_the_end(world: World) -> None:
    ids = world.ledger.fill(200)
    await world.run()

    async def shuffle(_: Request) -> None:
        at = len(world.ledger.asked)
        world.ledger.put(ids[at * 3], f"changed {at}")
        world.ledger.put(f"main-{at:05}-new")
        world.ledger.drop(ids[-at])

    world.ledger.asked.clear()
    world.ledger.hooks = [*[let_pass] * 2, *[shuffle] * 20]
    await world.run(mode=SyncMode.FULL)
    world.ledger.hooks.clear()
    await world.run()
    await world.run(mode=SyncMode.FULL)

    assert await world.copy() == world.ledger.texts()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "disconnected"}, "connection_not_ready"),
        ({"status": "reauth_required"}, "reauthorization_required"),
    ],
)
async def test_a_connection_that_cannot_be_used_ends_the_job_at_once(
    world: World, change: dict[str, Any], code: str
) -> None:
    job_id = await world.job()
    await world.container.mongo.database["connections"].update_one(
        {"_id": world.connection.id}, {"$set": change}
    )
    assert await world.slice(job_id) is SliceEnd.OVER
    job = await world.look(job_id)
    assert job.error is not None
    assert (job.status, job.error.code) == (JobStatus.FAILED, code)


async def test_another_tenants_job_is_not_worked_on(world: World) -> None:
    job_id = await world.job()
    run = world.container.sync.run_slice("globex", job_id, asyncio.Event())
    assert await run is SliceEnd.NOT_DUE
    assert (await world.look(job_id)).status is JobStatus.QUEUED


async def test_the_open_transaction_of_a_killed_worker_is_in_nobodys_way(world: World) -> None:
    world.ledger.fill(30)
    job_id = await world.job()
    database = world.container.mongo.database
    async with await database.client.start_session() as session:
        left = bytes(session.session_id["id"])
        assert await world.scope.job_runs.acquire(job_id, "dead", 60, left)
        # As a process does that is killed now: a write to the head, and no end.
        head = {"tenantId": "acme", "connectionId": world.connection.id, "stream": "entries"}
        session.start_transaction()
        await database["record_heads"].update_one(
            head, {"$set": {"seq": 500}}, upsert=True, session=session
        )
        jobs = database["jobs"]
        await jobs.update_one({"_id": job_id}, [{"$set": {"lease.until": "$$NOW"}}])

        async with asyncio.timeout(60):
            assert await world.slice(job_id) is SliceEnd.OVER
            assert await world.copy() == world.ledger.texts()
        with pytest.raises(OperationFailure):
            await session.commit_transaction()


async def renewed(world: World, job_id: str, seconds: float) -> None:
    """Come back once the lease of a job has been kept for so much longer."""
    first = (await world.look(job_id)).lease
    assert first is not None
    async with asyncio.timeout(60):
        while (lease := (await world.look(job_id)).lease) is not None:
            if lease.until - first.until > timedelta(seconds=seconds):
                return


async def test_a_first_page_that_takes_longer_than_a_slice_is_waited_for(build: Build) -> None:
    world = await build(jobs_slice_seconds=0.2, jobs_lease_seconds=1.0)
    world.ledger.fill(35)
    gate = Gate()
    world.ledger.hooks = [gate]
    job_id = await world.job()
    working = asyncio.create_task(world.slice(job_id))
    await gate.reached.wait()
    await renewed(world, job_id, 1.5)
    assert not working.done()
    gate.opened.set()
    await working
    assert (await world.look(job_id)).progress.pages


async def test_a_worker_whose_provider_takes_its_time_keeps_its_job(build: Build) -> None:
    slow, other = await build(jobs_lease_seconds=1.0), await build()
    slow.ledger.fill(5)
    gate = Gate()
    slow.ledger.hooks = [gate]
    job_id = await slow.job(mode=SyncMode.FULL, record_ids=("main-00000",), container_ids=())
    working = asyncio.create_task(slow.slice(job_id))
    await gate.reached.wait()
    await renewed(slow, job_id, 1.5)
    assert await other.slice(job_id) is SliceEnd.NOT_DUE
    gate.opened.set()
    assert await working is SliceEnd.OVER


async def test_runs_of_a_connection_share_the_pace_of_what_nobody_waits_for(
    world: World, sleeps: Sleeps
) -> None:
    world.ledger.fill(5)
    for _ in range(8):
        await world.run()
    assert sleeps.seconds == []
    for _ in range(4):
        await world.run()
    # Each of the twelve takes 0.6 s of the pace.
    assert sum(sleeps.seconds) == pytest.approx(12 * 0.6 - BURST_SECONDS, abs=0.01)
