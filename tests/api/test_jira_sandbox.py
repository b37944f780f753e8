"""In sandbox mode Jira is imitated whole: consent, sites by name, a data center, writes."""

from typing import Any

import httpx
import pytest

from src.sandbox.atlassian.people import ACME, UMBRELLA
from tests.api.answers import data_of, items_of
from tests.api.jira import CALLBACK, OWN_CALLBACK, START
from tests.conftest import GitHub, Service, StartService
from tests.fakes.browser import approve

PUBLIC = "http://localhost:8000"


@pytest.fixture
async def sandbox(start: StartService, github: GitHub) -> Service:
    service = await start(sandbox=True, public_url=PUBLIC, connectors={})
    github.network.add("localhost", service.app)
    return service


async def test_from_consent_to_a_page_of_issues(sandbox: Service, github: GitHub) -> None:
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await sandbox.client.post(START, json=body), 201)
    assert started["authUrl"].startswith(f"{PUBLIC}/sandbox/jira/authorize?")
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as browser:
        came = await approve(browser, started["authUrl"], account="mia")
    answer = {name: came[name] for name in ("code", "state")}
    held = data_of(await sandbox.client.post(CALLBACK, json=answer), 201)
    assert [option["value"] for option in held["selection"]["options"]] == [ACME.id, UMBRELLA.id]
    connection_id = held["connectionId"]
    url = f"/api/connections/{connection_id}/selection"
    data_of(await sandbox.client.post(url, json={"value": ACME.id}))
    params = {"connectionId": connection_id, "containerId": "10001", "limit": "100"}
    listed = items_of(await sandbox.client.get("/api/connectors/jira/items", params=params))
    assert len(listed) == 100
    assert {request.url.host for request in github.network.requests} == {"localhost"}


@pytest.mark.parametrize(
    ("body", "name", "project"),
    [
        (
            {
                "method": "apiToken",
                "apiKey": "ATATT-sandbox-mia",
                "config": {"email": "mia@example.com", "siteUrl": UMBRELLA.url},
            },
            "Mia Krystof @ umbrella.atlassian.net",
            "Umbrella only",
        ),
        (
            {
                "method": "pat",
                "apiKey": "PAT-sandbox-mia",
                "config": {"serverUrl": "https://jira.corp.example/jira"},
            },
            "Mia Krystof @ jira.corp.example/jira",
            "Example",
        ),
    ],
    ids=["a site", "a data center"],
)
async def test_a_site_is_known_by_its_name(
    sandbox: Service, body: dict[str, Any], name: str, project: str
) -> None:
    connected = data_of(await sandbox.client.post(CALLBACK, json=body), 201)
    assert connected["account"]["name"] == name
    params = {"connectionId": connected["connectionId"]}
    listed = items_of(await sandbox.client.get("/api/connectors/jira/containers", params=params))
    assert project in {one["name"] for one in listed}


async def test_what_is_written_is_kept_in_the_database(sandbox: Service) -> None:
    config = {"email": "mia@example.com", "siteUrl": ACME.url}
    key = {"method": "apiToken", "apiKey": "ATATT-sandbox-mia", "config": config}
    connection_id = data_of(await sandbox.client.post(CALLBACK, json=key), 201)["connectionId"]
    arguments = {"project": "EX", "summary": "Kept", "fields": {"customfield_10016": 3}}
    run = {"connectionId": connection_id, "arguments": arguments}
    url = "/api/connectors/jira/tools/jira_create_issue"
    made = data_of(await sandbox.client.post(url, json=run))
    assert "EX-9001" in str(made)
    params = {"connectionId": connection_id}
    found = data_of(await sandbox.client.get("/api/connectors/jira/items/EX-9001", params=params))
    assert (found["title"], found["fields"]["Story Points"]) == ("Kept", 3)
