"""Runs of streams: what is stored at their end, and what the next one begins with."""

import asyncio

import pytest
from starlette.requests import Request

from src.models.base import now
from src.models.job import Job, JobStatus, SyncMode
from src.models.record import RecordAction, RecordCounts
from src.models.unified import Item
from src.services.record_batches import Batch
from src.services.sync.fuse import FUSE_RECORDS
from src.services.sync.slices import SliceEnd
from tests.services.sync.conftest import Build
from tests.services.sync.ledger import World


async def test_a_run_stores_everything_once_and_in_order(world: World) -> None:
    world.ledger.fill(35)
    world.ledger.fill(12, "other")

    job = await world.run()

    assert job.status is JobStatus.SUCCEEDED
    assert (job.mode, job.counts.added, job.progress.records) == (SyncMode.FULL, 47, 47)
    assert await world.copy() == world.ledger.texts()
    records = await world.records()
    assert sorted(one.seq for one in records) == [one.seq for one in records]
    assert len({one.seq for one in records}) == 47


async def test_the_next_run_reads_what_has_changed(world: World) -> None:
    first, *_ = world.ledger.fill(35)
    await world.run()
    world.ledger.put(first, "changed")
    world.ledger.put("main-new", "new")
    world.ledger.asked.clear()

    job = await world.run()

    assert job.mode is SyncMode.INCREMENTAL
    assert (job.counts.added, job.counts.updated, job.counts.unchanged) == (1, 1, 0)
    assert world.ledger.asked == ["/me", "/books", "/books/main"]
    assert await world.copy() == world.ledger.texts()
    actions = {one.record_id: one.last_action for one in await world.records()}
    assert actions[first] == RecordAction.UPDATED
    assert actions["main-new"] == RecordAction.ADDED


async def test_a_full_run_finds_what_is_gone(world: World) -> None:
    ids = world.ledger.fill(35)
    await world.run()
    world.ledger.drop(ids[3], ids[20])

    job = await world.run(mode=SyncMode.FULL)

    assert (job.counts.deleted, job.counts.unchanged) == (2, 33)
    assert await world.copy() == world.ledger.texts()
    gone = [one for one in await world.records() if one.last_action == RecordAction.DELETED]
    assert {one.record_id for one in gone} == {ids[3], ids[20]}
    assert all(one.data is None and one.deleted_at == one.last_modified_at for one in gone)
    assert {f"/entries/{ids[3]}", f"/entries/{ids[20]}"} <= set(world.ledger.asked)


async def test_what_comes_back_is_added_again(world: World) -> None:
    ids = world.ledger.fill(5)
    await world.run()
    first_seen = (await world.records())[0].first_seen_at
    world.ledger.drop(ids[0])
    await world.run(mode=SyncMode.FULL)
    world.ledger.put(ids[0], "back")

    job = await world.run()

    assert job.counts.added == 1
    back = (await world.records())[-1]
    assert (back.record_id, back.last_action, back.deleted_at) == (ids[0], "added", None)
    assert back.first_seen_at == first_seen


async def test_an_unchanged_full_run_changes_no_number(world: World) -> None:
    world.ledger.fill(35)
    await world.run()
    before = await world.records()

    job = await world.run(mode=SyncMode.FULL)

    assert (job.counts.unchanged, job.counts.added, job.counts.deleted) == (35, 0, 0)
    assert await world.records() == before


@pytest.mark.parametrize(("gone", "held"), [(50, False), (51, True)])
async def test_many_deletions_wait_until_somebody_confirms(
    world: World, gone: int, held: bool
) -> None:
    ids = world.ledger.fill(200)
    await world.run()
    world.ledger.drop(*ids[:gone])

    job_id = await world.job(mode=SyncMode.FULL)
    end = await world.slice(job_id)

    assert end is (SliceEnd.HELD if held else SliceEnd.OVER)
    assert len(await world.copy()) == (200 if held else 200 - gone)
    if held:
        assert (await world.look(job_id)).would_delete == gone
        assert await world.slice(job_id) is SliceEnd.NOT_DUE
        await world.scope.jobs.confirm(job_id)
        assert await world.slice(job_id) is SliceEnd.OVER
    assert await world.copy() == world.ledger.texts()
    assert (await world.look(job_id)).counts.deleted == gone


