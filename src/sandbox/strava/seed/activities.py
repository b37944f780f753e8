"""Activities with their comments, and routes."""

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from src.sandbox.strava.seed.people import DANA, GEAR, RIO, Athlete, Row

FIRST = 9007199254740993
"""Of the latest activity: no JavaScript number holds it."""
COUNT = 64
COMMENTS = 45
MANUAL, HIDDEN_START = 3, 5
_EACH, _ONLY_ME = 10, 9
_LATEST = datetime(2025, 10, 19, 20, 0, tzinfo=UTC)
_SPORTS = ("Run", "Ride", "Swim", "Padel")
_TEXTS = ("you pass?", "Great pace!", "Ça va, José? 🚴", "")
_ZONES = (
    ("(GMT-05:00) America/New_York", -14_400.0),
    ("(GMT+05:30) Asia/Kolkata", 19_800.0),
)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _activity(athlete: Athlete, index: int, own: int) -> Row:
    """Return a whole activity; lists leave some of it out."""
    sport = _SPORTS[index % len(_SPORTS)]
    start = _LATEST - timedelta(days=index)
    if index == HIDDEN_START:
        # The start is hidden: one second after midnight is told in its place.
        start = start.replace(hour=0, second=1)
    zone, offset = _ZONES[index % len(_ZONES)]
    is_manual = index == MANUAL
    is_private = index % _EACH == _ONLY_ME
    has_way = sport in {"Run", "Ride"} and not is_manual
    gear = {"Run": "g26020551", "Ride": "b16988545"}.get(sport) if athlete is DANA else None
    return {
        "resource_state": 3,
        "athlete": {"id": athlete.id, "resource_state": 1},
        "name": f"Outing {index}",
        "distance": 6_764.8 + index,
        "moving_time": 2_151 + index,
        "elapsed_time": 2_178 + index,
        "total_elevation_gain": 34.0,
        "type": "Workout" if sport == "Padel" else sport,
        "sport_type": sport,
        "workout_type": 0 if sport == "Run" else None,
        "id": own,
        "start_date": _text(start),
        "start_date_local": _text(start + timedelta(seconds=offset)),
        "timezone": zone,
        "utc_offset": offset,
        "achievement_count": 1,
        "kudos_count": 7,
        "comment_count": COMMENTS if index == 0 and athlete is DANA else index % 2,
        "athlete_count": 1,
        "photo_count": 0,
        "total_photo_count": 2,
        "map": {
            "id": f"a{own}",
            "polyline": "y_wwFhfvbM??" if has_way else "",
            "summary_polyline": "y_wwFhfvbM" if has_way else "",
            "resource_state": 3,
        },
        "trainer": False,
        "commute": index % 7 == 0,
        "manual": is_manual,
        "private": is_private,
        "visibility": "only_me" if is_private else "everyone",
        "gear_id": gear,
        "gear": None if gear is None else {"id": gear, "name": GEAR[gear]["name"]},
        "start_latlng": [40.75533, -74.002571] if has_way else [],
        "end_latlng": [40.75533, -74.002571] if has_way else [],
        "average_speed": 3.145,
        "max_speed": 4.9,
        "has_heartrate": sport == "Run",
        **({"average_heartrate": 146.8, "max_heartrate": 171.0} if sport == "Run" else {}),
        "elev_high": 33.6,
        "elev_low": 4.2,
        "upload_id": None if is_manual else own + 10**15,
        "upload_id_str": None if is_manual else str(own + 10**15),
        "external_id": None if is_manual else f"garmin_ping_{index}",
        "description": None if index % 3 else f"How outing {index} went.",
        "calories": 432.0,
        "device_name": None if is_manual else "Garmin Forerunner 265",
        "segment_efforts": [],
        "laps": [],
    }


_WHOLE_ONLY = frozenset(
    {"description", "calories", "device_name", "segment_efforts", "laps", "gear", "polyline"}
)


def summary(activity: Row) -> Row:
    """Return an activity as a list has it."""
    told = {name: value for name, value in activity.items() if name not in _WHOLE_ONLY}
    way = {name: value for name, value in activity["map"].items() if name not in _WHOLE_ONLY}
    return {**told, "resource_state": 2, "map": {**way, "resource_state": 2}}


ACTIVITIES: dict[int, Row] = {
    **{FIRST + index: _activity(DANA, index, FIRST + index) for index in range(COUNT)},
    **{1000 + index: _activity(RIO, index, 1000 + index) for index in range(2)},
}


def activities_of(activities: Iterable[Row], athlete: Athlete) -> list[Row]:
    """Return those of an athlete, the latest first."""
    own = [one for one in activities if one["athlete"]["id"] == athlete.id]
    return sorted(own, key=lambda one: one["start_date"], reverse=True)


def comments_of(activity: Row) -> list[Row]:
    """Return the comments of an activity, the oldest first."""
    return [_comment(activity["id"], index) for index in range(activity["comment_count"])]


def _comment(activity: int, index: int) -> Row:
    own = 2_257_523_290 + activity * 100 + index
    at = _LATEST + timedelta(minutes=index)
    place = json.dumps({"id": own, "createdAt": int(at.timestamp() * 1000)})
    return {
        "id": own,
        "activity_id": activity,
        "post_id": None,
        "resource_state": 2,
        "text": _TEXTS[index % len(_TEXTS)],
        "created_at": _text(at),
        # Percent-encoded already, as Strava gives it.
        "cursor": quote(b64encode(place.encode() + b" " * (index % 3)).decode(), safe=""),
        "athlete": {"resource_state": 2, "firstname": "Sasha", "lastname": "C."},
        "reaction_count": index % 2,
        "has_reacted": False,
    }


def _route(own: int, name: str, athlete: Athlete, **more: Any) -> Row:
    return {
        "id": own,
        "id_str": str(own),
        "name": name,
        "description": "",
        "resource_state": 3,
        "athlete": {"id": athlete.id, "resource_state": 2, "firstname": "Dana", "lastname": "A."},
        "distance": 28_099.6,
        "elevation_gain": 516.0,
        "type": 1,
        "sub_type": 1,
        "estimated_moving_time": 4_022,
        "private": False,
        "starred": False,
        "created_at": "2018-02-16T14:30:17Z",
        "updated_at": "2018-02-16T14:31:17Z",
        "map": {"id": f"r{own}", "summary_polyline": "fedcb", "resource_state": 2},
        **more,
    }


ROUTES: dict[int, Row] = {
    one["id"]: one
    for one in (
        _route(3_423_442_742_368_932_218, "Over the hills", DANA, description="Steep."),
        _route(12_345_678_987_654_321, "Along the river", DANA, type=2, sub_type=4, starred=True),
        _route(777, "Secret", DANA, private=True, type=9),
    )
}
