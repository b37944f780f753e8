"""Supabase from end to end: OAuth and keys, browsing, pickers and tools over HTTP, and the end."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.supabase.app import create_app
from src.sandbox.supabase.callers import (
    BEN_TOKEN,
    MIA_TOKEN,
    legacy_key,
    publishable_key,
    secret_key,
)
from src.sandbox.supabase.oauth import APP, READER_APP
from src.sandbox.supabase.seed.world import ACME, SHOP, UMBRELLA
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.sandboxes import sandboxes
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.fakes.browser import approve

URL = "http://supabase.sandbox"
C = "/api/connectors/supabase"
CALLBACK = f"{C}/connect/callback"
SITE = f"{SHOP.ref}.supabase.co"
READING = ["organizations:read", "projects:read", "database:read"]


def settings(app: Any = APP) -> dict[str, Any]:
    return {
        "api_url": URL,
        "authorize_url": f"{URL}/v1/oauth/authorize",
        "token_url": f"{URL}/v1/oauth/token",
        "revoke_url": f"{URL}/v1/oauth/revoke",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }


@dataclass
class Host:
    """The host's backend, its user's browser, and the imitation."""

    service: Service
    supabase: httpx.AsyncClient
    requests: list[httpx.Request]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def start(self, **body: Any) -> Any:
        address = f"http://localhost:8000{CALLBACK}"
        body = {"method": "oauth2", "redirectUri": address, **body}
        return data_of(await self.client.post(f"{C}/connect", json=body), 201)

    async def connect(
        self, organization: str = ACME.slug, *, status: int = 201, **body: Any
    ) -> Any:
        started = await self.start(**body)
        came = await approve(self.supabase, started["authUrl"], account=organization)
        answer = await self.client.post(CALLBACK, json=came)
        return data_of(answer, status)

    async def key(self, **body: Any) -> httpx.Response:
        return await self.client.post(CALLBACK, json=body)

    async def grants(self) -> list[bool]:
        found = (await self.supabase.get("/_sandbox/oauth/grants")).json()
        return [one["alive"] for one in found]

    async def listed(self, what: str, connection_id: str, **params: Any) -> list[Any]:
        query = {"connectionId": connection_id, **params}
        return items_of(await self.client.get(f"{C}/{what}", params=query))

    async def run(self, connection_id: str, tool: str, **arguments: Any) -> httpx.Response:
        body = {"connectionId": connection_id, "arguments": arguments}
        return await self.client.post(f"{C}/tools/{tool}", json=body)


@pytest.fixture
async def host(start: StartService, github: GitHub) -> Any:
    app = create_app(MemoryStore())
    for name in ("supabase.sandbox", SITE):
        github.network.add(name, app)
    service = await start(connectors={"github": GITHUB_SETTINGS, "supabase": settings()})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield Host(service, client, github.network.requests)


def token_request(request: httpx.Request) -> dict[str, str]:
    return dict(httpx.QueryParams(request.content.decode()))


async def test_the_whole_way_by_oauth(host: Host) -> None:
    connected = await host.connect(alias="Work")
    assert connected["account"]["id"] == ACME.slug
    assert (connected["status"], connected["missingScopes"]) == ("connected", [])
    assert connected["grantedScopes"] == READING
    (exchange,) = [one for one in host.requests if one.url.path == "/v1/oauth/token"]
    # Basic, a form, and nothing that Supabase does not know.
    pair = base64.b64decode(exchange.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{APP.client_id}:{APP.client_secret}"
    assert set(token_request(exchange)) == {"grant_type", "code", "redirect_uri", "code_verifier"}
    connection = connected["connectionId"]
    projects = await host.listed("containers", connection, parentId=f"org:{ACME.slug}")
    assert [one["name"] for one in projects] == ["Lab", "Last year", "Web shop"]
    # The grant is for one organisation.
    assert [one["name"] for one in await host.listed("containers", connection)] == ["Acme"]


async def test_one_user_connects_several_organisations(host: Host) -> None:
    first = await host.connect(userId="ada")
    second = await host.connect(UMBRELLA.slug, userId="ada")
    assert first["connectionId"] != second["connectionId"]
    started = await host.start(connectionId=first["connectionId"])
    came = await approve(host.supabase, started["authUrl"], account=UMBRELLA.slug)
    error_of(await host.client.post(CALLBACK, json=came), 409, "account_mismatch")


async def test_an_access_token_is_refreshed_and_its_refresh_token_replaced(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    for _ in range(2):
        answer = await host.client.post(
            f"/api/connections/{connection}/token-refreshes", json={"force": True}
        )
        assert data_of(answer, 201)["refreshed"] is True
    sent = [token_request(one) for one in host.requests if one.url.path == "/v1/oauth/token"][1:]
    assert [set(one) for one in sent] == [{"grant_type", "refresh_token"}] * 2
    assert sent[0]["refresh_token"] != sent[1]["refresh_token"]
    assert await host.listed("containers", connection)


async def test_an_expired_access_token_is_renewed_by_itself(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.supabase.delete("/_sandbox/oauth/access-tokens")
    assert await host.listed("containers", connection)


async def test_a_grant_that_was_taken_back_asks_its_user(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.supabase.delete("/_sandbox/oauth/grants")
    answer = await host.client.get(f"{C}/containers", params={"connectionId": connection})
    error_of(answer, 409, "reauthorization_required")
    assert data_of(await host.client.get(f"/api/connections/{connection}"))["status"] == (
        "reauth_required"
    )


async def test_disconnecting_revokes_by_json(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    answer = data_of(await host.client.delete(f"/api/connections/{connection}"))
    assert answer["revokedAtProvider"] == "yes"
    assert await host.grants() == [False]
    (revoke,) = [one for one in host.requests if one.url.path == "/v1/oauth/revoke"]
    assert revoke.headers["content-type"] == "application/json"
    assert "authorization" not in revoke.headers
    body = json.loads(revoke.content)
    assert set(body) == {"client_id", "client_secret", "refresh_token"}


async def test_an_app_that_lacks_a_scope_is_told_by_its_name(
    start: StartService, github: GitHub, host: Host
) -> None:
    """Scopes are the app's: what was asked for is believed until Supabase says no."""
    pair = {"clientId": READER_APP.client_id, "clientSecret": READER_APP.client_secret}
    connected = await host.connect(tools=["supabase_execute_sql"], **pair)
    arguments = {"database": f"project:{SHOP.ref}", "query": "select 1"}
    refused = await host.run(connected["connectionId"], "supabase_execute_sql", **arguments)
    error = error_of(refused, 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == ["database:write"]


async def test_connecting_for_tools_asks_for_their_scopes_only(host: Host) -> None:
    connected = await host.connect(tools=["supabase_run_query"])
    connection = connected["connectionId"]
    assert connected["grantedScopes"] == ["organizations:read", "database:read"]
    before = len(host.requests)
    arguments = {"database": f"project:{SHOP.ref}", "query": "delete from public.notes"}
    refused = await host.run(connection, "supabase_execute_sql", **arguments)
    error = error_of(refused, 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == ["database:write"]
    assert len(host.requests) == before
    read_only = await host.run(connection, "supabase_run_query", **arguments)
    assert error_of(read_only, 422, "provider_rejected")["details"]["reason"] == "25006"


async def test_an_access_token_of_an_account(host: Host) -> None:
    connected = data_of(await host.key(method="pat", apiKey=MIA_TOKEN), 201)
    assert connected["account"]["name"] == "mia@example.com"
    connection = connected["connectionId"]
    tables = await host.listed("items", connection, containerId=f"schema:{SHOP.ref}:public")
    assert {one["title"] for one in tables} >= {"events", "notes"}
    no_comments = await host.client.get(
        f"{C}/comments", params={"connectionId": connection, "itemId": tables[0]["id"]}
    )
    error_of(no_comments, 422, "unsupported_capability")


async def test_a_project_by_its_key(host: Host) -> None:
    site = {"projectUrl": f"https://{SITE}"}
    body = {"method": "projectKey", "apiKey": secret_key(SHOP), "config": site}
    connection = data_of(await host.key(**body), 201)["connectionId"]
    assert {one.url.host for one in host.requests} == {SITE}
    notes = {"containerId": "table:@:public:notes"}
    rows = await host.listed("items", connection, **notes, q="orders", limit="3")
    assert [one["id"] for one in rows] == [f"row:public:notes:id:{n}" for n in (3, 9, 12)]
    since = {"updatedSince": "2026-03-01T09:50:00Z", "sort": "updatedAt"}
    assert len(await host.listed("items", connection, **notes, **since)) == 2
    change = {"settings": {"updatedColumn": "created_at"}}
    data_of(await host.client.patch(f"/api/connections/{connection}", json=change))
    assert await host.listed("items", connection, **notes, **since) == []
    bad = await host.client.patch(f"/api/connections/{connection}", json={"settings": {"x": 1}})
    assert wrong_fields(bad) == ["settings.x"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"method": "projectKey", "apiKey": "sb_secret_x"}, "config.projectUrl"),
        ({"method": "projectKey", "apiKey": "eyJh.e30.x", "config": 1}, "apiKey"),
        ({"method": "legacyKey", "apiKey": "sb_secret_x", "config": 1}, "apiKey"),
        ({"method": "pat", "apiKey": "sb_secret_x"}, "apiKey"),
    ],
)
async def test_a_key_in_the_wrong_place(host: Host, body: dict[str, Any], field: str) -> None:
    if "config" in body:
        body = {**body, "config": {"projectUrl": f"https://{SITE}"}}
    assert wrong_fields(await host.key(**body)) == [field]
    assert host.requests == []


