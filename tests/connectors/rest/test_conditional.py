"""Answers that have not changed: not sent again, not counted, and never another connection's."""

import httpx

from src.connectors.rest.conditional import LARGEST_ANSWER, AnswerCache
from src.core.outbound import Request, Response
from tests.conftest import REPOSITORY, GitHub, StartService, connect

URL = "https://api.example/things"
ITEMS = "/api/connectors/github/items"


def answer(content: bytes = b"[1]", tag: str | None = '"a"', status: int = 200) -> Response:
    headers = {"content-type": "application/json", "x-left": "9"}
    return Response(status, headers if tag is None else {**headers, "etag": tag}, content)


def condition(cache: AnswerCache, owner: str = "con_1", url: str = URL) -> str | None:
    return cache.condition(owner, Request("GET", url)).headers.get("If-None-Match")


def test_a_kept_answer_is_asked_for_by_its_tag_and_given_again() -> None:
    cache = AnswerCache(1000)
    cache.settle("con_1", Request("GET", URL), answer())
    assert condition(cache) == '"a"'
    unchanged = Response(304, {"x-left": "8"}, b"")
    given = cache.settle("con_1", Request("GET", URL), unchanged)
    assert (given.status, given.content) == (200, b"[1]")
    assert given.headers["content-type"] == "application/json"
    assert given.headers["x-left"] == "8"


def test_another_connection_or_address_asks_for_everything() -> None:
    cache = AnswerCache(1000)
    cache.settle("con_1", Request("GET", URL), answer())
    assert condition(cache, owner="con_2") is None
    assert condition(cache, url=f"{URL}?page=2") is None
    assert "If-None-Match" not in cache.condition("con_1", Request("POST", URL)).headers


def test_what_has_no_tag_or_failed_is_not_kept() -> None:
    cache = AnswerCache(10_000_000)
    for response in (answer(tag=None), answer(status=404), answer(b"x" * (LARGEST_ANSWER + 1))):
        cache.settle("con_1", Request("GET", URL), response)
        assert condition(cache) is None


def test_a_new_answer_without_a_tag_ends_the_old_one() -> None:
    cache = AnswerCache(1000)
    cache.settle("con_1", Request("GET", URL), answer())
    cache.settle("con_1", Request("GET", URL), answer(tag=None))
    assert condition(cache) is None


def test_memory_is_bounded_and_the_least_used_go_first() -> None:
    cache = AnswerCache(30)
    for number in range(3):
        cache.settle("con_1", Request("GET", f"{URL}/{number}"), answer(b"0123456789"))
    cache.settle("con_1", Request("GET", f"{URL}/0"), Response(304, {}, b""))
    cache.settle("con_1", Request("GET", f"{URL}/3"), answer(b"0123456789"))
    kept = [condition(cache, url=f"{URL}/{number}") is not None for number in range(4)]
    assert kept == [True, False, True, True]


def test_a_304_that_nobody_asked_for_stays_one() -> None:
    response = Response(304, {}, b"")
    assert AnswerCache(1000).settle("con_1", Request("GET", URL), response) is response


async def left(client: httpx.AsyncClient, connection_id: str) -> tuple[int, bytes]:
    """What GitHub says is left of the limit after a page of items, and the page."""
    params = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": 5}
    answer = await client.get(ITEMS, params=params)
    items = answer.json()["data"]["items"]
    return int(answer.headers["X-Provider-RateLimit-Remaining"]), repr(items).encode()


async def test_the_same_page_again_costs_no_quota(start: StartService, github: GitHub) -> None:
    client = (await start()).client
    connection_id = await connect(client)
    first, page = await left(client, connection_id)
    assert await left(client, connection_id) == (first, page)
    assert github.network.requests[-1].headers["If-None-Match"]


async def test_without_memory_for_it_every_page_is_whole(start: StartService) -> None:
    client = (await start(conditional_cache_mb=0)).client
    connection_id = await connect(client)
    first, page = await left(client, connection_id)
    assert await left(client, connection_id) == (first - 1, page)
