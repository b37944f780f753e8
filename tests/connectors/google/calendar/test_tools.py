"""Events made."""

from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from src.connectors.google import scopes
from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.core.errors import (
    InsufficientScope,
    ProviderForbidden,
    ProviderRejected,
    ProviderUnavailable,
    ValidationFailed,
)
from src.models.query import OneItemQuery
from src.models.unified import Item
from tests.connectors.google.conftest import READER, Google, Open

POST = "POST /calendar/v3/calendars/primary/events"
START = "2026-02-03T12:00:00+01:00"


async def create(connector: GoogleConnector, **arguments: Any) -> Item:
    tool = MANIFEST.tool("calendar_create_event")
    assert tool is not None
    content = msgspec.json.encode({"title": "Lunch", "start": START, **arguments})
    item = await tool.run(connector, tool.arguments.model_validate_json(content, strict=True))
    assert isinstance(item, Item)
    return item


def sent(google: Google) -> Any:
    return msgspec.json.decode(google.network.requests[-1].content)


def test_it_needs_the_smallest_scope() -> None:
    tool = MANIFEST.tool("calendar_create_event")
    assert tool is not None
    assert (tool.scopes, tool.read_only) == ((scopes.CALENDAR_EVENTS,), False)
    picker = tool.input_schema()["properties"]["calendar"]["x-resource-picker"]
    assert picker == {"resource_type": "google_calendar", "filter": {"writable": True}}


async def test_an_event_is_made_in_one_request(connector: GoogleConnector, google: Google) -> None:
    item = await create(connector)
    assert google.asked == [POST]
    assert sent(google) == {
        "summary": "Lunch",
        "start": {"dateTime": START},
        "end": {"dateTime": "2026-02-03T13:00:00+01:00"},
    }
    assert google.network.requests[-1].url.params["sendUpdates"] == "none"
    assert (item.title, item.status) == ("Lunch", "confirmed")
    assert item.id == "calendar:event:ann@example.com:created00000"
    assert (await connector.item(OneItemQuery(item_id=item.id))).title == "Lunch"


async def test_all_of_it(connector: GoogleConnector, google: Google) -> None:
    item = await create(
        connector,
        calendar="calendar:list:c_team123@group.calendar.google.com",
        start="2026-02-03T12:00:00",
        end="2026-02-03T12:30:00",
        time_zone="Europe/Berlin",
        description="<b>Bring</b> a pen",
        location="Room 1",
        attendees=["ben@example.com"],
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"],
        notify="external",
    )
    assert sent(google) == {
        "summary": "Lunch",
        "start": {"dateTime": "2026-02-03T12:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-02-03T12:30:00", "timeZone": "Europe/Berlin"},
        "description": "<b>Bring</b> a pen",
        "location": "Room 1",
        "attendees": [{"email": "ben@example.com"}],
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
    }
    assert google.network.requests[-1].url.params["sendUpdates"] == "externalOnly"
    assert item.container_id == "calendar:list:c_team123@group.calendar.google.com"
    assert item.body == "Bring a pen"
    assert item.has_children is True


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({"start": "2026-02-03"}, "2026-02-03", "2026-02-04"),
        ({"start": "2026-02-03", "end": "2026-02-06"}, "2026-02-03", "2026-02-06"),
        ({"start": "2026-02-28"}, "2026-02-28", "2026-03-01"),
    ],
)
async def test_whole_days(
    connector: GoogleConnector, google: Google, given: dict[str, str], start: str, end: str
) -> None:
    item = await create(connector, **given)
    assert (sent(google)["start"], sent(google)["end"]) == ({"date": start}, {"date": end})
    assert item.fields["allDay"] is True


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start": "2026-02-30"}, "start"),
        ({"start": "2026-02-03T12:00:00"}, "start"),
        ({"start": "tomorrow at noon"}, "start"),
        ({"start": "9999-12-31"}, "start"),
        ({"start": "9999-12-31T23:59:59Z"}, "start"),
        ({"start": "0001-01-01T00:00:00+23:59"}, "start"),
        ({"end": "2026-02-03T12:00:00+01:00"}, "end"),
        ({"end": "2026-02-03T12:00:00+02:00"}, "end"),
        ({"end": "2026-02-04"}, "end"),
        ({"end": "2026-02-03T14:00:00"}, "end"),
        ({"end": "2026-02-03T14:00:00", "time_zone": "Europe/Berlin"}, "end"),
        ({"start": "2026-02-03", "end": "2026-02-03"}, "end"),
        ({"start": "2026-02-03", "end": "2026-02-03T12:00:00Z"}, "end"),
        ({"recurrence": ["RRULE:FREQ=DAILY"]}, "time_zone"),
        ({"calendar": "calendar:list:a/b"}, "calendar"),
        ({"calendar": "a/../b"}, "calendar"),
    ],
)
async def test_what_does_not_go_together_is_refused(
    connector: GoogleConnector, google: Google, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await create(connector, **given)
    assert caught.value.details["errors"][0]["field"] == f"arguments.{field}"
    assert google.asked == []


@pytest.mark.parametrize(
    "given",
    [
        {"recurrence": ["RRULE:FREQ=DAILY\r\nATTENDEE:x"]},
        {"recurrence": ["DTSTART:20260101"]},
        {"attendees": ["Ben <ben@example.com>"]},
        {"attendees": ["a@b.c"] * 201},
        {"time_zone": "Europe/Berlin\n"},
        {"time_zone": "../etc/passwd"},
        {"title": ""},
        {"notify": "everybody"},
        {"colour": "red"},
    ],
)
async def test_arguments_of_another_form_are_refused(
    connector: GoogleConnector, given: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        await create(connector, **given)


async def test_a_calendar_that_may_only_be_read(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderForbidden) as caught:
        await create(connector, calendar="de.german#holiday@group.v.calendar.google.com")
    assert caught.value.details["reason"] == "requiredAccessLevel"


async def test_a_zone_that_google_does_not_know(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected):
        await create(connector, time_zone="nowhere")


async def test_an_event_is_not_made_twice(connector: GoogleConnector, google: Google) -> None:
    await google.fault({"kind": "server_error", "method": "POST"})
    with pytest.raises(ProviderUnavailable):
        await create(connector)
    assert google.asked == [POST]


async def test_a_reader_is_told_which_scope_is_missing(open_with: Open) -> None:
    with pytest.raises(InsufficientScope) as caught:
        await create(open_with(READER))
    assert len(caught.value.details["missingScopes"]) == 1
