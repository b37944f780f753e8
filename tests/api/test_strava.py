"""Strava from end to end: OAuth, browsing, gear, an own app for each user, the app's limits."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.sandbox.strava.limits import Limit
from src.sandbox.strava.oauth import APP, SINGLE_APP
from src.sandbox.strava.seed.people import DANA, RIO
from tests.api.answers import data_of, error_of, items_of
from tests.api.sandboxes import sandboxes
from tests.api.strava import (
    ALL,
    CALLBACK,
    OWN_CALLBACK,
    C,
    Host,
    N,
    form_of,
    opened,
    settings,
)
from tests.conftest import GITHUB_SETTINGS, GitHub, StartService

OWN = {"clientId": SINGLE_APP.client_id, "clientSecret": SINGLE_APP.client_secret}
GLOBEX = {"X-Tenant-Id": "globex"}


@pytest.fixture
async def host(start: StartService, github: GitHub) -> AsyncIterator[Host]:
    async with opened(start, github) as found:
        yield found


async def test_the_whole_way_by_oauth(host: Host) -> None:
    started = await host.start()
    asked = httpx.URL(started["authUrl"]).params
    assert asked["scope"] == "read,read_all,profile:read_all,activity:read_all"
    assert asked["approval_prompt"] == "force"
    assert "code_challenge" not in asked
    came = await host.approve(started)
    assert came["scope"] == ",".join(ALL)
    connected = data_of(await host.finish(came), 201)
    assert connected["account"]["id"] == str(DANA.id)
    assert (connected["grantedScopes"], connected["missingScopes"]) == (ALL, [])
    (exchange,) = host.asked("/oauth/token")
    assert form_of(exchange) == {
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
        "code": came["code"],
        "grant_type": "authorization_code",
        "redirect_uri": OWN_CALLBACK,
    }
    assert "authorization" not in exchange.headers
    # The API and OAuth are at addresses of their own.
    assert {(one.url.host, one.url.path) for one in host.requests} == {
        ("strava.sandbox", "/oauth/token"),
        ("api.strava.sandbox", "/athlete"),
    }
    connection = connected["connectionId"]
    stored = await host.connection(connection)
    life = datetime.fromisoformat(stored["tokenExpiresAt"]) - datetime.now(UTC)
    assert timedelta(hours=5, minutes=59) < life <= timedelta(hours=6)
    containers = [one["id"] for one in await host.listed("containers", connection)]
    assert containers == ["activities", "routes", "gear", "clubs"]
    (latest,) = (await host.listed("items", connection, containerId="activities", limit="1"))[:1]
    # As a browser reads it, the number is whole.
    assert latest["id"] == "activity:9007199254740993"
    one = data_of(
        await host.client.get(f"{C}/items/{latest['id']}", params={"connectionId": connection})
    )
    assert one["body"] == "How outing 0 went."
    said = await host.listed("comments", connection, itemId=latest["id"], limit="100")
    assert len(said) == latest["commentCount"] == 45
    # Tokens stand in the header only.
    assert not any("token" in str(one.url) for one in host.requests if one.method == "GET")


async def test_the_api_may_move_while_oauth_stays(start: StartService) -> None:
    """As Strava's is going to; an app takes its addresses from one level, so all are named."""
    oauth = "https://www.strava.com/oauth"
    own = {**settings(), "authorize_url": f"{oauth}/authorize", "token_url": f"{oauth}/token"}
    service = await start(connectors={"github": GITHUB_SETTINGS, "strava": own})
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await service.client.post(f"{C}/connect", json=body), 201)
    assert started["authUrl"].startswith(f"{oauth}/authorize?")


