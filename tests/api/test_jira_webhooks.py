"""Jira's webhooks from end to end: an issue is changed at Jira, and the record is another one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from src.sandbox.atlassian.people import ACME
from tests.api.answers import data_of
from tests.api.atlassian import AtlassianHost
from tests.api.hooked import until
from tests.api.jira import jira_host
from tests.conftest import GitHub, StartService

SCOPES = ["read:jira-work", "read:jira-user", "manage:jira-webhook", "offline_access"]
HOOKS = "/api/connectors/jira/webhooks"


class Receiving:
    """The application, the imitation, and the wire from there to here."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.posted: list[tuple[str, Mapping[str, str], bytes]] = []
        self.host: AtlassianHost

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """As the imitation sends it."""
        self.posted.append((url, headers, body))
        path = urlsplit(url).path
        answer = await self.host.client.post(path, content=body, headers=dict(headers))
        self.answers.append(answer.status_code)
        return answer.status_code

    async def edit(self, issue: str, summary: str) -> None:
        """Somebody changes an issue."""
        answer = await self.host.provider.put(
            f"/ex/jira/{ACME.id}/rest/api/3/issue/{issue}",
            json={"fields": {"summary": summary}},
            headers={"Authorization": "Bearer eyJ-sandbox-ben"},
        )
        answer.raise_for_status()

    async def subscribe(self, connection: str, **body: Any) -> dict[str, Any]:
        asked = {"connectionId": connection, **body}
        made: dict[str, Any] = data_of(await self.host.client.post(HOOKS, json=asked), 201)
        return made

    async def registered(self) -> int:
        answer = await self.host.provider.get(
            f"/ex/jira/{ACME.id}/rest/api/3/webhook",
            headers={"Authorization": "Bearer eyJ-sandbox-ben"},
        )
        return len(answer.json()["values"])

    async def titles(self, connection: str) -> dict[str, str]:
        """What is stored of the issues of a connection, by id."""
        found = self.host.service.container.mongo.database["records"].find(
            {"connectionId": connection}
        )
        return {one["recordId"]: one["data"] async for one in found}


@pytest.fixture
async def jira(start: StartService, github: GitHub) -> Receiving:
    receiving = Receiving()
    receiving.host = await jira_host(start, github.network, post=receiving.post)
    return receiving


async def connect(jira: Receiving) -> str:
    # Ben has one site, so that there is nothing to choose.
    connection_id: str = (await jira.host.connect(scopes=SCOPES))["connectionId"]
    return connection_id


async def test_a_changed_issue_is_fetched_and_told_to_nobody_else(jira: Receiving) -> None:
    ours = await connect(jira)
    tenants = jira.host.client.headers
    usual = tenants["X-Tenant-Id"]
    tenants["X-Tenant-Id"] = "globex"
    theirs = await connect(jira)
    await jira.subscribe(theirs, containerId="10003")
    tenants["X-Tenant-Id"] = usual
    made = await jira.subscribe(ours, containerId="10000", events=["jira:issue_updated"])
    assert made["expiresAt"] is not None
    assert await jira.registered() == 2

    await jira.edit("10109", "Changed at Jira")

    async def is_there() -> bool:
        return "Changed at Jira" in (await jira.titles(ours)).get("10109", "")

    await until(is_there)
    assert await jira.titles(theirs) == {}
    assert set(jira.answers) == {200}
    await jira.edit("21003", "Changed in another project")

    async def is_there_too() -> bool:
        return "21003" in await jira.titles(theirs)

    await until(is_there_too)
    assert set(await jira.titles(ours)) == {"10109"}
    # Both share the address of the app, which is told once for each delivery.
    assert len({url for url, _, _ in jira.posted}) == 1
    ended = await jira.host.client.delete(
        HOOKS, params={"connectionId": ours, "webhookId": made["id"]}
    )
    assert data_of(ended)["removedAtProvider"] == "yes"
    assert await jira.registered() == 1


async def test_what_jira_has_not_signed_is_refused(jira: Receiving) -> None:
    connection = await connect(jira)
    await jira.subscribe(connection)
    await jira.edit("10109", "Signed")
    url, headers, body = jira.posted[0]
    path = urlsplit(url).path

    async def ring(**more: str) -> httpx.Response:
        changed = {**headers, "x-atlassian-webhook-identifier": "another", **more}
        return await jira.host.client.post(path, content=body, headers=changed)

    forged = headers["authorization"].rpartition(".")[0]
    assert (await ring(authorization=f"{forged}.AAAA")).status_code == 401
    assert (await ring(authorization="")).status_code == 401
    # The same delivery again is the same news.
    again = await jira.host.client.post(path, content=body, headers=dict(headers))
    assert data_of(again) == {"news": 0}


async def test_without_the_scope_nothing_is_registered(jira: Receiving) -> None:
    connection = (await jira.host.connect())["connectionId"]
    answer = await jira.host.client.post(HOOKS, json={"connectionId": connection})
    assert answer.status_code == 403
    assert answer.json()["error"]["details"]["missingScopes"] == ["manage:jira-webhook"]
    assert await jira.registered() == 0
