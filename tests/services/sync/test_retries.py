"""Retrying thousands of failures: each step writes little, and none is tried without need."""

import asyncio
from typing import Any

import bson
import pytest
from starlette.requests import Request

from src.models.job import JobStatus, SyncMode
from src.services.sync.slices import SliceEnd
from tests.services.sync.conftest import Build
from tests.services.sync.ledger import World

RETRY: dict[str, Any] = {"mode": SyncMode.FULL, "container_ids": ()}


def long_ids(world: World, count: int) -> tuple[str, ...]:
    ids = tuple(f"main-{number:05}-{'x' * 50}" for number in range(count))
    for id_ in ids:
        world.ledger.put(id_)
    return ids


async def changes_of_jobs(world: World) -> list[int]:
    """How many bytes each change of a job has, as other members of the replica set are told."""
    database = world.container.mongo.database
    found = database.client["local"]["oplog.rs"].find({"o.applyOps.ns": f"{database.name}.jobs"})
    return [
        len(bson.encode(change["o"]))
        async for entry in found
        for change in entry["o"]["applyOps"]
        if change["ns"] == f"{database.name}.jobs" and change["op"] == "u"
    ]


async def test_a_step_writes_where_it_stands_and_not_what_is_left(world: World) -> None:
    ids = long_ids(world, 60)

    job = await world.run(record_ids=ids, **RETRY)

    assert (job.status, job.counts.added) == (JobStatus.SUCCEEDED, 60)
    sizes = await changes_of_jobs(world)
    assert len(sizes) >= 60 / 4
    assert max(sizes) < len(bson.encode({"ids": ids})) / 3


async def test_whoever_goes_on_tries_only_what_was_not_stored(build: Build) -> None:
    world, other = await build(), await build()
    ids = long_ids(world, 12)
    reached = asyncio.Event()

    async def let_pass(_: Request) -> None:
        return

    async def never_answered(_: Request) -> None:
        reached.set()
        await asyncio.Event().wait()

    world.ledger.hooks = [*[let_pass] * 6, never_answered]
    job_id = await world.job(record_ids=ids, **RETRY)
    killed = asyncio.create_task(world.slice(job_id))
    async with asyncio.timeout(60):
        await reached.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    world.ledger.hooks.clear()
    world.ledger.asked.clear()
    await world.make_due(job_id)

    assert await other.slice(job_id) is SliceEnd.OVER

    assert sorted(world.ledger.asked) == [f"/entries/{one}" for one in ids[4:]]
    assert set(await world.copy()) == set(ids)
    assert (await world.look(job_id)).counts.added == 12


@pytest.mark.parametrize("left", [2, 7], ids=["past it", "before it"])
async def test_a_list_that_a_former_version_has_shortened_is_tried_to_its_end(
    world: World, left: int
) -> None:
    """It does not know the place, and takes away what it has tried."""
    ids = long_ids(world, 8)

    await world.run(record_ids=ids[-left:], retried=ids[3], **RETRY)

    assert set(await world.copy()) == set(ids[-min(left, 4) :])
