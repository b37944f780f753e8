"""Ids of calendars and events. A calendar's own id may hold signs that ours may not."""

from __future__ import annotations

import re
from urllib.parse import unquote

from src.connectors.google.ids import not_an_id
from src.core.errors import ValidationFailed

PRIMARY = "primary"
"""What Google calls the account's own calendar in paths."""

_CALENDAR = re.compile(r"calendar:list:([A-Za-z0-9._@~-]{1,400})")
_EVENT = re.compile(r"calendar:event:([A-Za-z0-9._@~-]{1,400}):([A-Za-z0-9_-]{1,500})")
_PLAIN = re.compile(r"[A-Za-z0-9._@-]")
_LONGEST = 512

PATTERNS = {
    "calendar": re.compile(r"[^\s/\\?]{1,300}"),
    "event": re.compile(r"[A-Za-z0-9_-]{1,1024}"),
}


def _escaped(calendar: str) -> str:
    """``~23`` for ``#``, and so on for each byte."""
    return "".join(
        sign if _PLAIN.match(sign) else "".join(f"~{byte:02X}" for byte in sign.encode())
        for sign in calendar
    )


def _plain(escaped: str, field: str) -> str:
    """The calendar's own id; only one spelling of each is taken.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    calendar = unquote(escaped.replace("~", "%"), errors="replace")
    if _escaped(calendar) != escaped or PATTERNS["calendar"].fullmatch(calendar) is None:
        raise not_an_id(field)
    return calendar


def calendar_container(calendar: str) -> str:
    """The container of a calendar."""
    return f"calendar:list:{_escaped(calendar)}"


def event_item(calendar: str, event: str) -> str:
    """The item of an event; events are found by their calendar only."""
    return f"calendar:event:{_escaped(calendar)}:{event}"


def is_sayable(calendar: str, event: str) -> bool:
    """Whether an event's id is short enough for ours; those of imported events may be longer."""
    return len(event_item(calendar, event)) <= _LONGEST


def parse_calendar(value: str, field: str) -> str:
    """The calendar that a container's id names.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    if (found := _CALENDAR.fullmatch(value)) is None:
        raise not_an_id(field)
    return _plain(found[1], field)


def parse_event(value: str, field: str = "itemId") -> tuple[str, str]:
    """The calendar and the event that an item's id names.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    if (found := _EVENT.fullmatch(value)) is None:
        raise not_an_id(field)
    return _plain(found[1], field), found[2]


def parse_given(value: str, field: str) -> str:
    """The calendar that a tool was given: an id of ours, or Google's own.

    Raises:
        ValidationFailed: It is neither.
    """
    if value.startswith("calendar:"):
        return parse_calendar(value, field)
    if PATTERNS["calendar"].fullmatch(value) is None:
        raise ValidationFailed([(field, "must be the id of a calendar")])
    return value
