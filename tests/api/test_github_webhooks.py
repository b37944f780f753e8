"""Webhooks of GitHub's repositories, set up and delivered by the imitation."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from src.sandbox.github.app import create_app
from src.sandbox.kit import MemoryStore, build_imitation
from tests.api.answers import data_of, error_of
from tests.api.hooked import until
from tests.conftest import GITHUB_URL, REPOSITORY, GitHub, Service, StartService, connect
from tests.fakes.network import Network
from tests.secrecy import SECRETS

ISSUES = "/repositories/1296269/issues"
WEBHOOKS = "/api/connectors/github/webhooks"


class Post:
    """The way from the imitation to the application, once that runs."""

    def __init__(self) -> None:
        self.client: httpx.AsyncClient | None = None
        self.statuses: list[int] = []
        self.deliveries: list[tuple[str, dict[str, str], bytes]] = []

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self.client is not None
        SECRETS.note(url.rpartition("/")[2])
        path = url.removeprefix("http://localhost:8000")
        answer = await self.client.post(path, headers=dict(headers), content=body)
        self.deliveries.append((path, dict(headers), body))
        self.statuses.append(answer.status_code)
        return answer.status_code


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
async def github(post: Post) -> AsyncIterator[GitHub]:
    """The imitation, which delivers."""
    store = MemoryStore()
    app = build_imitation(create_app, store, "github", post)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=GITHUB_URL) as client:
        yield GitHub(Network({"github.sandbox": app}), client, store)


@pytest.fixture
async def service(start: StartService, post: Post) -> Service:
    started = await start()
    post.client = started.client
    return started


async def write(github: GitHub, method: str, path: str, **body: Any) -> dict[str, Any]:
    """Do something at GitHub, as octocat."""
    headers = {"Authorization": "Bearer ghp_sandbox_octocat", "User-Agent": "octocat"}
    answer = await github.client.request(method, path, json=body, headers=headers)
    answer.raise_for_status()
    done: dict[str, Any] = answer.json() if answer.content else {}
    return done


async def handled(service: Service, count: int) -> None:
    found = service.container.mongo.database["hook_deliveries"]

    async def are_over() -> bool:
        return await found.count_documents({"dueAt": None}) >= count

    await until(are_over)


async def record(service: Service, connection: str, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await service.container.mongo.database["records"].find_one(
        {"connectionId": connection, "recordId": name}
    )
    return found


async def subscribe(service: Service, connection: str, **body: Any) -> dict[str, Any]:
    given = {"connectionId": connection, "containerId": REPOSITORY, **body}
    made: dict[str, Any] = data_of(await service.client.post(WEBHOOKS, json=given), 201)
    return made


async def test_what_happens_in_a_repository_is_in_the_records(
    service: Service, github: GitHub, post: Post
) -> None:
    connection = await connect(service.client)
    made = await subscribe(service, connection)
    assert post.statuses == [200]  # the ping
    opened = await write(github, "POST", ISSUES, title="Told by webhook")
    issue = f"{ISSUES}/{opened['number']}"
    await write(github, "POST", f"{issue}/comments", body="First")
    await write(github, "PATCH", issue, state="closed")
    await handled(service, 3)
    name = f"1296269:issue:{opened['number']}"
    stored = await record(service, connection, name)
    assert stored is not None
    assert stored["stream"] == "issues"
    assert '"state":"closed"' in stored["data"]
    comments = service.container.mongo.database["records"].find({"stream": "comments"})
    assert ["First" in one["data"] async for one in comments] == [True]
    removed = await service.client.delete(
        WEBHOOKS, params={"connectionId": connection, "webhookId": made["id"]}
    )
    assert data_of(removed)["removedAtProvider"] == "yes"
    await write(github, "POST", ISSUES, title="Told to nobody")
    assert set(post.statuses) == {200}
    assert len(post.statuses) == 4


async def test_deliveries_that_come_late_and_twice_end_in_the_same_records(
    service: Service, github: GitHub, post: Post
) -> None:
    connection = await connect(service.client)
    await subscribe(service, connection, events=["issues"])
    tricks = [{"kind": "held_delivery"}, {"kind": "doubled_delivery"}]
    (await github.client.put("/_sandbox/faults", json=tricks)).raise_for_status()
    opened = await write(github, "POST", ISSUES, title="Opened, closed, opened again")
    path = f"{ISSUES}/{opened['number']}"
    for state in ("closed", "open"):
        await write(github, "PATCH", path, state=state)
    await write(github, "POST", f"{path}/comments", body="Of an event that nobody wants")
    assert len(post.statuses) == 1  # the ping
    await github.client.post("/_sandbox/deliveries")
    assert post.statuses[1:] == [200] * 6
    await handled(service, 3)
    assert await service.container.mongo.database["hook_deliveries"].count_documents({}) == 3
    stored = await record(service, connection, f"1296269:issue:{opened['number']}")
    assert stored is not None
    assert '"state":"open"' in stored["data"]


async def test_a_deleted_issue_is_deleted_in_the_records(service: Service, github: GitHub) -> None:
    connection = await connect(service.client)
    await subscribe(service, connection, events=["issues"])
    opened = await write(github, "POST", ISSUES, title="Short-lived")
    await handled(service, 1)
    number = opened["number"]
    gone = {"type": "Removed", "repository": 1296269, "number": number}
    (await github.client.post("/_sandbox/written", json=gone)).raise_for_status()
    await handled(service, 2)
    stored = await record(service, connection, f"1296269:issue:{number}")
    assert stored is not None
    assert stored["data"] is None


async def test_a_changed_delivery_is_refused(service: Service, github: GitHub, post: Post) -> None:
    await subscribe(service, await connect(service.client))
    await write(github, "POST", ISSUES, title="Real")
    path, headers, body = post.deliveries[-1]
    changed = body.replace(b"Real", b"Fake")
    error_of(await service.client.post(path, headers=headers, content=changed), 401, "unauthorized")
    sha1 = {**headers, "X-Hub-Signature-256": "sha1=" + "0" * 40}
    error_of(await service.client.post(path, headers=sha1, content=body), 401, "unauthorized")
    assert data_of(await service.client.post(path, headers=headers, content=body)) == {"news": 0}


async def test_what_github_does_not_let_us_set_up(service: Service, github: GitHub) -> None:
    client = service.client
    poor = await connect(client, "ghp_sandbox_noscope", userId="poor")
    body = {"connectionId": poor, "containerId": REPOSITORY}
    error = error_of(await client.post(WEBHOOKS, json=body), 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == ["admin:repo_hook"]
    mine = await connect(client)
    for container, status in (("org:github", 422), ("repo:999999999", 404)):
        answer = await client.post(WEBHOOKS, json={"connectionId": mine, "containerId": container})
        assert answer.status_code == status, answer.text
