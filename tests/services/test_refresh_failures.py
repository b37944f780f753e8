"""Refreshes that fail: an outage is no end, a dead grant is, a wrong app is the operator's."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from src.core.errors import (
    AppError,
    ConnectorNotConfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    ReauthorizationRequired,
    UnreadableAnswer,
)
from src.core.oauth import OAuth2App, OAuth2Spec
from src.core.outbound import Outbound
from src.models.connection import ConnectionStatus, Health
from tests.core import oauth_providers as providers
from tests.fakes.renewals import Desk
from tests.services.refreshing import Script, desk, granted

__all__ = ["desk"]

TOKEN_PATH = "/login/oauth/access_token"


def says(word: str, status: int = 400, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": word, **more})


STRAVA_DEAD = {
    "message": "Bad Request",
    "errors": [{"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}],
}
DEAD = {
    "github": (providers.GITHUB, says("bad_refresh_token", 200)),
    "atlassian": (providers.ATLASSIAN, says("unauthorized_client", 403)),
    "atlassian, as in the RFC": (providers.ATLASSIAN, says("invalid_grant", 403)),
    "google": (providers.GOOGLE, says("invalid_grant")),
    "strava": (providers.STRAVA, httpx.Response(400, json=STRAVA_DEAD)),
    "supabase": (providers.SUPABASE, says("invalid_grant")),
    "garmin": (providers.GARMIN, says("invalid_grant")),
}


@pytest.mark.parametrize(("spec", "answer"), DEAD.values(), ids=DEAD.keys())
async def test_a_dead_grant_asks_the_user_once_and_the_provider_once(
    desk: Desk, spec: OAuth2Spec, answer: httpx.Response
) -> None:
    connection = await desk.connect()
    script = Script(answer)
    desk.clients.outbound, desk.clients.spec = Outbound(script), spec
    results = await asyncio.gather(
        *(desk.use(connection, desk.process()) for _ in range(4)), return_exceptions=True
    )
    assert {type(result) for result in results} == {ReauthorizationRequired}
    for _ in range(3):
        with pytest.raises(ReauthorizationRequired, match="no longer accepts the refresh token"):
            await desk.use(connection)
    assert script.asked == 1
    record = await desk.record(connection)
    assert record.status is ConnectionStatus.REAUTH_REQUIRED
    assert record.last_error is not None
    assert "no longer accepts the refresh token" in record.last_error.message
    assert (await desk.token(connection)).keep_alive_at is None
    (entry,) = await desk.audited("connection.reauth_required")
    assert (entry["tenantId"], entry["target"]) == ("acme", connection.id)
    assert entry["outcome"] == "failure"


OUTAGES = {
    "5xx": (httpx.Response(503), ProviderUnavailable),
    "not JSON": (httpx.Response(502, text="<html>"), ProviderUnavailable),
    "too many": (says("slow_down", 429), RateLimited),
    "in words": (says("temporarily_unavailable"), ProviderUnavailable),
    "nobody there": (httpx.ConnectError("refused"), ProviderUnavailable),
    "no answer": (httpx.ReadTimeout("late"), ProviderTimeout),
    "unknown words": (says("who_knows"), UnreadableAnswer),
}


@pytest.mark.parametrize(("answer", "error"), OUTAGES.values(), ids=OUTAGES.keys())
async def test_an_outage_changes_the_health_and_never_the_status(
    desk: Desk, answer: httpx.Response | Exception, error: type[AppError]
) -> None:
    connection = await desk.connect()
    usual = desk.clients.outbound
    script = Script(answer)
    desk.clients.outbound = Outbound(script)
    healths = []
    for _ in range(3):
        with pytest.raises(error) as caught:
            await desk.use(connection)
        assert error is UnreadableAnswer or caught.value.retry_after
        asked = script.asked
        # Nobody asks again before the time, from whatever process.
        with pytest.raises(error):
            await desk.use(connection, desk.process())
        assert script.asked == asked
        record = await desk.record(connection)
        assert record.status is ConnectionStatus.CONNECTED
        assert record.last_error is not None
        healths.append(record.health)
        await desk.rest_is_over(connection)
    assert healths == [Health.DEGRADED, Health.DEGRADED, Health.FAILING]
    desk.clients.outbound = usual
    assert await desk.is_good(await desk.use(connection))
    record = await desk.record(connection)
    assert (record.health, record.last_error) == (Health.OK, None)
    assert await desk.audited("connection.reauth_required") == []


async def test_the_rest_grows_and_heeds_what_the_provider_asks(desk: Desk) -> None:
    connection = await desk.connect()
    waits = []
    for headers in ({}, {}, {}, {"retry-after": "90"}):
        desk.clients.outbound = Outbound(Script(httpx.Response(503, headers=headers)))
        with pytest.raises(ProviderUnavailable) as caught:
            await desk.use(connection)
        waits.append(caught.value.retry_after)
        await desk.rest_is_over(connection)
    assert waits == [2, 4, 8, 90]


async def test_a_token_that_still_holds_serves_through_an_outage(desk: Desk) -> None:
    connection = await desk.connect(ends_in=60)
    end = connection.token_expires_at
    assert end is not None
    script = Script(httpx.Response(503))
    desk.clients.outbound = Outbound(script)
    process = desk.process(clock=lambda: end - timedelta(seconds=5))
    for _ in range(5):
        assert await desk.is_good(await desk.use(connection, process))
    assert script.asked == 1
    record = await desk.record(connection)
    assert (record.status, record.health) == (ConnectionStatus.CONNECTED, Health.DEGRADED)


async def test_a_wrong_secret_is_never_a_reason_to_ask_the_user(desk: Desk) -> None:
    connection = await desk.connect()
    right = desk.clients.app
    desk.wrong_secret()
    for _ in range(3):
        with pytest.raises(ConnectorNotConfigured) as caught:
            await desk.use(connection, desk.process())
        assert caught.value.details == {"reason": "app_refused"}
        assert "a-wrong-secret" not in caught.value.message
    assert await desk.asked() == 1
    record = await desk.record(connection)
    assert (record.status, record.health) == (ConnectionStatus.CONNECTED, Health.FAILING)
    assert await desk.audited("connection.reauth_required") == []
    desk.clients.app = right
    await desk.rest_is_over(connection)
    assert await desk.is_good(await desk.use(connection))
    assert (await desk.record(connection)).health is Health.OK


async def test_without_an_app_the_operator_is_told(desk: Desk) -> None:
    connection = await desk.connect()
    desk.clients.error = ConnectorNotConfigured("No app.", details={"reason": "no_app"})
    with pytest.raises(ConnectorNotConfigured):
        await desk.use(connection)
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED
    assert await desk.asked() == 0


async def test_secrets_are_in_no_message(desk: Desk) -> None:
    connection = await desk.connect()
    held = desk.one.credentials.open(await desk.token(connection), connection).refresh_token
    assert held is not None
    secret = held.get_secret_value()
    told = f"{secret} is no good"
    desk.clients.outbound = Outbound(
        Script(says("bad_refresh_token", 200, error_description=told), granted())
    )
    with pytest.raises(ReauthorizationRequired) as caught:
        await desk.use(connection)
    record = await desk.record(connection)
    entries = await desk.audited("connection.reauth_required")
    assert secret not in f"{caught.value.message} {caught.value.details} {record} {entries}"


async def test_an_unknown_client_id_is_the_operators_too(desk: Desk) -> None:
    connection = await desk.connect()
    desk.clients.app = OAuth2App("unknown", desk.clients.app.client_secret)
    with pytest.raises(ConnectorNotConfigured):
        await desk.use(connection)
    assert (await desk.record(connection)).status is ConnectionStatus.CONNECTED
