"""GitHub over HTTP: kinds of apps and tokens, servers of one's own, limits, tools, pickers."""

from typing import Any

import httpx
import pytest

from src.sandbox.github.oauth import EXPIRING_APP, GITHUB_APP, OAUTH_APP
from src.sandbox.kit.oauth import OAuthApp
from tests.api.answers import data_of, error_of, items_of
from tests.api.oauth import OWN_CALLBACK, Host, github_settings
from tests.conftest import REPOSITORY, TOKEN, GitHub, StartService, connect

CONNECTOR = "/api/connectors/github"
ACME = "https://github.acme.com"
OWN_APP = {"clientId": OAUTH_APP.client_id, "clientSecret": OAUTH_APP.client_secret}


async def host_of(start: StartService, github: GitHub, app: OAuthApp) -> Host:
    return Host(await start(connectors={"github": github_settings(app)}), github)


async def get(client: httpx.AsyncClient, path: str, **params: str) -> httpx.Response:
    return await client.get(f"{CONNECTOR}/{path}", params=params)


async def run(
    client: httpx.AsyncClient, connection_id: str, tool: str, **arguments: Any
) -> httpx.Response:
    body = {
        "connectionId": connection_id,
        "arguments": {"repository": REPOSITORY, **arguments},
    }
    return await client.post(f"{CONNECTOR}/tools/github_{tool}", json=body)


@pytest.mark.parametrize(
    ("app", "scopes", "top"),
    [
        (OAUTH_APP, ["read:org", "repo"], "organization"),
        (EXPIRING_APP, ["read:org", "repo"], "organization"),
        (GITHUB_APP, None, "installation"),
    ],
    ids=["OAuth app", "OAuth app that expires", "GitHub App"],
)
async def test_each_kind_of_app_connects_and_lists_what_it_reaches(
    start: StartService, github: GitHub, app: OAuthApp, scopes: list[str] | None, top: str
) -> None:
    host = await host_of(start, github, app)
    connected = await host.connect()
    assert connected["grantedScopes"] == scopes
    connection_id = connected["connectionId"]
    token = data_of(await host.client.get(f"/api/connections/{connection_id}/token"))
    expires = app.access_lifetime is not None
    assert (token["hasRefreshToken"], token["expiresAt"] is not None) == (expires, expires)
    answer = await get(host.client, "containers", connectionId=connection_id)
    assert items_of(answer)[0]["type"] == top


@pytest.mark.parametrize("app", [EXPIRING_APP, GITHUB_APP], ids=["OAuth app", "GitHub App"])
async def test_a_token_that_has_expired_is_refreshed_and_a_dead_grant_asks_the_user(
    start: StartService, github: GitHub, app: OAuthApp
) -> None:
    host = await host_of(start, github, app)
    connection_id = (await host.connect())["connectionId"]
    params = {"connectionId": connection_id, "containerId": REPOSITORY}
    (await github.client.delete("/_sandbox/oauth/access-tokens")).raise_for_status()
    assert items_of(await get(host.client, "items", **params))
    assert len(host.token_requests()) == 2
    (await github.client.delete("/_sandbox/oauth/grants")).raise_for_status()
    error_of(await get(host.client, "items", **params), 409, "reauthorization_required")
    found = data_of(await host.client.get(f"/api/connections/{connection_id}"))
    assert found["status"] == "reauth_required"
    assert len(host.token_requests()) == 3


async def test_a_server_of_ones_own_is_connected_with_an_own_app(
    host: Host, github: GitHub
) -> None:
    github.network.alias("github.acme.com", "github.sandbox")
    config = {"baseUrl": ACME}
    begun = {"method": "oauth2", "redirectUri": OWN_CALLBACK, "config": config}
    refused = await host.client.post(f"{CONNECTOR}/connect", json=begun)
    details = error_of(refused, 409, "connector_not_configured")["details"]
    assert details == {"reason": "no_app"}
    started = await host.start(config=config, **OWN_APP)
    assert started["authUrl"].startswith(f"{ACME}/login/oauth/authorize?")
    connected = data_of(await host.finish(await host.approve(started)), 201)
    asked = {f"{one.url.scheme}://{one.url.host}{one.url.path}" for one in github.network.requests}
    assert asked == {f"{ACME}/login/oauth/access_token", f"{ACME}/api/v3/user"}
    params = {"connectionId": connected["connectionId"], "containerId": REPOSITORY, "limit": "5"}
    answer = await get(host.client, "items", **params)
    assert len(items_of(answer)) == 5
    assert not [name for name in answer.headers if name.startswith("x-provider-ratelimit")]
    gone = data_of(await host.client.delete(f"/api/connections/{connected['connectionId']}"))
    assert gone["revokedAtProvider"] == "yes"
    assert {one.url.host for one in github.network.requests} == {"github.acme.com"}


