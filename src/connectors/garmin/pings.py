"""What Garmin tells an app of the Developer Program, and what follows from it. Pure functions.

Source: Garmin's Activity and Health API specifications. Nothing is signed, so that a ping is but a
hint: what it tells is fetched from Garmin itself, at the one host of the manifest. Data that
comes inline is counted and not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from src.connectors.garmin.ids import ACTIVITIES, DAILY, DATE, item_id
from src.connectors.garmin.oauth import API_URL
from src.connectors.garmin.schemas import Pinged, PulledActivity, PulledDay
from src.connectors.rest.decoding import decode
from src.connectors.rest.errors import unreadable
from src.models.base import rfc3339
from src.models.unified import Item

DEREGISTRATIONS = "deregistrations"
PERMISSIONS_CHANGE = "userPermissionsChange"
HOST = urlsplit(API_URL).hostname
_PATH = re.compile(r"/wellness-api/rest/[A-Za-z]{1,64}")
_PORTS = frozenset({None, 443})


@dataclass(frozen=True, slots=True)
class Fetch:
    """Data of one user to be fetched; ``location`` is path and query, and holds a pull token."""

    kind: str
    user_id: str
    location: str


@dataclass(frozen=True, slots=True)
class PermissionsChange:
    """What a user permits from now on."""

    user_id: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a ping says."""

    fetches: tuple[Fetch, ...] = ()
    left: tuple[str, ...] = ()
    """Users who have deregistered, or did before they came back: to be confirmed at Garmin."""
    changes: tuple[PermissionsChange, ...] = ()
    inline: int = 0
    """Entries with their data, which are not stored."""
    refused: int = 0
    """Entries that lead to another host than Garmin's."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A record: an update comes under the same key and takes the old one's place."""

    kind: str
    user_id: str
    summary_id: str
    item: Item


def read_ping(content: bytes) -> Told:
    """What follows from a ping or push, whatever it tells of.

    Raises:
        UnreadableAnswer: It is no JSON of the documented form.
    """
    entries = [
        (kind, entry)
        for kind, listed in decode(content, dict[str, list[Pinged]]).items()
        for entry in listed
    ]
    left = [one.user_id for kind, one in entries if kind == DEREGISTRATIONS]
    changes = [
        PermissionsChange(one.user_id, tuple(one.permissions or ()))
        for kind, one in entries
        if kind == PERMISSIONS_CHANGE
    ]
    data = [pair for pair in entries if pair[0] not in {DEREGISTRATIONS, PERMISSIONS_CHANGE}]
    hinted = [(kind, one, one.callback_url) for kind, one in data if one.callback_url is not None]
    places = [(kind, one.user_id, _location(url)) for kind, one, url in hinted]
    fetches = [Fetch(kind, user, at) for kind, user, at in places if at is not None]
    return Told(
        fetches=tuple(dict.fromkeys(fetches)),
        left=tuple(dict.fromkeys(left)),
        changes=tuple(changes),
        inline=len(data) - len(hinted),
        refused=len(hinted) - len(fetches),
    )


def _location(url: str) -> str | None:
    """Path and query of an address at Garmin's host; None for any other."""
    try:
        parts = urlsplit(url)
        known = (
            parts.scheme == "https"
            and parts.hostname == HOST
            and parts.port in _PORTS
            and parts.username is None
            and parts.password is None
        )
    except ValueError:
        return None
    plain = known and url.isascii() and url.isprintable() and "\\" not in url and " " not in url
    if not plain or not _PATH.fullmatch(parts.path):
        return None
    return f"{parts.path}?{parts.query}"


def read_pulled(kind: str, user_id: str, content: bytes) -> tuple[Pulled, ...]:
    """Records out of what was fetched; of kinds that are no items there are none.

    Raises:
        UnreadableAnswer: It has another form than the documented.
    """
    if kind in {"activities", "manuallyUpdatedActivities"}:
        activities = decode(content, list[PulledActivity])
        return _records(
            "activities", user_id, ((row.summary_id, _activity(row)) for row in activities)
        )
    if kind == "dailies":
        days = decode(content, list[PulledDay])
        return _records(kind, user_id, ((row.summary_id, _day(row)) for row in days))
    return ()


def _records(kind: str, user_id: str, rows: Iterable[tuple[str, Item]]) -> tuple[Pulled, ...]:
    return tuple(Pulled(kind, user_id, summary_id, item) for summary_id, item in rows)


def _activity(row: PulledActivity) -> Item:
    number = row.activity_id if row.activity_id is not None else row.summary_id
    kind = row.activity_type.lower() if row.activity_type else None
    offset = row.start_time_offset_in_seconds
    return Item(
        id=item_id("activity", number),
        type="activity",
        container_id=ACTIVITIES,
        title=row.activity_name or kind or "Activity",
        labels=(kind,) if kind else (),
        created_at=_moment(row.start_time_in_seconds),
        fields={
            "sportType": kind,
            "startDateLocal": _moment(row.start_time_in_seconds + offset)[:19],
            "utcOffset": offset,
            "distance": row.distance_in_meters,
            "duration": row.duration_in_seconds,
            "elevationGain": row.elevation_gain,
            "calories": row.active_kilocalories,
            "averageHeartrate": row.average_heart_rate,
            "maxHeartrate": row.max_heart_rate,
            "deviceName": row.device_name,
            "manual": row.manual,
        },
    )


def _day(row: PulledDay) -> Item:
    if not DATE.fullmatch(row.calendar_date):
        raise unreadable("a calendar date is none")
    return Item(
        id=item_id("day", row.calendar_date),
        type="daily_summary",
        container_id=DAILY,
        title=row.calendar_date,
        fields={
            "calendarDate": row.calendar_date,
            "steps": row.steps,
            "stepGoal": row.steps_goal,
            "distance": row.distance_in_meters,
            "activeCalories": row.active_kilocalories,
            "minHeartrate": row.min_heart_rate,
            "maxHeartrate": row.max_heart_rate,
            "restingHeartrate": row.resting_heart_rate,
        },
    )


def _moment(seconds: int) -> str:
    try:
        return rfc3339(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise unreadable("a time is none") from error
