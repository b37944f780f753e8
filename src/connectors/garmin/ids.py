"""Our ids of Garmin's things."""

from __future__ import annotations

import re
from typing import NoReturn

from src.core.errors import ValidationFailed

ACTIVITIES = "activities"
DAILY = "daily"
DEVICES = "devices"
GEAR = "gear"

ACTIVITY_TYPES = {
    "cycling": "Cycling",
    "running": "Running",
    "swimming": "Swimming",
    "multi_sport": "Multisport",
    "fitness_equipment": "Fitness equipment",
    "hiking": "Hiking",
    "walking": "Walking",
    "other": "Other",
}
"""The kinds that Garmin's list can be narrowed to, with their names."""

NUMBER = re.compile(r"[0-9]{1,19}")
DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
GEAR_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
KIND = re.compile(r"[A-Za-z]{1,64}")
"""What the Wellness API calls a kind of data."""
PROFILE = re.compile(r"[^\x00-\x1f\x7f]{1,256}")

_ITEMS = {"activity": NUMBER, "day": DATE, "device": NUMBER, "gear": GEAR_ID}


def item_id(kind: str, own: str | int) -> str:
    """The id of an item."""
    return f"{kind}:{own}"


def read_item(value: str) -> tuple[str, str]:
    """Kind and Garmin's own id of an item.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    kind, _, own = value.partition(":")
    pattern = _ITEMS.get(kind)
    if pattern is None or not pattern.fullmatch(own):
        wrong("itemId", "an activity, a day, a device or a gear")
    return kind, own


def type_container(activity_type: str) -> str:
    """The id of the container of all activities of a type."""
    return f"{ACTIVITIES}:{activity_type}"


def read_container(value: str, field: str) -> tuple[str, str | None]:
    """Which container it is, and of activities which type.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    name, _, narrowed = value.partition(":")
    if value in {ACTIVITIES, DAILY, DEVICES, GEAR}:
        return value, None
    if name != ACTIVITIES or narrowed not in ACTIVITY_TYPES:
        wrong(field, "activities, activities:<type>, daily, devices or gear")
    return name, narrowed


def wrong(field: str, known: str) -> NoReturn:
    """Refuse an id.

    Raises:
        ValidationFailed: Always.
    """
    raise ValidationFailed([(field, f"must be the id of {known}")])
