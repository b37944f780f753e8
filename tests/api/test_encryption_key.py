"""``ENCRYPTION_KEY`` is another one than the data was written with."""

import httpx
from cryptography.fernet import Fernet

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of
from tests.conftest import REPOSITORY, TEST_KEY, TOKEN, StartService, connect

OTHER_KEY = Fernet.generate_key().decode()
CONTAINERS = "/api/connectors/github/containers"
CALLBACK = "/api/connectors/github/connect/callback"


async def test_readiness_tells_of_a_wrong_key(start: StartService) -> None:
    first = await start()
    wrong = await start(encryption_key=OTHER_KEY)
    ready = data_of(await first.client.get("/api/health/ready"))
    error = error_of(await wrong.client.get("/api/health/ready"), 503, "service_unavailable")
    assert "ENCRYPTION_KEY" in error["details"]["encryptionKey"]
    assert error["details"]["mongodb"] == "ok"
    assert error["details"]["keyFingerprint"] != ready["keyFingerprint"]
    assert OTHER_KEY not in str(error)


async def test_with_a_wrong_key_what_needs_no_secret_goes_on(
    client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    wrong = (await start(encryption_key=OTHER_KEY)).client
    data_of(await wrong.get("/"))
    assert [entry["id"] for entry in items_of(await wrong.get("/api/connections"))] == [
        connection_id
    ]
    path = f"/api/connections/{connection_id}"
    assert data_of(await wrong.get(f"{path}/token"))["hasAccessToken"] is True
    assert data_of(await wrong.patch(path, json={"alias": "still here"}))["alias"] == "still here"


async def test_with_a_wrong_key_credentials_are_unreadable_and_unharmed(
    client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    wrong = (await start(encryption_key=OTHER_KEY)).client
    params = {"connectionId": connection_id}
    answers = [
        await wrong.get(CONTAINERS, params=params),
        await wrong.get(f"{CONTAINERS}?limit=1", params=params),
        await wrong.post("/api/connectors/github/probe", json=params),
    ]
    for answer in answers:
        error = error_of(answer, 409, "credentials_unreadable")
        assert error["details"]["reauthorizeUrl"] is None
        assert "ENCRYPTION_KEY" in error["message"]
    verdict = data_of(await wrong.post("/api/connections/validate", json=params))
    assert verdict["valid"] is False
    found = data_of(await wrong.get(f"/api/connections/{connection_id}"))
    assert (found["status"], found["health"]) == ("connected", "ok")
    items_of(await client.get(CONTAINERS, params=params))


async def test_with_a_wrong_key_no_new_secret_is_stored(
    client: httpx.AsyncClient, connection_id: str, start: StartService, mongo: Mongo
) -> None:
    wrong = (await start(encryption_key=OTHER_KEY)).client
    app = {"clientId": "own", "clientSecret": "hush"}
    answers = [
        await wrong.post(CALLBACK, json={"apiKey": "ghp_sandbox_hubot"}),
        await wrong.post(CALLBACK, json={"apiKey": TOKEN, "connectionId": connection_id}),
        await wrong.patch(f"/api/connections/{connection_id}", json=app),
        await wrong.patch("/api/connectors/github", json=app),
    ]
    for answer in answers:
        error_of(answer, 409, "credentials_unreadable")
    assert await mongo.database["tokens"].count_documents({}) == 1
    items_of(await client.get(CONTAINERS, params={"connectionId": connection_id}))


async def test_a_connection_can_be_ended_with_a_wrong_key(
    client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    wrong = (await start(encryption_key=OTHER_KEY)).client
    ended = data_of(await wrong.delete(f"/api/connections/{connection_id}"))
    assert ended["status"] == "disconnected"


async def test_with_both_keys_old_and_new_secrets_are_read(
    client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    url = "/api/connectors/github/items"
    params = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": "5"}
    cursor = data_of(await client.get(url, params=params))["nextCursor"]
    both = (await start(encryption_key=f"{OTHER_KEY},{TEST_KEY}")).client
    data_of(await both.get("/api/health/ready"))
    assert len(items_of(await both.get(url, params={**params, "cursor": cursor}))) == 5
    new = await connect(both, "ghp_sandbox_hubot")
    items_of(await both.get(CONTAINERS, params={"connectionId": new}))
    # The former key alone opens what it sealed, and says so of the rest.
    items_of(await client.get(CONTAINERS, params={"connectionId": connection_id}))
    answer = await client.get(CONTAINERS, params={"connectionId": new})
    error_of(answer, 409, "credentials_unreadable")
