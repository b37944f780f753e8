"""From Garmin's nouns to ours. Pure functions, no I/O.

Figures are in metres, seconds, metres per second, kilocalories and beats per minute. A time
without zone is UTC where Garmin calls it GMT, and else the user's own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from src.connectors.garmin.config import USUAL, Domain
from src.connectors.garmin.ids import ACTIVITIES, DAILY, DEVICES, GEAR, item_id, type_container
from src.connectors.garmin.schemas import (
    Activity,
    ActivityDetail,
    DailySummary,
    SocialProfile,
    StepsOfDay,
    Summary,
    UserId,
)
from src.connectors.rest.values import timestamp
from src.models.connection import Account
from src.models.unified import Container, Item, Person

_PERSONAL = frozenset({"userRoles", "userPro", "privacy"})
_PICTURE = "image"
_LONGEST_TITLE = 200
_SHOWN = 8


def profile_to_account(profile: SocialProfile, domain: Domain) -> Account:
    """The number of a profile never changes; the display name is also in its address."""
    number = str(profile.profile_id)
    name = profile.full_name or profile.display_name or profile.user_name or number
    page = f"https://connect.{domain}/modern/profile/{profile.display_name}"
    return Account(id=number, name=name, url=page if profile.display_name else None)


def user_to_account(user: UserId) -> Account:
    """The Developer Program tells an app no name."""
    return Account(id=user.user_id, name=f"Garmin user {user.user_id[:_SHOWN]}")


def top_containers(*, of_tokens: bool, newest: Item | None) -> tuple[Container, ...]:
    """What an account holds, by what the way to authorize opens."""
    found = [
        Container(
            id=ACTIVITIES,
            type="activities",
            name="Activities",
            has_children=True,
            updated_at=newest.created_at if newest else None,
        ),
        Container(id=DAILY, type="daily", name="Daily summaries"),
    ]
    if of_tokens:
        found.append(Container(id=DEVICES, type="devices", name="Devices"))
        found.append(Container(id=GEAR, type="gear", name="Gear"))
    return tuple(found)


def pushed_containers() -> tuple[Container, ...]:
    """What pings fill."""
    return (
        Container(id=ACTIVITIES, type="activities", name="Activities"),
        Container(id=DAILY, type="daily", name="Daily summaries"),
    )


def type_to_container(activity_type: str, name: str) -> Container:
    """The activities of one type."""
    return Container(
        id=type_container(activity_type), type="activity_type", name=name, parent_id=ACTIVITIES
    )


def activity_to_item(
    row: Activity, container_id: str = ACTIVITIES, domain: Domain = USUAL, *, body: bool = True
) -> Item:
    """A row of the list."""
    kind = row.activity_type.type_key if row.activity_type else None
    owner_id = None if row.owner_id is None else str(row.owner_id)
    owner = row.owner_full_name or row.owner_display_name or owner_id
    return _activity(
        row,
        number=row.activity_id,
        container_id=container_id,
        kind=kind,
        domain=domain,
        body=body,
        author=Person(name=owner, id=owner_id) if owner else None,
        figures=_figures(row, row.location_name),
        started=row.start_time_gmt,
    )


def detail_to_item(row: ActivityDetail, domain: Domain) -> Item:
    """A single activity."""
    summary = row.summary or Summary()
    metadata = row.metadata
    kind = row.activity_type.type_key if row.activity_type else None
    children = (metadata.child_ids if metadata else None) or []
    figures = _figures(summary, row.location_name)
    figures["timezone"] = row.time_zone_unit.time_zone if row.time_zone_unit else None
    figures["isMultiSport"] = row.is_multi_sport_parent
    figures["childIds"] = [item_id("activity", child) for child in children]
    return _activity(
        row,
        number=row.activity_id,
        container_id=ACTIVITIES,
        kind=kind,
        domain=domain,
        body=True,
        author=None,
        figures=figures,
        started=summary.start_time_gmt,
        updated=metadata.last_update_date if metadata else None,
    )


def _activity(
    row: Activity | ActivityDetail,
    *,
    number: int,
    container_id: str,
    kind: str | None,
    domain: Domain,
    body: bool,
    author: Person | None,
    figures: dict[str, Any],
    started: str | None,
    updated: str | None = None,
) -> Item:
    text = _lines(row.description, figures) if body else None
    return Item(
        id=item_id("activity", number),
        type="activity",
        container_id=container_id,
        title=(row.activity_name or kind or "Activity")[:_LONGEST_TITLE],
        body=text,
        body_format=None if text is None else "text",
        labels=(kind,) if kind else (),
        author=author,
        url=f"https://connect.{domain}/modern/activity/{number}",
        created_at=timestamp(started),
        updated_at=timestamp(updated),
        fields={"sportType": kind, **figures},
    )


def _figures(row: Activity | Summary, location: str | None) -> dict[str, Any]:
    return {
        "startDateLocal": _local(row.start_time_local),
        "utcOffset": _offset(row.start_time_local, row.start_time_gmt),
        "distance": row.distance,
        "duration": row.duration,
        "elapsedTime": row.elapsed_duration,
        "movingTime": row.moving_duration,
        "elevationGain": row.elevation_gain,
        "elevationLoss": row.elevation_loss,
        "averageSpeed": row.average_speed,
        "maxSpeed": row.max_speed,
        "calories": row.calories,
        "averageHeartrate": row.average_heart_rate,
        "maxHeartrate": row.max_heart_rate,
        "steps": row.steps,
        "location": location,
    }


def _local(text: str | None) -> str | None:
    """A time on the user's own clock: ISO 8601 without zone."""
    return datetime.fromisoformat(text).isoformat(timespec="seconds") if text else None


