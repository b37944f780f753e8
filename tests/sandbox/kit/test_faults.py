"""Each kind of fault strikes and stops as it was told."""

from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message

from src.sandbox.kit import ConnectionCut


async def switch(client: httpx.AsyncClient, *faults: dict[str, Any]) -> None:
    put = await client.put("/_sandbox/faults", json=list(faults))
    assert put.status_code == 200, put.text


async def statuses(client: httpx.AsyncClient, amount: int, path: str = "/things") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(amount)]


async def test_after_and_times(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "server_error", "after": 2, "times": 3})
    assert await statuses(client, 7) == [200, 200, 503, 503, 503, 200, 200]


async def test_without_times_it_strikes_until_switched_off(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "unauthorized", "after": 1})
    assert await statuses(client, 4) == [200, 401, 401, 401]
    await client.delete("/_sandbox/faults")
    assert await statuses(client, 1) == [200]


async def test_a_new_list_counts_from_the_start(client: httpx.AsyncClient) -> None:
    fault = {"kind": "server_error", "times": 1}
    for _ in range(2):
        await switch(client, fault)
        assert await statuses(client, 2) == [503, 200]


async def test_faults_strike_one_after_the_other(client: httpx.AsyncClient) -> None:
    await switch(
        client,
        {"kind": "server_error", "status": 502, "times": 1},
        {"kind": "rate_limited", "times": 1},
    )
    assert await statuses(client, 3) == [502, 429, 200]


@pytest.mark.parametrize("path", ["/things.v1", r"/things\.v1/[ab]$"])
async def test_only_matching_calls_count(client: httpx.AsyncClient, path: str) -> None:
    await switch(client, {"kind": "server_error", "path": path, "method": "GET"})
    assert await statuses(client, 1, "/things") == [200]
    assert await statuses(client, 1, "/things.v1/a") == [503]


async def test_method(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "server_error", "method": "POST"})
    assert await statuses(client, 1) == [200]
    assert (await client.post("/things")).status_code == 503


@pytest.mark.parametrize("kind", ["rate_limited", "secondary_limit", "primary_limit"])
async def test_limits(client: httpx.AsyncClient, kind: str) -> None:
    await switch(client, {"kind": kind, "retry_after": 0, "times": 1}, {"kind": kind})
    first, second = await client.get("/things"), await client.get("/things")
    assert (first.status_code, first.headers["retry-after"]) == (429, "0")
    assert (second.status_code, second.headers["retry-after"]) == (429, "60")


@pytest.mark.parametrize(
    ("kind", "status"), [("unauthorized", 401), ("forbidden", 403), ("not_found", 404)]
)
async def test_refusals(client: httpx.AsyncClient, kind: str, status: int) -> None:
    await switch(client, {"kind": kind})
    answer = await client.get("/things")
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_slow_delays_the_true_answer(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "slow", "delay": 0.01})
    assert (await client.get("/things.v1/a")).json() == {"name": "a"}


async def test_cut_promises_more_than_it_sends(client: httpx.AsyncClient, app: ASGIApp) -> None:
    await switch(client, {"kind": "cut", "times": 1})
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/things.v1/a",
        "root_path": "",
        "query_string": b"",
        "headers": [],
    }
    with pytest.raises(ConnectionCut):
        await app(scope, receive, send)
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 200
    assert 0 < len(sent[1]["body"]) < int(headers[b"content-length"])
    assert sent[1]["more_body"] is True
    assert await statuses(client, 1) == [200]


async def test_not_json(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "not_json"})
    answer = await client.get("/things")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE")


async def test_truncated_json(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/things")).content
    await switch(client, {"kind": "truncated_json"})
    answer = await client.get("/things")
    assert answer.status_code == 200
    assert whole.startswith(answer.content)
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()


async def test_wrong_type(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "wrong_type"})
    assert (await client.get("/things.v1/a")).json() == [["unexpected"]]


async def test_huge_is_larger_than_any_limit(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "huge", "size": 100_000, "times": 1}, {"kind": "huge"})
    small = await client.get("/things")
    assert "content-length" not in small.headers
    assert len(small.json()) > 1
    assert len((await client.get("/things")).content) > 16 * 2**20


async def test_repeated_page_points_to_itself(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "repeated_page"})
    url = "https://imitation.test/things?page=2"
    for _ in range(2):
        answer = await client.get(url)
        assert answer.json() == list(range(30, 60))
        assert answer.links == {"next": {"url": url, "rel": "next"}}


async def test_redirect_outside(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "redirect_outside"})
    answer = await client.get("/things")
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["location"]).host == "outside.example"


async def test_the_switches_are_never_struck(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "server_error"})
    assert (await client.get("/_sandbox/faults")).status_code == 200
    assert (await client.get("/_sandbox/requests")).json() == {}


async def test_refused_answers_travel_out_of_a_route(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things.v1/gone")
    assert (answer.status_code, answer.json()) == (410, {"error": "deleted"})
    missing = await client.get("/nothing")
    assert (missing.status_code, missing.json()) == (404, {"error": "Not Found"})
