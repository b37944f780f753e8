"""Checkpoints: nobody overwrites one that they have not seen."""

import asyncio
from dataclasses import replace

import pytest

from src.db.repositories.sync_states import FinishedRun, Reached
from src.db.tenant import TenantScope
from src.models.sync_state import SyncState
from tests.db.conftest import ScopeOf
from tests.db.records import NOON

CHECKPOINT = {"since": "2026-01-02T12:00:00.000Z", "pages": [1, {"deep": None}]}


async def put(
    scope: TenantScope, checkpoint: object, expected: int | None = None, stream: str = "issues"
) -> SyncState | None:
    return await scope.sync_states.put("con_1", stream, checkpoint, expected)


async def test_a_checkpoint_is_read_as_it_was_written(acme: TenantScope) -> None:
    stored = await put(acme, CHECKPOINT)
    assert stored is not None
    assert stored == SyncState(
        connection_id="con_1",
        stream="issues",
        checkpoint=CHECKPOINT,
        version=1,
        updated_at=stored.updated_at,
    )
    assert await acme.sync_states.get("con_1", "issues") == stored


async def test_a_stream_without_a_checkpoint_is_none(acme: TenantScope) -> None:
    assert await acme.sync_states.get("con_1", "issues") is None
    assert await acme.sync_states.list("con_1") == []


async def test_streams_are_listed_by_name_for_one_connection(acme: TenantScope) -> None:
    for stream in ("pulls", "issues"):
        await put(acme, {}, stream=stream)
    await acme.sync_states.put("con_2", "issues", {}, None)
    assert [state.stream for state in await acme.sync_states.list("con_1")] == ["issues", "pulls"]


@pytest.mark.parametrize("expected", [None, 1])
async def test_each_write_counts_the_version(acme: TenantScope, expected: int | None) -> None:
    await put(acme, {"n": 1})
    second = await put(acme, {"n": 2}, expected)
    assert second is not None
    assert (second.version, second.checkpoint) == (2, {"n": 2})


@pytest.mark.parametrize(("writes", "expected"), [(0, 1), (1, 0), (1, 2), (2, 0), (2, 1), (2, 3)])
async def test_a_write_over_an_unseen_version_is_refused(
    acme: TenantScope, writes: int, expected: int
) -> None:
    for number in range(writes):
        await put(acme, {"n": number})
    before = await acme.sync_states.get("con_1", "issues")
    assert await put(acme, {"n": "unseen"}, expected) is None
    assert await acme.sync_states.get("con_1", "issues") == before


async def test_version_nought_means_that_there_is_none_yet(acme: TenantScope) -> None:
    stored = await put(acme, {"n": 1}, 0)
    assert stored is not None
    assert stored.version == 1
    assert await put(acme, {"n": 2}, 0) is None


@pytest.mark.parametrize("seen", [0, 1])
async def test_of_many_that_saw_the_same_version_one_writes(scope_of: ScopeOf, seen: int) -> None:
    """On the real server only: the imitation does not run at the same time."""
    scope = scope_of("acme")
    for _ in range(seen):
        await put(scope, {"n": "first"})
    results = await asyncio.gather(*(put(scope, {"n": number}, seen) for number in range(8)))
    (winner,) = [result for result in results if result is not None]
    assert winner.version == seen + 1
    assert await scope.sync_states.get("con_1", "issues") == winner


async def test_writes_that_do_not_look_all_succeed(scope_of: ScopeOf) -> None:
    """On the real server only: the imitation does not run at the same time."""
    scope = scope_of("acme")
    results = await asyncio.gather(*(put(scope, {"n": number}) for number in range(8)))
    assert sorted(result.version for result in results if result) == list(range(1, 9))


RUN = FinishedRun(at=NOON, status="succeeded", counts={"added": 3})


def reached(checkpoint: object, seen: int, *containers: str) -> Reached:
    """How far a run came, of these containers or of all."""
    assert isinstance(checkpoint, dict)
    return Reached(checkpoint=checkpoint, container_ids=containers or None, seen_version=seen)


async def note(scope: TenantScope, run: FinishedRun = RUN, to: Reached | None = None) -> SyncState:
    await scope.sync_states.note_run("con_1", "issues", run, to)
    stored = await scope.sync_states.get("con_1", "issues")
    assert stored is not None
    return stored


async def test_a_run_that_came_to_no_end_leaves_no_checkpoint(acme: TenantScope) -> None:
    failed = replace(RUN, status="failed")
    stored = await note(acme, failed)
    assert (stored.checkpoint, stored.version) == (None, 0)
    assert (stored.last_run_at, stored.last_status, stored.counts) == (NOON, "failed", RUN.counts)
    first = await put(acme, CHECKPOINT, 0)
    assert first is not None
    assert first.version == 1
    stored = await note(acme, failed)
    assert (stored.checkpoint, stored.version) == (CHECKPOINT, 1)


async def test_a_run_leaves_the_checkpoint_of_its_end(acme: TenantScope) -> None:
    assert (await note(acme, to=reached({"n": 1}, 0))).version == 1
    stored = await note(acme, to=reached({"n": 2}, 1))
    assert (stored.checkpoint, stored.version, stored.last_status) == ({"n": 2}, 2, "succeeded")


async def test_a_run_writes_over_nothing_that_was_set_meanwhile(acme: TenantScope) -> None:
    await note(acme, to=reached({"n": 1}, 0))
    await put(acme, {"n": 0})
    stored = await note(acme, to=reached({"n": 2}, 1))
    assert (stored.checkpoint, stored.version, stored.last_status) == ({"n": 0}, 2, "succeeded")


async def test_a_run_of_some_containers_leaves_the_checkpoint_of_all(acme: TenantScope) -> None:
    await note(acme, to=reached({"n": 1}, 0))
    stored = await note(acme, to=reached({"n": 2}, 1, "a"))
    assert (stored.checkpoint, stored.container_ids) == ({"n": 1}, None)
    assert stored.covers(("a",))
    assert stored.covers(None)


async def test_a_checkpoint_of_some_containers_is_none_of_others(acme: TenantScope) -> None:
    stored = await note(acme, to=reached({"n": 1}, 0, "a", "b"))
    assert stored.covers(("b",))
    assert not stored.covers(("b", "c"))
    assert not stored.covers(None)
    stored = await note(acme, to=reached({"n": 2}, 1, "b", "c"))
    assert (stored.checkpoint, stored.container_ids) == ({"n": 2}, ("b", "c"))
    stored = await note(acme, to=reached({"n": 3}, 2))
    assert (stored.checkpoint, stored.container_ids) == ({"n": 3}, None)
