"""Strava for each user: an own app, tokens that exist, gear, and the life of one integration."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from src.db.client import Mongo
from src.sandbox.strava.callers import DANA_TOKEN
from src.sandbox.strava.oauth import APP, SINGLE_APP
from src.sandbox.strava.seed.people import DANA, RIO
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.strava import (
    CALLBACK,
    C,
    Host,
    N,
    form_of,
    opened,
)
from tests.conftest import GitHub, StartService

OWN = {"clientId": SINGLE_APP.client_id, "clientSecret": SINGLE_APP.client_secret}
GLOBEX = {"X-Tenant-Id": "globex"}


@pytest.fixture
async def host(start: StartService, github: GitHub) -> AsyncIterator[Host]:
    async with opened(start, github) as found:
        yield found


async def test_tokens_that_exist_are_taken_in_stravas_words(host: Host, mongo: Mongo) -> None:
    """And are renewed by the app that they belong to, which is the connection's own."""
    connected = await host.connect(userId="ada")
    await host.client.delete(f"{N}/{connected['connectionId']}")
    came = await host.approve(await host.start())
    exchange = {
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
        "code": came["code"],
        "grant_type": "authorization_code",
    }
    token = (await host.strava.post("/oauth/token", data=exchange)).json()
    raw = {name: token[name] for name in ("access_token", "refresh_token", "expires_at")}
    created = await host.client.post(
        N,
        json={
            "connectorId": "strava",
            "authMethod": "import",
            "userId": "ben",
            "clientId": APP.client_id,
            "clientSecret": APP.client_secret,
        },
    )
    connection = data_of(created, 201)["id"]
    body = {"connectionId": connection, "token": {"raw": raw}}
    data_of(await host.client.post(f"{N}/token", json=body))
    told = await host.connection(connection)
    assert (told["status"], told["account"]["id"]) == ("connected", str(DANA.id))
    assert datetime.fromisoformat(told["tokenExpiresAt"]).timestamp() == token["expires_at"]
    await host.strava.delete("/_sandbox/oauth/access-tokens")
    assert await host.listed("containers", connection)
    # The refresh token is nowhere in the clear.
    for name in await mongo.database.list_collection_names():
        async for document in mongo.database[name].find():
            assert token["refresh_token"] not in str(document)


async def test_a_plain_access_token_and_a_malformed_one(host: Host) -> None:
    good = {"token": {"accessToken": DANA_TOKEN}, "userId": "ada"}
    connected = data_of(await host.client.post(CALLBACK, json=good), 201)
    assert (connected["grantedScopes"], connected["account"]["name"]) == (None, "Dana Ashton")
    bad = {"token": {"raw": {"access_token": DANA_TOKEN, "expires_at": "soon"}}}
    assert wrong_fields(await host.client.post(CALLBACK, json=bad)) == ["token.raw"]


