"""In sandbox mode a site that a configuration names is imitated, too: the world is never asked."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.desk import CALLBACK, DROPINS, EMAIL, SECRET
from tests.api.sites import DROPINS as SITES
from tests.conftest import GitHub, Service, StartService

PUBLIC = "http://localhost:8000"
ACME = "https://acme.desk.example"
MAIL = {"method": "apiToken", "apiKey": SECRET, "config": {"email": EMAIL, "siteUrl": ACME}}
SERVER = {"method": "pat", "apiKey": SECRET}


@pytest.fixture
async def sandbox(start: StartService, github: GitHub) -> Service:
    """The application in sandbox mode, which finds its imitations at its own address."""
    service = await start(
        sandbox=True, public_url=PUBLIC, connectors={}, connector_paths=[DROPINS, SITES]
    )
    github.network.add("localhost", service.app)
    return service


async def connect(service: Service, **body: Any) -> Any:
    return data_of(await service.client.post(CALLBACK, json=body), 201)


async def test_a_site_leads_to_the_imitation_which_knows_its_name(
    sandbox: Service, github: GitHub
) -> None:
    connected = await connect(sandbox, **MAIL)
    assert connected["account"]["name"] == "acme.desk.example"
    (asked,) = github.network.requests
    assert str(asked.url) == f"{PUBLIC}/sandbox/desk/_sites/acme.desk.example/me"
    other = {**MAIL["config"], "siteUrl": "https://other.desk.example"}  # type: ignore[dict-item]
    assert (await connect(sandbox, **{**MAIL, "config": other}))["account"]["name"] == (
        "other.desk.example"
    )
    plain = await connect(sandbox, method="key", apiKey=SECRET)
    assert plain["account"]["name"] == "localhost"


async def test_the_path_of_a_site_is_kept_and_its_pages_can_be_followed(sandbox: Service) -> None:
    config = {"baseUrl": "https://desk.corp.example/ctx"}
    assert (await connect(sandbox, **SERVER, config=config))["account"]["name"] == (
        "desk.corp.example"
    )
    connection_id = (await connect(sandbox, **MAIL))["connectionId"]
    seen: list[str] = []
    query = {"connectionId": connection_id, "limit": "1"}
    for _ in range(2):
        answer = await sandbox.client.get("/api/connectors/desk/containers", params=query)
        page = data_of(answer)
        seen += [one["id"] for one in page["items"]]
        query["cursor"] = page["nextCursor"]
    assert seen == ["1", "2"]


async def test_an_own_site_never_leads_to_the_internet(sandbox: Service, github: GitHub) -> None:
    for address in ("https://localhost", "https://169.254.169.254", "https://desk.example/x/y"):
        config = {"baseUrl": address}
        answer = await sandbox.client.post(CALLBACK, json={**SERVER, "config": config})
        assert answer.status_code in {201, 422, 404}, answer.text
    assert {request.url.host for request in github.network.requests} == {"localhost"}
    assert all("/sandbox/desk/_sites/" in str(one.url) for one in github.network.requests)


async def test_a_connector_without_an_imitation_is_not_changed(
    sandbox: Service, github: GitHub
) -> None:
    body = {
        "method": "oauth2",
        "redirectUri": f"{PUBLIC}/api/connectors/sites/connect/callback",
        "config": {"host": "own.example"},
    }
    own = {"clientId": "own", "clientSecret": "own-secret"}
    started = data_of(
        await sandbox.client.post("/api/connectors/sites/connect", json={**body, **own}), 201
    )
    assert started["authUrl"].startswith("https://own.example/authorize")
    refused = await sandbox.client.post("/api/connectors/sites/connect", json=body)
    error_of(refused, 409, "connector_not_configured")


async def test_without_sandbox_mode_a_site_is_the_worlds(
    start: StartService, github: GitHub
) -> None:
    service = await start(connector_paths=[DROPINS])
    error_of(await service.client.post(CALLBACK, json=MAIL), 502, "provider_error")
    assert {request.url.host for request in github.network.requests} == {"acme.desk.example"}


async def test_an_imitation_below_a_site_takes_faults_as_ever(sandbox: Service) -> None:
    transport = httpx.ASGITransport(app=sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
        faults = [{"kind": "unauthorized"}]
        answer = await client.put("/sandbox/desk/_sandbox/faults", json=faults)
        assert answer.is_success
    refused = await sandbox.client.post(CALLBACK, json=MAIL)
    error_of(refused, 422, "provider_rejected")
