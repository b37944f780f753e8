"""Who is calling: open mode, and the platform's key."""

import httpx
import pytest

from src.models.principal import Permission
from tests.api.answers import data_of, error_of, items_of
from tests.conftest import Service, StartService

KEY = "platform-key-0123456789"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
async def strict(start: StartService) -> httpx.AsyncClient:
    """A client of the application with ``AUTH_REQUIRED``."""
    return (await start(auth_required=True, admin_api_key=KEY)).client


@pytest.mark.parametrize(
    "authorization",
    ["Bearer wrong", "Bearer ", "Bearer", "Basic YTpi", "Token abc", "", "Bearer \xe9\xe9"],
)
async def test_a_bad_key_is_refused_even_in_open_mode(
    client: httpx.AsyncClient, authorization: str
) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")}
    answer = await client.get("/api/connections", headers=headers)
    error_of(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_platforms_key_works_in_open_mode_too(start: StartService) -> None:
    client = (await start(admin_api_key=KEY)).client
    assert items_of(await client.get("/api/connections", headers=BEARER)) == []


async def test_without_a_platform_key_none_is_right(start: StartService) -> None:
    client = (await start(auth_required=True)).client
    for token in ("", "x", "None"):
        headers = {"Authorization": f"Bearer {token}"}
        error_of(await client.get("/api/connections", headers=headers), 401, "unauthorized")


async def test_the_platforms_key_may_act_for_any_tenant(strict: httpx.AsyncClient) -> None:
    for tenant in ("acme", "globex"):
        headers = {**BEARER, "X-Tenant-Id": tenant}
        assert items_of(await strict.get("/api/connections", headers=headers)) == []


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
async def test_the_scheme_is_read_as_http_wants(strict: httpx.AsyncClient, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {KEY}"}
    assert items_of(await strict.get("/api/connections", headers=headers)) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"X-Api-Key": KEY},
    ],
)
async def test_without_the_right_key_nobody_gets_in(
    strict: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await strict.get("/api/connections", headers=headers)
    error_of(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert KEY not in answer.text


async def test_the_platforms_key_needs_the_tenant_in_the_header(strict: httpx.AsyncClient) -> None:
    strict.headers.pop("X-Tenant-Id")
    for path in ("/api/connections", "/api/connections?workspaceId=acme"):
        error_of(await strict.get(path, headers=BEARER), 400, "tenant_required")


async def test_monitors_need_no_key(strict: httpx.AsyncClient) -> None:
    strict.headers.pop("X-Tenant-Id")
    data_of(await strict.get("/"))
    data_of(await strict.get("/api/health/ready"))


async def test_open_mode_grants_all_but_tokens_and_administration(service: Service) -> None:
    principal = await service.container.principals.identify(
        bearer=None, tenant_id="acme", workspace_ids=(), user_id=None
    )
    refused = {permission for permission in Permission if not principal.may(permission)}
    assert refused == {Permission.TOKENS_READ, Permission.ADMIN}


async def test_the_audit_log_tells_who_it_was(strict: httpx.AsyncClient) -> None:
    strict.headers.update(BEARER)
    body = {"enabled": False}
    await strict.patch("/api/connectors/github", json=body)
    new = {"connectorId": "github", "authMethod": "pat"}
    await strict.post("/api/connections", json=new, headers={"X-User-Id": "ada"})
    entries = items_of(await strict.get("/api/audit-logs"))
    assert [(entry["actor"], entry["via"]) for entry in entries] == [
        ("ada", "platform"),
        ("platform", "platform"),
    ]