async def test_a_key_goes_to_the_server_it_is_for(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    github.network.alias("github.acme.com", "github.sandbox")
    first = await connect(client, config={"baseUrl": ACME})
    assert {one.url.host for one in github.network.requests} == {"github.acme.com"}
    # Number 1 of a server is not number 1 of github.com.
    second = await connect(client)
    assert first != second
    found = [data_of(await client.get(f"/api/connections/{one}")) for one in (first, second)]
    assert [one["account"]["id"] for one in found] == ["1@github.acme.com", "1"]
    again = await client.post(
        f"{CONNECTOR}/connect/callback", json={"apiKey": TOKEN, "config": {"baseUrl": f"{ACME}/"}}
    )
    error_of(again, 409, "connection_exists")


@pytest.mark.parametrize("base", ["http://github.acme.com", "github.acme.com", f"{ACME}/x"])
async def test_an_address_that_is_none_is_refused(
    client: httpx.AsyncClient, github: GitHub, base: str
) -> None:
    body = {"apiKey": TOKEN, "config": {"baseUrl": base}}
    answer = await client.post(f"{CONNECTOR}/connect/callback", json=body)
    error_of(answer, 422, "validation_error")
    assert github.network.requests == []


async def test_a_server_in_the_operators_network_is_not_reached(start: StartService) -> None:
    client = (await start()).client
    body = {"apiKey": TOKEN, "config": {"baseUrl": "https://127.0.0.1"}}
    answer = await client.post(f"{CONNECTOR}/connect/callback", json=body)
    error_of(answer, 502, "provider_error")


async def test_the_limit_told_is_the_one_the_call_fell_under(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    params = {"connectionId": connection_id, "containerId": REPOSITORY}
    listed = await get(client, "items", **params)
    searched = await get(client, "items", **params, q="theme")
    single = await client.get(
        f"{CONNECTOR}/items/1296269:pull:101", params={"connectionId": connection_id}
    )
    limits = [one.headers["X-Provider-RateLimit-Limit"] for one in (listed, searched, single)]
    assert limits == ["5000", "30", "5000"]
    left = [one.headers["X-Provider-RateLimit-Remaining"] for one in (listed, searched, single)]
    assert left[1] == "29"
    # The search costs one core call for the name, the pull request one more for its reviews.
    assert int(left[0]) - int(left[2]) == 3


async def test_a_search_over_its_limit_leaves_the_lists_alone(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    params = {"connectionId": connection_id, "containerId": REPOSITORY}
    # Another question each time, since what has not changed is not counted; and enough of them for
    # two windows.
    answers = [
        await get(client, "items", **params, q="theme", limit=str(limit)) for limit in range(1, 70)
    ]
    refused = next(one for one in answers if one.status_code != 200)
    error_of(refused, 429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert items_of(await get(client, "items", **params))


async def test_a_file_is_written_read_and_not_overwritten_unseen(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    write = {"path": "docs/neu.md", "message": "Add"}
    made = data_of(await run(client, connection_id, "write_file", content="eins", **write))
    assert made["created"] is True
    read = data_of(await run(client, connection_id, "read_file", path="docs/neu.md"))
    assert (read["content"], read["sha"], read["mimeType"]) == (
        "eins",
        made["sha"],
        "text/markdown",
    )
    error = error_of(
        await run(client, connection_id, "write_file", content="zwei", **write), 409, "conflict"
    )
    assert "Read it" in error["message"]
    assert error["details"]["at"] == "provider"
    other = {"content": "zwei", "sha": "0" * 40, **write}
    error = error_of(await run(client, connection_id, "write_file", **other), 409, "conflict")
    assert "Read it again" in error["message"]


async def test_a_scope_that_is_missing_stops_a_tool_before_any_call(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await connect(client, "ghp_sandbox_noscope")
    await github.forget()
    error = error_of(
        await run(client, connection_id, "create_issue", title="x"), 403, "insufficient_scope"
    )
    assert error["details"]["missingScopes"] == ["public_repo"]
    assert await github.requests() == {}
    assert data_of(await run(client, connection_id, "read_file", path="README.md"))["content"]


async def test_pickers_lead_from_a_repository_to_a_file_that_a_tool_reads(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    picked = {"connectionId": connection_id}
    repositories = items_of(await get(client, "resources/github_repo", **picked, q="hello"))
    (repository,) = repositories
    branches = await get(
        client, "resources/github_branch", **picked, parentId=repository["id"], q="login"
    )
    (branch,) = items_of(branches)
    answer = await get(
        client,
        "resources/github_file",
        **picked,
        parentId=branch["id"],
        q="login.py",
        include="parents",
    )
    page = data_of(answer)
    (file,) = page["items"]
    assert [one["name"] for one in page["parents"]] == ["octocat/Hello-World", "feature/login"]
    read = data_of(await run(client, connection_id, "read_file", path=file["id"]))
    assert (read["path"], read["ref"]) == ("src/login.py", "feature/login")


async def test_a_search_by_tool_has_pages(client: httpx.AsyncClient, connection_id: str) -> None:
    first = await run(client, connection_id, "search_issues", q="theme", limit=5)
    page = data_of(first)
    assert first.headers["X-Provider-RateLimit-Limit"] == "30"
    assert len(page["items"]) == 5
    following = data_of(
        await run(
            client, connection_id, "search_issues", q="theme", limit=5, cursor=page["nextCursor"]
        )
    )
    ids = {one["id"] for one in page["items"]}
    assert ids.isdisjoint(one["id"] for one in following["items"])
    forged = await run(
        client, connection_id, "search_issues", q="other", limit=5, cursor=page["nextCursor"]
    )
    error_of(forged, 400, "invalid_cursor")


async def test_another_tenants_connection_runs_no_tool_and_picks_nothing(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await github.forget()
    other = {"X-Tenant-Id": "globex"}
    body = {"connectionId": connection_id, "arguments": {"repository": REPOSITORY, "path": "x"}}
    path = f"{CONNECTOR}/tools/github_read_file"
    error_of(await client.post(path, json=body, headers=other), 404, "not_found")
    picked = await client.get(
        f"{CONNECTOR}/resources/github_repo", params={"connectionId": connection_id}, headers=other
    )
    error_of(picked, 404, "not_found")
    assert await github.requests() == {}
