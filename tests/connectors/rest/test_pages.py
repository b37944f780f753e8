"""Pages of a listing: rows, wrapping, tokens, loops and the cap."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import httpx
import msgspec
import pytest

from src.connectors.rest.client import List
from src.connectors.rest.paginators import PAGE_CAP, ContentRange, Cursor, LinkHeader, SinglePage
from src.core.errors import UnreadableAnswer
from src.models.query import PageQuery
from src.models.unified import Container
from tests.connectors.rest.conftest import BASE, Call

R = TypeVar("R")


class Thing(msgspec.Struct):
    id: int
    name: str = ""


class Wrapped(msgspec.Struct, Generic[R]):
    values: list[R]
    next: str | None = None
    partial: bool = False

    @property
    def rows(self) -> Sequence[R]:
        return self.values

    @property
    def truncated(self) -> bool:
        return self.partial


THINGS = List("/things", Thing, LinkHeader())
WRAPPED = List("/found", Thing, Cursor(lambda body: body.next), wrapped_in=Wrapped)


def to_container(thing: Thing) -> Container | None:
    return None if thing.name == "skip" else Container(id=str(thing.id), type="t", name=thing.name)


def rows(*numbers: int, link: str | None = None) -> httpx.Response:
    headers = {} if link is None else {"link": f'<{link}>; rel="next"'}
    return httpx.Response(200, json=[{"id": n, "other": {}} for n in numbers], headers=headers)


def wrapped(*numbers: int, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"values": [{"id": n} for n in numbers], **more})


async def test_a_listing_is_read_page_by_page(over: Call) -> None:
    client, provider = over(rows(1, 2, link=f"{BASE}/things/by-id?page=2"), rows(3))
    first = await client.page(THINGS, to_container, PageQuery(limit=2), params={"sort": "x"})
    assert ([one.id for one in first.items], first.truncated) == (["1", "2"], False)
    second = await client.page(
        THINGS, to_container, PageQuery(limit=2, token=first.next_token), params={"sort": "x"}
    )
    assert ([one.id for one in second.items], second.next_token) == (["3"], None)
    assert provider.urls == [f"{BASE}/things?sort=x&per_page=2", f"{BASE}/things/by-id?page=2"]


async def test_a_row_that_a_mapping_leaves_out_still_counts(over: Call) -> None:
    answer = httpx.Response(200, json=[{"id": 1, "name": "skip"}, {"id": 2}])
    client, _ = over(answer)
    page = await client.page(THINGS, to_container, PageQuery(limit=2))
    assert [one.id for one in page.items] == ["2"]


async def test_rows_come_with_their_raw_payload_on_request(over: Call) -> None:
    client, _ = over(rows(1), wrapped(2))
    for listing, number in ((THINGS, 1), (WRAPPED, 2)):
        page = await client.page(listing, to_container, PageQuery(include_raw=True))
        assert isinstance(page.items[0].raw, msgspec.Raw)
        assert msgspec.json.decode(page.items[0].raw)["id"] == number


async def test_a_wrapped_listing_tells_what_the_provider_keeps_back(over: Call) -> None:
    client, provider = over(wrapped(1, next="a b&c", partial=True), wrapped(2))
    first = await client.page(WRAPPED, to_container, PageQuery(limit=1))
    assert first.truncated
    second = await client.page(WRAPPED, to_container, PageQuery(limit=1, token=first.next_token))
    assert not second.truncated
    assert second.next_token is None
    assert dict(provider.requests[1].url.params) == {"pageSize": "1", "pageToken": "a b&c"}


@pytest.mark.parametrize(
    "content", [b"{}", b'[{"id": "1"}]', b"[{}]", b"null", b"[1]", b'[{"id": 1}', b'[{"id": 1}] x']
)
@pytest.mark.parametrize("raw", [False, True])
async def test_a_page_of_another_form_is_unreadable(over: Call, content: bytes, raw: bool) -> None:
    client, _ = over(httpx.Response(200, content=content))
    with pytest.raises(UnreadableAnswer):
        await client.page(THINGS, to_container, PageQuery(include_raw=raw))


@pytest.mark.parametrize("content", [b"[]", b'{"values": 1}', b"{}"])
async def test_a_wrapping_of_another_form_is_unreadable(over: Call, content: bytes) -> None:
    client, _ = over(httpx.Response(200, content=content))
    with pytest.raises(UnreadableAnswer):
        await client.page(WRAPPED, to_container, PageQuery())


async def test_a_row_with_a_value_that_cannot_be_read_makes_the_page_unreadable(over: Call) -> None:
    def mapping(thing: Thing) -> Container:
        return Container(id=str(int(thing.name)), type="t", name="")

    client, _ = over(rows(1))
    with pytest.raises(UnreadableAnswer):
        await client.page(THINGS, mapping, PageQuery())


@pytest.mark.parametrize("raw", [False, True])
async def test_bytes_that_are_no_text(over: Call, raw: bool) -> None:
    client, _ = over(httpx.Response(200, content=b'[{"id": 1, "name": "\xff"}]'))
    with pytest.raises(UnreadableAnswer):
        await client.page(THINGS, to_container, PageQuery(include_raw=raw))


async def test_a_page_that_names_itself_as_the_next_is_unreadable(over: Call) -> None:
    client, provider = over(rows(1, link=f"{BASE}/things?page=2"))
    first = await client.page(THINGS, to_container, PageQuery())
    with pytest.raises(UnreadableAnswer):
        await client.page(THINGS, to_container, PageQuery(token=first.next_token))
    assert len(provider.requests) == 2


async def test_a_next_page_elsewhere_is_unreadable(over: Call) -> None:
    client, _ = over(rows(1, link="https://else.test/v3/things?page=2"))
    with pytest.raises(UnreadableAnswer):
        await client.page(THINGS, to_container, PageQuery())


async def test_a_listing_ends_at_the_cap_and_says_so(over: Call) -> None:
    client, _ = over(rows(1, link=f"{BASE}/things?page=99"))
    before = await client.page(
        THINGS, to_container, PageQuery(token=f"{PAGE_CAP - 1}./things?page=97")
    )
    assert (before.truncated, before.next_token) == (False, f"{PAGE_CAP}./things?page=99")
    last = await client.page(THINGS, to_container, PageQuery(token=f"{PAGE_CAP}./things?page=98"))
    assert (last.truncated, last.next_token, len(last.items)) == (True, None, 1)


async def test_a_single_page_asks_for_nothing(over: Call) -> None:
    client, provider = over(rows(1, 2, link=f"{BASE}/things?page=2"))
    listing = List("/things/{name}", Thing, SinglePage())
    page = await client.page(listing, to_container, PageQuery(limit=1), at={"name": "all"})
    assert (len(page.items), page.next_token) == (2, None)
    assert provider.urls == [f"{BASE}/things/all"]


async def test_a_listing_may_page_by_headers(over: Call) -> None:
    first = httpx.Response(206, json=[{"id": 1}], headers={"content-range": "0-0/2"})
    client, provider = over(first, httpx.Response(200, json=[]))
    listing = List("/things", Thing, ContentRange())
    more = {"Accept-Profile": "public"}
    page = await client.page(listing, to_container, PageQuery(limit=1), headers=more)
    query = PageQuery(limit=1, token=page.next_token)
    assert (await client.page(listing, to_container, query, headers=more)).items == ()
    assert [one.headers["range"] for one in provider.requests] == ["0-0", "1-1"]
    assert {one.headers["accept-profile"] for one in provider.requests} == {"public"}
