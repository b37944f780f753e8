"""Pages by number, as ``Link`` headers tell them."""

from dataclasses import replace

import httpx
import msgspec
import pytest

from src.connectors.rest.ahead import read_ahead
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import LinkHeader
from src.connectors.rest.sheets import LinkedSheets, Turn
from src.models.base import now
from tests.connectors.rest.conftest import BASE, Call


class Row(msgspec.Struct):
    id: int


class Thing(msgspec.Struct):
    name: str


def thing(row: Row) -> Thing | None:
    return Thing(f"thing {row.id}") if row.id % 2 else None


def answer(*ids: int, **links: str) -> httpx.Response:
    header = ", ".join(f'<{BASE}/things?{query}>; rel="{name}"' for name, query in links.items())
    return httpx.Response(200, json=[{"id": one} for one in ids], headers={"link": header})


def sheets(client: RestClient) -> LinkedSheets[Row, Thing]:
    return LinkedSheets(
        rest=client,
        listing=List("/things", Row, LinkHeader()),
        mapping=thing,
        noted="id",
        noted_row=Row,
        params={"state": "all"},
        at={},
        limit=2,
        turn=Turn(8),
    )


async def test_a_page_by_its_number_tells_all_of_its_rows(over: Call) -> None:
    client, provider = over(answer(1, 2, next="state=all&page=8", last="state=all&page=9"))
    sheet = await sheets(client).read(7)
    assert [one.name for one in sheet.items] == ["thing 1"]
    assert sheet.ids == ["1", "2"]
    assert sheet.last == 9
    assert provider.urls == [f"{BASE}/things?state=all&per_page=2&page=7"]


async def test_a_page_tells_when_it_was_asked_for_and_what_its_rows_are_known_by(
    over: Call,
) -> None:
    client, _ = over(answer(1, 2))
    before = now()
    sheet = await replace(sheets(client), known_by="id").read(1)
    assert sheet.keys == ["1", "2"]
    assert sheet.asked_at is not None
    assert before <= sheet.asked_at <= now()


async def test_a_look_has_no_items(over: Call) -> None:
    client, _ = over(answer(1, 3))
    sheet = await sheets(client).look(1)
    assert (sheet.items, sheet.ids, sheet.following) == ((), ["1", "3"], None)


@pytest.mark.parametrize(
    "links",
    [
        {"next": "page=2"},
        {"next": "after=abc&page=2", "last": "page=9"},
        {"next": "after=abc&page=2", "last": "after=xyz&page=9"},
        {"next": "page=2", "last": "page=many"},
        {"next": "offset=2", "last": "offset=80"},
    ],
    ids=["no last", "a key", "keys", "no number", "no page"],
)
async def test_what_is_paged_by_keys_is_followed(over: Call, links: dict[str, str]) -> None:
    client, provider = over(answer(1, 2, **links), answer(3))
    pages = [page async for page in read_ahead(sheets(client), None)]
    assert [one.name for page in pages for one in page.items] == ["thing 1", "thing 3"]
    assert provider.urls[1] == f"{BASE}/things?{links['next']}"