async def test_what_comes_back_before_somebody_confirms_stays(world: World) -> None:
    ids = world.ledger.fill(200)
    await world.run()
    world.ledger.drop(*ids[:60])
    job_id = await world.job(mode=SyncMode.FULL)
    assert await world.slice(job_id) is SliceEnd.HELD

    back = [Item(id=id_, type="entry", container_id="main", title="back") for id_ in ids[:5]]
    records, place = world.container.records, (world.connection, "entries")
    await records.store(*place, Batch(records=back, fetched_at=now()))
    await world.scope.jobs.confirm(job_id)
    assert await world.slice(job_id) is SliceEnd.OVER

    assert set(await world.copy()) == set(ids[:5] + ids[60:])
    assert (await world.look(job_id)).counts.deleted == 55


async def test_what_was_met_since_is_not_deleted_when_a_newer_full_run_has_begun(
    world: World,
) -> None:
    """Between the look for what is gone and its deletion, a record comes back."""
    ids = world.ledger.fill(3)
    await world.run()
    records, place = world.container.records, (world.connection, "entries")
    numbers: list[int] = []

    async def note(number: int) -> None:
        numbers.append(number)

    async def nothing(_: RecordCounts) -> None:
        pass

    async def meet(id_: str) -> None:
        one = Item(id=id_, type="entry", container_id="main", title="back")
        await records.store(*place, Batch(records=[one], fetched_at=now()))

    await records.begin_sweep(*place, note)
    await meet(ids[0])
    await records.begin_sweep(*place, note)
    await meet(ids[1])
    await records.sweep(*place, ids, nothing, sweep=numbers[0])

    assert set(await world.copy()) == set(ids[:2])


async def test_a_part_that_is_cut_or_cannot_be_read_loses_nothing(world: World) -> None:
    whole, cut = world.ledger.fill(15), world.ledger.fill(15, "other")
    await world.run()
    world.ledger.drop(whole[0], cut[0])
    world.ledger.partial.add("other")

    job = await world.run(mode=SyncMode.FULL)

    assert (job.is_truncated, job.unread, job.counts.deleted) == (True, ("other",), 1)
    copy = await world.copy()
    assert cut[0] in copy
    assert whole[0] not in copy


async def test_a_run_over_some_containers_touches_no_others(world: World) -> None:
    one, other = world.ledger.fill(15), world.ledger.fill(15, "other")
    await world.run()
    state = await world.scope.sync_states.get(world.connection.id, "entries")
    world.ledger.drop(one[0], other[0])

    job = await world.run(mode=SyncMode.FULL, container_ids=("main",))

    assert job.counts.deleted == 1
    assert one[0] not in await world.copy()
    assert other[0] in await world.copy()
    after = await world.scope.sync_states.get(world.connection.id, "entries")
    assert state is not None
    assert after is not None
    assert after.checkpoint == state.checkpoint


async def test_what_could_not_be_read_is_told_kept_and_can_be_tried_again(world: World) -> None:
    ids = world.ledger.fill(15)
    await world.run()
    world.ledger.lock(ids[4])
    world.ledger.put("main-locked")
    world.ledger.lock("main-locked")
    world.ledger.put("main-gone")
    world.ledger.lock("main-gone")

    job = await world.run(mode=SyncMode.FULL)

    assert (job.status, job.failures, job.counts.failed) == (JobStatus.SUCCEEDED, 3, 3)
    assert ids[4] in await world.copy(), "what is there and cannot be read is not gone"
    failed = await world.scope.job_failures.list(job.id, limit=10)
    assert {one.record_id for one in failed} == {ids[4], "main-locked", "main-gone"}
    assert {one.code for one in failed} == {"forbidden"}

    world.ledger.lock("main-locked", is_locked=False)
    world.ledger.drop("main-gone")
    checkpoint = await world.scope.sync_states.get(world.connection.id, "entries")
    world.ledger.asked.clear()
    assert await unmended(world, job) == {ids[4], "main-locked", "main-gone"}
    again = await world.run(
        mode=SyncMode.FULL,
        record_ids=tuple(one.record_id for one in failed),
        container_ids=(),
        retries=job.id,
    )
    assert (again.counts.added, again.failures, again.retried) == (1, 1, failed[-1].record_id)
    assert world.ledger.asked == [f"/entries/{one.record_id}" for one in failed]
    after = await world.scope.sync_states.get(world.connection.id, "entries")
    assert checkpoint is not None
    assert after is not None
    assert after.checkpoint == checkpoint.checkpoint
    assert await unmended(world, job) == await unmended(world, again) == {ids[4]}

    world.ledger.lock(ids[4], is_locked=False)
    world.ledger.put(ids[4], "changed")
    later = await world.run()
    assert later.mode is SyncMode.INCREMENTAL
    assert await unmended(world, job) == await unmended(world, again) == set()


