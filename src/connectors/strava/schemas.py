"""Fragments of Strava's answers: only the fields that we read, with Strava's own nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Athlete(Fragment):
    """Whose account it is."""

    id: int
    username: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    profile: str | None = None
    """An address, or a relative path for those who have no picture."""
    created_at: str | None = None
    updated_at: str | None = None


class Ref(Fragment):
    """An athlete as it stands in other objects."""

    id: int | None = None
    firstname: str | None = None
    lastname: str | None = None


class Map(Fragment):
    """A way as encoded polylines; the whole one is in single objects only."""

    id: str | None = None
    summary_polyline: str | None = None
    polyline: str | None = None


class UsedGear(Fragment):
    """Gear as it stands in a whole activity."""

    id: str
    name: str | None = None


class Activity(Fragment):
    """An activity; what stands below ``description`` is in whole ones only."""

    id: int
    name: str
    start_date: str
    sport_type: str | None = None
    type: str | None = None
    """Deprecated in favour of ``sport_type``."""
    workout_type: int | None = None
    athlete: Ref | None = None
    start_date_local: str | None = None
    timezone: str | None = None
    utc_offset: float | None = None
    distance: float | None = None
    moving_time: int | None = None
    elapsed_time: int | None = None
    total_elevation_gain: float | None = None
    elev_high: float | None = None
    elev_low: float | None = None
    average_speed: float | None = None
    max_speed: float | None = None
    average_heartrate: float | None = None
    max_heartrate: float | None = None
    average_cadence: float | None = None
    average_watts: float | None = None
    weighted_average_watts: float | None = None
    device_watts: bool | None = None
    kilojoules: float | None = None
    average_temp: float | None = None
    suffer_score: float | None = None
    achievement_count: int | None = None
    kudos_count: int | None = None
    comment_count: int | None = None
    photo_count: int | None = None
    total_photo_count: int | None = None
    athlete_count: int | None = None
    map: Map | None = None
    start_latlng: Sequence[float] | None = None
    end_latlng: Sequence[float] | None = None
    trainer: bool | None = None
    commute: bool | None = None
    manual: bool | None = None
    private: bool | None = None
    visibility: str | None = None
    gear_id: str | None = None
    upload_id: int | None = None
    external_id: str | None = None
    description: str | None = None
    calories: float | None = None
    device_name: str | None = None
    gear: UsedGear | None = None


class Comment(Fragment):
    """A comment; its author is a first name and an initial, without id."""

    id: int
    text: str | None = None
    created_at: str | None = None
    cursor: str | None = None
    athlete: Ref | None = None
    reaction_count: int | None = None


class CommentCursor(Fragment):
    """What of a comment tells where the next page begins."""

    cursor: str | None = None


class Route(Fragment):
    """A route; its number is too large for a JavaScript number, hence the text."""

    id: int
    name: str
    id_str: str | None = None
    description: str | None = None
    distance: float | None = None
    elevation_gain: float | None = None
    type: int | None = None
    sub_type: int | None = None
    estimated_moving_time: int | None = None
    private: bool | None = None
    starred: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    map: Map | None = None
    athlete: Ref | None = None


class Club(Fragment):
    """A club; since September 2026 Strava tells nothing of what is in it."""

    id: int
    name: str
    description: str | None = None
    sport_type: str | None = None
    activity_types: Sequence[str] | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    private: bool | None = None
    member_count: int | None = None
    url: str | None = None
    """The last part of its address."""


class Gear(Fragment):
    """A bike or shoes; what stands below ``brand_name`` is in whole ones only."""

    id: str
    name: str | None = None
    nickname: str | None = None
    primary: bool | None = None
    retired: bool | None = None
    distance: float | None = None
    brand_name: str | None = None
    model_name: str | None = None
    frame_type: int | None = None
    description: str | None = None
    weight: float | None = None
    notification_distance: float | None = None


class AthletesGear(Fragment, Generic[R]):
    """The gear of an athlete; without the scope for it, both lists are not there."""

    bikes: list[R] | None = None
    shoes: list[R] | None = None

    @property
    def rows(self) -> Sequence[R]:
        """All of it."""
        return [*(self.bikes or ()), *(self.shoes or ())]

    @property
    def is_told(self) -> bool:
        """Whether the grant lets us see gear."""
        return self.bikes is not None or self.shoes is not None

    truncated = False


class PushSubscription(Fragment):
    """The subscription of an app."""

    id: int
    callback_url: str | None = None


class PushEvent(Fragment):
    """What a subscription tells."""

    object_type: str
    object_id: int
    owner_id: int
    subscription_id: int | None = None
    updates: dict[str, Any] = {}  # noqa: RUF012  a struct copies its defaults


class Problem(Fragment):
    """An entry of ``errors``."""

    resource: str | None = None
    field: str | None = None
    code: str | None = None


class Problems(Fragment):
    """A refusal; ``errors`` may be a list of problems, or a text."""

    message: str | None = None
    errors: Any = None
