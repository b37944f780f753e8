"""Refreshes over HTTP: asked for, by themselves when a call needs one, and the token revealed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from src.models.base import now, rfc3339
from src.sandbox.github.oauth import GITHUB_APP
from tests.api.answers import data_of, error_of, items_of
from tests.conftest import GITHUB_URL, TOKEN, GitHub, Service, StartService
from tests.sandbox.github.test_oauth import authorized

KEY = "platform-key-0123456789"
ADMIN = {"Authorization": f"Bearer {KEY}"}
ASKED = "POST /login/oauth/access_token"
CONTAINERS = "/api/connectors/github/containers"
APP: dict[str, Any] = {
    "api_url": GITHUB_URL,
    "client_id": GITHUB_APP.client_id,
    "client_secret": GITHUB_APP.client_secret,
    "authorize_url": f"{GITHUB_URL}/login/oauth/authorize",
    "token_url": f"{GITHUB_URL}/login/oauth/access_token",
}


@pytest.fixture
async def service(start: StartService) -> Service:
    return await start(connectors={"github": APP}, admin_api_key=KEY)


async def imported(
    client: httpx.AsyncClient, github: GitHub, *, ends_in: float = 3600, **body: Any
) -> str:
    """A connection with a refresh token, whose access token is said to end in so many seconds."""
    told = await authorized(github.client, GITHUB_APP)
    token = {
        "accessToken": told["access_token"],
        "refreshToken": told["refresh_token"],
        "expiresAt": rfc3339(now() + timedelta(seconds=ends_in)),
    }
    answer = await client.post(
        "/api/connectors/github/connect/callback", json={"token": token, **body}
    )
    connection_id: str = data_of(answer, 201)["connectionId"]
    await github.forget()
    return connection_id


async def browse(client: httpx.AsyncClient, connection_id: str) -> httpx.Response:
    return await client.get(CONTAINERS, params={"connectionId": connection_id, "limit": "1"})


async def asked(github: GitHub) -> int:
    return (await github.requests()).get(ASKED, 0)


async def test_a_call_with_a_token_that_is_over_refreshes_first(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github, ends_in=-1)
    assert items_of(await browse(client, connection_id))
    assert await asked(github) == 1
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (found["status"], found["health"]) == ("connected", "ok")
    token = data_of(await client.get(f"/api/connections/{connection_id}/token"))
    assert (token["version"], token["expiresAt"]) == (2, found["tokenExpiresAt"])


async def test_a_call_that_is_called_stale_goes_on_with_a_new_token(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github)
    await github.client.delete("/_sandbox/oauth/access-tokens")
    assert items_of(await browse(client, connection_id))
    assert await asked(github) == 1


async def test_a_stale_token_of_a_dead_grant_asks_the_user(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github)
    await github.client.delete("/_sandbox/oauth/grants")
    for _ in range(3):
        error_of(await browse(client, connection_id), 409, "reauthorization_required")
    assert await asked(github) == 1
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "reauth_required"
    assert "no longer accepts the refresh token" in found["lastError"]["message"]
    params = {"action": "connection.reauth_required"}
    assert len(items_of(await client.get("/api/audit-logs", params=params))) == 1


async def test_an_outage_of_the_token_address_is_told_as_one(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github, ends_in=-1)
    await github.fault({"kind": "server_error", "path": "/login/"})
    answer = await browse(client, connection_id)
    error_of(answer, 502, "provider_error")
    assert int(answer.headers["Retry-After"]) >= 1
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "connected"
    assert found["health"] in {"degraded", "failing"}


async def test_a_refresh_is_made_when_it_is_due_or_forced(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    path = f"/api/connections/{await imported(client, github)}/token-refreshes"
    before = data_of(await client.post(path), 201)
    assert (before["refreshed"], before["version"]) == (False, 1)
    assert data_of(await client.post(path, json={}), 201) == before
    assert await asked(github) == 0
    forced = data_of(await client.post(path, json={"force": True}), 201)
    assert (forced["refreshed"], forced["version"]) == (True, 2)
    assert forced["expiresAt"] > before["expiresAt"]
    assert await asked(github) == 1
    params = {"action": "token.refreshed"}
    assert len(items_of(await client.get("/api/audit-logs", params=params))) == 1


async def test_without_a_refresh_token_none_can_be_forced(client: httpx.AsyncClient) -> None:
    body = {"apiKey": TOKEN}
    made = data_of(await client.post("/api/connectors/github/connect/callback", json=body), 201)
    path = f"/api/connections/{made['connectionId']}/token-refreshes"
    assert data_of(await client.post(path), 201)["refreshed"] is False
    error_of(await client.post(path, json={"force": True}), 422, "unsupported_capability")


async def test_another_tenant_can_neither_refresh_nor_reveal(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    path = f"/api/connections/{await imported(client, github)}"
    other = {**ADMIN, "X-Tenant-Id": "globex"}
    answer = await client.post(f"{path}/token-refreshes", json={"force": True}, headers=other)
    error_of(answer, 404, "not_found")
    answer = await client.get(f"{path}/token?reveal=true", headers=other)
    error_of(answer, 404, "not_found")
    assert await asked(github) == 0


async def test_one_user_can_do_neither_with_a_shared_connection(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    path = f"/api/connections/{await imported(client, github)}"
    one = {**ADMIN, "X-User-Id": "user-1"}
    answer = await client.post(f"{path}/token-refreshes", json={"force": True}, headers=one)
    error_of(answer, 403, "forbidden")
    error_of(await client.get(f"{path}/token?reveal=true", headers=one), 403, "forbidden")
    assert await asked(github) == 0


async def test_a_revealed_token_is_fresh_and_noted(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github, ends_in=-1)
    path = f"/api/connections/{connection_id}/token?reveal=true"
    answer = await client.get(path, headers=ADMIN)
    shown = data_of(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert shown["version"] == 2
    bearer = {"authorization": f"Bearer {shown['accessToken']}"}
    assert (await github.client.get("/user", headers=bearer)).status_code == 200
    plain = data_of(await client.get(f"/api/connections/{connection_id}/token", headers=ADMIN))
    assert plain == {key: value for key, value in shown.items() if key != "accessToken"}
    params = {"action": "token.revealed"}
    (entry,) = items_of(await client.get("/api/audit-logs", params=params, headers=ADMIN))
    assert (entry["via"], entry["target"]) == ("platform", connection_id)
    assert shown["accessToken"] not in str(entry)


async def test_no_token_is_revealed_of_a_connection_that_does_not_work(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    path = f"/api/connections/{await imported(client, github)}"
    data_of(await client.delete(path))
    answer = await client.get(f"{path}/token?reveal=true", headers=ADMIN)
    error_of(answer, 409, "connection_not_ready")


async def test_no_token_is_revealed_when_that_cannot_be_noted(
    service: Service, github: GitHub
) -> None:
    client = service.client
    path = f"/api/connections/{await imported(client, github)}/token?reveal=true"
    validator = {"collMod": "audit_logs", "validator": {"action": {"$ne": "token.revealed"}}}
    database = service.container.mongo.database
    await database.command(validator)
    try:
        answer = await client.get(path, headers=ADMIN)
    finally:
        await database.command({"collMod": "audit_logs", "validator": {}})
    assert answer.status_code == 500
    assert "ghu_" not in answer.text
    assert "accessToken" not in answer.text
