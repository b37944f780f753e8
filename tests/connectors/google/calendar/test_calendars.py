"""Calendars as containers, and as something to pick."""

import pytest

from src.connectors.google.calendar import ids
from src.connectors.google.calendar.pickers import CalendarFilters
from src.connectors.google.connector import GoogleConnector
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery, ItemQuery, ResourceQuery
from src.models.unified import Resource
from src.sandbox.google.calendar.seed import HOLIDAYS, TEAM
from tests.connectors.google.conftest import Google, Open

LIST = "GET /calendar/v3/users/me/calendarList"
NAMES = ["ann@example.com", "Team ☂", "Feiertage in Deutschland", "ben@example.com"]


async def picked(connector: GoogleConnector, **more: object) -> list[Resource]:
    given = {"type": "google_calendar", "filters": CalendarFilters(), **more}
    pages = await walk(ResourceQuery(**given), connector.resources)  # type: ignore[arg-type]
    return [one for page in pages for one in page.items]


async def test_calendars_in_one_request(connector: GoogleConnector, google: Google) -> None:
    page = await connector.containers(ContainerQuery(type="calendar"))
    assert [one.name for one in page.items] == NAMES
    assert {one.type for one in page.items} == {"calendar"}
    assert google.asked == [LIST]
    assert page.items[3].description == "Only whether he is busy"
    assert page.items[2].id == "calendar:list:de.german~23holiday@group.v.calendar.google.com"
    assert page.items[2].url == (
        "https://calendar.google.com/calendar/embed"
        "?src=de.german%23holiday%40group.v.calendar.google.com"
    )


async def test_pages(connector: GoogleConnector, google: Google) -> None:
    pages = await walk(ContainerQuery(type="calendar", limit=3), connector.containers)
    assert [len(page.items) for page in pages] == [3, 1]
    assert google.asked == [LIST, LIST]


async def test_calendars_hold_no_calendars(connector: GoogleConnector, google: Google) -> None:
    parent = ids.calendar_container(TEAM)
    assert (await connector.containers(ContainerQuery(parent_id=parent))).items == ()
    assert google.asked == []


async def test_calendars_are_found_by_name(connector: GoogleConnector) -> None:
    page = await connector.containers(ContainerQuery(type="calendar", q="deutsch FEIER"))
    assert [one.name for one in page.items] == [NAMES[2]]


async def test_a_calendar_whose_id_has_a_sign_that_ours_may_not_is_reached(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(ItemQuery(container_id=ids.calendar_container(HOLIDAYS)))
    assert [one.title for one in page.items] == ["Neujahr", "Tag der Arbeit"]
    assert google.network.requests[0].url.raw_path.startswith(
        b"/calendar/v3/calendars/de.german%23holiday%40group.v.calendar.google.com/events?"
    )
    # Google keeps this calendar, and says that its events were made in the year nought.
    assert page.items[0].created_at is None
    assert page.items[0].fields["allDay"] is True


@pytest.mark.parametrize(
    "calendar",
    ["a@b.c", "a~b", "ä#b%20c", "~7E", "x+y=z", "de.german#holiday@group.v.calendar.google.com"],
)
def test_ids_go_there_and_back(calendar: str) -> None:
    container = ids.calendar_container(calendar)
    assert ids.parse_calendar(container, "x") == calendar
    assert ids.parse_event(ids.event_item(calendar, "e1_20260112T080000Z")) == (
        calendar,
        "e1_20260112T080000Z",
    )


@pytest.mark.parametrize(
    "value",
    [
        "calendar:list:",
        "calendar:list:a/b",
        "calendar:list:a~2Fb",
        "calendar:list:a~2fb",
        "calendar:list:~61",
        "calendar:list:~",
        "calendar:list:~C3",
        "calendar:list:a~0Ab",
        "calendar:list:a~3Fb",
        "calendar:event:a:b",
        "calendar:a",
    ],
)
async def test_what_is_no_calendar_of_ours_is_refused(
    connector: GoogleConnector, google: Google, value: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(ItemQuery(container_id=value))
    assert caught.value.details["errors"][0]["field"] == "containerId"
    assert google.asked == []


@pytest.mark.parametrize("calendar", ["calendar:list:..", "calendar:list:."])
async def test_a_calendar_is_no_way_to_another_address(
    connector: GoogleConnector, google: Google, calendar: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.items(ItemQuery(container_id=calendar))
    assert google.asked == []


async def test_a_calendar_of_somebody_else(open_with: Open) -> None:
    with pytest.raises(ProviderNotFound):
        await open_with("ya29.sandbox-ben").items(
            ItemQuery(container_id=ids.calendar_container("ann@example.com"))
        )


async def test_another_type_is_refused(connector: GoogleConnector) -> None:
    with pytest.raises(UnsupportedFilter):
        await connector.containers(
            ContainerQuery(type="folder2", parent_id=ids.calendar_container(TEAM))
        )


async def test_calendars_can_be_picked(connector: GoogleConnector, google: Google) -> None:
    assert [one.name for one in await picked(connector)] == NAMES
    assert [one.name for one in await picked(connector, q="team")] == [NAMES[1]]
    google.forget()
    writable = await picked(connector, filters=CalendarFilters(writable=True))
    assert [one.name for one in writable] == NAMES[:2]
    assert google.network.requests[0].url.params["minAccessRole"] == "writer"


async def test_calendars_are_picked_from_the_top_only(connector: GoogleConnector) -> None:
    with pytest.raises(ValidationFailed):
        await picked(connector, parent_id=ids.calendar_container(TEAM))
    with pytest.raises(ValidationFailed):
        await connector.resource_parents("google_calendar", ids.calendar_container(TEAM))
