"""Connecting with a key: the form, the callback, and what must not be connected twice."""

import asyncio
from typing import Any

import httpx
import pytest

from src.connectors.github.manifest import MANIFEST
from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import TOKEN, connect

START = "/api/connectors/github/connect"
CALLBACK = f"{START}/callback"
HUBOT = "ghp_sandbox_hubot"


async def records(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """All connections of the tenant."""
    return items_of(await client.get("/api/connections"))


@pytest.mark.parametrize("method", ["apiKey", "pat"])
async def test_the_form_says_what_to_type(client: httpx.AsyncClient, method: str) -> None:
    form = data_of(await client.post(START, json={"method": method}))
    assert form["header"] == "Authorization"
    assert [(field["name"], field["secret"], field["required"]) for field in form["fields"]] == [
        ("apiKey", True, True),
        ("config.baseUrl", False, False),
    ]
    assert await records(client) == []


@pytest.mark.parametrize("method", ["import", "password", "PAT"])
async def test_a_method_without_a_form_is_refused(client: httpx.AsyncClient, method: str) -> None:
    assert wrong_fields(await client.post(START, json={"method": method})) == ["method"]


async def test_a_key_becomes_a_connection(client: httpx.AsyncClient) -> None:
    body = {"apiKey": TOKEN, "method": "pat", "alias": "Work", "userId": "ada"}
    connected = data_of(await client.post(CALLBACK, json=body), 201)
    connection_id = connected.pop("connectionId")
    assert connected == {
        "status": "connected",
        "account": {
            "id": "1",
            "name": "octocat",
            "url": "https://github.com/octocat",
            "avatarUrl": connected["account"]["avatarUrl"],
        },
        "grantedScopes": ["read:org", "repo", "user"],
        "missingScopes": [],
        "selection": None,
    }
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (found["alias"], found["userId"], found["authMethod"]) == ("Work", "ada", "pat")
    assert found["status"] == "connected"
    assert found["health"] == "ok"
    tools = [tool.name for tool in MANIFEST.tools]
    assert found["capabilities"] == dict.fromkeys(
        ("containers", "items", "comments", "resources", "tools", "sync", "webhooks", *tools), "ok"
    )


async def test_a_key_without_scopes_connects_and_tells_what_it_lacks(
    client: httpx.AsyncClient,
) -> None:
    body = {"apiKey": "ghp_sandbox_noscope"}
    connected = data_of(await client.post(CALLBACK, json=body), 201)
    assert connected["grantedScopes"] == []
    assert connected["missingScopes"] == ["read:org", "repo"]
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["capabilities"]["items"] == {"missingScopes": ["repo"]}


async def test_a_key_that_does_not_tell_its_scopes_lacks_nothing_known(
    client: httpx.AsyncClient,
) -> None:
    body = {"apiKey": "github_pat_sandbox_octocat"}
    connected = data_of(await client.post(CALLBACK, json=body), 201)
    assert connected["grantedScopes"] is None
    assert connected["missingScopes"] == []


async def test_the_same_account_is_not_connected_twice(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client)
    error = error_of(await client.post(CALLBACK, json={"apiKey": TOKEN}), 409, "connection_exists")
    assert error["details"] == {"connectionId": connection_id}
    assert len(await records(client)) == 1


async def test_a_disconnected_account_is_revived(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client, alias="Work")
    await client.patch(f"/api/connections/{connection_id}", json={"metadata": {"team": 7}})
    await client.delete(f"/api/connections/{connection_id}")
    revived = data_of(await client.post(CALLBACK, json={"apiKey": TOKEN}))
    assert revived["connectionId"] == connection_id
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (found["status"], found["alias"], found["metadata"]) == (
        "connected",
        "Work",
        {"team": 7},
    )


async def test_a_pending_connection_is_completed(client: httpx.AsyncClient) -> None:
    body = {"connectorId": "github", "authMethod": "pat", "alias": "Mine", "userId": "ada"}
    pending = data_of(await client.post("/api/connections", json=body), 201)
    done = {"apiKey": TOKEN, "connectionId": pending["id"]}
    connected = data_of(await client.post(CALLBACK, json=done))
    assert connected["connectionId"] == pending["id"]
    found = data_of(await client.get(f"/api/connections/{pending['id']}"))
    assert (found["status"], found["alias"], found["userId"]) == ("connected", "Mine", "ada")


async def test_a_connected_one_is_renewed_with_another_key_of_its_account(
    client: httpx.AsyncClient,
) -> None:
    connection_id = await connect(client)
    body = {"apiKey": "github_pat_sandbox_octocat", "connectionId": connection_id}
    assert data_of(await client.post(CALLBACK, json=body))["connectionId"] == connection_id
    token = data_of(await client.get(f"/api/connections/{connection_id}/token"))
    assert token["version"] == 2


async def test_another_account_does_not_take_over_a_connection(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client)
    body = {"apiKey": HUBOT, "connectionId": connection_id}
    error = error_of(await client.post(CALLBACK, json=body), 409, "account_mismatch")
    assert error["details"] == {"connectionId": connection_id}
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["account"]["id"] == "1"
    token = data_of(await client.get(f"/api/connections/{connection_id}/token"))
    assert token["version"] == 1


async def test_a_pending_connection_does_not_take_an_account_that_is_connected(
    client: httpx.AsyncClient,
) -> None:
    connection_id = await connect(client)
    body = {"connectorId": "github", "authMethod": "pat"}
    pending = data_of(await client.post("/api/connections", json=body), 201)
    done = {"apiKey": TOKEN, "connectionId": pending["id"]}
    error = error_of(await client.post(CALLBACK, json=done), 409, "connection_exists")
    assert error["details"] == {"connectionId": connection_id}
    token = data_of(await client.get(f"/api/connections/{pending['id']}/token"))
    assert token["hasAccessToken"] is False


async def test_a_reconnect_does_not_change_whose_the_connection_is(
    client: httpx.AsyncClient,
) -> None:
    connection_id = await connect(client, userId="ada")
    body = {"apiKey": TOKEN, "connectionId": connection_id, "userId": "bob"}
    assert wrong_fields(await client.post(CALLBACK, json=body)) == ["userId"]
    data_of(await client.post(CALLBACK, json={**body, "userId": "ada"}))


async def test_a_reconnect_keeps_the_alias_unless_it_brings_one(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client, alias="Old")
    body = {"apiKey": TOKEN, "connectionId": connection_id}
    for more, alias in ({}, "Old"), ({"alias": "New"}, "New"):
        data_of(await client.post(CALLBACK, json={**body, **more}))
        found = data_of(await client.get(f"/api/connections/{connection_id}"))
        assert found["alias"] == alias


async def test_two_callbacks_at_once_make_one_connection(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    answers = await asyncio.gather(
        *(client.post(CALLBACK, json={"apiKey": TOKEN}) for _ in range(4))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201, 409, 409, 409]
    (record,) = await records(client)
    for answer in answers:
        if answer.status_code == 409:
            error = error_of(answer, 409, "connection_exists")
            assert error["details"] == {"connectionId": record["id"]}
    tokens = [token["connectionId"] async for token in mongo.database["tokens"].find()]
    assert tokens == [record["id"]]


async def test_two_reconnects_at_once_leave_one_working_credential(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    connection_id = await connect(client)
    await client.delete(f"/api/connections/{connection_id}")
    answers = await asyncio.gather(
        *(client.post(CALLBACK, json={"apiKey": TOKEN}) for _ in range(3))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [record["id"] for record in await records(client)] == [connection_id]
    assert await mongo.database["tokens"].count_documents({}) == 1
    url = "/api/connectors/github/containers"
    items_of(await client.get(url, params={"connectionId": connection_id}))


async def test_a_connection_of_another_connector_is_refused(notes_service: Any) -> None:
    client = notes_service.client
    connection_id = await connect(client)
    body = {
        "apiKey": "k",
        "apiSecret": "s",
        "config": {"site": "a"},
        "connectionId": connection_id,
    }
    answer = await client.post("/api/connectors/notes/connect/callback", json=body)
    assert wrong_fields(answer) == ["connectionId"]


async def test_config_is_checked_by_the_connector_and_kept(notes_service: Any) -> None:
    client = notes_service.client
    url = "/api/connectors/notes/connect/callback"
    keys = {"apiKey": "k", "apiSecret": "s"}
    assert wrong_fields(await client.post(url, json=keys)) == ["config.site"]
    for config in ({"site": 5}, {"site": ""}, {"site": "a", "port": 1}):
        answer = await client.post(url, json={**keys, "config": config})
        assert wrong_fields(answer)[0].startswith("config.")
    body = {**keys, "config": {"site": "a"}}
    connection_id = data_of(await client.post(url, json=body), 201)["connectionId"]
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["config"] == {"site": "a"}
    assert found["settings"] == {"pages": 10}


async def test_key_and_secret_sign_together(notes_service: Any, notes: Any) -> None:
    body = {"apiKey": "aladdin", "apiSecret": "open-sesame", "config": {"site": "a"}}
    url = "/api/connectors/notes/connect/callback"
    data_of(await notes_service.client.post(url, json=body), 201)
    assert notes.authorizations == ["Basic YWxhZGRpbjpvcGVuLXNlc2FtZQ=="]
