"""Giving a connection a token, and what may be known of it."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import TOKEN, GitHub, connect

URL = "/api/connections/token"
NEW = {"connectorId": "github", "authMethod": "import"}
NONE = {
    "hasAccessToken": False,
    "hasRefreshToken": False,
    "tokenType": None,
    "expiresAt": None,
    "scopes": None,
    "version": 0,
}


async def test_a_pending_connection_has_no_token_until_one_is_given(
    client: httpx.AsyncClient,
) -> None:
    pending = data_of(await client.post("/api/connections", json=NEW), 201)
    path = f"/api/connections/{pending['id']}"
    assert data_of(await client.get(f"{path}/token")) == NONE
    body = {"connectionId": pending["id"], "token": {"accessToken": TOKEN, "scopes": ["repo"]}}
    given = data_of(await client.post(URL, json=body))
    assert given == {
        "hasAccessToken": True,
        "hasRefreshToken": False,
        "tokenType": "bearer",
        "expiresAt": None,
        # What GitHub tells of the token counts, not what the caller believes.
        "scopes": ["read:org", "repo", "user"],
        "version": 1,
    }
    assert data_of(await client.get(f"{path}/token")) == given
    assert data_of(await client.get(path))["status"] == "connected"


async def test_a_second_token_takes_the_place_of_the_first(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    raw = {"access_token": TOKEN, "refresh_token": "ghr_x", "expires_at": 1_900_000_000}
    body = {"connectionId": connection_id, "token": {"raw": raw}}
    given = data_of(await client.post(URL, json=body))
    assert (given["version"], given["hasRefreshToken"]) == (2, True)
    assert given["expiresAt"] == "2030-03-17T17:46:40.000Z"
    assert data_of(await client.get(f"/api/connections/{connection_id}/token")) == given


async def test_a_token_of_another_account_is_refused(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    body = {"connectionId": connection_id, "token": {"accessToken": "ghp_sandbox_hubot"}}
    error_of(await client.post(URL, json=body), 409, "account_mismatch")
    found = data_of(await client.get(f"/api/connections/{connection_id}/token"))
    assert found["version"] == 1


async def test_a_refused_token_changes_nothing(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    body = {"connectionId": connection_id, "token": {"accessToken": "ghp_wrong"}}
    error = error_of(await client.post(URL, json=body), 422, "provider_rejected")
    assert [problem["field"] for problem in error["details"]["errors"]] == ["token"]
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "connected"


async def test_a_token_reconnects_a_disconnected_connection(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    path = f"/api/connections/{connection_id}"
    data_of(await client.delete(path))
    assert data_of(await client.get(f"{path}/token")) == NONE
    body = {"connectionId": connection_id, "token": {"accessToken": TOKEN}}
    data_of(await client.post(URL, json=body))
    assert data_of(await client.get(path))["status"] == "connected"


async def test_a_token_reconnects_a_connection_that_waits_for_its_user(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    path = f"/api/connections/{connection_id}"
    await github.fault({"kind": "unauthorized"})
    params = {"connectionId": connection_id}
    await client.get("/api/connectors/github/containers", params=params)
    await github.fault()
    assert data_of(await client.get(path))["status"] == "reauth_required"
    body = {"connectionId": connection_id, "token": {"accessToken": TOKEN}}
    data_of(await client.post(URL, json=body))
    found = data_of(await client.get(path))
    assert (found["status"], found["lastError"]) == ("connected", None)
    items_of(await client.get("/api/connectors/github/containers", params=params))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"token": {"accessToken": TOKEN}}, "connectionId"),
        ({"connectionId": "con_1", "token": {"accessToken": TOKEN}}, "connectionId"),
        ({"connectionId": "{id}"}, "token"),
        ({"connectionId": "{id}", "token": TOKEN}, "token"),
        ({"connectionId": "{id}", "token": {"accessToken": "a b"}}, "token.accessToken"),
        ({"connectionId": "{id}", "token": {"access_token": TOKEN}}, "token.access_token"),
        ({"connectionId": "{id}", "token": {"raw": {}}}, "token.raw"),
        ({"connectionId": "{id}", "token": {"raw": []}}, "token.raw"),
        ({"connectionId": "{id}", "token": {"accessToken": TOKEN}, "apiKey": "x"}, "apiKey"),
    ],
)
async def test_a_bad_token_body_is_named(
    client: httpx.AsyncClient, connection_id: str, body: dict[str, Any], field: str
) -> None:
    if body.get("connectionId") == "{id}":
        body = {**body, "connectionId": connection_id}
    answer = await client.post(URL, json=body)
    assert wrong_fields(answer)[0] == field
    assert TOKEN not in answer.text


async def test_in_open_mode_nothing_reveals_a_token(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    answer = await client.get(f"/api/connections/{connection_id}/token?reveal=true")
    assert error_of(answer, 403, "forbidden")["details"] == {"permission": "tokens:read"}
    assert TOKEN not in answer.text


async def test_a_token_for_a_connection_that_does_not_exist_is_not_found(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    await connect(client)
    await github.forget()
    body = {"connectionId": "con_" + "0" * 24, "token": {"accessToken": TOKEN}}
    error_of(await client.post(URL, json=body), 404, "not_found")
    assert await github.requests() == {}


async def test_a_connection_ends_with_its_access_token(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    raw = {"access_token": TOKEN, "expires_at": 1_000_000_000}
    body = {"connectionId": connection_id, "token": {"raw": raw}}
    data_of(await client.post(URL, json=body))
    await github.forget()
    params = {"connectionId": connection_id}
    answer = await client.get("/api/connectors/github/containers", params=params)
    error_of(answer, 409, "reauthorization_required")
    assert await github.requests() == {}
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "expired"
    await connect(client, connectionId=connection_id)
    assert data_of(await client.get(f"/api/connections/{connection_id}"))["status"] == "connected"