async def test_rows_by_a_tool_page_by_page(host: Host) -> None:
    site = {"projectUrl": f"https://{SITE}"}
    key = legacy_key(SHOP, "service_role")
    connected = data_of(await host.key(method="legacyKey", apiKey=key, config=site), 201)
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        arguments = {"table": "table:@:public:notes", "columns": ["id"], "limit": 25, **cursor}
        page = data_of(await host.run(connected["connectionId"], "supabase_select", **arguments))
        seen += [row["id"] for row in page["items"]]
        if not page["hasMore"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == list(range(1, 61))


async def test_in_sandbox_mode_projects_are_imitated(start: StartService, github: GitHub) -> None:
    async with sandboxes(start, github) as found:
        site = {"projectUrl": f"https://{SITE}", "tables": "notes"}
        body = {"method": "projectKey", "apiKey": publishable_key(SHOP), "config": site}
        connected = data_of(await found.client.post(CALLBACK, json=body), 201)
        query = {"connectionId": connected["connectionId"], "containerId": "table:@:public:notes"}
        assert len(items_of(await found.client.get(f"{C}/items", params=query))) == 50
        assert {one.url.host for one in found.network} == {"localhost"}


async def test_another_tenant_sees_nothing_of_it(host: Host) -> None:
    connection = data_of(await host.key(method="pat", apiKey=BEN_TOKEN), 201)["connectionId"]
    other = {"X-Tenant-Id": "globex"}
    answer = await host.client.get(
        f"{C}/containers", params={"connectionId": connection}, headers=other
    )
    error_of(answer, 404, "not_found")
    body = {"connectionId": connection, "arguments": {"database": "x", "query": "select 1"}}
    run = await host.client.post(f"{C}/tools/supabase_run_query", json=body, headers=other)
    error_of(run, 404, "not_found")
