"""``Idempotency-Key``: a request that creates is done once, however often it is sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.callers import ADMIN, LOCKED, bearer, make_key
from tests.conftest import GitHub, StartService

KEYS = "/api/auth/api-keys"
CONNECTIONS = "/api/connections"
NEW = {"connectorId": "github", "authMethod": "pat", "alias": "one"}
NAMED = {"Idempotency-Key": "order-1"}


async def test_the_first_answer_comes_again(client: httpx.AsyncClient) -> None:
    first = await client.post(CONNECTIONS, json=NEW, headers=NAMED)
    again = await client.post(CONNECTIONS, json=NEW, headers=NAMED)
    assert data_of(again, 201) == data_of(first, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(items_of(await client.get(CONNECTIONS))) == 1


async def test_without_a_name_each_request_is_its_own(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        data_of(await client.post(KEYS, json={}), 201)
    assert len(items_of(await client.get(KEYS))) == 2


async def test_secrets_are_left_out_and_stored_nowhere(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    first = data_of(await client.post(KEYS, json={}, headers=NAMED), 201)
    again = data_of(await client.post(KEYS, json={}, headers=NAMED), 201)
    secret = first.pop("apiKey")
    assert again == {**first, "secretShown": False}
    stored = str(await mongo.database["idempotency_keys"].find({}).to_list(None))
    assert secret not in stored
    assert first["keyInfo"]["id"] not in stored
    assert len(items_of(await client.get(KEYS))) == 1
    body = {"userId": "ada", "email": "ada@example.com"}
    path = "/api/auth/sync-oauth-user"
    synced = data_of(await client.post(path, json=body, headers=NAMED), 201)
    again = data_of(await client.post(path, json=body, headers=NAMED), 201)
    del synced["apiKey"]
    assert again == {**synced, "secretShown": False}


@pytest.mark.parametrize("change", [{"alias": "two"}, {"alias": None}, {"workspaceId": "acme"}])
async def test_another_body_is_a_conflict(
    client: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    data_of(await client.post(CONNECTIONS, json=NEW, headers=NAMED), 201)
    answer = await client.post(CONNECTIONS, json={**NEW, **change}, headers=NAMED)
    error_of(answer, 409, "conflict")
    assert "Retry-After" not in answer.headers
    answer = await client.post(CONNECTIONS + "?workspaceId=acme", json=NEW, headers=NAMED)
    error_of(answer, 409, "conflict")


async def test_the_name_belongs_to_one_principal_and_one_route(start: StartService) -> None:
    client = (await start(**LOCKED)).client
    client.headers.pop("X-Tenant-Id")
    callers = [
        bearer(await make_key(client)),
        bearer(await make_key(client)),
        bearer(await make_key(client, "globex")),
        bearer(await make_key(client, userId="ada")),
        {**ADMIN, "X-Tenant-Id": "acme"},
        {**ADMIN, "X-Tenant-Id": "globex"},
        {**ADMIN, "X-Tenant-Id": "acme", "X-User-Id": "ada"},
    ]
    made = set()
    for caller in callers:
        answer = await client.post(KEYS, json={}, headers={**caller, **NAMED})
        made.add(data_of(answer, 201)["apiKey"])
    assert len(made) == len(callers)
    other = await client.post(CONNECTIONS, json=NEW, headers={**callers[0], **NAMED})
    data_of(other, 201)


async def test_a_refusal_comes_again_and_a_fault_does_not(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    bad = {**NEW, "authMethod": "none"}
    first = error_of(
        await client.post(CONNECTIONS, json=bad, headers=NAMED), 422, "validation_error"
    )
    again = error_of(
        await client.post(CONNECTIONS, json=bad, headers=NAMED), 422, "validation_error"
    )
    assert again["details"] == first["details"]
    assert again["requestId"] != first["requestId"]
    path = "/api/connectors/github/connect/callback"
    body = {"apiKey": "ghp_sandbox_octocat"}
    for fault, status, code in (
        ({"kind": "server_error"}, 502, "provider_error"),
        ({"kind": "rate_limited", "retry_after": 600}, 429, "rate_limited"),
    ):
        await github.fault(fault)
        answer = await client.post(path, json=body, headers=NAMED)
        error_of(answer, status, code)
    await github.fault()
    data_of(await client.post(path, json=body, headers=NAMED), 201)


async def test_a_twin_on_its_way_is_told_to_wait(client: httpx.AsyncClient, github: GitHub) -> None:
    path, body = "/api/connectors/github/connect/callback", {"apiKey": "ghp_sandbox_octocat"}
    twins = [client.post(path, json=body, headers=NAMED) for _ in range(4)]
    answers = await asyncio.gather(*twins)
    done = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len({data_of(answer, 201)["connectionId"] for answer in done}) == 1
    assert len(waiting) > 0
    for answer in waiting:
        error_of(answer, 409, "conflict")
        assert answer.headers["Retry-After"] == "1"
    again = data_of(await client.post(path, json=body, headers=NAMED), 201)
    assert again["connectionId"] == data_of(done[0], 201)["connectionId"]


async def test_a_name_is_free_again_after_a_day_and_after_a_lost_process(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    stored = mongo.database["idempotency_keys"]
    data_of(await client.post(KEYS, json={}, headers=NAMED), 201)
    (first,) = await stored.find({}).to_list(None)
    day = first["expiresAt"] - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < day <= timedelta(hours=24)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await stored.update_one({}, {"$set": {"expiresAt": past}})
    assert data_of(await client.post(KEYS, json={"name": "b"}, headers=NAMED), 201)["apiKey"]
    await stored.update_one({}, {"$set": {"sealed": None}})
    answer = await client.post(KEYS, json={"name": "b"}, headers=NAMED)
    error_of(answer, 409, "conflict")
    await stored.update_one({}, {"$set": {"until": past}})
    assert data_of(await client.post(KEYS, json={"name": "b"}, headers=NAMED), 201)["apiKey"]


async def test_an_answer_moved_to_another_name_does_not_open(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    data_of(await client.post(KEYS, json={}, headers=NAMED), 201)
    other = {"Idempotency-Key": "order-2"}
    data_of(await client.post(KEYS, json={}, headers=other), 201)
    stored = mongo.database["idempotency_keys"]
    first, second = await stored.find({}).to_list(None)
    for each, foreign in ((first, second), (second, first)):
        await stored.update_one({"_id": each["_id"]}, {"$set": {"sealed": foreign["sealed"]}})
    for headers in (NAMED, other):
        error_of(await client.post(KEYS, json={}, headers=headers), 409, "conflict")


@pytest.mark.parametrize("name", ["", "a b", "x" * 256, "\u00e9"])
async def test_a_malformed_name_is_told(client: httpx.AsyncClient, name: str) -> None:
    headers = {b"Idempotency-Key": name.encode()}
    answer = await client.post(KEYS, json={}, headers=headers)
    assert wrong_fields(answer) == ["Idempotency-Key"]


async def test_a_route_that_makes_nothing_takes_no_notice(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await client.get(CONNECTIONS, headers=NAMED)
        assert "Idempotent-Replayed" not in answer.headers
