"""Rows as records, from end to end: by runs, and by the calls of database webhooks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.supabase.app import create_app
from src.sandbox.supabase.callers import MIA_TOKEN, secret_key
from src.sandbox.supabase.seed.world import SHOP
from tests.api.answers import data_of, error_of, items_of
from tests.api.hooked import until
from tests.api.runs import records, run
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.secrecy import SECRETS

C = "/api/connectors/supabase"
SITE = f"{SHOP.ref}.supabase.co"
URL = "http://supabase.sandbox"
NOTES = "table:@:public:notes"
PLACE = {"project": SHOP.ref, "schema": "public", "table": "notes"}


class Database:
    """The application, a project, and the wire between them."""

    def __init__(self) -> None:
        self.service: Service
        self.provider: httpx.AsyncClient
        self.answers: list[int] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        path = urlsplit(url).path
        answer = await self.service.client.post(path, content=body, headers=dict(headers))
        self.answers.append(answer.status_code)
        return answer.status_code

    async def key(self, method: str, key: str, **config: str) -> str:
        SECRETS.note(key)
        body: dict[str, Any] = {"method": method, "apiKey": key, "config": config}
        connected = await self.service.client.post(f"{C}/connect/callback", json=body)
        connection_id: str = data_of(connected, 201)["connectionId"]
        return connection_id

    async def write(self, method: str, **row: Any) -> None:
        answer = await self.provider.request(method, "/_sandbox/rows", json={**PLACE, "row": row})
        answer.raise_for_status()

    async def trigger(self, url: str, **headers: str) -> None:
        body = {**PLACE, "url": url, "headers": headers}
        (await self.provider.put("/_sandbox/triggers", json=body)).raise_for_status()

    async def stored(self, connection: str) -> dict[str, str | None]:
        found = self.service.container.mongo.database["records"].find({"connectionId": connection})
        return {one["recordId"]: one.get("data") async for one in found}


@pytest.fixture
async def database(start: StartService, github: GitHub) -> Any:
    database = Database()
    app = create_app(MemoryStore(), post=database.post)
    for name in ("supabase.sandbox", SITE):
        github.network.add(name, app)
    database.service = await start(
        connectors={"github": GITHUB_SETTINGS, "supabase": {"api_url": URL}}
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        database.provider = client
        yield database


async def test_a_row_that_is_changed_is_fetched(database: Database) -> None:
    connection = await database.key("projectKey", secret_key(SHOP), projectUrl=f"https://{SITE}")
    answer = await database.service.client.post(
        f"{C}/webhooks", json={"connectionId": connection, "containerId": NOTES}
    )
    setup = data_of(answer, 201)["setup"]
    SECRETS.note(setup["secret"])
    assert setup["header"] == "X-Webhook-Secret"
    assert "Database Webhooks" in setup["instructions"]

    await database.trigger(setup["url"], **{setup["header"]: "a-guess-0123456789"})
    await database.write("PUT", id=8, title="Not believed")
    assert database.answers == [401]

    await database.trigger(setup["url"], **{setup["header"]: setup["secret"]})
    await database.write("PUT", id=9, title="Changed in the database")

    async def is_there() -> bool:
        found = (await database.stored(connection)).get("row:public:notes:id:9")
        return "Changed in the database" in (found or "")

    await until(is_there)
    await database.write("DELETE", id=9)

    async def is_gone() -> bool:
        return (await database.stored(connection)).get("row:public:notes:id:9", "") is None

    await until(is_gone)
    assert set(await database.stored(connection)) == {"row:public:notes:id:9"}


async def test_an_account_has_no_database_webhooks(database: Database) -> None:
    connection = await database.key("pat", MIA_TOKEN)
    answer = await database.service.client.post(
        f"{C}/webhooks", json={"connectionId": connection, "containerId": NOTES}
    )
    error_of(answer, 422, "unsupported_capability")


async def test_an_account_has_no_rows_to_synchronize(database: Database) -> None:
    connection = await database.key("pat", MIA_TOKEN)
    client = database.service.client
    for body in ({}, {"streams": ["rows"]}, {"schedule": "0 * * * *"}):
        answer = await client.post(f"{C}/jobs", json={"connectionId": connection, **body})
        error = error_of(answer, 422, "unsupported_capability")
        assert error["details"] == {"capability": "sync", "stream": "rows"}
        assert "projectKey, legacyKey" in error["message"]
    assert items_of(await client.get("/api/jobs")) == []
    assert items_of(await client.get("/api/schedules")) == []
    (stream,) = data_of(await client.get(C))["streams"]
    assert stream["authMethods"] == ["projectKey", "legacyKey"]


async def test_rows_are_kept_up(database: Database) -> None:
    connection = await database.key("projectKey", secret_key(SHOP), projectUrl=f"https://{SITE}")
    client = database.service.client
    jobs = await run(client, "supabase", connection)
    # The view has no key, and somebody may name one.
    assert (jobs["rows"]["status"], jobs["rows"]["failures"]) == ("succeeded", 1)
    assert jobs["rows"]["counts"]["added"] == 5_000 + 60 + 24 + 2 + 1
    await database.write("DELETE", id=9)
    jobs = await run(client, "supabase", connection, mode="full", containerIds=[NOTES])
    assert jobs["rows"]["counts"]["deleted"] == 1
    gone = await records(client, connection, stream="rows", includeDeleted="true")
    assert (gone[-1]["id"], gone[-1]["data"]) == ("row:public:notes:id:9", None)
