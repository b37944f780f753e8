"""Searches by CQL: what a caller types is data."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from src.connectors.confluence import cql
from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import InsufficientScope, ProviderUnavailable, ValidationFailed
from src.models.query import ItemQuery, Sort
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import OVERVIEW, PROJ, Imitation, Open

KRAKEN = ItemQuery(container_id=PROJ, q="kraken", limit=100)


async def test_a_search_finds_pages_and_blog_posts_of_its_space(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    page = await connector.items(KRAKEN)
    assert len(page.items) == 18
    assert {one.container_id for one in page.items} == {PROJ}
    assert {one.type for one in page.items} == {"page", "blog_post"}
    first = next(one for one in page.items if one.title == "Much discussed")
    assert (first.parent_id, first.labels) == (OVERVIEW, ("deep", "sea"))
    assert first.author is not None
    assert first.author.name == "Mia Krystof"
    assert first.url == "https://acme.atlassian.net/wiki/spaces/PROJ/pages/98490/Much+discussed"
    # The key of the space first; v1 tells the names of people itself.
    assert imitation.asked() == [
        "GET /wiki/api/v2/spaces/98305",
        "GET /wiki/rest/api/content/search",
    ]


async def test_the_next_page_is_below_our_own_address(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = entries(await follow(connector.items, replace(KRAKEN, limit=5)))
    assert len(found) == 18
    # Its address begins behind /wiki, and the space's key is not asked for again.
    assert imitation.asked() == [
        "GET /wiki/api/v2/spaces/98305",
        *["GET /wiki/rest/api/content/search"] * 4,
    ]


async def test_the_next_page_is_below_the_site_for_an_api_token(open_with: Open) -> None:
    connector = open_with(
        "ATATT-sandbox-mia",
        method="apiToken",
        siteUrl="https://acme.atlassian.net",
        email="mia@example.com",
    )
    assert len(entries(await follow(connector.items, replace(KRAKEN, limit=5)))) == 18


async def test_bodies_make_smaller_pages_and_none_is_lost(connector: ConfluenceConnector) -> None:
    query = ItemQuery(container_id="space:98307", q="big tree", limit=100, include_body=True)
    pages = await follow(connector.items, query, most=2)
    assert [len(page.items) for page in pages] == [50, 50]
    assert all(one.body for one in entries(pages))


async def test_a_search_whose_bodies_are_too_many_is_tried_with_few(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    query = replace(KRAKEN, include_body=True)
    outage = {"kind": "server_error", "status": 500, "path": "/ex/.*/content/search", "times": 3}
    await imitation.fault(outage)
    found = entries(await follow(connector.items, query))
    assert len(found) == 18
    limits = [one["limit"] for one in imitation.queries() if "limit" in one]
    assert limits == ["100"] * 3 + ["5"] * 4


@pytest.mark.parametrize(
    ("status", "more"), [(503, {}), (500, {"include_body": False}), (500, {"limit": 5})], ids=str
)
async def test_another_outage_of_the_search_is_one(
    connector: ConfluenceConnector, imitation: Imitation, status: int, more: dict
) -> None:
    outage = {"kind": "server_error", "status": status, "path": "/ex/.*/content/search"}
    await imitation.fault(outage)
    with pytest.raises(ProviderUnavailable):
        await connector.items(replace(KRAKEN, **{"include_body": True, **more}))
    assert imitation.asked().count("GET /wiki/rest/api/content/search") == 3


async def test_a_personal_space_is_searched_by_its_odd_key(
    connector: ConfluenceConnector,
) -> None:
    found = await connector.items(replace(KRAKEN, container_id="space:98308"))
    assert [one.title for one in found.items] == ["My notes"]


async def test_the_provider_s_own_answer_can_be_had(connector: ConfluenceConnector) -> None:
    found = await connector.items(replace(KRAKEN, include_raw=True))
    assert b'"ancestors"' in bytes(found.items[0].raw)  # type: ignore[arg-type]


async def test_filters_and_order(connector: ConfluenceConnector) -> None:
    found = await connector.items(replace(KRAKEN, type="blog_post", sort=Sort.UPDATED_DESCENDING))
    assert [one.title for one in found.items] == [f"News {index}" for index in range(5, -1, -1)]
    found = await connector.items(replace(KRAKEN, parent_id=OVERVIEW, type="page"))
    assert {one.parent_id for one in found.items} == {OVERVIEW}


async def test_a_time_is_exact_although_cql_knows_days_only(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    since = datetime(2024, 3, 1, 0, 3, tzinfo=UTC)
    found = await connector.items(replace(KRAKEN, type="blog_post", updated_since=since))
    assert [one.title for one in found.items] == ["News 3", "News 4", "News 5"]
    assert 'lastmodified >= "2024-02-29"' in imitation.queries()[1]["cql"]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ('x" or space = "DOCS', '"x or space docs"'),
        ("a AND b", '"a and b"'),
        ("kraken*", '"kraken"'),
        ("-kraken \\", '"kraken"'),
        ("Größe_文書", '"größe 文書"'),
        ("a\nb\x00c", '"a b c"'),
    ],
)
def test_only_words_are_left_of_what_is_typed(typed: str, sent: str) -> None:
    assert cql.words(typed) == sent


def test_text_that_is_quoted_cannot_end_its_quotes() -> None:
    assert cql.quoted('~a"b\\') == '"~a\\"b\\\\"'


@pytest.mark.parametrize("typed", ["", "*", '"" ()', "x" * 301])
async def test_a_search_needs_words_and_not_too_many(
    connector: ConfluenceConnector, typed: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.items(replace(KRAKEN, q=typed))


async def test_a_search_needs_its_scope(open_with: Open, imitation: Imitation) -> None:
    with pytest.raises(InsufficientScope):
        await open_with(granted=("read:page:confluence",)).items(KRAKEN)
    assert imitation.asked() == []
