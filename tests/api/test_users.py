"""``X-User-Id``: one user of a tenant sees its own connections and the shared ones."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.operations import ITEM
from tests.conftest import REPOSITORY, StartService, connect

ADA = {"X-User-Id": "ada"}
BOB = {"X-User-Id": "bob"}
KEY = "platform-key-0123456789"


@dataclass
class Owned:
    """Connections of one tenant: shared, Ada's, Bob's."""

    shared: str
    ada: str
    bob: str


@pytest.fixture
async def owned(client: httpx.AsyncClient) -> Owned:
    return Owned(
        await connect(client),
        await connect(client, userId="ada"),
        await connect(client, userId="bob"),
    )


async def test_the_tenant_sees_all_and_a_user_its_own_and_shared_ones(
    client: httpx.AsyncClient, owned: Owned
) -> None:
    async def seen(headers: dict[str, str], **params: str) -> set[str]:
        answer = await client.get("/api/connections", headers=headers, params=params)
        return {entry["id"] for entry in items_of(answer)}

    assert await seen({}) == {owned.shared, owned.ada, owned.bob}
    assert await seen({}, userId="ada") == {owned.ada}
    assert await seen(ADA) == {owned.shared, owned.ada}
    assert await seen(ADA, userId="ada") == {owned.ada}
    assert await seen({"X-User-Id": "nobody"}) == {owned.shared}


SYNC_STATE = {"stream": "issues", "checkpoint": {"updatedSince": "2026-01-31T12:00:00Z"}}
CHANGES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("PATCH", "/api/connections/{id}", {"alias": "mine now"}),
    ("DELETE", "/api/connections/{id}", None),
    ("POST", "/api/connections/{id}/sync-state", SYNC_STATE),
    ("POST", "/api/connections/revoke", {"connectionId": "{id}"}),
    ("POST", "/api/connectors/github/revoke", {"connectionId": "{id}"}),
    (
        "POST",
        "/api/connections/token",
        {"connectionId": "{id}", "token": {"accessToken": "ghp_sandbox_octocat"}},
    ),
    (
        "POST",
        "/api/connectors/github/connect/callback",
        {"connectionId": "{id}", "apiKey": "ghp_sandbox_octocat"},
    ),
]
READS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/api/connections/{id}", None),
    ("GET", "/api/connections/{id}/token", None),
    ("GET", "/api/connections/{id}/sync-state", None),
    ("GET", "/api/connectors/github/containers?connectionId={id}", None),
    ("GET", f"/api/connectors/github/items?connectionId={{id}}&containerId={REPOSITORY}", None),
    ("GET", f"/api/connectors/github/items/{ITEM}?connectionId={{id}}", None),
    ("GET", f"/api/connectors/github/comments?connectionId={{id}}&itemId={ITEM}", None),
    ("POST", "/api/connectors/github/probe", {"connectionId": "{id}"}),
    ("POST", "/api/connections/validate", {"connectionId": "{id}"}),
]


async def send(
    client: httpx.AsyncClient,
    call: tuple[str, str, dict[str, Any] | None],
    connection_id: str,
    headers: dict[str, str],
) -> httpx.Response:
    """Send one of the calls above about a connection."""
    method, path, body = call
    if body is not None and "connectionId" in body:
        body = {**body, "connectionId": connection_id}
    return await client.request(method, path.format(id=connection_id), json=body, headers=headers)


@pytest.mark.parametrize("call", [*CHANGES, *READS], ids=lambda call: f"{call[0]} {call[1]}")
async def test_the_connection_of_another_user_does_not_exist(
    client: httpx.AsyncClient, owned: Owned, call: tuple[str, str, dict[str, Any] | None]
) -> None:
    error_of(await send(client, call, owned.bob, ADA), 404, "not_found")


@pytest.mark.parametrize("call", CHANGES, ids=lambda call: f"{call[0]} {call[1]}")
async def test_a_user_must_not_change_a_shared_connection(
    client: httpx.AsyncClient, owned: Owned, call: tuple[str, str, dict[str, Any] | None]
) -> None:
    error_of(await send(client, call, owned.shared, ADA), 403, "forbidden")
    unchanged = data_of(await client.get(f"/api/connections/{owned.shared}"))
    assert (unchanged["status"], unchanged["alias"]) == ("connected", None)


@pytest.mark.parametrize("call", READS, ids=lambda call: f"{call[0]} {call[1]}")
async def test_a_user_may_read_a_shared_connection(
    client: httpx.AsyncClient, owned: Owned, call: tuple[str, str, dict[str, Any] | None]
) -> None:
    data_of(await send(client, call, owned.shared, ADA))


@pytest.mark.parametrize("call", [*CHANGES, *READS], ids=lambda call: f"{call[0]} {call[1]}")
async def test_a_user_may_do_all_with_its_own_connection(
    client: httpx.AsyncClient, owned: Owned, call: tuple[str, str, dict[str, Any] | None]
) -> None:
    data_of(await send(client, call, owned.ada, ADA))


async def test_the_platforms_key_acting_for_a_user_is_no_administrator(
    start: StartService, owned: Owned
) -> None:
    client = (await start(auth_required=True, admin_api_key=KEY)).client
    client.headers["Authorization"] = f"Bearer {KEY}"
    path = f"/api/connections/{owned.shared}"
    error_of(await client.patch(path, json={"alias": "x"}, headers=ADA), 403, "forbidden")
    assert data_of(await client.patch(path, json={"alias": "x"}))["alias"] == "x"


async def test_a_user_must_not_name_another_user(client: httpx.AsyncClient) -> None:
    created = {"connectorId": "github", "authMethod": "pat", "userId": "bob"}
    callback = {"apiKey": "ghp_sandbox_octocat", "userId": "bob"}
    answers = [
        await client.get("/api/connections?userId=bob", headers=ADA),
        await client.post("/api/connections", json=created, headers=ADA),
        await client.post("/api/connectors/github/connect/callback", json=callback, headers=ADA),
    ]
    for answer in answers:
        error_of(answer, 403, "forbidden")
    assert items_of(await client.get("/api/connections")) == []


async def test_what_a_user_connects_is_its_own(client: httpx.AsyncClient) -> None:
    client.headers.update(ADA)
    connection_id = await connect(client)
    named = {"connectorId": "github", "authMethod": "pat", "userId": "ada"}
    pending = data_of(await client.post("/api/connections", json=named), 201)
    for found in (connection_id, pending["id"]):
        assert data_of(await client.get(f"/api/connections/{found}"))["userId"] == "ada"
        error_of(await client.get(f"/api/connections/{found}", headers=BOB), 404, "not_found")


async def test_each_user_may_connect_the_same_account(
    client: httpx.AsyncClient, owned: Owned
) -> None:
    assert len({owned.shared, owned.ada, owned.bob}) == 3


async def test_a_cursor_of_another_user_is_invalid(client: httpx.AsyncClient, owned: Owned) -> None:
    url = "/api/connectors/github/items"
    params = {"connectionId": owned.shared, "containerId": REPOSITORY, "limit": "5"}
    cursor = data_of(await client.get(url, params=params, headers=ADA))["nextCursor"]
    params["cursor"] = cursor
    assert len(items_of(await client.get(url, params=params, headers=ADA))) == 5
    for headers in (BOB, {}):
        error_of(await client.get(url, params=params, headers=headers), 400, "invalid_cursor")
    cursor = data_of(await client.get("/api/connections?limit=1", headers=ADA))["nextCursor"]
    other = await client.get(f"/api/connections?limit=1&cursor={cursor}", headers=BOB)
    error_of(other, 400, "invalid_cursor")


@pytest.mark.parametrize("user", ["", "a b", "x" * 257, "a\tb"])
async def test_a_malformed_user_is_named(client: httpx.AsyncClient, user: str) -> None:
    answer = await client.get("/api/connections", headers={"X-User-Id": user})
    assert wrong_fields(answer) == ["X-User-Id"]


async def test_a_user_id_may_hold_anything_printable(client: httpx.AsyncClient) -> None:
    client.headers["X-User-Id"] = "auth0|5f7c!#$%&'*+/=?^_`{}~"
    connection_id = await connect(client)
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert found["userId"] == "auth0|5f7c!#$%&'*+/=?^_`{}~"


async def test_one_user_sees_only_its_own_audit_entries(client: httpx.AsyncClient) -> None:
    await connect(client, userId="alice")
    mine = {"X-User-Id": "bob"}
    await connect(client, token="ghp_sandbox_hubot", userId="bob")
    assert len(items_of(await client.get("/api/audit-logs"))) == 2
    assert items_of(await client.get("/api/audit-logs", headers=mine)) == []
    params = {"json": {"connectorId": "github", "authMethod": "pat"}, "headers": mine}
    assert (await client.post("/api/connections", **params)).status_code == 201
    (entry,) = items_of(await client.get("/api/audit-logs", headers=mine))
    assert entry["actor"] == "bob"


async def test_what_holds_for_the_tenant_is_not_one_users_to_set(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.patch(
        "/api/connectors/github", json={"enabled": False}, headers={"X-User-Id": "eve"}
    )
    error_of(answer, 403, "forbidden")
    assert data_of(await client.get("/api/connectors/github"))["enabled"]
