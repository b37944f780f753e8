"""The switches refuse nonsense, and the journal counts what was asked."""

from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from src.sandbox.kit import MemoryStore, Provider, build_app


async def test_faults_are_shown_replaced_and_cleared(client: httpx.AsyncClient) -> None:
    assert (await client.get("/_sandbox/faults")).json() == []
    fault = {"kind": "server_error", "path": "/things", "after": 2, "times": 1, "status": 502}
    put = await client.put("/_sandbox/faults", json=[fault])
    assert put.json() == [fault]
    assert (await client.get("/_sandbox/faults")).json() == [fault]
    assert (await client.delete("/_sandbox/faults")).status_code == 204
    assert (await client.get("/_sandbox/faults")).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "slow"},
        ["slow"],
        [{}],
        [{"kind": "earthquake"}],
        [{"kind": "slow", "unknown": 1}],
        [{"kind": "slow", "after": -1}],
        [{"kind": "slow", "after": "1"}],
        [{"kind": "slow", "times": 0}],
        [{"kind": "slow", "delay": 3600}],
        [{"kind": "slow", "path": "("}],
        [{"kind": "slow", "method": "get"}],
        [{"kind": "redirect_outside", "location": "//x\r\ny"}],
        [{"kind": "slow", "status": 500}],
        [{"kind": "server_error", "status": 200}],
        [{"kind": "cut", "retry_after": 1}],
    ],
)
async def test_nonsense_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, body: Any
) -> None:
    await client.put("/_sandbox/faults", json=[{"kind": "not_json"}])
    refused = await client.put("/_sandbox/faults", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert (await client.get("/_sandbox/faults")).json() == [{"kind": "not_json"}]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
async def test_what_is_not_json_is_refused(client: httpx.AsyncClient, content: bytes) -> None:
    assert (await client.put("/_sandbox/faults", content=content)).status_code == 400


async def test_requests_are_counted_by_template(client: httpx.AsyncClient) -> None:
    await client.put("/_sandbox/faults", json=[{"kind": "server_error", "path": "/things$"}])
    await client.get("/things?page=2")
    await client.get("/things.v1/a")
    await client.get("/things.v1/b")
    await client.get("/elsewhere")
    counts = await client.get("/_sandbox/requests")
    assert counts.json() == {
        "GET (no route)": 1,
        "GET /things": 1,
        "GET /things.v1/{name}": 2,
    }
    assert (await client.delete("/_sandbox/requests")).status_code == 204
    assert (await client.get("/_sandbox/requests")).json() == {}


async def test_the_state_is_the_stores_and_not_the_apps(
    client: httpx.AsyncClient, app: ASGIApp, store: MemoryStore
) -> None:
    await client.put("/_sandbox/faults", json=[{"kind": "unauthorized", "after": 1}])
    other_process = httpx.ASGITransport(build_app(Provider("imitation", ()), store))
    other_provider = httpx.ASGITransport(build_app(Provider("another", ()), store))
    async with httpx.AsyncClient(transport=other_process, base_url="https://x.test") as second:
        assert (await second.get("/things")).status_code == 404
    assert (await client.get("/things")).status_code == 401
    async with httpx.AsyncClient(transport=other_provider, base_url="https://x.test") as third:
        assert (await third.get("/_sandbox/faults")).json() == []
