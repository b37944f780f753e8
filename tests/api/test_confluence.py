"""Confluence over HTTP: a grant over two sites, browsing, pickers, tools, and the grant's end."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from src.connectors.confluence import scopes
from src.sandbox.atlassian.people import ACME, MIA, UMBRELLA
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.atlassian import AtlassianHost
from tests.api.confluence import CALLBACK, confluence_host
from tests.conftest import GitHub, StartService

API = "/ex/confluence/{cloud}/wiki/api/v2"
PAGES, USERS = f"GET {API}/spaces/{{id}}/pages", f"POST {API}/users-bulk"
OF_SITE = {"email": "mia@example.com", "siteUrl": "https://acme.atlassian.net"}


@pytest.fixture
async def host(start: StartService, github: GitHub) -> AtlassianHost:
    return await confluence_host(start, github.network)


async def status_of(host: AtlassianHost, connection_id: str) -> str:
    found: dict[str, Any] = data_of(await host.client.get(f"/api/connections/{connection_id}"))
    status: str = found["status"]
    return status


async def test_the_user_is_asked_for_scopes_of_both_families(host: AtlassianHost) -> None:
    asked = parse_qs(urlsplit((await host.start())["authUrl"]).query)["scope"][0].split()
    assert set(asked) == {scopes.OFFLINE, *scopes.READ}
    # A tool brings its own, and without these there is neither a refresh nor an account.
    tools = (await host.start(tools=["confluence_create_page"]))["authUrl"]
    asked = parse_qs(urlsplit(tools).query)["scope"][0].split()
    assert {scopes.OFFLINE, scopes.ME, scopes.WRITE_PAGES} <= set(asked)
    assert scopes.WRITE_COMMENTS not in asked


async def test_from_consent_to_a_dead_grant_and_back(host: AtlassianHost) -> None:
    held = await host.connect("mia")
    assert (held["status"], held["account"]) == ("pending", None)
    options = [option["value"] for option in held["selection"]["options"]]
    assert options == [ACME.id, UMBRELLA.id]
    connection_id = held["connectionId"]
    error_of(await host.ask("containers", connection_id), 409, "connection_not_ready")
    assert wrong_fields(await host.choose(connection_id, "another")) == ["value"]

    connected = data_of(await host.choose(connection_id, ACME.id))
    assert connected["status"] == "connected"
    assert connected["account"]["id"] == f"{ACME.id}:{MIA.account_id}"

    await host.requests()
    query = {"containerId": "space:98305", "include": "body", "type": "page", "limit": "100"}
    pages = items_of(await host.ask("items", connection_id, **query))
    assert await host.requests() == {PAGES: 1, USERS: 1}
    assert len(pages) == 50
    noted = next(page for page in pages if page["title"] == "Much discussed")
    assert (noted["body"], noted["author"]["name"]) == ("The kraken sleeps", "Mia Krystof")
    whole = data_of(await host.ask(f"items/{noted['id']}", connection_id))
    assert whole["labels"] == ["deep", "sea"]

    # The access token is over: it is refreshed once, and nobody notices.
    await host.atlassian.delete("/_sandbox/oauth/access-tokens")
    assert items_of(await host.ask("containers", connection_id))
    assert (await host.requests())["POST /oauth/token"] == 1

    # The grant is over.
    await host.atlassian.delete("/_sandbox/oauth/grants")
    dead = error_of(await host.ask("containers", connection_id), 409, "reauthorization_required")
    assert f"connectionId={connection_id}" in dead["details"]["reauthorizeUrl"]
    assert await status_of(host, connection_id) == "reauth_required"

    # The same connection again, without a question: its site is known.
    again = await host.connect("mia", 200, connectionId=connection_id)
    assert (again["connectionId"], again["status"]) == (connection_id, "connected")
    assert items_of(await host.ask("containers", connection_id))


async def test_cursors_lead_through_pages_and_comments(host: AtlassianHost) -> None:
    connection_id = (await host.connect("ben"))["connectionId"]
    for path, query, count in (
        ("items", {"containerId": "space:98305", "limit": "30"}, 56),
        ("items", {"containerId": "space:98305", "q": "kraken", "limit": "7"}, 18),
        ("comments", {"itemId": "page:98490", "limit": "100"}, 300),
    ):
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            answer = data_of(await host.ask(path, connection_id, **query, **cursor))
            seen += [one["id"] for one in answer["items"]]
            if not answer["hasMore"]:
                break
            cursor = {"cursor": answer["nextCursor"]}
        assert len(seen) == len(set(seen)) == count


async def test_each_site_is_an_account_of_its_own(host: AtlassianHost) -> None:
    first, second = await host.connect("mia"), await host.connect("mia")
    data_of(await host.choose(first["connectionId"], ACME.id))
    taken = await host.choose(second["connectionId"], ACME.id)
    assert error_of(taken, 409, "connection_exists")["details"] == {
        "connectionId": first["connectionId"]
    }
    data_of(await host.choose(second["connectionId"], UMBRELLA.id))
    spaces = items_of(await host.ask("containers", second["connectionId"]))
    assert [space["name"] for space in spaces] == ["Home ☂"]
    # What is at one site is not at the other.
    other = await host.ask("items/page:98487", second["connectionId"])
    error_of(other, 404, "not_found")


async def test_another_tenant_neither_chooses_nor_browses_nor_writes(host: AtlassianHost) -> None:
    held, connected = await host.connect("mia"), await host.connect("ben")
    connection_id = connected["connectionId"]
    host.client.headers["X-Tenant-Id"] = "globex"
    error_of(await host.choose(held["connectionId"], ACME.id), 404, "not_found")
    error_of(await host.ask("containers", connection_id), 404, "not_found")
    error_of(await host.ask("resources/confluence_page", connection_id), 404, "not_found")
    run = await host.tool("confluence_add_comment", connection_id, page_id="page:98487", body="x")
    error_of(run, 404, "not_found")


async def test_a_picker_and_the_tool_that_it_fills(host: AtlassianHost) -> None:
    asked = {"tools": ["confluence_update_page"], "scopes": [*scopes.READ]}
    connection_id = (await host.connect("ben", **asked))["connectionId"]
    tree = data_of(
        await host.ask(
            "resources/confluence_page", connection_id, parentId="folder:98500", include="parents"
        )
    )
    assert [one["name"] for one in tree["items"]] == ["In the folder"]
    assert [one["name"] for one in tree["parents"]] == ["Project Space", "Overview", "A folder"]
    page_id = tree["items"][0]["id"]

    changed = data_of(
        await host.tool("confluence_update_page", connection_id, page_id=page_id, body="New")
    )
    assert changed["fields"]["version"] == 2
    stale = await host.tool(
        "confluence_update_page", connection_id, page_id=page_id, title="T", body="x", version=1
    )
    error = error_of(stale, 409, "conflict")
    assert error["message"].startswith("The page has been changed meanwhile")
    assert "Current Version: [2]" in error["details"]["message"]


async def test_a_tool_without_its_scope_is_not_run(host: AtlassianHost) -> None:
    connection_id = (await host.connect("ben"))["connectionId"]
    await host.requests()
    run = await host.tool("confluence_add_comment", connection_id, page_id="page:98487", body="x")
    details = error_of(run, 403, "insufficient_scope")["details"]
    assert details["missingScopes"] == [scopes.WRITE_COMMENTS]
    assert await host.requests() == {}


@pytest.mark.parametrize(
    "body",
    [
        {"method": "apiToken", "apiKey": "ATATT-sandbox-mia", "config": OF_SITE},
        {
            "method": "scopedToken",
            "apiKey": "ATSTT-sandbox-mia",
            "config": {"email": "mia@example.com", "cloudId": ACME.id},
        },
    ],
    ids=lambda body: body["method"],
)
async def test_keys(host: AtlassianHost, body: dict[str, Any]) -> None:
    connected = data_of(await host.client.post(CALLBACK, json=body), 201)
    assert connected["account"]["id"] == f"{ACME.id}:{MIA.account_id}"
    assert connected["account"]["name"] == "Mia Krystof @ acme.atlassian.net"
    spaces = items_of(await host.ask("containers", connected["connectionId"]))
    assert "Project Space" in {space["name"] for space in spaces}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"method": "apiToken", "config": {"email": "a@b.example"}}, ["config.siteUrl"]),
        ({"method": "apiToken", "config": {"siteUrl": OF_SITE["siteUrl"]}}, ["config.email"]),
        (
            {"method": "apiToken", "config": {**OF_SITE, "siteUrl": "http://acme.atlassian.net"}},
            ["config.siteUrl"],
        ),
        ({"method": "scopedToken", "config": {"email": "a@b.example"}}, ["config.cloudId"]),
        (
            {"method": "scopedToken", "config": {"email": "a@b.example", "cloudId": "../x"}},
            ["config.cloudId"],
        ),
    ],
    ids=str,
)
async def test_what_a_key_needs_beside_it(
    host: AtlassianHost, body: dict[str, Any], fields: list[str]
) -> None:
    answer = await host.client.post(CALLBACK, json={"apiKey": "x", **body})
    assert wrong_fields(answer) == fields
    assert await host.requests() == {}


async def test_disconnecting_drops_the_grant_here_since_nothing_revokes_it_there(
    host: AtlassianHost,
) -> None:
    connection_id = (await host.connect("ben"))["connectionId"]
    gone = data_of(await host.client.delete(f"/api/connections/{connection_id}"))
    assert gone["revokedAtProvider"] == "unsupported"
