"""Events of a calendar: single ones, series, and what they consist of."""

from datetime import UTC, datetime

import msgspec
import pytest

from src.connectors.google.calendar.mapping import event_to_item
from src.connectors.google.calendar.schemas import Event
from src.connectors.google.connector import GoogleConnector
from src.connectors.rest.paginators import walk
from src.core.errors import (
    InvalidCursor,
    ProviderNotFound,
    ProviderRejected,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import CommentQuery, ItemQuery, OneItemQuery, Sort
from src.models.unified import Item
from tests.connectors.google.conftest import Google

ANN = "calendar:list:ann@example.com"
EVENTS = "GET /calendar/v3/calendars/ann@example.com/events"
STANDUP = "calendar:event:ann@example.com:standup"


def query(**more: object) -> ItemQuery:
    return ItemQuery(**{"container_id": ANN, "limit": 100, **more})  # type: ignore[arg-type]


async def listed(connector: GoogleConnector, **more: object) -> list[Item]:
    pages = await walk(query(**more), connector.items)
    return [item for page in pages for item in page.items]


async def one(connector: GoogleConnector, event: str) -> Item:
    return await connector.item(OneItemQuery(item_id=f"calendar:event:ann@example.com:{event}"))


async def test_events_come_once_a_page_costs_one_request(
    connector: GoogleConnector, google: Google
) -> None:
    items = await listed(connector, limit=50, include_body=True)
    assert len(items) == len({item.id for item in items}) == 122
    assert google.asked == [EVENTS] * 3
    assert {item.container_id for item in items} == {ANN}
    assert all(len(item.id) <= 512 for item in items)
    assert "Imported, with a very long id" not in {item.title for item in items}
    meeting = next(item for item in items if item.title == "Meeting 3")
    assert (meeting.type, meeting.status, meeting.state) == ("event", "confirmed", None)
    assert meeting.fields["start"] == "2026-01-08T11:00:00+01:00"
    assert meeting.fields["startTimeZone"] == "Europe/Berlin"
    assert meeting.fields["allDay"] is False
    assert meeting.author is not None
    assert meeting.author.email == "ann@example.com"
    assert meeting.created_at == "2025-12-06T00:00:00.000Z"
    assert meeting.url == "https://www.google.com/calendar/event?eid=plain0003"


async def test_bodies_stay_away_unless_asked_for(connector: GoogleConnector) -> None:
    assert {item.body for item in await listed(connector)} == {None}


async def test_a_series_is_one_item_that_holds_its_events(
    connector: GoogleConnector, google: Google
) -> None:
    series = await one(connector, "standup")
    assert series.has_children is True
    assert series.fields["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=30"]
    google.forget()
    inner = await listed(connector, parent_id=STANDUP, limit=20)
    assert google.asked == [f"{EVENTS}/standup/instances"] * 2
    # Of thirty one is cancelled, and one was moved.
    assert len(inner) == 29
    assert {item.parent_id for item in inner} == {STANDUP}
    assert {item.has_children for item in inner} == {False}
    assert [item.fields["start"] for item in inner[:3]] == [
        "2026-01-05T09:00:00+01:00",
        "2026-01-12T14:00:00+01:00",
        "2026-01-26T09:00:00+01:00",
    ]
    assert inner[1].fields["originalStart"] == "2026-01-12T09:00:00+01:00"
    assert (await connector.item(OneItemQuery(item_id=inner[2].id))).id == inner[2].id


async def test_changed_events_of_a_series_stand_in_the_list_by_themselves(
    connector: GoogleConnector,
) -> None:
    """Google tells of the cancelled ones of a series that goes on, and little more than the id."""
    inner = {item.id: item for item in await listed(connector) if item.parent_id == STANDUP}
    assert len(inner) == 2
    moved = inner[f"{STANDUP}_20260112T080000Z"]
    cancelled = inner[f"{STANDUP}_20260119T080000Z"]
    assert (moved.title, moved.status) == ("Standup, later", "confirmed")
    assert (cancelled.title, cancelled.status) == ("(No title)", "cancelled")
    assert cancelled.fields["start"] is None
    assert cancelled.fields["originalStart"] == "2026-01-19T09:00:00+01:00"


@pytest.mark.parametrize(
    ("event", "start", "end", "zones", "all_day"),
    [
        ("allday1", "2026-01-09", "2026-01-12", (None, None), True),
        ("birthday1", "2026-01-08", "2026-01-09", (None, None), True),
        (
            "zones1",
            "2026-01-10T13:00:00+01:00",
            "2026-01-11T09:00:00+09:00",
            ("Europe/Berlin", "Asia/Tokyo"),
            False,
        ),
    ],
)
async def test_times(
    connector: GoogleConnector,
    event: str,
    start: str,
    end: str,
    zones: tuple[str | None, str | None],
    all_day: bool,
) -> None:
    fields = (await one(connector, event)).fields
    assert (fields["start"], fields["end"], fields["allDay"]) == (start, end, all_day)
    assert (fields["startTimeZone"], fields["endTimeZone"]) == zones


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("review1", "Agenda\n1. See the plan (https://example.com/x)\n2. Fish & chips"),
        ("typed1", "a < b & c\nsecond line"),
        ("standup", "Every week"),
        ("allday1", ""),
    ],
)
async def test_descriptions_in_html_and_in_plain_text(
    connector: GoogleConnector, google: Google, event: str, body: str
) -> None:
    item = await one(connector, event)
    assert (item.body, item.body_format) == (body, "text")
    assert google.asked == [f"{EVENTS}/{event}"]


