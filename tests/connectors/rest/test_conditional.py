"""Answers that have not changed: not sent again, not counted, and never another connection's."""

import httpx
import msgspec
from pydantic import SecretStr

from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.conditional import (
    LARGEST_ANSWER,
    AnswerCache,
    KeptAnswers,
    conditional,
)
from src.core.outbound import Request, Response
from src.models.credential import Credential
from tests.conftest import REPOSITORY, GitHub, StartService, connect
from tests.connectors.rest.conftest import Call, Held

URL = "https://api.example/things"
ITEMS = "/api/connectors/github/items"


class Thing(msgspec.Struct):
    id: int


def answer(content: bytes = b"[1]", tag: str | None = '"a"', status: int = 200) -> Response:
    headers = {"content-type": "application/json", "x-left": "9"}
    return Response(status, headers if tag is None else {**headers, "etag": tag}, content)


def kept(most_bytes: int = 100_000, owner: str = "con_1") -> KeptAnswers:
    return KeptAnswers(AnswerCache(most_bytes), owner)


def asked(answers: KeptAnswers, method: str = "GET", url: str = URL) -> str | None:
    """The tag that a request is sent with."""
    request = Request(method, url)
    return conditional(request, answers.find(request)).headers.get("If-None-Match")


def see(answers: KeptAnswers, response: Response, url: str = URL) -> Response:
    request = Request("GET", url)
    return answers.settle(request, response, answers.find(request))


def test_a_kept_answer_is_asked_for_by_its_tag_and_given_again() -> None:
    answers = kept()
    see(answers, answer())
    assert asked(answers) == '"a"'
    given = see(answers, Response(304, {"x-left": "8"}, b""))
    assert (given.status, given.content) == (200, b"[1]")
    assert given.headers["content-type"] == "application/json"
    assert given.headers["x-left"] == "8"


def test_another_connection_address_or_method_asks_for_everything() -> None:
    answers = kept()
    see(answers, answer())
    assert asked(KeptAnswers(answers.cache, "con_2")) is None
    assert asked(answers, url=f"{URL}?page=2") is None
    assert asked(answers, method="POST") is None


def test_another_form_of_the_same_address_is_another_answer() -> None:
    answers = kept()
    see(answers, answer())
    raw = Request("GET", URL, {"Accept": "application/octet-stream"})
    assert answers.find(raw) is None
    answers.settle(raw, answer(b"bytes", '"b"'), None)
    assert asked(answers) == '"a"'


def test_what_a_header_asks_for_is_another_answer() -> None:
    answers = kept()
    see(answers, answer())
    assert answers.find(Request("GET", URL, {"Accept-Profile": "sales"})) is None


async def test_a_newer_credential_of_the_connection_asks_for_what_was_kept(over: Call) -> None:
    first = httpx.Response(200, json={"id": 7}, headers={"ETag": '"a"'})
    refused, same = httpx.Response(401, json={}), httpx.Response(304)
    signs = BearerAuthenticator(Held(newer=[Credential(SecretStr("newer"))]))
    client, provider = over(first, refused, same, kept=kept(), authenticator=signs)
    await client.get("/things/{name}", Thing, name="a")
    assert await client.get("/things/{name}", Thing, name="a") == Thing(7)
    assert [sent.headers.get("If-None-Match") for sent in provider.requests] == [None, '"a"', '"a"']


def test_what_has_no_tag_failed_or_is_huge_is_not_kept() -> None:
    answers = kept(10_000_000)
    for response in (answer(tag=None), answer(status=404), answer(b"x" * LARGEST_ANSWER)):
        see(answers, response)
        assert asked(answers) is None


def test_a_new_answer_without_a_tag_ends_the_old_one() -> None:
    answers = kept()
    see(answers, answer())
    see(answers, answer(tag=None))
    assert asked(answers) is None


def test_memory_is_bounded_and_the_least_used_go_first() -> None:
    answers = kept(16_000)
    for number in range(3):
        see(answers, answer(), f"{URL}/{number}")
    see(answers, Response(304, {}, b""), f"{URL}/0")
    see(answers, answer(), f"{URL}/3")
    there = [asked(answers, url=f"{URL}/{number}") is not None for number in range(4)]
    assert there == [True, False, True, True]


def test_an_answer_that_went_while_it_was_asked_for_is_given_all_the_same() -> None:
    answers = kept()
    see(answers, answer())
    request = Request("GET", URL)
    before = answers.find(request)
    see(answers, answer(tag=None))
    assert answers.settle(request, Response(304, {}, b""), before).content == b"[1]"


def test_a_304_that_nobody_asked_for_stays_one() -> None:
    response = Response(304, {}, b"")
    assert see(kept(), response) is response


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
