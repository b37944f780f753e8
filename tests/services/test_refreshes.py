"""Refreshes: when, by whom, and what is kept; on the real database and the imitation GitHub."""

import asyncio
from datetime import timedelta

import pytest

from src.core.errors import ReauthorizationRequired
from src.core.outbound import Outbound
from src.db.client import Mongo
from src.models.base import now
from src.models.connection import ConnectionStatus, Health
from src.models.credential import Credential
from src.sandbox.github.oauth import GITHUB_APP
from tests.fakes.renewals import Desk
from tests.services.refreshing import Script, desk, granted

__all__ = ["desk"]

CALLERS = 8
PROCESSES = 4


async def test_a_token_that_is_not_due_is_used_as_it_is(desk: Desk) -> None:
    connection = await desk.connect(ends_in=3600)
    before = await desk.token(connection)
    assert await desk.is_good(await desk.use(connection))
    assert await desk.asked() == 0
    assert await desk.token(connection) == before


async def test_a_token_that_is_not_due_costs_no_further_read(desk: Desk, mongo: Mongo) -> None:
    connection = await desk.connect(ends_in=3600)
    used = await desk.use(connection)
    for name in ("tokens", "connections", "refresh_leases"):
        await mongo.database[name].delete_many({})
    assert await desk.use(connection) == used


async def test_a_token_that_is_over_is_refreshed_and_stored(desk: Desk) -> None:
    connection = await desk.connect()
    old = await desk.token(connection)
    used = await desk.use(connection)
    assert await desk.is_good(used)
    assert await desk.asked() == 1
    new = await desk.token(connection)
    assert (new.version, new.generation) == (old.version + 1, old.generation)
    assert new.sealed != old.sealed
    assert new.expires_at is not None
    assert timedelta(hours=7) < new.expires_at - now() < timedelta(hours=8, seconds=1)
    assert new.keep_alive_at is not None
    assert new.refresh_expires_at is not None
    assert new.refresh_expires_at - new.keep_alive_at == timedelta(days=14)
    record = await desk.record(connection)
    assert (record.status, record.token_expires_at) == (ConnectionStatus.CONNECTED, new.expires_at)
    # Another process reads it as it was stored, and has no reason to ask again.
    assert await desk.use(record, desk.process()) == used
    assert await desk.asked() == 1


@pytest.mark.parametrize(
    ("life", "left", "is_due"),
    [(3600, 301, False), (3600, 299, True), (600, 121, False), (600, 119, True)],
)
async def test_it_is_due_before_its_end(desk: Desk, life: int, left: int, is_due: bool) -> None:
    connection = await desk.connect(ends_in=life)
    moment = now() + timedelta(seconds=life - left)
    process = desk.process(clock=lambda: moment)
    assert await desk.is_good(await desk.use(connection, process))
    assert await desk.asked() == int(is_due)


async def test_of_many_callers_in_many_processes_one_asks(desk: Desk) -> None:
    connection = await desk.connect()
    processes = [desk.process(sleep=asyncio.sleep) for _ in range(PROCESSES)]
    used = await asyncio.gather(
        *(desk.use(connection, process) for process in processes for _ in range(CALLERS))
    )
    assert len(set(used)) == 1
    assert await desk.is_good(used[0])
    assert await desk.asked() == 1
    assert (await desk.token(connection)).version == 2


async def test_a_call_that_meets_a_rotation_goes_on_with_the_newer_token(desk: Desk) -> None:
    connection = await desk.connect(ends_in=3600)
    other = desk.process()
    provider = other.refreshes.provider(other.scope_of("acme"), connection)
    stale = await provider.credential()
    newer = await desk.one.refreshes.renew(connection, await desk.token(connection))
    assert not await desk.is_good(stale.access_token.get_secret_value())
    assert await provider.renew()
    assert await desk.is_good((await provider.credential()).access_token.get_secret_value())
    assert (await desk.asked(), newer.version) == (1, 2)
    assert (await desk.token(connection)).version == 2


async def test_a_stale_token_is_refreshed_once_for_all_who_met_it(desk: Desk) -> None:
    connection = await desk.connect(ends_in=3600)
    scope = desk.scope
    providers = [desk.one.refreshes.provider(scope, connection) for _ in range(CALLERS)]
    for provider in providers:
        await provider.credential()
    assert await asyncio.gather(*(provider.renew() for provider in providers)) == [True] * CALLERS
    tokens = {(await one.credential()).access_token.get_secret_value() for one in providers}
    assert len(tokens) == 1
    assert await desk.is_good(tokens.pop())
    assert await desk.asked() == 1


async def test_without_a_refresh_token_a_stale_one_stays_as_it_is(desk: Desk) -> None:
    connection = await desk.connect(ends_in=3600)
    stored = desk.one.credentials.open(await desk.token(connection), connection)
    alone = Credential(access_token=stored.access_token)
    await desk.one.credentials.store(desk.scope, connection, alone)
    provider = desk.one.refreshes.provider(desk.scope, connection)
    assert not await provider.renew(), "nothing has been signed yet"
    await provider.credential()
    assert not await provider.renew()
    assert await desk.asked() == 0


async def test_what_the_provider_leaves_out_is_kept(desk: Desk) -> None:
    app = {"rotates": False}
    await desk.github.client.put(f"/_sandbox/oauth/apps/{GITHUB_APP.client_id}", json=app)
    connection = await desk.connect(granted_scopes=("repo",))
    before = desk.one.credentials.open(await desk.token(connection), connection)
    await desk.use(connection)
    stored = await desk.token(connection)
    after = desk.one.credentials.open(stored, connection)
    assert stored.has_refresh_token
    assert before.refresh_token is not None
    assert after.refresh_token == before.refresh_token
    assert after.access_token != before.access_token
    assert (await desk.record(connection)).granted_scopes == ("repo",)


async def test_scopes_that_the_provider_tells_anew_are_noted(desk: Desk) -> None:
    connection = await desk.connect(granted_scopes=("repo", "user"))
    desk.clients.outbound = Outbound(Script(granted(scope="repo", expires_in=3600)))
    await desk.use(connection)
    assert (await desk.record(connection)).granted_scopes == ("repo",)
    assert (await desk.token(connection)).scopes == ("repo",)


async def test_a_caller_who_goes_away_takes_no_answer_along(desk: Desk) -> None:
    connection = await desk.connect()
    caller = asyncio.create_task(desk.use(connection))
    await desk.github.network.asked.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await desk.one.refreshes.close(10)
    assert (await desk.token(connection)).version == 2
    assert await desk.asked() == 1


async def test_without_a_credential_there_is_nothing_to_refresh(desk: Desk) -> None:
    connection = await desk.connect()
    seen = await desk.token(connection)
    await desk.scope.tokens.delete(connection.id)
    with pytest.raises(ReauthorizationRequired):
        await desk.one.refreshes.renew(connection, seen)
    assert await desk.asked() == 0


async def test_when_the_app_of_the_grant_is_gone_the_user_is_asked(desk: Desk) -> None:
    connection = await desk.connect()
    desk.clients.error = ReauthorizationRequired("The app is gone.")
    for _ in range(3):
        with pytest.raises(ReauthorizationRequired):
            await desk.use(connection)
    record = await desk.record(connection)
    assert (record.status, record.health) == (ConnectionStatus.REAUTH_REQUIRED, Health.OK)
    assert record.last_error is not None
    assert record.last_error.message == "The app is gone."
    assert len(await desk.audited("connection.reauth_required")) == 1
    assert await desk.asked() == 0