async def test_scopes_that_were_unticked_are_missing(host: Host) -> None:
    choice = {"without": ("activity:read_all", "profile:read_all")}
    connected = await host.connect(choice=choice)
    assert connected["grantedScopes"] == ["read", "read_all"]
    assert connected["missingScopes"] == ["activity:read_all", "profile:read_all"]
    connection = connected["connectionId"]
    told = await host.connection(connection)
    assert told["capabilities"]["items"] == {"missingScopes": ["activity:read"]}
    before = len(host.requests)
    query = {"connectionId": connection, "containerId": "activities"}
    error = error_of(await host.client.get(f"{C}/items", params=query), 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == ["activity:read"]
    picked = await host.client.get(
        f"{C}/resources/strava_gear", params={"connectionId": connection}
    )
    error_of(picked, 403, "insufficient_scope")
    assert len(host.requests) == before
    assert len(await host.listed("items", connection, containerId="routes")) == 3


async def test_refresh_tokens_are_replaced_one_by_one(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.later(hours=5.5)
    for _ in range(2):
        await host.strava.delete("/_sandbox/oauth/access-tokens")
        assert await host.listed("containers", connection)
    sent = [form_of(one) for one in host.asked("/oauth/token")][1:]
    assert [set(one) for one in sent] == [
        {"client_id", "client_secret", "grant_type", "refresh_token"}
    ] * 2
    assert sent[0]["refresh_token"] != sent[1]["refresh_token"]
    assert (await host.connection(connection))["grantedScopes"] == ALL


async def test_a_refresh_that_brings_the_same_tokens_changes_nothing(host: Host) -> None:
    """With more than an hour to live they are given out again, with the same end."""
    connection = (await host.connect())["connectionId"]
    before = await host.connection(connection)
    answer = await host.client.post(f"{N}/{connection}/token-refreshes", json={"force": True})
    assert data_of(answer, 201)["expiresAt"] == before["tokenExpiresAt"]
    assert await host.listed("containers", connection)
    await host.later(hours=5.5)
    again = await host.client.post(f"{N}/{connection}/token-refreshes", json={"force": True})
    assert data_of(again, 201)["expiresAt"] > before["tokenExpiresAt"]
    assert await host.listed("containers", connection)


async def test_a_grant_that_its_athlete_took_back(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.strava.delete("/_sandbox/oauth/grants")
    answer = await host.client.get(f"{C}/containers", params={"connectionId": connection})
    error_of(answer, 409, "reauthorization_required")


async def test_disconnecting_revokes_with_basic(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    assert data_of(await host.client.delete(f"{N}/{connection}"))["revokedAtProvider"] == "yes"
    (revoke,) = host.asked("/oauth/revoke")
    pair = base64.b64decode(revoke.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{APP.client_id}:{APP.client_secret}"
    assert form_of(revoke)["token_type_hint"] == "refresh_token"
    assert await host.grants() == [False]
    assert host.asked("/oauth/deauthorize") == []


@pytest.mark.parametrize(
    ("fault", "answer", "alive"),
    [
        ({"kind": "not_found"}, "yes", False),
        ({"kind": "server_error", "status": 503}, "failed", True),
    ],
    ids=["not there yet", "away"],
)
async def test_disconnecting_by_the_older_address(
    host: Host, fault: dict[str, Any], answer: str, alive: bool
) -> None:
    connection = (await host.connect())["connectionId"]
    await host.fault({**fault, "path": "/oauth/revoke"})
    told = data_of(await host.client.delete(f"{N}/{connection}"))
    assert told["revokedAtProvider"] == answer
    assert await host.grants() == [alive]
    assert len(host.asked("/oauth/deauthorize")) == (not alive)


async def test_a_code_that_is_no_good_and_an_athlete_who_says_no(host: Host) -> None:
    came = await host.approve(await host.start())
    bad = await host.finish({**came, "code": "0" * 40})
    error = error_of(bad, 400, "oauth_exchange_failed")
    assert error["details"]["error"] == "RequestToken:invalid"
    denied = await host.approve(await host.start(), button="Cancel")
    assert denied["error"] == "access_denied"
    query = {name: denied[name] for name in ("error", "state")}
    page = await host.client.get(CALLBACK, params=query)
    assert "not approved" in page.text
    assert items_of(await host.client.get(N)) == []


async def test_the_cap_on_athletes_is_explained(host: Host) -> None:
    await host.connect(**OWN, choice={"account": str(DANA.id)})
    came = await host.approve(await host.start(**OWN), account=str(RIO.id))
    error = error_of(await host.finish(came), 409, "connector_not_configured")
    assert "ten athletes" in error["message"]
    assert "an app of your own" in error["message"]
    assert error["details"]["reason"] == "app_refused"
    assert error["details"]["description"] == "Limit of connected athletes exceeded"


async def test_the_limits_of_an_app_hold_over_tenants_before_anything_is_sent(
    start: StartService, github: GitHub
) -> None:
    """The provider's word is believed: this app may read six times in a quarter of an hour."""
    few = {"overall": Limit(200, 2_000), "read": Limit(6, 1_000)}
    async with opened(start, github, **few) as host:
        ours = (await host.connect())["connectionId"]
        host.client.headers.update(GLOBEX)
        theirs = (await host.connect())["connectionId"]
        own = (await host.connect(userId="ada", **OWN))["connectionId"]
        limit = (await host.probe(theirs))["rateLimit"]
        assert (limit["limit"], limit["remaining"]) == (6, 3)
        assert 0 < limit["reset"] - datetime.now(UTC).timestamp() <= 900
        for _ in range(3):
            await host.listed("containers", theirs)
        before = len(host.requests)
        for tenant, connection in (("acme", ours), ("globex", theirs)):
            refused = await host.client.get(
                f"{C}/containers",
                params={"connectionId": connection},
                headers={"X-Tenant-Id": tenant},
            )
            error = error_of(refused, 429, "rate_limited")
            assert (error["details"]["by"], error["details"]["reason"]) == ("provider", "app_limit")
            assert 1 <= int(refused.headers["Retry-After"]) <= 900
        told = await host.probe(theirs)
        assert (told["reachable"], told["rateLimit"]["remaining"]) == (True, 0)
        assert len(host.requests) == before
        # Another app has its own limits.
        assert await host.listed("containers", own)


async def test_in_sandbox_mode_it_works_as_it_stands(start: StartService, github: GitHub) -> None:
    async with sandboxes(start, github) as world:
        entry = data_of(await world.client.get(C))
        assert (entry["configured"], entry["capabilities"]) == (
            True,
            ["containers", "items", "comments", "resources", "sync", "webhooks"],
        )
        connection = await world.connect(entry)
        query = {"connectionId": connection, "containerId": "activities", "limit": "2"}
        assert len(items_of(await world.client.get(f"{C}/items", params=query))) == 2
        ended = data_of(await world.client.delete(f"{N}/{connection}"))
        assert ended["revokedAtProvider"] == "yes"
        assert {one.url.host for one in world.network} == {"localhost"}


async def test_an_app_that_lost_its_secret_still_gives_its_grants_back(
    host: Host,
) -> None:
    """The newer way needs the secret; the older one only the token."""
    connection = (await host.connect())["connectionId"]
    changed = {"client_secret": "another"}
    await host.strava.put(f"/_sandbox/oauth/apps/{APP.client_id}", json=changed)
    told = data_of(await host.client.delete(f"{N}/{connection}"))
    assert (told["revokedAtProvider"], await host.grants()) == ("yes", [False])
