"""Strava's one subscription: several athletes, one address, and hints that are looked into."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.strava.app import create_app
from src.sandbox.strava.seed.activities import FIRST
from src.sandbox.strava.seed.people import DANA
from tests.api.answers import data_of
from tests.api.hooked import until
from tests.api.strava import OAUTH_URL, C, Host, settings
from tests.conftest import GITHUB_SETTINGS, GitHub, StartService
from tests.secrecy import SECRETS


class Line:
    """The way from the imitation to the application, once that runs."""

    def __init__(self) -> None:
        self.client: httpx.AsyncClient | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self.client is not None
        answer = await self.client.post(path_of(url), content=body, headers=dict(headers))
        return answer.status_code

    async def ask(self, url: str) -> tuple[int, bytes]:
        assert self.client is not None
        answer = await self.client.get(path_of(url))
        return answer.status_code, answer.content


def path_of(url: str) -> str:
    SECRETS.note(url.partition("?")[0].rpartition("/")[2])
    return url.removeprefix("http://localhost:8000")


@pytest.fixture
async def host(start: StartService, github: GitHub) -> AsyncIterator[Host]:
    line = Line()
    app = create_app(MemoryStore(), post=line.post, ask=line.ask)
    for name in ("strava.sandbox", "api.strava.sandbox"):
        github.network.add(name, app)
    service = await start(connectors={"github": GITHUB_SETTINGS, "strava": settings()})
    line.client = service.client
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=OAUTH_URL) as client:
        yield Host(service, client, github.network.requests)


async def subscribe(host: Host, connection_id: str) -> Any:
    body = {"connectionId": connection_id}
    return data_of(await host.client.post(f"{C}/webhooks", json=body), 201)


async def record(host: Host, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await host.service.container.mongo.database["records"].find_one(
        {"recordId": name}
    )
    return found


async def test_an_activity_that_changes_is_in_the_records(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    made = await subscribe(host, connection)
    name = f"activity:{FIRST + 3}"
    path = f"/_sandbox/activities/{FIRST + 3}"
    (await host.strava.put(path, json={"name": "Told by Strava"})).raise_for_status()

    async def is_told() -> bool:
        stored = await record(host, name)
        return stored is not None and "Told by Strava" in (stored["data"] or "")

    await until(is_told)
    await host.strava.delete(path)

    async def is_gone() -> bool:
        stored = await record(host, name)
        return stored is not None and stored["data"] is None

    await until(is_gone)
    ended = await host.client.delete(
        f"{C}/webhooks", params={"connectionId": connection, "webhookId": made["id"]}
    )
    assert data_of(ended)["removedAtProvider"] == "yes"
    assert len(host.asked("/push_subscriptions")) >= 2


async def test_only_strava_itself_says_that_a_grant_has_ended(host: Host) -> None:
    """Whoever knows the address could send this: what Strava answers counts."""
    connection = (await host.connect())["connectionId"]
    await subscribe(host, connection)
    told = f"/_sandbox/deauthorizations/{DANA.id}"

    async def looked(times: int) -> None:
        async def have_looked() -> bool:
            return len(host.asked("/athlete")) >= times

        await until(have_looked)

    before = len(host.asked("/athlete"))
    (await host.strava.post(told)).raise_for_status()
    await looked(before + 1)
    assert (await host.connection(connection))["status"] == "connected"
    (await host.strava.delete("/_sandbox/oauth/grants")).raise_for_status()
    (await host.strava.post(told)).raise_for_status()

    async def is_over() -> bool:
        return bool((await host.connection(connection))["status"] == "reauth_required")

    await until(is_over)
