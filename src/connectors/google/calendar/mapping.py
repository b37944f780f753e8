"""From Calendar's nouns to ours. Pure functions; ``docs/connectors/google.md`` has the table."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from src.connectors.google import html
from src.connectors.google.calendar import ids
from src.connectors.google.calendar.schemas import Attendee, CalendarEntry, Event, When, Who
from src.connectors.rest.values import timestamp
from src.models.unified import Comment, Container, Item, Person, Resource

EVENT_TYPES = {
    "event": "default",
    "out_of_office": "outOfOffice",
    "focus_time": "focusTime",
    "working_location": "workingLocation",
    "birthday": "birthday",
    "from_gmail": "fromGmail",
}
"""Our types of items, by what Google calls them."""

_TYPES = {theirs: ours for ours, theirs in EVENT_TYPES.items()}
_WEB = "https://calendar.google.com/calendar/"
_NO_TITLE = "(No title)"
_NEVER = "0000-"
"""Calendars that Google keeps (holidays, birthdays) have events of the year nought."""

_MARKUP = re.compile(r"<[A-Za-z/!][^<>]*>|&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
_MOST_ATTENDEES = 200
_WRITERS = frozenset({"owner", "writer"})


def calendar_to_container(calendar: CalendarEntry) -> Container:
    """A calendar: what holds events."""
    return Container(
        id=ids.calendar_container(calendar.id),
        type="calendar",
        name=_name(calendar),
        description=_description(calendar.description) or None,
        url=f"{_WEB}embed?src={quote(calendar.id, safe='')}",
    )


def calendar_to_resource(calendar: CalendarEntry) -> Resource:
    """A calendar as something to pick."""
    return Resource(
        id=ids.calendar_container(calendar.id), name=_name(calendar), type="google_calendar"
    )


def can_write(calendar: CalendarEntry) -> bool:
    """Whether the account may change its events."""
    return calendar.access_role in _WRITERS


def matches(calendar: CalendarEntry, q: str | None) -> bool:
    """Whether each word is in its name."""
    name = _name(calendar).casefold()
    return all(word in name for word in (q or "").casefold().split())


def event_to_item(event: Event, calendar: str, *, include_body: bool) -> Item | None:
    """An event, a series of events, or one event out of a series; None for an id too long."""
    if not ids.is_sayable(calendar, event.id):
        return None
    series = event.recurring_event_id
    body = _description(event.description) if include_body else None
    return Item(
        id=ids.event_item(calendar, event.id),
        type=_TYPES.get(event.event_type or "default", "event"),
        container_id=ids.calendar_container(calendar),
        parent_id=ids.event_item(calendar, series) if series else None,
        title=event.summary or _NO_TITLE,
        body=body,
        body_format=None if body is None else "text",
        status=event.status,
        author=_person(event.organizer or event.creator),
        assignees=tuple(
            person
            for one in event.attendees[:_MOST_ATTENDEES]
            if not one.resource and (person := _person(one)) is not None
        ),
        url=event.html_link,
        has_children=bool(event.recurrence),
        created_at=_moment(event.created),
        updated_at=_moment(event.updated),
        fields=_fields(event),
    )


def attendee_to_comment(attendee: Attendee, event: Event, calendar: str) -> Comment:
    """What an attendee has said along with the answer."""
    whose = (attendee.email or attendee.display_name or "").encode().hex()[:200]
    return Comment(
        id=f"{ids.event_item(calendar, event.id)}:{whose}"[:512],
        item_id=ids.event_item(calendar, event.id),
        type="answer",
        body=attendee.comment or "",
        body_format="text",
        author=_person(attendee),
        fields={"responseStatus": attendee.response_status},
    )


def _fields(event: Event) -> dict[str, Any]:
    start, end = event.start or When(), event.end or When()
    return {
        "allDay": start.date is not None,
        "start": start.date or start.date_time,
        "startTimeZone": start.time_zone,
        "end": None if event.end_time_unspecified else end.date or end.date_time,
        "endTimeZone": end.time_zone,
        "location": event.location,
        "recurrence": event.recurrence,
        "originalStart": _original(event.original_start_time),
        "attendees": [_attending(one) for one in event.attendees[:_MOST_ATTENDEES]],
        "attendeesOmitted": event.attendees_omitted or len(event.attendees) > _MOST_ATTENDEES,
        "conferenceUrl": event.hangout_link,
        "visibility": event.visibility,
        "isFree": event.transparency == "transparent",
        "iCalUid": event.i_cal_uid,
        "attachments": [
            {"name": one.title, "url": one.file_url, "mimeType": one.mime_type}
            for one in event.attachments
        ],
    }


def _original(when: When | None) -> str | None:
    return (when.date or when.date_time) if when else None


def _attending(attendee: Attendee) -> dict[str, Any]:
    return {
        "name": attendee.display_name,
        "email": attendee.email,
        "responseStatus": attendee.response_status,
        "organizer": attendee.organizer,
        "optional": attendee.optional,
        "resource": attendee.resource,
        "self": attendee.self,
    }


def _name(calendar: CalendarEntry) -> str:
    return calendar.summary_override or calendar.summary or calendar.id


def _person(who: Who | Attendee | None) -> Person | None:
    if who is None or not (who.display_name or who.email):
        return None
    return Person(name=who.display_name or who.email or "", email=who.email)


def _description(text: str | None) -> str:
    """Descriptions are HTML if they were written in Calendar, and plain text from elsewhere."""
    if not text:
        return ""
    if _MARKUP.search(text) is None:
        return text
    # Calendar shows line ends of either kind, which HTML would take for spaces.
    return html.to_text(text, keep_lines=True)


def _moment(text: str | None) -> str | None:
    return None if text is None or text.startswith(_NEVER) else timestamp(text)
