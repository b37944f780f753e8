"""The calendars of the imitation: series, whole days, zones, invitations, and what is odd."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from src.sandbox.google.people import ANN, BEN, CLOE, User

START = datetime(2026, 1, 5, tzinfo=UTC)
PLAIN = 110
TEAM = "c_team123@group.calendar.google.com"
HOLIDAYS = "de.german#holiday@group.v.calendar.google.com"
_BERLIN = "Europe/Berlin"

Event = dict[str, Any]


class Calendar(msgspec.Struct, frozen=True):
    """A calendar, as it stands in one user's list."""

    id: str
    summary: str
    role: str = "owner"
    zone: str = _BERLIN
    more: tuple[tuple[str, Any], ...] = ()


def calendars_of(user: User) -> tuple[Calendar, ...]:
    """Return a user's list."""
    own = Calendar(user.email, user.email, zone=user.time_zone, more=(("primary", True),))
    if user is not ANN:
        return (own,)
    return (
        own,
        Calendar(TEAM, "c_team123", "writer", more=(("summaryOverride", "Team ☂"),)),
        Calendar(HOLIDAYS, "Feiertage in Deutschland", "reader"),
        Calendar(
            BEN.email,
            BEN.email,
            "freeBusyReader",
            BEN.time_zone,
            (("description", "Only whether he is busy"),),
        ),
    )


@lru_cache
def events_of(calendar: str, login: str) -> tuple[Event, ...]:
    """Return the events of a calendar as a user sees them, by the time of their last change."""
    makers = {
        ANN.email: _of_ann if login == ANN.login else None,
        TEAM: _of_team,
        HOLIDAYS: _holidays,
        BEN.email: _busy if login == ANN.login else _of_ben,
    }
    make = makers.get(calendar)
    return tuple(sorted(make(), key=lambda event: event["updated"]) if make else ())


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(name: str, summary: str, day: int, hour: int = 9, **more: Any) -> Event:
    """An hour of a day in Berlin; in January its clocks are one hour ahead."""
    begin = START + timedelta(days=day, hours=hour - 1)
    return {
        "kind": "calendar#event",
        "id": name,
        "status": "confirmed",
        "htmlLink": f"https://www.google.com/calendar/event?eid={name}",
        "created": _stamp(START - timedelta(days=30)),
        "updated": _stamp(START + timedelta(days=day, hours=hour, minutes=len(name))),
        "summary": summary,
        "creator": {"email": ANN.email, "self": True},
        "organizer": {"email": ANN.email, "displayName": ANN.name, "self": True},
        "start": _when(begin),
        "end": _when(begin + timedelta(hours=1)),
        "iCalUID": f"{name}@google.com",
        "sequence": 0,
        "eventType": "default",
        **more,
    }


def _when(moment: datetime, zone: str = _BERLIN) -> dict[str, str]:
    local = moment + timedelta(hours=1)
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}+01:00", "timeZone": zone}


def _days(first: date, count: int) -> dict[str, Any]:
    after = first + timedelta(days=count)
    return {"start": {"date": first.isoformat()}, "end": {"date": after.isoformat()}}


def _guest(user: User, answer: str, **more: Any) -> dict[str, Any]:
    return {
        "email": user.email,
        "displayName": user.name,
        "responseStatus": answer,
        **more,
    }


def _of_ann() -> Iterator[Event]:
    yield from (_event(f"plain{n:04d}", f"Meeting {n}", n % 90, 8 + n % 9) for n in range(PLAIN))
    yield from _series()
    yield from _kinds()
    yield from _odd()


