"""Answers that never came to be stored, and those that came too late."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from src.core.errors import ProviderUnavailable, ReauthorizationRequired
from src.core.outbound import Outbound
from src.models.connection import AppLevel, Connection, ConnectionStatus, GrantedTo, Health
from src.models.credential import Credential
from src.sandbox.github.oauth import GITHUB_APP
from tests.fakes.renewals import SPEC, Desk
from tests.services.refreshing import Held, Script, desk

__all__ = ["desk"]

CUT = {"kind": "cut", "path": "/login/oauth/access_token"}
WINDOW = 600
LOST = "answer to the last refresh was lost"


async def with_window(desk: Desk) -> None:
    """Let the provider take a replaced refresh token for ten minutes more."""
    app = {"reuse_window": WINDOW}
    await desk.github.client.put(f"/_sandbox/oauth/apps/{GITHUB_APP.client_id}", json=app)
    desk.clients.spec = replace(SPEC, reuse_window=timedelta(seconds=WINDOW))


async def died(desk: Desk, connection: Connection) -> None:
    """A process sends the refresh token, gets the answer, and dies before it is stored."""
    stored = await desk.token(connection)
    leases = desk.scope.refresh_leases
    await leases.acquire(connection.id, "dead", 30)
    await leases.note_sent(connection.id, "dead", stored, 30)
    held = desk.one.credentials.open(stored, connection).refresh_token
    assert held is not None
    await (await desk.clients.client_of(connection)).refresh(held)


async def test_inside_the_window_a_lost_answer_is_had_at_once(desk: Desk) -> None:
    await with_window(desk)
    connection = await desk.connect()
    await desk.github.fault({**CUT, "times": 1})
    assert await desk.is_good(await desk.use(connection))
    assert await desk.asked() == 2
    record = await desk.record(connection)
    assert (record.status, record.health) == (ConnectionStatus.CONNECTED, Health.OK)


async def test_outside_it_is_asked_once_more_and_then_the_user(desk: Desk) -> None:
    connection = await desk.connect()
    await desk.github.fault({**CUT, "times": 1})
    with pytest.raises(ReauthorizationRequired, match=LOST):
        await desk.use(connection)
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired, match=LOST):
            await desk.use(connection, desk.process())
    assert await desk.asked() == 2
    record = await desk.record(connection)
    assert record.status is ConnectionStatus.REAUTH_REQUIRED
    assert record.last_error is not None
    assert LOST in record.last_error.message
    assert len(await desk.audited("connection.reauth_required")) == 1


async def test_lost_again_and_again_is_an_outage(desk: Desk) -> None:
    """Nobody has said that the grant is dead, and a provider that hangs is not asked for ever."""
    connection = await desk.connect()
    script = Script(httpx.ReadError("lost"))
    usual, desk.clients.outbound = desk.clients.outbound, Outbound(script)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await desk.use(connection)
        await desk.rest_is_over(connection)
    # Twice at first, then once each time.
    assert script.asked == 4
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED
    desk.clients.outbound = usual
    assert await desk.is_good(await desk.use(connection))


async def test_a_provider_that_does_not_rotate_loses_nothing(desk: Desk) -> None:
    desk.clients.spec = replace(SPEC, rotates=False)
    connection = await desk.connect()
    script = Script(httpx.ReadError("lost"))
    desk.clients.outbound = Outbound(script)
    with pytest.raises(ProviderUnavailable):
        await desk.use(connection)
    assert script.asked == 1


async def test_inside_the_window_the_next_attempt_comes_before_its_end(desk: Desk) -> None:
    await with_window(desk)
    connection = await desk.connect()
    desk.clients.outbound = Outbound(Script(httpx.ReadError("lost")))
    rests: list[float] = []
    for _ in range(12):
        with pytest.raises(ProviderUnavailable) as caught:
            await desk.use(connection)
        assert caught.value.retry_after is not None
        rests.append(caught.value.retry_after)
        await desk.rest_is_over(connection)
    assert max(rests) <= WINDOW / 2


async def test_what_a_dead_process_lost_is_recovered_inside_the_window(desk: Desk) -> None:
    await with_window(desk)
    connection = await desk.connect()
    await died(desk, connection)
    await desk.lease_is_over(connection)
    assert await desk.is_good(await desk.use(connection, desk.process()))
    assert await desk.asked() == 2
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED


@pytest.mark.parametrize("window", [0, WINDOW])
async def test_outside_the_window_the_user_is_asked_and_told_why(desk: Desk, window: int) -> None:
    if window:
        await with_window(desk)
    connection = await desk.connect()
    await died(desk, connection)
    await desk.lease_is_over(connection)
    ahead = {"seconds_ahead": window + 1}
    await desk.github.client.put("/_sandbox/oauth/clock", json=ahead)
    with pytest.raises(ReauthorizationRequired, match=LOST):
        await desk.use(connection, desk.process())
    assert await desk.asked() == 2
    record = await desk.record(connection)
    assert record.status is ConnectionStatus.REAUTH_REQUIRED
    assert record.last_error is not None
    assert LOST in record.last_error.message


async def test_who_waits_for_a_dead_process_waits_for_its_lease(desk: Desk) -> None:
    await with_window(desk)
    connection = await desk.connect()
    await died(desk, connection)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            await desk.lease_is_over(connection)

    assert await desk.is_good(await desk.use(connection, desk.process(sleep)))
    assert len(pauses) == 5
    assert pauses == sorted(pauses)


async def late(desk: Desk, **fields: Any) -> tuple[Connection, Held, "asyncio.Task[str]"]:
    """A process whose answer is on its way when its lease runs out."""
    connection = await desk.connect(**fields)
    network = Held(desk.github.network)
    usual, desk.clients.outbound = desk.clients.outbound, Outbound(network)
    slow = asyncio.create_task(desk.use(connection))
    await network.answered.wait()
    desk.clients.outbound = usual
    await desk.lease_is_over(connection)
    return connection, network, slow


async def test_a_late_answer_never_takes_the_place_of_a_newer_token(desk: Desk) -> None:
    await with_window(desk)
    connection, network, slow = await late(desk)
    used = await desk.use(connection, desk.process())
    stored = await desk.token(connection)
    network.let_go.set()
    assert await slow == used
    assert await desk.token(connection) == stored
    assert await desk.asked() == 2


async def test_a_late_answer_heals_what_was_given_up(desk: Desk) -> None:
    connection, network, slow = await late(desk)
    with pytest.raises(ReauthorizationRequired, match=LOST):
        await desk.use(connection, desk.process())
    assert (await desk.record(connection)).status is ConnectionStatus.REAUTH_REQUIRED
    network.let_go.set()
    assert await desk.is_good(await slow)
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED


async def test_an_answer_after_a_disconnect_is_dropped(desk: Desk) -> None:
    connection, network, slow = await late(desk)
    await given_up(desk, connection)
    network.let_go.set()
    with pytest.raises(ReauthorizationRequired):
        await slow
    assert await desk.scope.tokens.get_fresh(connection.id) is None
    assert (await desk.record(connection)).status is ConnectionStatus.DISCONNECTED


async def given_up(desk: Desk, connection: Connection) -> None:
    """As by a disconnect."""

    async def disconnect() -> None:
        fields = {"grantHash": None, "grantedTo": None}
        await desk.scope.connections.move(
            connection.id, ConnectionStatus.DISCONNECTED, fields, renews=True
        )
        await desk.scope.tokens.delete(connection.id)

    await desk.scope.transaction(connection.id, disconnect)


OURS = {
    "grant_hash": "one-grant",
    "granted_to": GrantedTo(level=AppLevel.PLATFORM, client_id="an-app", token_origin="http://x"),
}


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
async def test_a_token_that_comes_after_a_disconnect_is_given_back(
    desk: Desk, shared: bool
) -> None:
    """Unless another connection, of whatever tenant, lives on the same grant."""
    connection, network, slow = await late(desk, **OURS)
    if shared:
        await desk.connect(tenant_id="globex", **OURS)
    await given_up(desk, connection)
    network.let_go.set()
    with pytest.raises(ReauthorizationRequired):
        await slow
    counts = await desk.github.requests()
    assert counts.get("DELETE /applications/{client_id}/token", 0) == (0 if shared else 1)


async def test_a_token_of_a_foreign_grant_is_not_given_back(desk: Desk) -> None:
    """An imported one is its owner's to end."""
    connection, network, slow = await late(desk, grant_hash="one-grant")
    await given_up(desk, connection)
    network.let_go.set()
    with pytest.raises(ReauthorizationRequired):
        await slow
    assert "DELETE /applications/{client_id}/token" not in await desk.github.requests()


async def test_an_answer_after_a_new_authorization_is_dropped(desk: Desk) -> None:
    connection, network, slow = await late(desk)
    renewed = connection.model_copy(update={"generation": 2})
    credential = Credential(access_token=SecretStr("of-the-new-authorization"))

    async def authorize() -> None:
        await desk.one.credentials.store(desk.scope, renewed, credential)
        await desk.scope.connections.move(
            connection.id, ConnectionStatus.CONNECTED, {}, seen=connection, renews=True
        )

    await desk.scope.transaction(connection.id, authorize)
    network.let_go.set()
    assert await slow == "of-the-new-authorization"
    assert (await desk.token(connection)).generation == 2


async def test_a_late_answer_does_not_revive_an_account_that_lives_elsewhere(desk: Desk) -> None:
    connection, network, slow = await late(desk)
    with pytest.raises(ReauthorizationRequired):
        await desk.use(connection, desk.process())
    await desk.connect(account=connection.account)
    network.let_go.set()
    assert await slow
    assert (await desk.record(connection)).status is ConnectionStatus.REAUTH_REQUIRED
    assert (await desk.token(connection)).version == 2
