"""Unused connections: refreshed before their refresh tokens die, at a pace, by one process."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from src.connectors.app_limits import AppLimit
from src.connectors.registry import LoadedConnector
from src.core.outbound import Outbound
from src.db.client import Mongo
from src.db.leases import Leases
from src.db.platform import AppPoints, DueRefreshes
from src.models.base import now
from src.models.connection import AppLevel, Connection, ConnectionStatus, GrantedTo
from src.services.app_budgets import AppBudgets
from src.services.keep_alive import KeepAlive
from tests.fakes.clock import Sleeps
from tests.fakes.renewals import Desk, Process
from tests.services.refreshing import Script, desk
from tests.testing.shelf.connector import ShelfConnector

__all__ = ["desk"]

PER_MINUTE = 30
DUE = 12


@pytest.fixture
def keeper(desk: Desk, mongo: Mongo) -> Callable[..., KeepAlive]:
    def make(
        sleeps: Sleeps | None = None,
        process: Process | None = None,
        ahead: timedelta = timedelta(),
        budgets: AppBudgets | None = None,
    ) -> KeepAlive:
        process = process or desk.process()
        clock: Callable[[], datetime] = lambda: now() + ahead  # noqa: E731
        return KeepAlive(
            DueRefreshes(lambda: mongo.database),
            lambda: Leases(mongo.database),
            process.scope_of,
            process.refreshes,
            budgets or AppBudgets({}, AppPoints(lambda: mongo.database)),
            per_minute=PER_MINUTE,
            sleep=sleeps or Sleeps(),
            clock=clock,
        )

    return make


async def due(desk: Desk, connection: Connection, *, left: timedelta = timedelta(days=3)) -> None:
    """Let a refresh token come near its end."""
    scope = desk.one.scope_of(connection.tenant_id)
    token = await desk.token(connection)
    ending = token.model_copy(
        update={"refresh_expires_at": now() + left, "keep_alive_at": now() - timedelta(days=1)}
    )
    await scope.tokens.renew(ending, token)


async def test_what_is_due_is_refreshed_once_at_the_set_pace(
    desk: Desk, keeper: Callable[..., KeepAlive]
) -> None:
    connections = [
        await desk.connect(ends_in=3600, tenant_id=f"tenant-{number % 3}") for number in range(DUE)
    ]
    for connection in connections:
        await due(desk, connection)
    other = await desk.connect(ends_in=3600)
    await desk.github.forget()
    sleeps = Sleeps()
    assert await keeper(sleeps).look() == DUE
    assert await desk.asked() == DUE
    assert sleeps.seconds == [60 / PER_MINUTE] * (DUE - 1)
    for connection in connections:
        token = await desk.token(connection)
        assert token.version == 3
        assert token.keep_alive_at is not None
        assert token.keep_alive_at - now() > timedelta(days=100)
    assert (await desk.token(other)).version == 1
    assert await keeper().look() == 0
    assert await desk.asked() == DUE


async def test_of_several_processes_one_does_it(
    desk: Desk, keeper: Callable[..., KeepAlive]
) -> None:
    for _ in range(4):
        await due(desk, await desk.connect(ends_in=3600))
    await desk.github.forget()
    counts = await asyncio.gather(*(keeper().look() for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 4]
    assert await desk.asked() == 4


async def test_one_that_fails_is_tried_again_before_its_end(
    desk: Desk, keeper: Callable[..., KeepAlive]
) -> None:
    connection = await desk.connect(ends_in=3600)
    left = timedelta(hours=2)
    await due(desk, connection, left=left)
    script = Script(httpx.Response(503))
    usual, desk.clients.outbound = desk.clients.outbound, Outbound(script)
    keeping = keeper()
    assert await keeping.look() == 1
    # Not at once, but in good time.
    assert await keeping.look() == 0
    assert script.asked == 1
    postponed = (await desk.token(connection)).keep_alive_at
    assert postponed is not None
    assert timedelta(minutes=20) < postponed - now() <= left / 4
    desk.clients.outbound = usual
    await desk.rest_is_over(connection)
    await Leases(desk.scope._database).release("keep_alive", keeping._owner)
    assert await keeper(ahead=left / 4).look() == 1
    assert (await desk.token(connection)).version == 3
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED


async def test_one_that_waits_for_its_user_is_left_alone(
    desk: Desk, keeper: Callable[..., KeepAlive]
) -> None:
    connection = await desk.connect(ends_in=3600, status=ConnectionStatus.REAUTH_REQUIRED)
    await due(desk, connection)
    await desk.github.forget()
    await keeper().look()
    assert await desk.asked() == 0


async def test_an_app_at_its_reserve_is_left_to_those_who_wait(
    desk: Desk, keeper: Callable[..., KeepAlive], mongo: Mongo
) -> None:
    app = GrantedTo(level=AppLevel.PLATFORM, client_id="app", token_origin="https://x.example")
    connection = await desk.connect(ends_in=3600, granted_to=app)
    await due(desk, connection)
    limit = AppLimit(points_per_hour=2, reserve=1)
    manifest = ShelfConnector.manifest.model_copy(update={"app_limit": limit})
    kind = type("Limited", (ShelfConnector,), {"manifest": manifest})
    budgets = AppBudgets({"github": LoadedConnector(kind, b"")}, AppPoints(lambda: mongo.database))
    people = budgets.of("github", app)
    assert people is not None
    people.spend("GET /user")
    await desk.github.forget()
    assert await keeper(budgets=budgets).look() == 1
    assert await desk.asked() == 0
    postponed = (await desk.token(connection)).keep_alive_at
    assert postponed is not None
    assert timedelta(0) < postponed - now() <= timedelta(hours=1)


async def test_the_query_tells_tenant_and_connection_only(desk: Desk, mongo: Mongo) -> None:
    connection = await desk.connect(ends_in=3600)
    await due(desk, connection)
    (found,) = await DueRefreshes(lambda: mongo.database).list(now(), 10)
    assert (found.tenant_id, found.connection_id) == ("acme", connection.id)
    plan = await mongo.database.command(
        "explain",
        {"find": "tokens", "filter": {"keepAliveAt": {"$lte": now()}}, "sort": {"keepAliveAt": 1}},
    )
    assert "to_keep_alive" in str(plan["queryPlanner"]["winningPlan"])