def _series() -> Iterator[Event]:
    """A series with one event moved and one cancelled, and one over days without an end."""
    yield _event(
        "standup", "Standup", 0, recurrence=["RRULE:FREQ=WEEKLY;COUNT=30"], description="Every week"
    )
    moved = START + timedelta(days=7, hours=13)
    yield _event(
        "standup_20260112T080000Z",
        "Standup, later",
        7,
        14,
        start=_when(moved),
        end=_when(moved + timedelta(minutes=15)),
        recurringEventId="standup",
        originalStartTime=_when(START + timedelta(days=7, hours=8)),
    )
    yield {
        "kind": "calendar#event",
        "id": "standup_20260119T080000Z",
        "status": "cancelled",
        "updated": _stamp(START + timedelta(days=10)),
        "recurringEventId": "standup",
        "originalStartTime": _when(START + timedelta(days=14, hours=8)),
    }
    yield _event(
        "birthday1",
        "Ben's birthday",
        3,
        **_days(date(2026, 1, 8), 1),
        recurrence=["RRULE:FREQ=YEARLY"],
        eventType="birthday",
        transparency="transparent",
    )


def _kinds() -> Iterator[Event]:
    yield _event("allday1", "Fair", 4, **_days(date(2026, 1, 9), 3), location="Hannover")
    yield _event(
        "zones1",
        "Flight to Tokyo",
        5,
        start={"dateTime": "2026-01-10T13:00:00+01:00", "timeZone": _BERLIN},
        end={"dateTime": "2026-01-11T09:00:00+09:00", "timeZone": "Asia/Tokyo"},
    )
    html = (
        "<b>Agenda</b><br>1. See <a href='https://example.com/x'>the plan</a><br>"
        "2. Fish &amp; chips"
    )
    guests = [
        _guest(ANN, "accepted", self=True, organizer=True),
        _guest(BEN, "declined", comment="On holiday that day"),
        _guest(CLOE, "tentative", optional=True, comment="Perhaps by phone"),
        {"email": "room@resource.calendar.google.com", "resource": True},
    ]
    yield _event(
        "review1",
        "Review",
        6,
        description=html,
        attendees=guests,
        hangoutLink="https://meet.google.com/abc-defg-hij",
        attachments=[{"fileUrl": "https://drive.google.com/f/1", "title": "Plan"}],
    )
    yield _event("typed1", "Plain words", 6, 15, description="a < b & c\nsecond line")
    yield _event("away1", "Away", 8, 9, eventType="outOfOffice", visibility="public")
    yield _event("focus1", "Focus", 8, 14, eventType="focusTime", status="tentative")
    crowd = [
        {"email": f"guest{n}@example.com", "responseStatus": "needsAction"} for n in range(230)
    ]
    yield _event("crowd1", "Town hall", 9, attendees=crowd)


def _odd() -> Iterator[Event]:
    untitled = _event("untitled1", "", 9, 16)
    del untitled["summary"]
    yield untitled
    yield {
        "kind": "calendar#event",
        "id": "gone1",
        "status": "cancelled",
        "updated": _stamp(START + timedelta(days=95)),
    }
    yield _event("_" + "6go30c1g" * 70, "Imported, with a very long id", 10)


def _of_team() -> Iterator[Event]:
    yield from (_event(f"team{n}", f"Meeting of the team {n}", n) for n in range(3))


def _holidays() -> Iterator[Event]:
    """Google keeps these, and says that they were made before the calendar began."""
    for name, day in (("Neujahr", date(2026, 1, 1)), ("Tag der Arbeit", date(2026, 5, 1))):
        yield _event(
            f"holiday{day:%Y%m%d}",
            name,
            0,
            created="0000-12-29T00:00:00.000Z",
            transparency="transparent",
            organizer={"displayName": "Feiertage in Deutschland", "self": True},
            **_days(day, 1),
        )


def _busy() -> Iterator[Event]:
    """All that a reader of free and busy times gets to see."""
    for n in range(2):
        event = _event(f"busy{n}", "", n)
        kept = ("kind", "id", "status", "updated", "start", "end", "eventType")
        yield {name: event[name] for name in kept} | {"visibility": "private"}


def _of_ben() -> Iterator[Event]:
    yield _event("bens1", "Meeting of Ben's", 1)
