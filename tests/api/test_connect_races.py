"""Connects, checks and disconnects at the same moment, in one process and in two."""

import asyncio
from typing import Any

import httpx

from tests.api.answers import data_of, error_of
from tests.conftest import GitHub, Service, StartService, connect

CALLBACK = "/api/connectors/github/connect/callback"
OTHER_TOKEN = "ghp_sandbox_hubot"
NEW = {"connectorId": "github", "authMethod": "pat"}


async def pending(client: httpx.AsyncClient) -> str:
    connection_id: str = data_of(await client.post("/api/connections", json=NEW), 201)["id"]
    return connection_id


async def finish(client: httpx.AsyncClient, connection_id: str, token: str) -> httpx.Response:
    return await client.post(CALLBACK, json={"apiKey": token, "connectionId": connection_id})


async def probed(client: httpx.AsyncClient, connection_id: str) -> Any:
    body = {"connectionId": connection_id}
    return data_of(await client.post("/api/connectors/github/probe", json=body))


async def slowly(github: GitHub) -> None:
    """Let GitHub take a moment, so that what is begun together is under way together."""
    await github.fault({"kind": "slow", "path": "/user", "delay": 0.1})
    github.network.asked.clear()


async def test_of_two_accounts_for_one_connection_the_label_and_the_credential_are_one(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await pending(client)
    await slowly(github)
    tokens = ["ghp_sandbox_octocat", OTHER_TOKEN] * 2
    answers = await asyncio.gather(*(finish(client, connection_id, token) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    told = data_of(await client.get(f"/api/connections/{connection_id}"))["account"]
    assert (await probed(client, connection_id))["account"]["id"] == told["id"]


async def test_another_process_knows_at_once_whose_connection_it_is(start: StartService) -> None:
    here, there = (await start()).client, (await start()).client
    connection_id = await pending(here)
    assert data_of(await there.get(f"/api/connections/{connection_id}"))["status"] == "pending"
    assert (await finish(here, connection_id, "ghp_sandbox_octocat")).status_code == 200
    error_of(await finish(there, connection_id, OTHER_TOKEN), 409, "account_mismatch")


async def test_a_disconnect_during_a_validation_stays_one(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await slowly(github)
    body = {"connectionId": connection_id}
    checking = asyncio.create_task(client.post("/api/connections/validate", json=body))
    await under_way(github)
    assert (await client.delete(f"/api/connections/{connection_id}")).status_code == 200
    await checking
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "disconnected"


async def test_a_disconnect_during_a_reconnect_wins(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await slowly(github)
    token = "ghp_sandbox_octocat"
    connecting = asyncio.create_task(finish(client, connection_id, token))
    await under_way(github)
    assert (await client.delete(f"/api/connections/{connection_id}")).status_code == 200
    error_of(await connecting, 409, "conflict")
    found = data_of(await client.get(f"/api/connections/{connection_id}/token"))
    assert not found["hasAccessToken"]


async def test_a_late_refusal_of_the_old_key_does_not_touch_the_new_one(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await github.fault(
        {"kind": "slow", "path": "/user/orgs", "delay": 0.05, "times": 1},
        {"kind": "unauthorized", "path": "/user/orgs"},
    )
    params = {"connectionId": connection_id}
    containers = "/api/connectors/github/containers"
    await client.get(containers, params=params)
    await github.fault({"kind": "unauthorized", "path": "/user/orgs"})
    refused, renewed = await asyncio.gather(
        client.get(containers, params=params), connect(client, connectionId=connection_id)
    )
    assert renewed == connection_id
    assert refused.status_code == 409
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["status"] in {"connected", "reauth_required"}
    # Whichever came last: the record and what can be done with it agree.
    await github.fault()
    expected = 200 if found["status"] == "connected" else 409
    assert (await client.get(containers, params=params)).status_code == expected


async def test_many_refusals_at_once_are_one_audit_entry(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await github.fault({"kind": "unauthorized"})
    params = {"connectionId": connection_id}
    containers = "/api/connectors/github/containers"
    await asyncio.gather(*(client.get(containers, params=params) for _ in range(8)))
    action = {"action": "connection.reauth_required"}
    entries = data_of(await client.get("/api/audit-logs", params=action))["items"]
    assert len(entries) == 1


async def test_a_renewal_in_another_process_is_used_at_once_after_its_second(
    start: StartService,
) -> None:
    here: Service = await start()
    there: Service = await start()
    connection_id = await connect(here.client)
    params = {"connectionId": connection_id}
    containers = "/api/connectors/github/containers"
    assert (await there.client.get(containers, params=params)).status_code == 200
    assert (await finish(here.client, connection_id, "ghp_sandbox_octocat")).status_code == 200
    assert (await there.client.get(containers, params=params)).status_code == 200
    token = data_of(await there.client.get(f"/api/connections/{connection_id}/token"))
    assert token["version"] in {1, 2}


async def under_way(github: GitHub) -> None:
    """Until GitHub has been asked."""
    async with asyncio.timeout(60):
        await github.network.asked.wait()
