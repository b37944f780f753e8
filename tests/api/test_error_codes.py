"""Every code of the table is reached over HTTP; a code without a way to reach it fails here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from starlette.responses import JSONResponse

from src.api.errors import STATUS_BY_CODE
from src.core.errors import ErrorCode, all_errors
from tests.api.answers import error_of
from tests.api.notes import NotesProvider
from tests.conftest import REPOSITORY, TOKEN, GitHub, Service, StartService, connect
from tests.fakes.network import Network

CALLBACK = "/api/connectors/github/connect/callback"
ABSENT = "con_0123456789abcdef01234567"
IN_BROWSERS = frozenset({ErrorCode.OAUTH_DENIED})
"""Codes that a redirect tells, and no envelope: `test_oauth_flow.py` reaches them."""


@dataclass
class World:
    """What a case may use."""

    start: StartService
    github: GitHub
    notes: NotesProvider
    notes_service: Service

    @property
    def client(self) -> httpx.AsyncClient:
        return self.notes_service.client

    async def items(self, connection_id: str, **params: str) -> httpx.Response:
        return await self.client.get(
            "/api/connectors/github/items",
            params={"connectionId": connection_id, "containerId": REPOSITORY, **params},
        )

    async def struck(self, **fault: Any) -> httpx.Response:
        """Items, while the provider has this fault."""
        connection_id = await connect(self.client)
        await self.github.fault(fault)
        return await self.items(connection_id)

    async def noted(self) -> str:
        """A connection of the notes."""
        answer = await self.client.post(
            "/api/connectors/notes/connect/callback",
            json={"apiKey": "k", "apiSecret": "s", "config": {"site": "a"}},
        )
        connection_id: str = answer.json()["data"]["connectionId"]
        return connection_id


@pytest.fixture
def world(
    start: StartService, github: GitHub, notes: NotesProvider, notes_service: Service
) -> World:
    return World(start, github, notes, notes_service)


async def bad_request(world: World) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return await world.client.post(CALLBACK, content=b"{", headers=headers)


async def invalid_cursor(world: World) -> httpx.Response:
    return await world.items(await connect(world.client), cursor="made-up")


async def invalid_state(world: World) -> httpx.Response:
    return await world.client.post(CALLBACK, json={"code": "any", "state": "made-up"})


async def oauth_exchange_failed(world: World) -> httpx.Response:
    body = {"method": "oauth2", "redirectUri": f"http://localhost:8000{CALLBACK}"}
    started = await world.client.post("/api/connectors/github/connect", json=body)
    body = {"code": "made-up", "state": started.json()["data"]["state"]}
    return await world.client.post(CALLBACK, json=body)


async def tenant_required(world: World) -> httpx.Response:
    world.client.headers.pop("X-Tenant-Id")
    return await world.client.get("/api/connections")


async def unauthorized(world: World) -> httpx.Response:
    headers = {"Authorization": "Bearer nobody-knows-this"}
    return await world.client.get("/api/connections", headers=headers)


async def forbidden(world: World) -> httpx.Response:
    connection_id = await connect(world.client)
    headers = {"X-User-Id": "ada"}
    return await world.client.delete(f"/api/connections/{connection_id}", headers=headers)


async def tenant_mismatch(world: World) -> httpx.Response:
    return await world.client.get("/api/connections?workspaceId=globex")


async def insufficient_scope(world: World) -> httpx.Response:
    connection_id = await connect(world.client, "ghp_sandbox_noscope")
    return await world.client.get(
        "/api/connectors/github/containers",
        params={"connectionId": connection_id, "type": "organization"},
    )


async def not_found(world: World) -> httpx.Response:
    return await world.client.get(f"/api/connections/{ABSENT}")


async def method_not_allowed(world: World) -> httpx.Response:
    return await world.client.put("/api/connections")


async def conflict(world: World) -> httpx.Response:
    connection_id = await world.noted()
    world.notes.answers["/books"] = JSONResponse({"message": "locked"}, 409)
    return await world.client.get(
        "/api/connectors/notes/containers", params={"connectionId": connection_id}
    )


async def connection_exists(world: World) -> httpx.Response:
    await connect(world.client)
    return await world.client.post(CALLBACK, json={"apiKey": TOKEN})


async def account_mismatch(world: World) -> httpx.Response:
    body = {"apiKey": "ghp_sandbox_hubot", "connectionId": await connect(world.client)}
    return await world.client.post(CALLBACK, json=body)


async def stale_version(world: World) -> httpx.Response:
    return await world.client.post(
        f"/api/connections/{await connect(world.client)}/sync-state",
        json={
            "stream": "issues",
            "checkpoint": {"updatedSince": "2026-01-31T12:00:00Z"},
            "expectedVersion": 7,
        },
    )


async def connector_not_configured(world: World) -> httpx.Response:
    await world.client.patch("/api/connectors/github", json={"enabled": False})
    return await world.client.post("/api/connectors/github/connect", json={"method": "pat"})


async def connection_not_ready(world: World) -> httpx.Response:
    connection_id = await connect(world.client)
    await world.client.delete(f"/api/connections/{connection_id}")
    return await world.items(connection_id)


async def reauthorization_required(world: World) -> httpx.Response:
    return await world.struck(kind="unauthorized")


async def credentials_unreadable(world: World) -> httpx.Response:
    connection_id = await connect(world.client)
    other = await world.start(encryption_key=Fernet.generate_key().decode())
    return await other.client.get(
        "/api/connectors/github/containers", params={"connectionId": connection_id}
    )


async def payload_too_large(world: World) -> httpx.Response:
    return await world.client.post(CALLBACK, json={"apiKey": "x" * 2_000_000})


async def validation_error(world: World) -> httpx.Response:
    return await world.client.get("/api/connections?limit=101")


async def unsupported_capability(world: World) -> httpx.Response:
    return await world.client.get(
        "/api/connectors/notes/items",
        params={"connectionId": await world.noted(), "containerId": "b1"},
    )


async def unsupported_filter(world: World) -> httpx.Response:
    return await world.items(await connect(world.client), status="triage")


async def provider_rejected(world: World) -> httpx.Response:
    return await world.client.post(CALLBACK, json={"apiKey": "ghp_wrong"})


async def rate_limited(world: World) -> httpx.Response:
    return await world.struck(kind="rate_limited", retry_after=30)


async def internal_error(world: World) -> httpx.Response:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError

    world.github.network = Network({"github.sandbox": broken})
    return await (await world.start()).client.post(CALLBACK, json={"apiKey": TOKEN})


async def provider_error(world: World) -> httpx.Response:
    return await world.struck(kind="cut")


async def provider_timeout(world: World) -> httpx.Response:
    return await world.struck(kind="server_error", status=504)


async def service_unavailable(world: World) -> httpx.Response:
    away = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=20"
    return await (await world.start(mongodb_url=away)).client.get("/api/connections")


CASES: dict[ErrorCode, Callable[[World], Awaitable[httpx.Response]]] = {
    ErrorCode(case.__name__): case
    for case in (
        bad_request,
        invalid_cursor,
        invalid_state,
        oauth_exchange_failed,
        tenant_required,
        unauthorized,
        forbidden,
        tenant_mismatch,
        insufficient_scope,
        not_found,
        method_not_allowed,
        conflict,
        connection_exists,
        account_mismatch,
        stale_version,
        connector_not_configured,
        connection_not_ready,
        reauthorization_required,
        credentials_unreadable,
        payload_too_large,
        validation_error,
        unsupported_capability,
        unsupported_filter,
        provider_rejected,
        rate_limited,
        internal_error,
        provider_error,
        provider_timeout,
        service_unavailable,
    )
}


def test_every_code_has_one_status_and_a_way_to_reach_it() -> None:
    assert set(STATUS_BY_CODE) == set(ErrorCode)
    assert set(CASES) | IN_BROWSERS == set(ErrorCode)
    assert {kind.code for kind in all_errors()} == set(ErrorCode)


@pytest.mark.parametrize("code", sorted(CASES))
async def test_a_code_is_reached_over_http_and_enveloped(world: World, code: ErrorCode) -> None:
    answer = await CASES[code](world)
    error_of(answer, STATUS_BY_CODE[code], code.value)
    assert ("Retry-After" in answer.headers) is (answer.status_code in {429, 503})
    assert ("WWW-Authenticate" in answer.headers) is (answer.status_code == 401)
