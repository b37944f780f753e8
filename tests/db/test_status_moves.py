"""The status of a stored connection moves only as the table of moves says."""

import asyncio
from itertools import product

import pytest

from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.connection import MOVES, ConnectionStatus
from tests.db.conftest import ScopeOf
from tests.db.records import connected, connection

Status = ConnectionStatus


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
async def test_a_record_moves_where_the_table_allows_it(
    acme: TenantScope, source: ConnectionStatus, target: ConnectionStatus
) -> None:
    record = connected(status=source)
    await acme.connections.add(record)
    moved = await acme.connections.move(record.id, target, {"alias": "moved"})
    stored = await acme.connections.get(record.id)
    if target is source or target in MOVES[source]:
        assert moved is not None
        assert (moved.status, moved.alias) == (target, "moved")
        assert stored == moved
    else:
        assert moved is None
        assert stored == record


async def test_a_record_that_is_not_there_does_not_move(acme: TenantScope) -> None:
    assert await acme.connections.move("con_1", Status.CONNECTED, {}) is None


@pytest.mark.parametrize("source", [Status.DISCONNECTED, Status.EXPIRED, Status.REAUTH_REQUIRED])
async def test_a_record_does_not_come_back_to_life_beside_another(
    scope_of: ScopeOf, source: ConnectionStatus
) -> None:
    """On the real server only: the living one is kept unique by a partial index."""
    connections = scope_of("acme").connections
    former, living = connected(status=source), connected()
    for record in (former, living):
        await connections.add(record)
    with pytest.raises(Duplicate):
        await connections.move(former.id, Status.CONNECTED, {})
    assert await connections.get(former.id) == former


async def test_an_account_may_live_again_once_the_other_record_is_gone(scope_of: ScopeOf) -> None:
    """On the real server only: leaving the partial index must free the place."""
    connections = scope_of("acme").connections
    first, second = connected(), connected(status=Status.DISCONNECTED)
    for record in (first, second):
        await connections.add(record)
    await connections.move(first.id, Status.DISCONNECTED, {})
    assert await connections.move(second.id, Status.CONNECTED, {}) is not None


async def test_of_two_that_revive_one_account_at_once_one_succeeds(scope_of: ScopeOf) -> None:
    """On the real server only: the imitation does not run at the same time."""
    connections = scope_of("acme").connections
    records = [connected(status=Status.DISCONNECTED) for _ in range(5)]
    for record in records:
        await connections.add(record)
    results = await asyncio.gather(
        *(connections.move(record.id, Status.CONNECTED, {}) for record in records),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Duplicate) for result in results) == 4
    stored = [await connections.get(record.id) for record in records]
    assert [record.status for record in stored if record].count(Status.CONNECTED) == 1


async def test_a_disconnect_wins_over_an_expiry_that_comes_late(scope_of: ScopeOf) -> None:
    """On the real server only: the condition and the write are one step there."""
    connections = scope_of("acme").connections
    record = connection(status=Status.CONNECTED)
    await connections.add(record)
    await asyncio.gather(
        connections.move(record.id, Status.EXPIRED, {}),
        connections.move(record.id, Status.DISCONNECTED, {}),
    )
    stored = await connections.get(record.id)
    assert stored is not None
    assert stored.status is Status.DISCONNECTED


@pytest.mark.parametrize("field", ["status", "live"])
async def test_only_a_move_changes_the_status(acme: TenantScope, field: str) -> None:
    with pytest.raises(ValueError, match="move"):
        await acme.connections.update("con_0123456789abcdef01234567", {field: "connected"})
