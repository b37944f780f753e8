"""What HTTP itself asks for: methods, sizes, and the failure that nobody foresaw."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.conftest import GitHub, StartService
from tests.fakes.network import Network

CONNECTION = "/api/connections/con_0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/connections/"),
        ("POST", "/api/connectors/github/connect/"),
        ("GET", "/api/connectors/github/items/a%2Fb?connectionId=x"),
        ("DELETE", "/favicon.ico"),
    ],
)
async def test_a_path_without_a_route_is_not_found(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    error_of(await client.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET, HEAD"),
        ("POST", "/api/health/ready", "GET, HEAD"),
        ("PUT", "/api/connections", "GET, POST"),
        ("HEAD", "/api/connections", "GET, POST"),
        ("OPTIONS", "/api/connections", "GET, POST"),
        ("PUT", CONNECTION, "DELETE, GET, PATCH"),
        ("DELETE", f"{CONNECTION}/sync-state", "GET, POST"),
        ("PUT", "/api/connections/token", "DELETE, GET, PATCH, POST"),
        ("POST", "/api/connectors", "GET"),
        ("DELETE", "/api/connectors/github", "GET, PATCH"),
        ("GET", "/api/connectors/github/connect", "POST"),
        ("TRACE", "/api/audit-logs", "GET"),
        ("BREW", "/api/audit-logs", "GET"),
        ("POST", "/docs", "GET, HEAD"),
    ],
)
async def test_a_method_that_a_route_lacks_is_answered_with_all_that_it_has(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    if method != "HEAD":
        error_of(answer, 405, "method_not_allowed")


async def test_head_answers_where_monitors_ask(client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/health/ready"):
        answer = await client.head(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"


async def test_a_body_that_says_it_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/connections", json={"alias": "x" * 2_000_000})
    error_of(answer, 413, "payload_too_large")


async def test_a_body_that_turns_out_too_large_is_refused(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 10_000
            yield b" " * 10_000

    answer = await client.post(
        "/api/connections", content=chunks(), headers={"Content-Type": "application/json"}
    )
    error_of(answer, 413, "payload_too_large")
    assert sent < 1_100_000


async def test_a_body_of_just_the_limit_is_read(client: httpx.AsyncClient) -> None:
    content = b'{"connectorId":"github"}'.ljust(1024 * 1024)
    answer = await client.post(
        "/api/connections", content=content, headers={"Content-Type": "application/json"}
    )
    error_of(answer, 422, "validation_error")


async def _broken(scope: Any, receive: Any, send: Any) -> None:
    raise LookupError("the secret plan is ghp_neverShownToAnybody")


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
async def test_an_unforeseen_failure_tells_nothing_but_the_request_id(
    start: StartService, github: GitHub, accept: str
) -> None:
    github.network = Network({"github.sandbox": _broken})
    service = await start()
    answer = await service.client.post(
        "/api/connectors/github/connect/callback",
        json={"apiKey": "ghp_x"},
        headers={"X-Request-Id": "seen", "Accept": accept},
    )
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] == "seen"
    assert answer.json().get("error", answer.json())["code"] == "internal_error"
    for inside in ("Lookup", "secret", "ghp_", "Traceback", ".py"):
        assert inside not in answer.text
    assert data_of(await service.client.get("/"))["status"] == "ok"


async def test_only_a_known_host_and_origin_are_served_in_open_mode(
    client: httpx.AsyncClient,
) -> None:
    error_of(
        await client.get("/api/connectors", headers={"Host": "rebound.example"}), 403, "forbidden"
    )
    error_of(
        await client.get("/api/connectors", headers={"Origin": "https://evil.example"}),
        403,
        "forbidden",
    )
    data_of(await client.get("/api/connectors", headers={"Origin": "http://localhost:8000"}))
