"""Two tenants over every route: what is another's does not exist."""

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.operations import SAMPLES, WITH_CONNECTION, Operation
from tests.conftest import REPOSITORY, connect

GLOBEX = {"X-Tenant-Id": "globex"}
LISTS = {"listAuditLogs", "listJobs", "listSchedules"}
"""Lists that name a connection only as a filter: nothing matches another tenant's."""

OBJECTS = [operation for operation in WITH_CONNECTION if operation.id not in LISTS]


@pytest.fixture
async def foreign_id(client: httpx.AsyncClient) -> str:
    """A connection of tenant ``acme``, while the client has become ``globex``."""
    connection_id = await connect(client)
    client.headers["X-Tenant-Id"] = "globex"
    return connection_id


def test_the_walk_covers_path_query_and_body() -> None:
    assert {"getConnection", "listItems", "importToken", "finishConnect", "probeConnection"} <= {
        operation.id for operation in OBJECTS
    }


@pytest.mark.parametrize("operation", OBJECTS, ids=lambda one: one.id)
async def test_the_connection_of_another_tenant_does_not_exist(
    client: httpx.AsyncClient, foreign_id: str, operation: Operation
) -> None:
    error = error_of(await operation.call(client, foreign_id), 404, "not_found")
    absent = error_of(await operation.call(client, "con_" + "0" * 24), 404, "not_found")
    assert error["message"] == absent["message"]
    client.headers["X-Tenant-Id"] = "acme"
    unharmed = data_of(await client.get(f"/api/connections/{foreign_id}"))
    assert unharmed["status"] == "connected"
    assert unharmed["alias"] is None


@pytest.mark.parametrize("path", ["/api/connections", "/api/audit-logs"])
async def test_a_list_shows_nothing_of_another_tenant(
    client: httpx.AsyncClient, foreign_id: str, path: str
) -> None:
    assert items_of(await client.get(path)) == []
    assert items_of(await client.get("/api/audit-logs", params={"connectionId": foreign_id})) == []
    client.headers["X-Tenant-Id"] = "acme"
    assert len(items_of(await client.get(path))) == 1


async def test_settings_of_a_connector_are_the_tenants_own(client: httpx.AsyncClient) -> None:
    data_of(await client.patch("/api/connectors/github", json={"enabled": False}))
    assert data_of(await client.get("/api/connectors/github"))["enabled"] is False
    other = await client.get("/api/connectors/github", headers=GLOBEX)
    assert data_of(other)["enabled"] is True


async def test_the_same_account_may_be_connected_by_two_tenants(client: httpx.AsyncClient) -> None:
    first = await connect(client)
    client.headers["X-Tenant-Id"] = "globex"
    second = await connect(client)
    assert first != second
    assert [entry["id"] for entry in items_of(await client.get("/api/connections"))] == [second]


@pytest.mark.parametrize("path", ["/api/connections", "/api/audit-logs"])
async def test_a_cursor_of_another_tenant_is_invalid(client: httpx.AsyncClient, path: str) -> None:
    for tenant in ("acme", "globex"):
        client.headers["X-Tenant-Id"] = tenant
        for alias in ("a", "b"):
            await connect(client, "ghp_sandbox_hubot" if alias == "a" else "ghp_sandbox_octocat")
    cursor = data_of(await client.get(path, params={"limit": 1}))["nextCursor"]
    params = {"limit": 1, "cursor": cursor}
    assert len(items_of(await client.get(path, params=params))) == 1
    answer = await client.get(path, params=params, headers={"X-Tenant-Id": "acme"})
    error_of(answer, 400, "invalid_cursor")


async def test_a_browse_cursor_of_another_tenant_is_invalid(client: httpx.AsyncClient) -> None:
    url = "/api/connectors/github/items"
    params = {"connectionId": await connect(client), "containerId": REPOSITORY, "limit": "5"}
    cursor = data_of(await client.get(url, params=params))["nextCursor"]
    client.headers["X-Tenant-Id"] = "globex"
    params = {**params, "connectionId": await connect(client), "cursor": cursor}
    error_of(await client.get(url, params=params), 400, "invalid_cursor")


async def test_workspace_id_names_the_tenant_when_the_header_is_absent(
    client: httpx.AsyncClient,
) -> None:
    client.headers.pop("X-Tenant-Id")
    sample = SAMPLES["createConnection"].body or {}
    made = data_of(
        await client.post("/api/connections", json={**sample, "workspaceId": "acme"}), 201
    )
    listed = items_of(await client.get("/api/connections?workspaceId=acme"))
    assert [entry["id"] for entry in listed] == [made["id"]]
    assert items_of(await client.get("/api/connections?workspaceId=globex")) == []


async def test_workspace_id_may_repeat_the_tenant(client: httpx.AsyncClient) -> None:
    assert items_of(await client.get("/api/connections?workspaceId=acme")) == []
    body = {"method": "apiKey", "workspaceId": "acme"}
    data_of(await client.post("/api/connectors/github/connect", json=body))


async def test_workspace_id_must_not_name_another_tenant(client: httpx.AsyncClient) -> None:
    error_of(await client.get("/api/connections?workspaceId=globex"), 403, "tenant_mismatch")
    body = {"method": "apiKey", "workspaceId": "globex"}
    url = "/api/connectors/github/connect"
    error_of(await client.post(url, json=body), 403, "tenant_mismatch")
    both = {**body, "workspaceId": "acme"}
    error_of(await client.post(f"{url}?workspaceId=globex", json=both), 403, "tenant_mismatch")


async def test_query_and_body_must_not_name_two_tenants(client: httpx.AsyncClient) -> None:
    client.headers.pop("X-Tenant-Id")
    body = {"method": "apiKey", "workspaceId": "globex"}
    answer = await client.post("/api/connectors/github/connect?workspaceId=acme", json=body)
    error_of(answer, 403, "tenant_mismatch")


@pytest.mark.parametrize("tenant", ["a b", "x" * 129, "a/b", "", "ü", "a\x00"])
async def test_a_malformed_workspace_id_is_named(client: httpx.AsyncClient, tenant: str) -> None:
    client.headers.pop("X-Tenant-Id")
    answer = await client.get("/api/connections", params={"workspaceId": tenant})
    assert wrong_fields(answer) == ["workspaceId"]
    body = {"method": "apiKey", "workspaceId": tenant}
    answer = await client.post("/api/connectors/github/connect", json=body)
    assert wrong_fields(answer) == ["workspaceId"]


@pytest.mark.parametrize("value", [5, ["acme"], {"a": 1}, True])
async def test_a_workspace_id_of_another_type_is_refused(
    client: httpx.AsyncClient, value: object
) -> None:
    body = {"method": "apiKey", "workspaceId": value}
    answer = await client.post("/api/connectors/github/connect", json=body)
    assert wrong_fields(answer) == ["workspaceId"]


@pytest.mark.parametrize("tenant", ["a b", "x" * 129, "a/b", "", "../acme", "ac,me"])
async def test_a_malformed_tenant_header_is_named(client: httpx.AsyncClient, tenant: str) -> None:
    answer = await client.get("/api/connections", headers={"X-Tenant-Id": tenant})
    assert wrong_fields(answer) == ["X-Tenant-Id"]


async def test_a_tenant_header_outside_ascii_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/connections", headers={b"X-Tenant-Id": "größe".encode()})
    assert wrong_fields(answer) == ["X-Tenant-Id"]