async def test_those_who_are_invited(connector: GoogleConnector) -> None:
    item = await one(connector, "review1")
    assert [person.name for person in item.assignees] == ["Ann Müller", "Ben Ruíz", "Cloé 山田"]
    told = [(who["email"], who["responseStatus"]) for who in item.fields["attendees"]]
    assert told[1:3] == [("ben@example.com", "declined"), ("cloe@example.com", "tentative")]
    assert item.fields["attendees"][3]["resource"] is True
    assert item.fields["conferenceUrl"] == "https://meet.google.com/abc-defg-hij"
    assert item.fields["attachments"] == [
        {"name": "Plan", "url": "https://drive.google.com/f/1", "mimeType": None}
    ]
    crowd = await one(connector, "crowd1")
    assert len(crowd.fields["attendees"]) == 200
    assert crowd.fields["attendeesOmitted"] is True


async def test_what_attendees_say_are_the_comments(
    connector: GoogleConnector, google: Google
) -> None:
    item_id = "calendar:event:ann@example.com:review1"
    pages = await walk(CommentQuery(item_id=item_id, limit=1), connector.comments)
    said = [comment for page in pages for comment in page.items]
    assert [(one.body, one.author and one.author.name) for one in said] == [
        ("On holiday that day", "Ben Ruíz"),
        ("Perhaps by phone", "Cloé 山田"),
    ]
    assert said[0].fields == {"responseStatus": "declined"}
    assert {one.item_id for one in said} == {item_id}
    assert len(google.asked) == 2
    none = await connector.comments(CommentQuery(item_id=STANDUP))
    assert none.items == ()


async def test_events_of_which_only_the_time_may_be_seen(connector: GoogleConnector) -> None:
    items = await listed(connector, container_id="calendar:list:ben@example.com")
    assert [item.title for item in items] == ["(No title)"] * 2
    assert items[0].fields["visibility"] == "private"
    assert items[0].author is None


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("fair", ["Fair"]),
        ("HANNOVER", ["Fair"]),
        ("tokyo flight", ["Flight to Tokyo"]),
        ("tokyo OR fair", []),
        ("fair&updatedMin=x#", []),
    ],
)
async def test_words_are_searched_as_they_are(
    connector: GoogleConnector, google: Google, q: str, titles: list[str]
) -> None:
    assert [item.title for item in await listed(connector, q=q)] == titles
    assert google.network.requests[0].url.params["q"] == q


