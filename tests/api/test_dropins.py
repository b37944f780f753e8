"""A connector that was dropped in is switched and configured by each tenant, as ours are."""

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.notes import DROPINS, NOTES_URL
from tests.conftest import Service, StartService

NOTES = "/api/connectors/notes"
KEYS = {"apiKey": "notes-key-0815", "apiSecret": "notes-secret-4711"}
OTHERS = {"X-Tenant-Id": "globex"}


@pytest.fixture
def client(notes_service: Service) -> httpx.AsyncClient:
    return notes_service.client


async def connect(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post(f"{NOTES}/connect/callback", json={**KEYS, **body})


async def test_a_tenant_switches_it_off_for_itself_alone(client: httpx.AsyncClient) -> None:
    connected = data_of(await connect(client, config={"site": "red"}), 201)
    books = f"{NOTES}/containers?connectionId={connected['connectionId']}"
    assert [one["name"] for one in items_of(await client.get(books))] == ["Diary"]
    assert data_of(await client.patch(NOTES, json={"enabled": False}))["enabled"] is False
    error_of(await client.get(books), 409, "connector_not_configured")
    error_of(await connect(client, config={"site": "blue"}), 409, "connector_not_configured")
    shown = {
        tenant["X-Tenant-Id"]: data_of(await client.get(NOTES, headers=tenant))["enabled"]
        for tenant in ({"X-Tenant-Id": "acme"}, OTHERS)
    }
    assert shown == {"acme": False, "globex": True}
    data_of(await client.patch(NOTES, json={"enabled": None}))
    assert [one["name"] for one in items_of(await client.get(books))] == ["Diary"]


async def test_a_tenant_configures_it_for_itself_alone(client: httpx.AsyncClient) -> None:
    assert wrong_fields(await connect(client)) == ["config.site"]
    assert wrong_fields(await client.patch(NOTES, json={"config": {"site": ""}})) == ["config.site"]
    strange = {"config": {"site": "red", "at": "x"}}
    assert wrong_fields(await client.patch(NOTES, json=strange)) == ["config.at"]
    data_of(await client.patch(NOTES, json={"config": {"site": "red"}}))
    connected = data_of(await connect(client), 201)
    shown = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert shown["config"] == {"site": "red"}
    others = await client.post(f"{NOTES}/connect/callback", json=KEYS, headers=OTHERS)
    assert wrong_fields(others) == ["config.site"]


async def test_the_operator_switches_it_off_for_all(start: StartService) -> None:
    off = {"notes": {"api_url": NOTES_URL, "enabled": False}}
    service = await start(connectors=off, connector_paths=[DROPINS])
    answer = await service.client.patch(NOTES, json={"enabled": True})
    assert data_of(answer)["enabled"] is False
    refused = await connect(service.client, config={"site": "red"})
    error = error_of(refused, 409, "connector_not_configured")
    assert error["details"]["reason"] == "disabled"
