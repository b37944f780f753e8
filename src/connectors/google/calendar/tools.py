"""What can be done with calendars: events made."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from src.connectors.google import scopes
from src.connectors.google.calendar import ids
from src.connectors.google.calendar.room import Calendar, read_event
from src.connectors.tools import Tool, ToolArguments, picked
from src.core.errors import ValidationFailed

if TYPE_CHECKING:
    from src.connectors.base import BaseConnector
    from src.models.unified import Item

MOST_ATTENDEES = 200
_MAILBOX = r"^[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,253}$"
_RULE = r"^(RRULE|EXRULE|RDATE|EXDATE)[;:][ -~]{1,500}$"
_ZONE = r"^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$"
_YEARS = range(1900, 9999)
_DAY = len("2026-12-31")

Moment = Annotated[str, StringConstraints(min_length=_DAY, max_length=40)]


class CreateEvent(ToolArguments):
    """Arguments of ``calendar_create_event``."""

    calendar: Annotated[str, StringConstraints(min_length=1, max_length=400)] = picked(
        "google_calendar",
        description="The calendar; primary is the account's own.",
        filters={"writable": True},
        default=ids.PRIMARY,
    )
    title: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] = Field(
        description="What it is."
    )
    start: Moment = Field(
        description="2026-12-31T09:00:00+01:00, the same without an offset beside time_zone, or a"
        " day for an event of whole days: 2026-12-31."
    )
    end: Moment | None = Field(
        default=None,
        description="In the form of start. Of days it is the day after the last. Absent: an hour,"
        " or one day.",
    )
    time_zone: Annotated[str, StringConstraints(max_length=60, pattern=_ZONE)] | None = Field(
        default=None,
        description="IANA name: Europe/Berlin. Required with recurrence of times.",
    )
    description: Annotated[str, StringConstraints(max_length=8_000)] | None = Field(
        default=None, description="Text; Google shows simple HTML in it."
    )
    location: Annotated[str, StringConstraints(max_length=1_000)] | None = Field(
        default=None, description="Where it is."
    )
    attendees: (
        Annotated[list[Annotated[str, StringConstraints(pattern=_MAILBOX)]], Field(max_length=200)]
        | None
    ) = Field(default=None, description="E-mail addresses of those who are invited.")
    recurrence: (
        Annotated[list[Annotated[str, StringConstraints(pattern=_RULE)]], Field(max_length=20)]
        | None
    ) = Field(default=None, description="Rules of RFC 5545: RRULE:FREQ=WEEKLY;COUNT=5.")
    notify: Literal["all", "external", "none"] = Field(
        default="none", description="Who of the attendees is sent an invitation by mail."
    )


_NOTIFIED = {"all": "all", "external": "externalOnly", "none": "none"}


async def create_event(connector: BaseConnector, arguments: CreateEvent) -> Item:
    """Make an event."""
    calendar = ids.parse_given(arguments.calendar, "arguments.calendar")
    answer = await Calendar(connector).rest.call(
        "POST",
        "/calendar/v3/calendars/{calendar}/events",
        params={"sendUpdates": _NOTIFIED[arguments.notify]},
        json=_event(arguments),
        calendar=calendar,
    )
    return read_event(answer.content, calendar)


def _event(arguments: CreateEvent) -> dict[str, Any]:
    start, end = _times(arguments)
    event = {
        "summary": arguments.title,
        "start": start,
        "end": end,
        "description": arguments.description,
        "location": arguments.location,
        "recurrence": arguments.recurrence,
        "attendees": [{"email": one} for one in arguments.attendees or ()],
    }
    return {name: value for name, value in event.items() if value}


def _times(arguments: CreateEvent) -> tuple[dict[str, str], dict[str, str]]:
    """Start and end as Google takes them.

    Raises:
        ValidationFailed: They do not go together.
    """
    zone = arguments.time_zone
    if len(arguments.start) == _DAY:
        return _days(arguments)
    start = _moment(arguments.start, "arguments.start", zone)
    end = start + timedelta(hours=1)
    if arguments.end is not None:
        end = _moment(arguments.end, "arguments.end", zone)
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValidationFailed([("arguments.end", "must have an offset if start has one")])
    if end <= start:
        raise ValidationFailed([("arguments.end", "must be after start")])
    if arguments.recurrence and zone is None:
        raise ValidationFailed([("arguments.time_zone", "is required with recurrence")])
    shown = {"timeZone": zone} if zone else {}
    return {"dateTime": start.isoformat(), **shown}, {"dateTime": end.isoformat(), **shown}


def _days(arguments: CreateEvent) -> tuple[dict[str, str], dict[str, str]]:
    first = _day(arguments.start, "arguments.start")
    after = first + timedelta(days=1)
    if arguments.end is not None:
        after = _day(arguments.end, "arguments.end")
    if after <= first:
        raise ValidationFailed([("arguments.end", "must be the day after the last")])
    return {"date": first.isoformat()}, {"date": after.isoformat()}


def _day(text: str, field: str) -> date:
    wrong = ValidationFailed([(field, "must be a day: 2026-12-31")])
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise wrong from error
    if day.year not in _YEARS:
        raise wrong
    return day


def _moment(text: str, field: str, zone: str | None) -> datetime:
    wrong = ValidationFailed([(field, "must be a time with an offset, or beside time_zone")])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong from error
    is_whole = len(text) > _DAY and moment.year in _YEARS
    if not is_whole or (moment.tzinfo is None and zone is None):
        raise wrong
    return moment


TOOLS = (
    Tool(
        "calendar_create_event",
        "Create an event, or a series of events.",
        CreateEvent,
        create_event,
        (scopes.CALENDAR_EVENTS,),
    ),
)