async def test_gear_is_picked_and_its_synchronization_switched(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    assert (await host.connection(connection))["settings"] == {"syncGear": False}
    for wrong in ({"syncGear": "true"}, {"syncGear": 1}, {"sync_gear": True, "x": 1}):
        answer = await host.client.patch(f"{N}/{connection}", json={"settings": wrong})
        assert wrong_fields(answer)
    on = await host.client.patch(f"{N}/{connection}", json={"settings": {"syncGear": True}})
    assert data_of(on)["settings"] == {"syncGear": True}
    other = await host.client.patch(
        f"{N}/{connection}", json={"settings": {"syncGear": False}}, headers=GLOBEX
    )
    error_of(other, 404, "not_found")
    query = {"connectionId": connection, "q": "supernova"}
    (shoes,) = items_of(await host.client.get(f"{C}/resources/strava_gear", params=query))
    assert shoes["id"] == "gear:g3423618"
    assert {name: shoes["fields"][name] for name in ("distance", "retired", "brand", "model")} == {
        "distance": 966_309,
        "retired": True,
        "brand": "Adidas",
        "model": "Supernova ST",
    }
    activities = await host.listed("items", connection, containerId="activities", limit="2")
    assert [one["fields"]["gearId"] for one in activities] == ["gear:g26020551", "gear:b16988545"]


async def state_of(host: Host, state: str) -> list[str]:
    return [one["id"] for one in items_of(await host.client.get(N, params={"state": state}))]


RECORD = {"connectorId": "strava", "authMethod": "oauth2", "userId": "ada"}


async def made_with_an_own_app(host: Host) -> str:
    """Before anything is linked: one record, and its app, of which the secret is never told."""
    error_of(await host.client.get(f"{N}/con_{'0' * 26}"), 404, "not_found")
    created = await host.client.post(N, json={**RECORD, "alias": "Dana's", **OWN})
    connection: str = data_of(created, 201)["id"]
    assert SINGLE_APP.client_secret not in created.text
    held = error_of(await host.client.post(N, json=RECORD), 409, "connection_exists")
    assert held["details"]["connectionId"] == connection
    half = await host.client.patch(f"{N}/{connection}", json={"clientId": "other"})
    assert wrong_fields(half) == ["clientSecret"]
    changes = {"settings": {"syncGear": True}, **OWN}
    changed = data_of(await host.client.patch(f"{N}/{connection}", json=changes))
    assert (changed["hasClientId"], changed["hasClientSecret"]) == (True, True)
    return connection


async def linked_by_the_second_of_two_starts(host: Host, connection: str) -> None:
    """A state is found, replaced by a new start, voided by its use."""
    first = await host.start(connectionId=connection)
    assert httpx.URL(first["authUrl"]).params["client_id"] == SINGLE_APP.client_id
    assert await state_of(host, first["state"]) == [connection]
    second = await host.start(connectionId=connection)
    assert await state_of(host, first["state"]) == []
    assert await state_of(host, second["state"]) == [connection]
    theirs = await host.client.get(N, params={"state": second["state"]}, headers=GLOBEX)
    assert items_of(theirs) == []
    error_of(await host.finish(await host.approve(first)), 400, "invalid_state")
    linked = data_of(await host.finish(await host.approve(second)), 200)
    assert (linked["connectionId"], linked["status"]) == (connection, "connected")
    assert await state_of(host, second["state"]) == []
    assert form_of(host.asked("/oauth/token")[-1])["client_id"] == SINGLE_APP.client_id
    assert await host.listed("items", connection, containerId="gear")


async def unlinked(host: Host, mongo: Mongo, connection: str) -> None:
    """Revoked by the app's own secret; nothing is left but what the user chose."""
    waiting = await host.start(connectionId=connection)
    ended = data_of(await host.client.delete(f"{N}/{connection}"))
    assert ended["revokedAtProvider"] == "yes"
    assert await state_of(host, waiting["state"]) == []
    told = await host.connection(connection)
    assert (told["status"], told["alias"]) == ("disconnected", "Dana's")
    assert told["settings"] == {"syncGear": True}
    assert (told["hasClientId"], told["hasClientSecret"]) == (False, False)
    assert await mongo.database["tokens"].count_documents({}) == 0
    stored = await mongo.database["connections"].find_one({"_id": connection})
    assert stored is not None
    assert {stored[name] for name in ("clientId", "sealedClientSecret", "grantHash")} == {None}
    gone = await host.client.get(f"{C}/containers", params={"connectionId": connection})
    error_of(gone, 409, "connection_not_ready")


async def linked_again_and_another_account_beside_it(host: Host, connection: str) -> None:
    """By the platform's app now; another account is another connection."""
    again = await host.connect(connectionId=connection, status=200)
    assert again["connectionId"] == connection
    assert form_of(host.asked("/oauth/token")[-1])["client_id"] == APP.client_id
    assert (await host.connection(connection))["settings"] == {"syncGear": True}
    rio = {"account": str(RIO.id)}
    came = await host.approve(await host.start(connectionId=connection), **rio)
    error_of(await host.finish(came), 409, "account_mismatch")
    other = await host.connect(userId="ada", choice=rio)
    assert other["connectionId"] != connection
    assert other["account"]["id"] == str(RIO.id)
    both = items_of(await host.client.get(N, params={"userId": "ada", "connectorId": "strava"}))
    assert {one["id"] for one in both} == {connection, other["connectionId"]}
    taken = await host.approve(await host.start(userId="ada"))
    holder = error_of(await host.finish(taken), 409, "connection_exists")
    assert holder["details"]["connectionId"] == connection


async def test_a_users_integration_from_its_first_day_to_its_second_account(
    host: Host, mongo: Mongo
) -> None:
    connection = await made_with_an_own_app(host)
    await linked_by_the_second_of_two_starts(host, connection)
    await unlinked(host, mongo, connection)
    await linked_again_and_another_account_beside_it(host, connection)


async def test_a_tenants_own_app_serves_its_users_and_no_other_tenants(host: Host) -> None:
    answer = await host.client.patch(C, json=OWN, headers=GLOBEX)
    assert SINGLE_APP.client_secret not in answer.text
    data_of(answer)
    ours = await host.start()
    host.client.headers.update(GLOBEX)
    theirs = await host.start()
    asked = [httpx.URL(one["authUrl"]).params["client_id"] for one in (ours, theirs)]
    assert asked == [APP.client_id, SINGLE_APP.client_id]
