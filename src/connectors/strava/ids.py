"""Our ids of Strava's things. Its numbers are 64 bits wide, so they are texts everywhere."""

from __future__ import annotations

import re

from src.core.errors import ValidationFailed

ACTIVITIES = "activities"
ROUTES = "routes"
GEAR = "gear"
CLUBS = "clubs"
CONTAINERS = (ACTIVITIES, ROUTES, GEAR, CLUBS)
"""What an account holds; Strava has no folders."""

KINDS = {"activity": ACTIVITIES, "route": ROUTES, "gear": GEAR, "club": CLUBS}
"""Where each kind of item is listed."""

NUMBER = re.compile(r"[0-9]{1,19}")
GEAR_ID = re.compile(r"[bg][0-9]{1,19}")


def container_of(value: str, field: str) -> str:
    """One of the containers.

    Raises:
        ValidationFailed: It is none.
    """
    if value not in CONTAINERS:
        raise ValidationFailed([(field, f"must be one of: {', '.join(CONTAINERS)}")])
    return value


def item_id(kind: str, own: int | str) -> str:
    """The id of an item: ``activity:9007199254740993``, ``gear:b16988545``."""
    return f"{kind}:{own}"


def parse_item(value: str, field: str) -> tuple[str, str]:
    """Kind and Strava's own id.

    Raises:
        ValidationFailed: It is no id of ours.
    """
    kind, _, own = value.partition(":")
    pattern = GEAR_ID if kind == "gear" else NUMBER
    if kind not in KINDS or pattern.fullmatch(own) is None:
        raise ValidationFailed([(field, "must be an id of an activity, a route, gear or a club")])
    return kind, own
