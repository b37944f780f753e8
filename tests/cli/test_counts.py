"""``tenants`` and ``connections``: how much there is, and what is not well."""

import httpx

from src.db.client import Mongo
from tests.cli.conftest import Run
from tests.conftest import TOKEN


async def test_tenants_and_connections_are_counted(
    run: Run, client: httpx.AsyncClient, connection_id: str
) -> None:
    await client.post(
        "/api/connectors/github/connect/callback",
        json={"apiKey": "ghp_sandbox_hubot"},
        headers={"X-Tenant-Id": "globex"},
    )
    listed = await run("tenants", "--json")
    assert [each["tenantId"] for each in listed.json] == ["acme", "globex"]
    assert listed.json[0]["documents"]["connections"] == 1
    assert "globex" in (await run("tenants")).said
    counted = await run("connections", "--json")
    assert counted.json == [
        {"connectorId": "github", "status": "connected", "health": "ok", "count": 2}
    ]
    assert "github" in (await run("connections")).said
    for each in (listed, counted):
        assert TOKEN not in each.said + each.complained


async def test_connections_that_are_not_well_are_named(
    run: Run, client: httpx.AsyncClient, connection_id: str, mongo: Mongo
) -> None:
    assert (await run("connections", "--unwell", "--json")).json == []
    kinds = {
        "refresh": {"refreshFailures": 3, "lastError": {"code": "provider_timeout"}},
        "call": {"failures": 1, "lastError": {"code": "provider_error"}},
        "waits": {"status": "reauth_required", "live": False},
    }
    whole = await mongo.database["connections"].find_one({"_id": connection_id})
    assert whole
    for name, change in kinds.items():
        other = {**whole, "_id": f"con_{name}", "tenantId": "globex", "userId": name}
        await mongo.database["connections"].insert_one({**other, **change})
    ended = await run("connections", "--unwell", "--json")
    assert ended.code == 1
    assert [
        (each["tenantId"], each["connectionId"], each["health"], each["lastError"])
        for each in ended.json
    ] == [
        ("globex", "con_call", "degraded", "provider_error"),
        ("globex", "con_refresh", "failing", "provider_timeout"),
        ("globex", "con_waits", "ok", None),
    ]
    assert "con_refresh" in (await run("connections", "--unwell")).said
    counted = {
        (each["status"], each["health"]) for each in (await run("connections", "--json")).json
    }
    assert ("connected", "failing") in counted
