"""Faults that act upon the true answer, or tell the time wrongly."""

import gzip
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import (
    ConnectionCut,
    FaultBook,
    MemoryStore,
    PlainDialect,
    Provider,
    build_app,
    json_answer,
)
from src.sandbox.kit.strikes import FaultLayer

NOW = 1_700_000_000
ROWS = [{"number": number} for number in range(3)]


async def switch(client: httpx.AsyncClient, *faults: dict[str, Any]) -> None:
    put = await client.put("/_sandbox/faults", json=list(faults))
    assert put.status_code == 200, put.text


def counting(store: MemoryStore) -> httpx.AsyncClient:
    async def count(request: Request) -> Response:
        return json_answer({"count": await store.increment("things", "made")}, 201)

    app = build_app(Provider("counting", (Route("/things", count, methods=["POST"]),)), store)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://imitation.test")


async def test_a_lost_reply_is_of_something_that_was_done() -> None:
    store = MemoryStore()
    async with counting(store) as client:
        await switch(client, {"kind": "lost_reply", "times": 1})
        with pytest.raises(ConnectionCut):
            await client.post("/things")
        assert (await client.post("/things")).json() == {"count": 2}


async def test_a_late_reply_is_of_something_that_was_done_at_once() -> None:
    store = MemoryStore()
    async with counting(store) as client:
        await switch(client, {"kind": "late_reply", "delay": 0.01})
        assert (await client.post("/things")).json() == {"count": 1}


@pytest.mark.parametrize(("told", "status"), [({}, 502), ({"status": 404}, 404)])
async def test_html_error(client: httpx.AsyncClient, told: dict[str, int], status: int) -> None:
    await switch(client, {"kind": "html_error", **told})
    answer = await client.get("/things")
    assert answer.status_code == status
    assert answer.text.startswith("<!DOCTYPE")


async def test_mislabelled_is_the_true_answer(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "mislabelled"})
    answer = await client.get("/things.v1/a")
    assert answer.json() == {"name": "a"}
    assert answer.headers.get_list("content-type") == ["text/html; charset=iso-8859-1"]


async def test_packed_is_small_on_its_way(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "huge", "size": 20 * 2**20, "packed": True})
    async with client.stream("GET", "/things") as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert len(sent) < 100_000
    assert len(gzip.decompress(sent)) > 20 * 2**20


@pytest.mark.parametrize("text", ["-5", "99999999999999", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_wait_can_be_told_in_any_words(client: httpx.AsyncClient, text: str) -> None:
    await switch(client, {"kind": "rate_limited", "retry_after_text": text})
    answer = await client.get("/things")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, text)


async def told(fault: dict[str, Any], **members: Any) -> httpx.Response:
    """What a provider tells whose clock stands still."""
    store = MemoryStore()
    app = build_app(Provider("imitation", ()), store)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://imitation.test"
    ) as switches:
        await switch(switches, fault)
    layer = FaultLayer(
        json_answer(members), FaultBook(store, "imitation"), PlainDialect(), lambda: NOW
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(layer), base_url="https://imitation.test"
    ) as client:
        return await client.get("/token")


@pytest.mark.parametrize("skew", [0, 3_600, -3_600])
async def test_a_limit_can_tell_its_end_as_a_date_by_a_clock_that_is_wrong(skew: int) -> None:
    answer = await told({"kind": "rate_limited", "retry_after": 90, "skew": skew})
    dates = [parsedate_to_datetime(answer.headers[name]) for name in ("date", "retry-after")]
    assert dates == [datetime.fromtimestamp(NOW + skew + wait, UTC) for wait in (0, 90)]


@pytest.mark.parametrize("skew", [3_600, -3_600])
async def test_a_clock_that_is_wrong_tells_other_ends_of_tokens(skew: int) -> None:
    answer = await told({"kind": "clock_skew", "skew": skew}, expires_at=NOW + 60, expires_in=60)
    assert answer.json() == {"expires_at": NOW + 60 + skew, "expires_in": 60}
    date = parsedate_to_datetime(answer.headers["date"])
    assert date == datetime.fromtimestamp(NOW + skew, UTC)


async def test_endless_pages_go_on_by_links_that_are_new(client: httpx.AsyncClient) -> None:
    await switch(client, {"kind": "endless_pages"})
    url, seen = "https://imitation.test/things?per_page=40", set()
    for _ in range(5):
        answer = await client.get(url)
        assert answer.json() == list(range(40))
        url = answer.links["next"]["url"]
        assert url not in seen
        seen.add(url)


@pytest.mark.parametrize(
    ("last", "param"),
    [
        ({"nextPageToken": None}, "pageToken"),
        ({"next_cursor": ""}, "after"),
        ({"next": None}, None),
        ({"has_more": False, "total": 3}, None),
    ],
)
async def test_endless_pages_go_on_wherever_the_body_has_a_place_for_it(
    last: dict[str, Any], param: str | None
) -> None:
    async def rows(request: Request) -> Response:
        assert not set(request.query_params) & {"pageToken", "after", "cursor", "offset"}
        return json_answer({"rows": ROWS, **last})

    app = build_app(Provider("imitation", (Route("/rows", rows),)), MemoryStore())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://imitation.test"
    ) as client:
        await switch(client, {"kind": "endless_pages"})
        url, bodies = "/rows", []
        for number in range(4):
            body = (await client.get(url)).json()
            assert body.pop("rows") == ROWS
            bodies.append(body)
            token = next((value for value in body.values() if isinstance(value, str)), "")
            url = token if token.startswith("https") else f"/rows?{param or 'offset'}="
            url = url if token.startswith("https") else url + (token or str(3 * number))
    if "total" in last:
        assert bodies == [{"has_more": True, "total": 1_000_000}] * 4
    else:
        assert len({str(body) for body in bodies}) == 4


async def test_endless_rows_are_the_first_of_a_range() -> None:
    async def rows(request: Request) -> Response:
        return json_answer({"range": request.headers["range"]})

    app = build_app(Provider("imitation", (Route("/rows", rows),)), MemoryStore())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://imitation.test"
    ) as client:
        await switch(client, {"kind": "endless_pages"})
        answer = await client.get("/rows", headers={"range": "items=50-99"})
        assert answer.json() == {"range": "items=0-49"}