async def test_updated_since_is_inclusive_and_tells_of_what_was_cancelled(
    connector: GoogleConnector, google: Google
) -> None:
    everything = await listed(connector)
    moments = sorted(item.updated_at or "" for item in everything)
    since = moments[60]
    found = await listed(connector, updated_since=datetime.fromisoformat(since))
    assert {item.id for item in found if item.status != "cancelled"} == {
        item.id
        for item in everything
        if (item.updated_at or "") >= since and item.status != "cancelled"
    }
    assert "calendar:event:ann@example.com:gone1" in {item.id for item in found}
    assert google.network.requests[-1].url.params["updatedMin"] == since


async def test_changes_of_too_long_ago_are_refused_with_what_to_do(
    connector: GoogleConnector,
) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await connector.items(query(updated_since=datetime(2020, 1, 1, tzinfo=UTC)))
    assert "updatedSince" in caught.value.message
    assert caught.value.details["reason"] == "updatedMinTooLongAgo"


async def test_the_order_of_changes(connector: GoogleConnector) -> None:
    found = await listed(connector, sort=Sort.UPDATED_ASCENDING)
    moments = [item.updated_at or "" for item in found]
    assert moments == sorted(moments)
    assert len(set(moments)) > 50


@pytest.mark.parametrize(
    ("type_", "titles"),
    [
        ("out_of_office", ["Away"]),
        ("focus_time", ["Focus"]),
        ("birthday", ["Ben's birthday"]),
        ("working_location", []),
    ],
)
async def test_types(connector: GoogleConnector, type_: str, titles: list[str]) -> None:
    found = await listed(connector, type=type_)
    assert [item.title for item in found] == titles
    assert {item.type for item in found} <= {type_}


def test_a_type_that_google_invents_is_an_event() -> None:
    item = event_to_item(Event("e1", event_type="siesta"), "a@b.c", include_body=True)
    assert item is not None
    assert item.type == "event"


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"state": "open"}, "state"),
        ({"status": "confirmed"}, "status"),
        ({"sort": Sort.UPDATED_DESCENDING}, "sort"),
        ({"type": "default"}, "type"),
        ({"parent_id": STANDUP, "q": "x"}, "q"),
        ({"parent_id": STANDUP, "type": "event"}, "type"),
        ({"parent_id": STANDUP, "sort": Sort.UPDATED_ASCENDING}, "sort"),
        ({"parent_id": STANDUP, "updated_since": datetime(2026, 1, 1, tzinfo=UTC)}, "updatedSince"),
    ],
)
async def test_a_filter_that_google_has_not_is_refused(
    connector: GoogleConnector, google: Google, filters: dict[str, object], field: str
) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        await connector.items(query(**filters))
    assert caught.value.details["errors"][0]["field"] == field
    assert google.asked == []


@pytest.mark.parametrize(
    "parent", ["calendar:event:ben@example.com:standup", "standup", "calendar:event:x", ANN]
)
async def test_a_parent_of_another_calendar_is_refused(
    connector: GoogleConnector, google: Google, parent: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(query(parent_id=parent))
    assert caught.value.details["errors"][0]["field"] == "parentId"
    assert google.asked == []


async def test_an_event_that_is_no_series_holds_nothing(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected):
        await connector.items(query(parent_id="calendar:event:ann@example.com:allday1"))


async def test_an_event_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await one(connector, "nowhere")


async def test_a_page_token_of_another_question_is_no_valid_cursor(
    connector: GoogleConnector,
) -> None:
    page = await connector.items(query(limit=5))
    with pytest.raises(InvalidCursor):
        await connector.items(query(limit=5, q="x", token=page.next_token))


async def test_the_payload_comes_along_if_asked_for(connector: GoogleConnector) -> None:
    item = await connector.item(OneItemQuery(item_id=STANDUP, include_raw=True))
    assert msgspec.json.decode(item.raw)["iCalUID"] == "standup@google.com"  # type: ignore[arg-type]
