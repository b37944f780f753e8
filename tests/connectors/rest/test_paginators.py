"""Each way of paging: what it asks for, and when it is over."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from src.connectors.rest.paginators import (
    Answer,
    ContentRange,
    Cursor,
    LinkHeader,
    NextUrl,
    Offset,
    PageNumber,
    PageRequest,
    Paginator,
    SinglePage,
)
from src.core.errors import UnreadableAnswer

BASE = "https://api.test/v3"


@dataclass
class Body:
    total: int = 0
    next: str | None = None
    rows: list[int] = field(default_factory=list)


def answer(
    body: Any = None, *, count: int = 0, token: str | None = None, link: str = "", limit: int = 50
) -> Answer:
    return Answer({"link": link} if link else {}, body, count, limit, token, BASE)


def total(body: Body) -> int:
    return body.total


def following(body: Body) -> str | None:
    return body.next


@pytest.mark.parametrize(
    ("paginator", "token", "request_"),
    [
        (SinglePage(), None, PageRequest()),
        (PageNumber(), None, PageRequest({"page": "1", "per_page": "50"})),
        (PageNumber(), "3", PageRequest({"page": "3", "per_page": "50"})),
        (PageNumber(page="p", size="n", first=0), None, PageRequest({"p": "0", "n": "50"})),
        (Offset(), None, PageRequest({"offset": "0", "limit": "50"})),
        (Offset(offset="startAt", size="max"), "50", PageRequest({"startAt": "50", "max": "50"})),
        (Cursor(following), None, PageRequest({"pageSize": "50"})),
        (Cursor(following), "abc", PageRequest({"pageSize": "50", "pageToken": "abc"})),
        (LinkHeader(), None, PageRequest({"per_page": "50"})),
        (LinkHeader(), "/x?page=2", PageRequest(location="/x?page=2")),
        (NextUrl(following), None, PageRequest({"limit": "50"})),
        (NextUrl(following, size="n"), None, PageRequest({"n": "50"})),
        (NextUrl(following), "/x?after=7", PageRequest(location="/x?after=7")),
    ],
)
def test_what_is_asked_for(paginator: Paginator, token: str | None, request_: PageRequest) -> None:
    assert paginator.request(50, token) == request_


@pytest.mark.parametrize(
    ("paginator", "answered", "token"),
    [
        (SinglePage(), answer(count=50), None),
        (PageNumber(), answer(count=50), "2"),
        (PageNumber(), answer(count=50, token="7"), "8"),
        (PageNumber(), answer(count=49, token="7"), None),
        (PageNumber(), answer(count=0), None),
        (PageNumber(until_empty=True), answer(count=1, token="7"), "8"),
        (PageNumber(until_empty=True), answer(count=0, token="8"), None),
        (PageNumber(first=0), answer(count=50), "1"),
        (PageNumber(total_pages=total), answer(Body(total=3), count=1, token="2"), "3"),
        (PageNumber(total_pages=total), answer(Body(total=3), count=50, token="3"), None),
        (PageNumber(total_pages=total), answer(Body(total=0)), None),
        (PageNumber(first=0, total_pages=total), answer(Body(total=2), count=50), "1"),
        (PageNumber(first=0, total_pages=total), answer(Body(total=2), token="1"), None),
        (Offset(), answer(count=50), "50"),
        (Offset(), answer(count=50, token="100"), "150"),
        (Offset(), answer(count=20, token="100"), None),
        (Offset(), answer(count=0, token="100"), None),
        (Offset(total=total), answer(Body(total=51), count=50), "50"),
        (Offset(total=total), answer(Body(total=200), count=20, token="50"), "70"),
        (Offset(total=total), answer(Body(total=50), count=50), None),
        (Offset(total=total), answer(Body(total=90), count=0, token="50"), None),
        (Cursor(following), answer(Body(next="abc"), count=0), "abc"),
        (Cursor(following), answer(Body(next=""), count=50), None),
        (Cursor(following), answer(Body(next=None), count=50), None),
        (LinkHeader(), answer(count=50), None),
        (LinkHeader(), answer(link=f'<{BASE}/x?page=2>; rel="next"'), "/x?page=2"),
        (LinkHeader(), answer(link='</v3/x?page=2>; rel="next"'), "/x?page=2"),
        (LinkHeader(), answer(link=f'<{BASE}/x?page=1>; rel="prev"', count=50), None),
        (NextUrl(following), answer(Body(next=f"{BASE}/x?after=7")), "/x?after=7"),
        (NextUrl(following), answer(Body(next="/v3/x?after=7")), "/x?after=7"),
        (NextUrl(following), answer(Body(next="")), None),
        (NextUrl(following), answer(Body(next=None), count=50), None),
    ],
)
def test_which_page_follows(paginator: Paginator, answered: Answer, token: str | None) -> None:
    assert paginator.following(answered) == token


@pytest.mark.parametrize(
    "address",
    [
        "https://else.test/v3/x?page=2",
        "http://api.test/v3/x?page=2",
        "https://api.test:444/v3/x?page=2",
        "https://api.test/x?page=2",
        "//else.test/v3/x",
        "https://api.test/v3/../x",
    ],
)
@pytest.mark.parametrize("paginator", [LinkHeader(), NextUrl(following)])
def test_a_page_at_another_place_is_not_followed(address: str, paginator: Paginator) -> None:
    answered = answer(Body(next=address), link=f'<{address}>; rel="next"')
    with pytest.raises(UnreadableAnswer):
        paginator.following(answered)


COUNTED = ContentRange(first={"Prefer": "count=estimated"})


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, {"Range-Unit": "items", "Range": "0-49", "Prefer": "count=estimated"}),
        ("50", {"Range-Unit": "items", "Range": "50-99"}),
        ("20/10", {"Range-Unit": "items", "Range": "20-69"}),
    ],
)
def test_a_range_is_asked_for_and_the_total_once(token: str | None, headers: dict) -> None:
    assert COUNTED.request(50, token) == PageRequest(headers=headers)


@pytest.mark.parametrize(
    ("token", "count", "told", "following"),
    [
        (None, 50, "0-49/*", "50"),
        (None, 50, "0-49/50", "50"),
        (None, 49, "0-48/49", None),
        (None, 49, "0-48/*", None),
        (None, 0, "*/0", None),
        # Fewer at once than asked for: the total tells, once.
        (None, 10, "0-9/35", "10/10"),
        ("10/10", 10, "10-19/*", "20/10"),
        ("30/10", 5, "30-34/*", None),
        ("40/10", 0, "*/*", None),
        # An estimate of a later page ends nothing, and begins nothing.
        ("50", 50, "50-99/60", "100"),
        ("100", 7, "100-106/9000", None),
        (None, 10, "nonsense", None),
        (None, 10, "items 0-9/35", "10/10"),
    ],
)
def test_the_next_range(token: str | None, count: int, told: str, following: str | None) -> None:
    found = COUNTED.following(Answer({"content-range": told}, [], count, 50, token, BASE))
    assert found == following
