"""Checkpoints: nobody overwrites one that they have not seen."""

import asyncio

import pytest

from src.db.tenant import TenantScope
from src.models.sync_state import SyncState
from tests.db.conftest import ScopeOf

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
