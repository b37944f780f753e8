"""A grant over several sites waits for its user's choice."""

from datetime import timedelta

import pytest

from src.db.client import Mongo
from src.models.base import now
from tests.api.answers import data_of, error_of, wrong_fields
from tests.api.sites import SitesProvider, begin, finish
from tests.conftest import Service


async def waiting(service: Service) -> str:
    held = data_of(await finish(service.client, await begin(service.client)), 201)
    assert (held["status"], held["account"]) == ("pending", None)
    assert held["selection"] == {
        "field": "site",
        "options": [
            {"value": "red", "label": "Red", "url": None},
            {"value": "blue", "label": "Blue", "url": None},
        ],
    }
    connection_id: str = held["connectionId"]
    return connection_id


async def choose(service: Service, connection_id: str, value: str):
    url = f"/api/connections/{connection_id}/selection"
    return await service.client.post(url, json={"value": value})


async def test_the_choice_completes_the_connection(sites_service: Service) -> None:
    connection_id = await waiting(sites_service)
    client = sites_service.client
    params = {"connectionId": connection_id}
    url = "/api/connectors/sites/containers"
    error_of(await client.get(url, params=params), 409, "connection_not_ready")
    assert wrong_fields(await choose(sites_service, connection_id, "green")) == ["value"]
    connected = data_of(await choose(sites_service, connection_id, "blue"))
    assert connected["status"] == "connected"
    assert connected["account"]["id"] == "u1@blue"
    assert connected["selection"] is None
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (found["config"]["site"], found["selection"]) == ("blue", None)
    assert (await client.get(url, params=params)).status_code == 200
    error_of(await choose(sites_service, connection_id, "red"), 409, "conflict")


async def test_another_tenant_does_not_choose(sites_service: Service) -> None:
    connection_id = await waiting(sites_service)
    sites_service.client.headers["X-Tenant-Id"] = "globex"
    error_of(await choose(sites_service, connection_id, "red"), 404, "not_found")


async def test_the_only_site_needs_no_question_and_a_reconnect_keeps_its_own(
    sites_service: Service, sites: SitesProvider
) -> None:
    client = sites_service.client
    sites.sites = ["red"]
    connected = data_of(await finish(client, await begin(client)), 201)
    assert connected["status"] == "connected"
    sites.sites = ["blue", "red"]
    again = await begin(client, connectionId=connected["connectionId"])
    assert data_of(await finish(client, again))["status"] == "connected"
    sites.sites = ["blue"]
    other = await begin(client, connectionId=connected["connectionId"])
    error_of(await finish(client, other), 409, "account_mismatch")


async def test_what_is_connected_already_cannot_be_chosen_again(sites_service: Service) -> None:
    first, second = await waiting(sites_service), await waiting(sites_service)
    data_of(await choose(sites_service, first, "red"))
    error = error_of(await choose(sites_service, second, "red"), 409, "connection_exists")
    assert error["details"] == {"connectionId": first}
    assert data_of(await choose(sites_service, second, "blue"))["status"] == "connected"


@pytest.mark.parametrize("by", ["the clock", "its user"])
async def test_a_choice_that_does_not_come_in_a_day_drops_the_grant(
    sites_service: Service, sites: SitesProvider, mongo: Mongo, by: str
) -> None:
    connection_id = await waiting(sites_service)
    past = {"selectionUntil": now() - timedelta(seconds=1)}
    await mongo.database["connections"].update_one({"_id": connection_id}, {"$set": past})
    if by == "the clock":
        await sites_service.container.selections.drop_overdue()
    else:
        late = await choose(sites_service, connection_id, "red")
        error_of(late, 409, "connection_not_ready")
    found = data_of(await sites_service.client.get(f"/api/connections/{connection_id}"))
    assert (found["status"], found["selection"]) == ("disconnected", None)
    assert await mongo.database["tokens"].count_documents({}) == 0
    assert "/revoke" not in {path for _, path, _ in sites.asked}
