"""What becomes of a grant at its provider when a connection ends."""

import asyncio
from typing import Any

import pytest

from src.db.client import Mongo
from src.sandbox.github.app import create_app as create_github
from tests.api.answers import data_of, error_of
from tests.api.oauth import OAUTH_APP, Host
from tests.api.sites import APP, SitesProvider, begin, finish
from tests.conftest import GitHub, Service, connect

ACME = {"X-Tenant-Id": "acme"}
GLOBEX = {"X-Tenant-Id": "globex"}


async def end(host: Host, connection_id: str, **headers: str) -> str:
    url = f"/api/connections/{connection_id}"
    answer: str = data_of(await host.client.delete(url, headers=headers))["revokedAtProvider"]
    return answer


def revocations(host: Host) -> list[str]:
    found = [one for one in host.github.network.requests if one.method == "DELETE"]
    return [request.url.path for request in found]


async def test_github_deletes_the_token_and_never_the_grant(host: Host, mongo: Mongo) -> None:
    connection_id = (await host.connect())["connectionId"]
    assert await end(host, connection_id) == "yes"
    assert revocations(host) == [f"/applications/{OAUTH_APP.client_id}/token"]
    assert [grant["alive"] for grant in await host.grants()] == [True]
    assert await mongo.database["tokens"].count_documents({}) == 0
    stored = await mongo.database["connections"].find_one({"_id": connection_id})
    assert stored is not None
    assert {stored[name] for name in ("grantHash", "grantedTo", "sealedClientSecret")} == {None}
    assert await end(host, connection_id) == "not_needed"


async def test_a_grant_that_another_tenant_lives_on_is_left_alone(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    host.client.headers.update(GLOBEX)
    second = (await host.connect())["connectionId"]
    assert await end(host, first, **{"X-Tenant-Id": "acme"}) == "skipped_shared"
    assert revocations(host) == []
    params = {"connectionId": second}
    answer = await host.client.get("/api/connectors/github/containers", params=params)
    assert answer.status_code == 200
    assert await end(host, second) == "yes"


async def test_another_account_or_user_of_the_same_app_is_another_grant(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    await host.connect(choice={"account": "hubot"})
    assert await end(host, first) == "yes"


async def test_a_key_is_its_owners_to_end(host: Host) -> None:
    assert await end(host, await connect(host.client)) == "unsupported"
    assert revocations(host) == []


@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 502}, {"kind": "cut"}],
    ids=lambda fault: fault["kind"],
)
async def test_what_the_provider_does_not_end_is_told_and_destroyed_here(
    host: Host, mongo: Mongo, fault: dict[str, Any]
) -> None:
    connection_id = (await host.connect())["connectionId"]
    path = f"/applications/{OAUTH_APP.client_id}/token"
    await host.github.fault({**fault, "path": path})
    assert await end(host, connection_id) == "failed"
    assert await mongo.database["tokens"].count_documents({}) == 0


async def test_a_token_that_is_gone_already_counts_as_ended(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    await host.github.client.delete("/_sandbox/oauth/access-tokens")
    assert await end(host, connection_id) == "yes"


async def test_the_connections_own_app_ends_its_token_and_goes_with_it(
    sites_service: Service, sites: SitesProvider, mongo: Mongo
) -> None:
    client = sites_service.client
    own = {"clientId": "mine", "clientSecret": "mine-secret", "config": {"site": "red"}}
    connected = data_of(await finish(client, await begin(client, **own)), 201)
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["hasClientSecret"]
    body = {"connectionId": connected["connectionId"]}
    answer = data_of(await client.post("/api/connectors/sites/revoke", json=body))
    assert answer["revokedAtProvider"] == "yes"
    (revoked,) = [said for _, path, said in sites.asked if path == "/revoke"]
    assert "Basic bWluZTptaW5lLXNlY3JldA==" in revoked
    assert APP["client_secret"] not in str(sites.asked)
    stored = await mongo.database["connections"].find_one({"_id": connected["connectionId"]})
    assert stored is not None
    assert stored["sealedClientSecret"] is None


class Gate:
    """Keeps requests for one path back until it is told to let them go."""

    def __init__(self, github: GitHub, path: str) -> None:
        self._app = create_github(github.store)
        self._path = path
        self.asked = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == self._path:
            self.asked.set()
            await self.open.wait()
        await self._app(scope, receive, send)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
async def test_a_token_granted_while_its_connection_is_given_up_is_given_back(
    host: Host, mongo: Mongo, shared: bool
) -> None:
    """The user gave everything back; what came a moment too late must not stay alive."""
    connection_id = (await host.connect())["connectionId"]
    if shared:
        host.client.headers.update(GLOBEX)
        await host.connect()
        host.client.headers.update(ACME)
    came = await host.approve(await host.start(connectionId=connection_id))
    gate = Gate(host.github, "/user")
    host.github.network.add("github.sandbox", gate)
    finishing = asyncio.create_task(host.finish(came))
    async with asyncio.timeout(60):
        await gate.asked.wait()
    assert await end(host, connection_id) == ("skipped_shared" if shared else "yes")
    before = len(revocations(host))
    gate.open.set()
    error_of(await finishing, 409, "conflict")
    assert len(revocations(host)) - before == (0 if shared else 1)
    assert await mongo.database["tokens"].count_documents({}) == (1 if shared else 0)


async def test_a_token_that_lost_to_a_newer_authorization_is_left_alone(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    first = await host.approve(await host.start(connectionId=connection_id))
    gate = Gate(host.github, "/user")
    host.github.network.add("github.sandbox", gate)
    losing = asyncio.create_task(host.finish(first))
    async with asyncio.timeout(60):
        await gate.asked.wait()
    host.github.network.add("github.sandbox", create_github(host.github.store))
    second = await host.approve(await host.start(connectionId=connection_id))
    assert (await host.finish(second)).status_code == 200
    gate.open.set()
    error_of(await losing, 409, "conflict")
    assert revocations(host) == []