def _offset(local: str | None, utc: str | None) -> int | None:
    """How far the user's clock was ahead of UTC, in seconds."""
    if not local or not utc:
        return None
    ahead = datetime.fromisoformat(local) - datetime.fromisoformat(utc)
    return round(ahead.total_seconds())


def _lines(description: str | None, figures: dict[str, Any]) -> str:
    """A text for those who read no fields."""
    told = [description] if description else []
    if (metres := figures.get("distance")) is not None:
        told.append(f"Distance: {metres / 1000:.2f} km")
    if (seconds := figures.get("duration")) is not None:
        minutes, left = divmod(round(seconds), 60)
        told.append(f"Duration: {minutes // 60}:{minutes % 60:02}:{left:02}")
    if (climb := figures.get("elevationGain")) is not None:
        told.append(f"Elevation gain: {climb:.0f} m")
    if (steps := figures.get("steps")) is not None:
        told.append(f"Steps: {steps}")
    if (rate := figures.get("restingHeartrate")) is not None:
        told.append(f"Resting heart rate: {rate:.0f} bpm")
    return "\n".join(told)


def steps_to_item(row: StepsOfDay, *, body: bool) -> Item | None:
    """A day of the range; None for one without any record."""
    if row.total_steps is None and row.total_distance is None:
        return None
    return _day(
        row.calendar_date,
        {
            "steps": row.total_steps,
            "stepGoal": row.step_goal,
            "distance": row.total_distance,
        },
        body=body,
    )


def summary_to_item(row: DailySummary) -> Item:
    """A whole day."""
    return _day(
        row.calendar_date,
        {
            "steps": row.total_steps,
            "stepGoal": row.daily_step_goal,
            "distance": row.total_distance_meters,
            "calories": row.total_kilocalories,
            "activeCalories": row.active_kilocalories,
            "minHeartrate": row.min_heart_rate,
            "maxHeartrate": row.max_heart_rate,
            "restingHeartrate": row.resting_heart_rate,
            "isHidden": row.privacy_protected,
        },
        body=True,
    )


def _day(date: str, figures: dict[str, Any], *, body: bool) -> Item:
    """A day is the user's own, of no zone: it has no moment of its own."""
    text = _lines(None, figures) if body else None
    return Item(
        id=item_id("day", date),
        type="daily_summary",
        container_id=DAILY,
        title=date,
        body=text,
        body_format=None if text is None else "text",
        fields={"calendarDate": date, **figures},
    )


def without_people(item: Item) -> Item:
    """The provider's own payload without pictures and roles of people, where it was asked for."""
    if not isinstance(item.raw, msgspec.Raw):
        return item
    kept = _cleaned(msgspec.json.decode(item.raw))
    return msgspec.structs.replace(item, raw=msgspec.Raw(msgspec.json.encode(kept)))


def _cleaned(value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _cleaned(inner)
        for name, inner in value.items()
        if name not in _PERSONAL and _PICTURE not in name.lower()
    }