async def unmended(world: World, job: Job) -> set[str]:
    """What of a job's failures nobody has read since."""
    found = await world.scope.job_failures.list(job.id, limit=10)
    return {one.record_id for one in found if one.mended_at is None}


async def test_a_full_run_mends_what_it_no_longer_meets_and_nothing_it_cannot_read(
    world: World,
) -> None:
    world.ledger.fill(3)
    for name in ("main-gone", "main-locked"):
        world.ledger.put(name)
        world.ledger.lock(name)
    job = await world.run(mode=SyncMode.FULL)
    assert await unmended(world, job) == {"main-gone", "main-locked"}
    world.ledger.drop("main-gone")

    again = await world.run(mode=SyncMode.FULL)

    assert await unmended(world, job) == await unmended(world, again) == {"main-locked"}


async def test_a_feed_tells_what_is_gone(world: World) -> None:
    ids = world.ledger.fill(25)
    await world.run("feed")
    world.ledger.drop(ids[2])
    world.ledger.put(ids[3], "changed")
    world.ledger.asked.clear()

    job = await world.run("feed")

    assert (job.mode, job.counts.deleted, job.counts.updated) == (SyncMode.INCREMENTAL, 1, 1)
    assert world.ledger.asked == ["/changes"]
    assert await world.copy("feed") == world.ledger.texts()


async def test_a_feed_that_has_forgotten_the_checkpoint_is_read_as_a_whole(world: World) -> None:
    ids = world.ledger.fill(25)
    await world.run("feed")
    world.ledger.drop(ids[2])
    world.ledger.put("main-new")
    world.ledger.gone.clear()
    world.ledger.forgotten = world.ledger.revision

    job = await world.run("feed")

    assert (job.status, job.mode) == (JobStatus.SUCCEEDED, SyncMode.FULL)
    assert (job.counts.added, job.counts.deleted) == (1, 1)
    assert await world.copy("feed") == world.ledger.texts()


@pytest.mark.parametrize(("gone", "held"), [(50, False), (51, True)])
async def test_a_feed_that_tells_of_many_deletions_waits_until_somebody_confirms(
    world: World, gone: int, held: bool
) -> None:
    ids = world.ledger.fill(200)
    await world.run("feed")
    world.ledger.drop(*ids[:gone])

    job_id = await world.job("feed")
    end = await world.slice(job_id)

    assert end is (SliceEnd.HELD if held else SliceEnd.OVER)
    if held:
        job = await world.look(job_id)
        assert (job.mode, job.status) == (SyncMode.INCREMENTAL, JobStatus.HELD)
        assert FUSE_RECORDS < (job.would_delete or 0) <= gone
        assert len(await world.copy("feed")) >= 200 - FUSE_RECORDS
        assert await world.slice(job_id) is SliceEnd.NOT_DUE
        await world.scope.jobs.confirm(job_id)
        assert await world.slice(job_id) is SliceEnd.OVER
    assert await world.copy("feed") == world.ledger.texts()
    assert (await world.look(job_id)).counts.deleted == gone


async def test_a_page_that_leads_nowhere_is_no_reason_to_hand_on(build: Build) -> None:
    world = await build(jobs_slice_seconds=0.000001)
    world.ledger.fill(35)
    await world.run("feed")
    job_id = await world.job("feed")

    # Without news the feed answers an empty page, behind which a run stands where it stood.
    ends = [await world.slice(job_id) for _ in range(4)]

    assert SliceEnd.OVER in ends


async def test_deletions_of_a_feed_are_counted_over_slices(build: Build) -> None:
    whole, world = await build(), await build(jobs_slice_seconds=0.000001)
    ids = world.ledger.fill(200)
    await whole.run("feed")
    world.ledger.drop(*ids[:60])
    opened = asyncio.Event()

    async def let_pass(_: Request) -> None:
        """Nothing happens to it."""

    async def wait(_: Request) -> None:
        await opened.wait()

    world.ledger.hooks = [*[let_pass] * 3, wait]
    job_id = await world.job("feed")
    assert await world.slice(job_id) is SliceEnd.HANDED_ON
    assert (await world.look(job_id)).counts.deleted == 30
    opened.set()

    assert await world.slice(job_id) is SliceEnd.HELD

    job = await world.look(job_id)
    assert (job.counts.deleted, job.would_delete, job.position) == (30, 60, "230")
    await world.scope.jobs.cancel(job_id)
    state = await world.scope.sync_states.get(world.connection.id, "feed")
    assert state is not None
    assert state.checkpoint == {"revision": 200}
    assert len(await world.copy("feed")) == 170
