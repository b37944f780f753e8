"""The imitation GitHub as the service itself serves it: kept in the database, at any server."""

from typing import Any

import httpx
import pytest

from src.sandbox.github.oauth import OAUTH_APP
from tests.api.answers import data_of, items_of
from tests.conftest import REPOSITORY, TOKEN, GitHub, Service, StartService, connect

PUBLIC = "http://localhost:8000"
CONNECTOR = "/api/connectors/github"
ACME = {"baseUrl": "https://github.acme.com"}
SITE = f"{PUBLIC}/sandbox/github/_sites/github.acme.com"


@pytest.fixture
async def sandbox(start: StartService, github: GitHub) -> Service:
    """The application in sandbox mode, which finds its imitation at its own address."""
    service = await start(sandbox=True, public_url=PUBLIC, connectors={})
    github.network.add("localhost", service.app)
    return service


async def run(client: httpx.AsyncClient, connection_id: str, tool: str, **given: Any) -> Any:
    body = {"connectionId": connection_id, "arguments": {"repository": REPOSITORY, **given}}
    return data_of(await client.post(f"{CONNECTOR}/tools/github_{tool}", json=body))


@pytest.mark.parametrize(
    ("config", "base"),
    [
        ({}, f"{PUBLIC}/sandbox/github/"),
        (ACME, f"{SITE}/api/v3/"),
        (
            {"baseUrl": "https://octocorp.ghe.com"},
            f"{PUBLIC}/sandbox/github/_sites/api.octocorp.ghe.com/",
        ),
    ],
    ids=["github.com", "a server", "ghe.com"],
)
async def test_what_is_written_is_there_for_everybody(
    sandbox: Service, github: GitHub, config: dict[str, str], base: str
) -> None:
    client = sandbox.client
    connection_id = await connect(client, TOKEN, config=config)
    issue = await run(client, connection_id, "create_issue", title="Ü 🚀")
    await run(client, connection_id, "add_comment", number=issue["fields"]["number"], body="👍")
    path = "docs/100% #1? [ü].txt"
    written = await run(
        client, connection_id, "write_file", path=path, content="neu\n", message="Add"
    )
    read = await run(client, connection_id, "read_file", path=path)
    assert (read["content"], read["sha"]) == ("neu\n", written["sha"])
    by_branch = {"path": "src/login.py", "ref": "feature/login"}
    assert (await run(client, connection_id, "read_file", **by_branch))["content"] == "# todo\n"
    other = await connect(client, "ghp_sandbox_workflow", config=config, userId="ada")
    params = {"connectionId": other, "containerId": REPOSITORY, "limit": "1"}
    (newest,) = items_of(await client.get(f"{CONNECTOR}/items", params=params))
    assert (newest["id"], newest["title"], newest["commentCount"]) == (issue["id"], "Ü 🚀", 1)
    following = await client.get(
        f"{CONNECTOR}/items", params={**params, "cursor": await cursor(client, params)}
    )
    assert items_of(following)[0]["id"] != issue["id"]
    assert all(str(one.url).startswith(base) for one in github.network.requests)


async def cursor(client: httpx.AsyncClient, params: dict[str, str]) -> str:
    page = data_of(await client.get(f"{CONNECTOR}/items", params=params))
    found: str = page["nextCursor"]
    return found


async def test_oauth_of_a_server_leads_to_its_imitation(sandbox: Service) -> None:
    body = {
        "method": "oauth2",
        "redirectUri": f"{PUBLIC}{CONNECTOR}/connect/callback",
        "config": ACME,
        "clientId": OAUTH_APP.client_id,
        "clientSecret": OAUTH_APP.client_secret,
    }
    started = data_of(await sandbox.client.post(f"{CONNECTOR}/connect", json=body), 201)
    assert started["authUrl"].startswith(f"{SITE}/login/oauth/authorize?")
