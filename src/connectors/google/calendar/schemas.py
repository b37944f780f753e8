"""Fragments of Calendar's answers: only the fields that we read, with Calendar's own nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import field

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Listed(Fragment, Generic[R], rename="camel"):
    """A page of calendars or events; one may be empty while others follow."""

    items: list[R] = field(default_factory=list)
    next_page_token: str | None = None
    next_sync_token: str | None = None
    """With the last page: where the feed goes on."""

    @property
    def rows(self) -> Sequence[R]:
        """What the page holds."""
        return self.items

    @property
    def truncated(self) -> bool:
        """Google does not say so."""
        return False


class CalendarEntry(Fragment, rename="camel"):
    """A calendar as it stands in a user's list."""

    id: str
    summary: str = ""
    summary_override: str | None = None
    description: str | None = None
    time_zone: str | None = None
    access_role: str | None = None
    primary: bool = False
    hidden: bool = False


class Who(Fragment, rename="camel"):
    """Who made an event, or whose it is; the calendar's own id where it is this calendar."""

    email: str | None = None
    display_name: str | None = None
    self: bool = False


class Attendee(Fragment, rename="camel"):
    """Somebody, or a room, that is invited."""

    email: str | None = None
    display_name: str | None = None
    response_status: str | None = None
    organizer: bool = False
    optional: bool = False
    resource: bool = False
    self: bool = False
    comment: str | None = None


class When(Fragment, rename="camel"):
    """A day, or a moment with the zone that it is meant in."""

    date: str | None = None
    date_time: str | None = None
    time_zone: str | None = None


class Attached(Fragment, rename="camel"):
    """A file of an event."""

    file_url: str | None = None
    title: str | None = None
    mime_type: str | None = None


class Event(Fragment, rename="camel"):
    """An event; of a cancelled one little more than the id may be there."""

    id: str
    status: str | None = None
    html_link: str | None = None
    created: str | None = None
    updated: str | None = None
    summary: str | None = None
    description: str | None = None
    location: str | None = None
    creator: Who | None = None
    organizer: Who | None = None
    start: When | None = None
    end: When | None = None
    end_time_unspecified: bool = False
    recurrence: list[str] | None = None
    recurring_event_id: str | None = None
    original_start_time: When | None = None
    i_cal_uid: str | None = field(name="iCalUID", default=None)
    attendees: list[Attendee] = field(default_factory=list)
    attendees_omitted: bool = False
    hangout_link: str | None = None
    visibility: str | None = None
    transparency: str | None = None
    event_type: str | None = None
    attachments: list[Attached] = field(default_factory=list)
