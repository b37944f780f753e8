"""What the callback takes: keys, tokens to import, and what it refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import TOKEN, GitHub, connect

CALLBACK = "/api/connectors/github/connect/callback"


async def stored(mongo: Mongo) -> dict[str, int]:
    """How many documents a connect could have left."""
    names = ("connections", "tokens", "audit_logs")
    return {name: await mongo.database[name].count_documents({}) for name in names}


async def test_a_wrong_key_leaves_nothing_but_an_audit_entry(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    answer = await client.post(CALLBACK, json={"apiKey": "ghp_wrong"})
    error = error_of(answer, 422, "provider_rejected")
    assert error["details"]["at"] == "provider"
    assert [problem["field"] for problem in error["details"]["errors"]] == ["apiKey"]
    assert await stored(mongo) == {"connections": 0, "tokens": 0, "audit_logs": 1}
    (entry,) = items_of(await client.get("/api/audit-logs"))
    assert (entry["action"], entry["outcome"]) == ("credential.refused", "failure")
    assert entry["target"] == "github"
    assert "ghp_wrong" not in str(entry)


async def test_a_wrong_key_does_not_harm_the_connection_it_was_for(
    client: httpx.AsyncClient,
) -> None:
    connection_id = await connect(client)
    body = {"apiKey": "ghp_wrong", "connectionId": connection_id}
    error_of(await client.post(CALLBACK, json=body), 422, "provider_rejected")
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "connected"
    entries = items_of(await client.get("/api/audit-logs?action=credential.refused"))
    assert [entry["target"] for entry in entries] == [connection_id]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "server_error"}, 502, "provider_error"),
        ({"kind": "cut"}, 502, "provider_error"),
        ({"kind": "not_json"}, 502, "provider_error"),
        ({"kind": "rate_limited", "retry_after": 60}, 429, "rate_limited"),
    ],
)
async def test_a_provider_that_cannot_be_asked_connects_nothing(
    client: httpx.AsyncClient,
    github: GitHub,
    mongo: Mongo,
    fault: dict[str, Any],
    status: int,
    code: str,
) -> None:
    await github.fault(fault)
    error_of(await client.post(CALLBACK, json={"apiKey": TOKEN}), status, code)
    assert await stored(mongo) == {"connections": 0, "tokens": 0, "audit_logs": 0}


async def test_a_token_in_our_form_is_imported(client: httpx.AsyncClient) -> None:
    end = datetime(2031, 5, 1, 14, 30, 0, 123456, tzinfo=UTC)
    token = {
        "accessToken": TOKEN,
        "refreshToken": "ghr_refresh",
        "expiresAt": end.astimezone().isoformat(),
        "scopes": ["repo"],
    }
    connected = data_of(await client.post(CALLBACK, json={"token": token}), 201)
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}/token"))
    assert found == {
        "hasAccessToken": True,
        "hasRefreshToken": True,
        "tokenType": "bearer",
        "expiresAt": "2031-05-01T14:30:00.123Z",
        "scopes": ["read:org", "repo", "user"],
        "version": 1,
    }
    # What the provider tells wins over what the token's bringer says.
    assert connected["grantedScopes"] == ["read:org", "repo", "user"]


async def test_a_token_in_the_providers_form_is_imported(client: httpx.AsyncClient) -> None:
    raw = {"access_token": TOKEN, "scope": "repo,user", "token_type": "bearer", "expires_in": 28800}
    connected = data_of(await client.post(CALLBACK, json={"token": {"raw": raw}}), 201)
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["authMethod"] == "import"
    end = datetime.fromisoformat(found["tokenExpiresAt"])
    assert timedelta(hours=7) < end - datetime.now(UTC) <= timedelta(hours=8)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"access_token": 5},
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": TOKEN, "expires_at": -1},
        {"access_token": TOKEN, "expires_at": 10**11},
        {"access_token": TOKEN, "expires_in": "soon"},
        {"token": TOKEN},
    ],
)
async def test_a_token_in_a_strange_form_is_refused(
    client: httpx.AsyncClient, raw: dict[str, Any]
) -> None:
    answer = await client.post(CALLBACK, json={"token": {"raw": raw}})
    assert wrong_fields(answer) == ["token.raw"]
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["body"]),
        ({"apiKey": TOKEN, "token": {"accessToken": TOKEN}}, ["body"]),
        ({"token": {}}, ["token"]),
        ({"token": {"accessToken": TOKEN, "raw": {"access_token": TOKEN}}}, ["token"]),
        ({"apiSecret": "s", "token": {"accessToken": TOKEN}}, ["body"]),
        ({"apiKey": TOKEN, "method": "oauth2"}, ["method"]),
        ({"apiKey": TOKEN, "method": "import"}, ["method"]),
        ({"token": {"accessToken": TOKEN}, "method": "pat"}, ["method"]),
        ({"apiKey": TOKEN, "method": "a b"}, ["method"]),
        ({"apiKey": TOKEN, "connectionId": "con_1"}, ["connectionId"]),
        ({"apiKey": TOKEN, "connectionId": "con_" + "G" * 24}, ["connectionId"]),
        ({"apiKey": TOKEN, "alias": ""}, ["alias"]),
        ({"apiKey": TOKEN, "alias": "x" * 201}, ["alias"]),
        ({"apiKey": TOKEN, "alias": "a\x00b"}, ["alias"]),
        ({"apiKey": TOKEN, "alias": 5}, ["alias"]),
        ({"apiKey": TOKEN, "userId": "a b"}, ["userId"]),
        ({"apiKey": TOKEN, "userId": "ü"}, ["userId"]),
        ({"apiKey": TOKEN, "userId": ""}, ["userId"]),
        ({"apiKey": TOKEN, "config": {"site": "a"}}, ["config.site"]),
        ({"apiKey": TOKEN, "config": []}, ["config"]),
        ({"apiKey": TOKEN, "surprise": 1}, ["surprise"]),
        ({"token": {"accessToken": TOKEN, "expiresAt": "tomorrow"}}, ["token.expiresAt"]),
        ({"token": {"accessToken": TOKEN, "expiresAt": 1700000000}}, ["token.expiresAt"]),
        ({"token": {"accessToken": TOKEN, "expiresAt": "2031-05-01T00:00"}}, ["token.expiresAt"]),
        (
            {"token": {"accessToken": TOKEN, "expiresAt": "0001-01-01T00:00:00+23:59"}},
            ["token.expiresAt"],
        ),
        (
            {"token": {"accessToken": TOKEN, "expiresAt": "9999-12-31T23:59:59-23:59"}},
            ["token.expiresAt"],
        ),
        ({"token": {"accessToken": TOKEN, "scopes": "repo"}}, ["token.scopes"]),
        ({"token": {"accessToken": TOKEN, "scopes": ["a b"]}}, ["token.scopes.0"]),
        ({"token": {"accessToken": TOKEN, "secret": "s"}}, ["token.secret"]),
    ],
)
async def test_a_callback_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, mongo: Mongo, body: dict[str, Any], fields: list[str]
) -> None:
    answer = await client.post(CALLBACK, json=body)
    assert wrong_fields(answer) == fields
    assert TOKEN not in answer.text
    assert (await stored(mongo))["connections"] == 0


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "a\nb",
        "a\r\nX-Evil: 1",
        f" {TOKEN}",
        f"{TOKEN}\n",
        "schlüssel",
        "x" * 8193,
        "a\x00",
    ],
)
async def test_a_key_that_no_header_can_hold_is_refused(
    client: httpx.AsyncClient, github: GitHub, key: str
) -> None:
    for body, field in (
        ({"apiKey": key}, "apiKey"),
        ({"token": {"accessToken": key}}, "token.accessToken"),
        ({"token": {"accessToken": TOKEN, "refreshToken": key}}, "token.refreshToken"),
    ):
        answer = await client.post(CALLBACK, json=body)
        assert wrong_fields(answer) == [field]
    assert github.network.requests == []


async def test_the_longest_key_is_sent(client: httpx.AsyncClient, github: GitHub) -> None:
    answer = await client.post(CALLBACK, json={"apiKey": "x" * 8192})
    error_of(answer, 422, "provider_rejected")
    assert len(github.network.requests) == 1
