"""Whose app: connection, tenant, platform; each with its own addresses and never another's."""

from typing import Any

import pytest
from starlette.responses import Response

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, wrong_fields
from tests.api.oauth import OAUTH_APP, Host
from tests.api.sites import OWN_CALLBACK, START, SitesProvider, begin, client_id_of, finish, host_of
from tests.conftest import GitHub, Service, StartService

OWN = {"clientId": "own-app", "clientSecret": "own-app-secret"}
AT_HOME = {"config": {"host": "own.example", "site": "red"}}
GLOBEX = {"X-Tenant-Id": "globex"}


async def test_the_first_level_that_has_an_app_decides(sites_service: Service) -> None:
    client = sites_service.client
    assert client_id_of((await begin(client))["authUrl"]) == "sites-app"
    data_of(await client.patch("/api/connectors/sites", json=OWN))
    assert client_id_of((await begin(client))["authUrl"]) == "own-app"
    mine = {"clientId": "mine", "clientSecret": "mine-secret"}
    assert client_id_of((await begin(client, **mine))["authUrl"]) == "mine"
    client.headers.update(GLOBEX)
    assert client_id_of((await begin(client))["authUrl"]) == "sites-app"


async def test_the_platforms_secret_never_goes_to_a_tenants_host(
    sites_service: Service, sites: SitesProvider
) -> None:
    client = sites_service.client
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **AT_HOME}
    error = error_of(await client.post(START, json=body), 409, "connector_not_configured")
    assert error["details"] == {"reason": "no_app"}
    data_of(await client.patch("/api/connectors/sites", json=AT_HOME))
    error_of(await client.post(START, json=body), 409, "connector_not_configured")
    assert data_of(await client.get("/api/connectors/sites"))["configured"] is False
    assert sites.asked == []


async def test_the_tenants_secret_does_not_go_to_a_connections_host(
    sites_service: Service, sites: SitesProvider
) -> None:
    client = sites_service.client
    data_of(await client.patch("/api/connectors/sites", json=OWN))
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **AT_HOME}
    error_of(await client.post(START, json=body), 409, "connector_not_configured")
    assert sites.asked == []


async def test_an_own_app_goes_with_an_own_host_and_to_no_other(
    sites_service: Service, sites: SitesProvider
) -> None:
    client = sites_service.client
    data_of(await client.patch("/api/connectors/sites", json={**OWN, **AT_HOME}))
    started = await begin(client)
    assert host_of(started["authUrl"]) == "own.example"
    assert client_id_of(started["authUrl"]) == "own-app"
    connected = data_of(await finish(client, started), 201)
    url = f"/api/connections/{connected['connectionId']}"
    assert data_of(await client.delete(url))["revokedAtProvider"] == "yes"
    assert {host for host, _, _ in sites.asked} == {"own.example"}
    assert all("sites-app-secret" not in said for _, _, said in sites.asked)


async def test_the_tenants_app_for_its_own_host_does_not_go_to_the_provider(
    sites_service: Service,
) -> None:
    client = sites_service.client
    data_of(await client.patch("/api/connectors/sites", json={**OWN, **AT_HOME}))
    started = await begin(client, config={"host": None})
    assert host_of(started["authUrl"]) == "sites.example"
    assert client_id_of(started["authUrl"]) == "sites-app"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "[::1]", "10.0.0.7", "2130706433", "[::ffff:10.0.0.1]"]
)
async def test_a_tenants_address_leads_into_no_private_network(
    sites_service: Service, github: GitHub, host: str
) -> None:
    body = {"config": {"host": host, "site": "red"}, **OWN}
    started = await begin(sites_service.client, **body)
    before = len(github.network.requests)
    error_of(await finish(sites_service.client, started), 502, "provider_error")
    assert len(github.network.requests) == before


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_tenants_token_address_leads_nowhere_else(
    sites_service: Service, sites: SitesProvider, status: int
) -> None:
    """Not inward, and with no secret to anybody: redirects of a token address are not followed."""
    inward = {"location": "http://169.254.169.254/latest/meta-data"}
    sites.token_answer = Response(status_code=status, headers=inward)
    started = await begin(sites_service.client, config={"host": "own.example"}, **OWN)
    error_of(await finish(sites_service.client, started), 502, "provider_error")
    assert [(host, path) for host, path, _ in sites.asked] == [("own.example", "/token")]


@pytest.mark.parametrize("host", ["own.example@evil.example", "own.example:99999"])
async def test_an_address_that_is_none_is_refused_at_the_start(
    sites_service: Service, host: str
) -> None:
    body: dict[str, Any] = {"config": {"host": host}, **OWN}
    body |= {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    assert wrong_fields(await sites_service.client.post(START, json=body)) == ["config"]


async def test_a_new_secret_is_used_at_once_and_another_app_asks_for_a_new_authorization(
    sites_service: Service,
) -> None:
    client, apps = sites_service.client, sites_service.container.apps
    data_of(await client.patch("/api/connectors/sites", json={**OWN, "config": {"site": "red"}}))
    connected = data_of(await finish(client, await begin(client)), 201)
    scope = sites_service.container.connections._scope_of("acme")
    connection = await scope.connections.get_fresh(connected["connectionId"])
    assert connection is not None
    assert (await apps.client_of(connection))._app.client_id == "own-app"
    data_of(await client.patch("/api/connectors/sites", json={"clientSecret": "renewed-secret"}))
    renewed = (await apps.client_of(connection))._app.client_secret
    assert renewed is not None
    assert renewed.get_secret_value() == "renewed-secret"
    data_of(await client.patch("/api/connectors/sites", json={**OWN, "clientId": "another"}))
    with pytest.raises(Exception, match="is gone"):
        await apps.client_of(connection)


async def test_the_app_is_changed_between_start_and_callback(sites_service: Service) -> None:
    client = sites_service.client
    started = await begin(client)
    data_of(await client.patch("/api/connectors/sites", json=OWN))
    error_of(await finish(client, started), 400, "invalid_state")


async def test_the_operators_move_asks_for_a_new_authorization(
    start: StartService, host: Host, mongo: Mongo
) -> None:
    connection_id = (await host.connect())["connectionId"]
    stored = await mongo.database["connections"].find_one({"_id": connection_id})
    assert stored is not None
    assert stored["grantedTo"]["clientId"] == OAUTH_APP.client_id
    await mongo.database["connections"].update_one(
        {"_id": connection_id}, {"$set": {"grantedTo.tokenOrigin": "https://elsewhere.example"}}
    )
    answer = data_of(await host.client.delete(f"/api/connections/{connection_id}"))
    assert answer["revokedAtProvider"] == "failed"
