"""Activities: what becomes of each field, of their pages, and of their comments."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from src.core.errors import InsufficientScope, UnsupportedFilter, ValidationFailed
from src.models.query import CommentQuery, ItemQuery, OneItemQuery, Sort
from src.models.unified import Item
from src.sandbox.strava.callers import FOLLOWER_TOKEN, PROFILE_TOKEN
from src.sandbox.strava.seed.activities import COMMENTS, COUNT, FIRST, HIDDEN_START, MANUAL
from tests.connectors.strava.conftest import Held, Strava

LATEST = f"activity:{FIRST}"
FEED = ItemQuery(container_id="activities", limit=50)


async def listed(connector: Any, query: ItemQuery = FEED) -> list[Item]:
    page = await connector.items(query)
    return list(page.items)


async def test_an_activity_of_the_list(strava: Strava) -> None:
    latest = (await listed(strava.open()))[0]
    assert (latest.id, latest.type, latest.container_id) == (LATEST, "activity", "activities")
    assert (latest.title, latest.body) == ("Outing 0", None)
    assert latest.comment_count == COMMENTS
    assert latest.created_at == "2025-10-19T20:00:00.000Z"
    assert latest.url == f"https://www.strava.com/activities/{FIRST}"
    assert latest.author is not None
    assert (latest.author.name, latest.author.id) == ("Dana Ashton", "26462176")
    assert latest.fields["distance"] == 6764.8
    assert (latest.fields["movingTime"], latest.fields["elapsedTime"]) == (2151, 2178)
    assert latest.fields["elevationGain"] == 34.0
    assert latest.fields["gearId"] == "gear:g26020551"
    assert latest.fields["map"] == {"summaryPolyline": "y_wwFhfvbM"}
    assert latest.fields["start"] == {"latitude": 40.75533, "longitude": -74.002571}
    assert latest.fields["kudosCount"] == 7


async def test_ids_that_no_javascript_number_holds_are_texts(strava: Strava) -> None:
    """JSON.parse would round 9007199254740993 to …992."""
    latest = (await listed(strava.open()))[0]
    told = msgspec.json.decode(msgspec.json.encode(latest))
    assert told["id"] == "activity:9007199254740993"
    assert told["fields"]["uploadId"] == str(FIRST + 10**15)
    one = await strava.open().item(OneItemQuery(item_id=told["id"]))
    assert one.title == latest.title


async def test_the_clock_where_it_began_is_not_utc(strava: Strava) -> None:
    """Strava writes Z behind the local time."""
    in_new_york, in_kolkata = (await listed(strava.open()))[:2]
    assert in_new_york.fields["startDate"] == "2025-10-19T20:00:00.000Z"
    assert in_new_york.fields["startDateLocal"] == "2025-10-19T16:00:00"
    assert in_new_york.fields["timezone"] == "America/New_York"
    assert in_new_york.fields["utcOffset"] == -14_400
    assert in_kolkata.fields["startDateLocal"] == "2025-10-19T01:30:00"
    assert (in_kolkata.fields["timezone"], in_kolkata.fields["utcOffset"]) == (
        "Asia/Kolkata",
        19_800,
    )


async def test_odd_activities(strava: Strava) -> None:
    items = await listed(strava.open())
    manual, hidden = items[MANUAL], items[HIDDEN_START]
    assert manual.fields["manual"] is True
    # A sport that nobody knew yesterday is passed on; the older word for it is not.
    assert manual.fields["sportType"] == "Padel"
    assert not {"uploadId", "gearId", "map", "start"} & manual.fields.keys()
    assert hidden.created_at == "2025-10-14T00:00:01.000Z"


async def test_a_single_activity_has_what_lists_leave_out(strava: Strava) -> None:
    one = await strava.open().item(OneItemQuery(item_id=LATEST, include_raw=True))
    assert (one.body, one.body_format) == ("How outing 0 went.", "text")
    assert one.fields["calories"] == 432.0
    assert one.fields["deviceName"] == "Garmin Forerunner 265"
    assert one.fields["gearName"] == "Saucony Guide"
    assert one.fields["map"]["polyline"] == "y_wwFhfvbM??"
    assert msgspec.json.decode(one.raw)["id"] == FIRST
    assert strava.asked() == [f"GET /activities/{FIRST}?include_all_efforts=false"]


async def test_only_an_empty_page_is_the_end(strava: Strava) -> None:
    """What only its owner may see makes pages short for a narrower grant."""
    connector = strava.open(FOLLOWER_TOKEN)
    seen: list[str] = []
    sizes: list[int] = []
    query = replace(FEED, limit=20)
    while True:
        page = await connector.items(query)
        sizes.append(len(page.items))
        seen += [one.id for one in page.items]
        if page.next_token is None:
            break
        query = replace(query, token=page.next_token)
    assert sizes == [18, 18, 18, 4, 0]
    assert len(set(seen)) == COUNT - 6


@pytest.mark.parametrize(
    "wish",
    [
        {"parent_id": "activities"},
        {"type": "Run"},
        {"state": "open"},
        {"status": "x"},
        {"q": "outing"},
        {"updated_since": datetime(2026, 1, 1, tzinfo=UTC)},
        {"sort": Sort.UPDATED_DESCENDING},
        {"include_body": True},
    ],
    ids=lambda wish: next(iter(wish)),
)
async def test_what_strava_cannot_honour_is_refused(strava: Strava, wish: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedFilter):
        await strava.open().items(replace(FEED, **wish))
    assert strava.asked() == []


@pytest.mark.parametrize(
    "item_id",
    ["activity:", "activity:../gear", "activity:1x", "gear:1", "gear:x1", "lap:1", "1", "club:b1"],
)
async def test_what_is_no_id_goes_nowhere(strava: Strava, item_id: str) -> None:
    with pytest.raises(ValidationFailed):
        await strava.open().item(OneItemQuery(item_id=item_id))
    with pytest.raises(ValidationFailed):
        await strava.open().comments(CommentQuery(item_id=item_id))
    assert strava.asked() == []


async def test_a_scope_that_is_missing_is_told_without_a_refresh(strava: Strava) -> None:
    """Strava says it with 401, as it does of a token that is over."""
    held = Held(PROFILE_TOKEN)
    with pytest.raises(InsufficientScope) as caught:
        await strava.open(held=held).items(FEED)
    assert caught.value.details["missingScopes"] == ["activity:read"]
    assert (held.renewals, len(strava.asked())) == (0, 1)


@pytest.mark.parametrize(
    ("granted", "asked"),
    [(("read", "profile:read_all"), 0), (("read", "activity:read_all"), 1), (None, 1)],
)
async def test_a_scope_that_was_unticked_costs_no_request(
    strava: Strava, granted: tuple[str, ...] | None, asked: int
) -> None:
    connector = strava.open(granted=granted)
    if asked:
        await connector.items(FEED)
    else:
        with pytest.raises(InsufficientScope):
            await connector.items(FEED)
    assert len(strava.asked()) == asked


async def test_comments_by_a_cursor_that_is_encoded_already(strava: Strava) -> None:
    connector = strava.open()
    query = CommentQuery(item_id=LATEST, limit=20)
    found: list[Any] = []
    while True:
        page = await connector.comments(query)
        found += page.items
        if page.next_token is None:
            break
        query = replace(query, token=page.next_token)
    assert len(found) == len({one.id for one in found}) == COMMENTS
    assert len(strava.asked()) == 3
    sent = strava.asked()[1].partition("after_cursor=")[2]
    # As it was given, and encoded once more for the query.
    assert base64.b64decode(unquote(unquote(sent)))
    assert "%25" in sent
    first = found[0]
    assert (first.item_id, first.body, first.body_format) == (LATEST, "you pass?", "text")
    # An author has a name and no id.
    assert (first.author.name, first.author.id) == ("Sasha C.", None)
    assert found[3].body == ""


async def test_comments_with_the_payload_page_on_as_well(strava: Strava) -> None:
    query = CommentQuery(item_id=LATEST, limit=44, include_raw=True)
    first = await strava.open().comments(query)
    rest = await strava.open().comments(replace(query, token=first.next_token))
    assert (len(first.items), len(rest.items), rest.next_token) == (44, 1, None)
    assert msgspec.json.decode(rest.items[0].raw)["activity_id"] == FIRST


async def test_what_has_no_comments_costs_no_request(strava: Strava) -> None:
    for item in ("gear:b16988545", "route:777", "club:108605"):
        assert (await strava.open().comments(CommentQuery(item_id=item))).items == ()
    assert strava.asked() == []
