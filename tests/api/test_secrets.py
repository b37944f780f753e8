"""A secret goes in and never comes out: not in answers, entries, documents or logs."""

from typing import Any

import bson
import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of
from tests.conftest import REPOSITORY, TOKEN, GitHub, StartService

CALLBACK = "/api/connectors/github/connect/callback"
WRONG = "opaque-and-wrong-key-0123456789"
OWN_SECRET = "own-app-secret-0123456789"
TENANT_SECRET = "tenant-app-secret-0123456789"
REFRESH = "ghr_sandbox_refresh_0123456789"
SECRETS = (TOKEN, WRONG, OWN_SECRET, TENANT_SECRET, REFRESH)


async def use_everything(client: httpx.AsyncClient, github: GitHub) -> list[httpx.Response]:
    """Send each secret everywhere it may be sent, right and wrong; answer all answers."""
    answers: list[httpx.Response] = []

    async def send(method: str, path: str, body: Any = None) -> Any:
        answer = await client.request(method, path, json=body)
        answers.append(answer)
        return answer.json()["data"]

    github_path = "/api/connectors/github"
    imported = {"accessToken": TOKEN, "refreshToken": REFRESH}
    await send("POST", CALLBACK, {"apiKey": WRONG})
    await send("POST", CALLBACK, {"apiKey": WRONG, "surprise": WRONG})
    await send("POST", CALLBACK, {"apiKey": [TOKEN]})
    await send("POST", CALLBACK, {"token": {"raw": {"access_token": [TOKEN], "scope": WRONG}}})
    await send("POST", f"{github_path}/validate", {"credentials": {"apiKey": WRONG}})
    await send("POST", f"{github_path}/validate", {"credentials": {"apiKey": TOKEN}})
    app = {"clientId": "own-app", "clientSecret": TENANT_SECRET}
    await send("PATCH", github_path, app)
    connection_id = (await send("POST", CALLBACK, {"token": imported}))["connectionId"]
    await send("POST", CALLBACK, {"token": imported})
    path = f"/api/connections/{connection_id}"
    await send("PATCH", path, {"clientId": "own", "clientSecret": OWN_SECRET})
    await send("PATCH", path, {"clientId": None, "clientSecret": OWN_SECRET})
    ref = {"connectionId": connection_id}
    await send("POST", "/api/connections/token", {**ref, "token": imported})
    await send("POST", "/api/connections/token", {**ref, "token": {"accessToken": WRONG}})
    await send("GET", f"{github_path}/containers?connectionId={connection_id}")
    items = f"{github_path}/items?connectionId={connection_id}&containerId={REPOSITORY}"
    for kind in ("server_error", "cut", "not_json", "rate_limited"):
        await github.fault({"kind": kind})
        await send("GET", items)
        await send("POST", f"{github_path}/probe", ref)
    await github.fault()
    for read in ("", "/token", "/sync-state"):
        await send("GET", path + read)
    for listed in ("/api/connections", "/api/connectors", github_path, "/api/audit-logs"):
        await send("GET", listed)
    return answers


async def documents(mongo: Mongo) -> list[dict[str, Any]]:
    """Every document of the database."""
    names = await mongo.database.list_collection_names()
    return [document for name in names async for document in mongo.database[name].find()]


async def test_no_secret_is_in_an_answer_or_a_log(
    capfd: pytest.CaptureFixture[str], start: StartService, github: GitHub
) -> None:
    service = await start(log_level="DEBUG")
    answers = await use_everything(service.client, github)
    assert {answer.status_code for answer in answers} == {200, 201, 409, 422, 429, 502}
    shown = "".join(answer.text + str(answer.headers) for answer in answers)
    captured = capfd.readouterr()
    logged = captured.out + captured.err
    assert "request.served" in logged
    for secret in SECRETS:
        assert secret not in shown
        assert secret not in logged


async def test_no_secret_is_in_a_document(
    client: httpx.AsyncClient, github: GitHub, mongo: Mongo
) -> None:
    await use_everything(client, github)
    found = await documents(mongo)
    assert any("sealed" in document for document in found)
    for document in found:
        encoded = bson.encode(document)
        for secret in SECRETS:
            assert secret.encode() not in encoded


async def test_nothing_that_can_be_decrypted_is_left_of_a_deleted_connection(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    body = {"token": {"accessToken": TOKEN, "refreshToken": REFRESH}}
    connected = data_of(await client.post(CALLBACK, json=body), 201)
    path = f"/api/connections/{connected['connectionId']}"
    data_of(await client.patch(path, json={"clientId": "own", "clientSecret": OWN_SECRET}))

    def sealed(found: list[dict[str, Any]]) -> list[bytes]:
        # A Fernet text begins with its version byte, whose base64 is gAAAA.
        encoded = [bson.encode(document) for document in found if document.get("_id") != "root"]
        return [text for text in encoded if b"gAAAA" in text]

    assert len(sealed(await documents(mongo))) == 2
    data_of(await client.delete(path))
    assert sealed(await documents(mongo)) == []
    kept = data_of(await client.get(path))
    assert (kept["hasClientId"], kept["hasClientSecret"]) == (False, False)
