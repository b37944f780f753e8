"""The search language of the imitation."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from src.sandbox.confluence.cql import Entity, Malformed, Parser
from tests.sandbox.confluence.conftest import API, GATEWAY, results

SEARCH = "/wiki/rest/api/content/search"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = Entity(
    type="page",
    space="PROJ",
    title='The "Kraken" wakes',
    text="deep sea & more",
    id=7,
    changed_at="2024-03-01T00:30:59.000Z",
    created_at="2024-01-01T00:00:00.000Z",
    creator="u1",
    parent=5,
    ancestors=(3, 5),
    labels=("a", "b"),
)


def matches(text: str, zone: str = "UTC") -> bool:
    return Parser(text, zone, NOW).parse().test(PAGE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("type = page", True),
        ("type in (page, blogpost)", True),
        ("type not in (blogpost)", True),
        ("type != page", False),
        ('space = "proj"', True),
        ("space.key = DOCS", False),
        ('title ~ "kraken"', True),
        ('title ~ "krak*"', True),
        ('title ~ "sea"', False),
        ('text ~ "kraken sea"', True),
        ('text ~ "kraken whale"', False),
        ('text ~ "whale OR sea"', True),
        ('text ~ "whale or sea"', False),
        ('text !~ "sea"', False),
        ('title = "The \\"Kraken\\" wakes"', True),
        ("parent = 5", True),
        ("parent = 3", False),
        ("ancestor = 3", True),
        ("label in (b)", True),
        ("creator = u1", True),
        ("type = blogpost or space = PROJ and parent = 5", True),
        ("(type = blogpost or space = PROJ) and parent = 4", False),
        ("not type = blogpost", True),
        ("not (type = page)", False),
        ('lastmodified >= "2024-03-01 00:30"', True),
        ('lastmodified > "2024-03-01 00:30"', False),
        ('lastmodified < "2024/03/01 00:31"', True),
        ('lastmodified <= "2024-03-01"', False),
        ('lastmodified >= now("-52w")', False),
        ("created < now()", True),
        ('lastmodified >= "-500w"', True),
        ("order by title", True),
    ],
)
def test_what_matches(text: str, wanted: bool) -> None:
    assert matches(text) is wanted


def test_times_are_of_the_caller_s_zone() -> None:
    assert matches('lastmodified >= "2024-03-01 11:30"', "Australia/Sydney")
    assert not matches('lastmodified >= "2024-03-01 11:31"', "Australia/Sydney")


@pytest.mark.parametrize(
    "text",
    [
        'type = "page',
        "type",
        "type =",
        "type page",
        "type in page",
        "type = page and",
        "type = page)",
        "(type = page",
        "colour = red",
        "type ~ page",
        "title > 3",
        'lastmodified >= "soon"',
        'lastmodified ~ "2024-01-01"',
        "type = page order title",
        "type = page order by title up",
        "(" * 60 + "type = page" + ")" * 60,
        "'",
    ],
)
def test_what_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        matches(text)


async def test_a_search_pages_behind_the_context(client: httpx.AsyncClient) -> None:
    params = {"cql": "type = page and space = BIG", "limit": 500}
    answer = (await client.get(SEARCH, params=params)).json()
    assert (answer["totalSize"], answer["size"], answer["limit"]) == (2_000, 100, 100)
    assert answer["_links"]["context"] == "/wiki"
    following = answer["_links"]["next"]
    assert following.startswith("/rest/api/content/search?next=true&cql=")
    again = await client.get(f"{API}{GATEWAY}/wiki{following}")
    assert again.json()["start"] == 100


async def test_bodies_make_smaller_pages(client: httpx.AsyncClient) -> None:
    params: dict[str, Any] = {"cql": "space = BIG", "limit": 100, "expand": "version,body.storage"}
    found = await results(client, SEARCH, **params)
    assert len(found) == 50
    assert found[0]["body"]["storage"]["value"].startswith("<p>")
    assert "ancestors" not in found[0]


async def test_hidden_and_trashed_pages_are_not_found(client: httpx.AsyncClient) -> None:
    found = await results(client, SEARCH, cql='text ~ "kraken"', limit=100)
    titles = {one["title"] for one in found}
    assert "Much discussed" in titles
    assert titles.isdisjoint({"Secret plan", "Trashed page"})


async def test_a_malformed_query_is_400_of_v1(client: httpx.AsyncClient) -> None:
    for params in ({"cql": 'type = "'}, {}, {"cql": "type = page", "cursor": "x"}):
        answer = await client.get(SEARCH, params=params)
        assert answer.status_code == 400
        assert answer.json()["statusCode"] == 400
    assert "cursor" in answer.json()["message"]


async def test_an_order(client: httpx.AsyncClient) -> None:
    cql = "type = blogpost order by lastmodified desc"
    found = await results(client, SEARCH, cql=cql, expand="version,history,metadata.labels")
    assert [one["title"] for one in found] == [f"News {index}" for index in range(5, -1, -1)]
