"""From Strava's nouns to ours. Units are Strava's: metres, seconds, metres per second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from src.connectors.rest.values import timestamp
from src.connectors.strava import schemas
from src.connectors.strava.ids import ACTIVITIES, CLUBS, GEAR, ROUTES, item_id
from src.connectors.strava.schemas import Activity, Athlete, Club, Gear, Route
from src.models.connection import Account
from src.models.unified import Comment, Container, Item, Person, Resource

SITE = "https://www.strava.com"
RESOURCE = "strava_gear"
_ZONE = re.compile(r"\(GMT[+-][0-9]{2}:[0-9]{2}\) (\S+)")
_GEAR_TYPES = {"b": "bike", "g": "shoe"}
_FRAMES = {1: "mountain", 2: "cross", 3: "road", 4: "timeTrial"}
_ROUTE_TYPES = {1: "ride", 2: "run"}
_ROUTE_SUB_TYPES = {1: "road", 2: "mountainBike", 3: "cross", 4: "trail", 5: "mixed"}


def to_account(athlete: Athlete) -> Account:
    """The athlete."""
    return Account(
        id=str(athlete.id),
        name=_name(athlete) or athlete.username or f"Athlete {athlete.id}",
        url=f"{SITE}/athletes/{athlete.id}",
        # Who has no picture has a relative path to a placeholder.
        avatar_url=athlete.profile if (athlete.profile or "").startswith("https://") else None,
    )


def to_containers(athlete: Athlete) -> tuple[Container, ...]:
    """What an account holds."""
    home = f"{SITE}/athletes/{athlete.id}"
    return (
        Container(id=ACTIVITIES, type=ACTIVITIES, name="Activities", url=home),
        Container(id=ROUTES, type=ROUTES, name="Routes", url=f"{home}/routes"),
        Container(id=GEAR, type=GEAR, name="Gear", url=f"{SITE}/settings/gear"),
        Container(id=CLUBS, type=CLUBS, name="Clubs"),
    )


def to_activity(activity: Activity, owner: Account | None, *, whole: bool = False) -> Item:
    """An activity; Strava tells when it began, not when it was uploaded."""
    return Item(
        id=item_id("activity", activity.id),
        type="activity",
        container_id=ACTIVITIES,
        title=activity.name,
        body=(activity.description or "") if whole else None,
        body_format="text" if whole else None,
        author=_author(activity.athlete, owner),
        url=f"{SITE}/activities/{activity.id}",
        comment_count=activity.comment_count,
        created_at=timestamp(activity.start_date),
        fields=_known(_activity_fields(activity)),
    )


def _activity_fields(activity: Activity) -> dict[str, Any]:
    photos = activity.total_photo_count
    return {
        "sportType": activity.sport_type or activity.type,
        "workoutType": activity.workout_type,
        "startDate": timestamp(activity.start_date),
        "startDateLocal": _local(activity.start_date_local),
        "timezone": _zone(activity.timezone),
        "utcOffset": _whole(activity.utc_offset),
        "distance": activity.distance,
        "movingTime": activity.moving_time,
        "elapsedTime": activity.elapsed_time,
        "elevationGain": activity.total_elevation_gain,
        "elevationHigh": activity.elev_high,
        "elevationLow": activity.elev_low,
        "averageSpeed": activity.average_speed,
        "maxSpeed": activity.max_speed,
        "averageHeartrate": activity.average_heartrate,
        "maxHeartrate": activity.max_heartrate,
        "averageCadence": activity.average_cadence,
        "averageWatts": activity.average_watts,
        "weightedAverageWatts": activity.weighted_average_watts,
        "deviceWatts": activity.device_watts,
        "kilojoules": activity.kilojoules,
        "calories": activity.calories,
        "averageTemperature": activity.average_temp,
        "sufferScore": activity.suffer_score,
        "achievementCount": activity.achievement_count,
        "kudosCount": activity.kudos_count,
        "photoCount": activity.photo_count if photos is None else photos,
        "athleteCount": activity.athlete_count,
        "start": _point(activity.start_latlng),
        "end": _point(activity.end_latlng),
        "map": _map(activity.map),
        "trainer": activity.trainer,
        "commute": activity.commute,
        "manual": activity.manual,
        "private": activity.private,
        "visibility": activity.visibility,
        "gearId": item_id("gear", activity.gear_id) if activity.gear_id else None,
        "gearName": activity.gear.name if activity.gear else None,
        "deviceName": activity.device_name,
        "uploadId": None if activity.upload_id is None else str(activity.upload_id),
        "externalId": activity.external_id,
    }


def to_comment(comment: schemas.Comment, activity: str) -> Comment:
    """A comment on an activity."""
    author = _name(comment.athlete) if comment.athlete else None
    return Comment(
        id=str(comment.id),
        item_id=activity,
        body=comment.text or "",
        body_format="text",
        author=Person(name=author) if author else None,
        created_at=timestamp(comment.created_at),
        fields=_known({"reactionCount": comment.reaction_count}),
    )


def to_route(route: Route, owner: Account | None, *, include_body: bool) -> Item:
    """A route; a list has its description, too."""
    own = route.id_str or str(route.id)
    return Item(
        id=item_id("route", own),
        type="route",
        container_id=ROUTES,
        title=route.name,
        body=(route.description or "") if include_body else None,
        body_format="text" if include_body else None,
        author=_author(route.athlete, owner),
        url=f"{SITE}/routes/{own}",
        created_at=timestamp(route.created_at),
        updated_at=timestamp(route.updated_at),
        fields=_known(
            {
                "routeType": _ROUTE_TYPES.get(route.type or 0),
                "routeSubType": _ROUTE_SUB_TYPES.get(route.sub_type or 0),
                "distance": route.distance,
                "elevationGain": route.elevation_gain,
                "estimatedMovingTime": route.estimated_moving_time,
                "map": _map(route.map),
                "private": route.private,
                "starred": route.starred,
            }
        ),
    )


def to_club(club: Club, *, whole: bool = False) -> Item:
    """A club."""
    return Item(
        id=item_id("club", club.id),
        type="club",
        container_id=CLUBS,
        title=club.name,
        body=(club.description or "") if whole else None,
        body_format="text" if whole else None,
        url=f"{SITE}/clubs/{club.url or club.id}",
        fields=_known(
            {
                "sportType": club.sport_type,
                "activityTypes": club.activity_types,
                "city": club.city or None,
                "state": club.state or None,
                "country": club.country or None,
                "private": club.private,
                "memberCount": club.member_count,
            }
        ),
    )


def to_gear(gear: Gear, *, whole: bool = False) -> Item:
    """A bike or shoes; what is retired is closed."""
    return Item(
        id=item_id("gear", gear.id),
        type="gear",
        container_id=GEAR,
        title=_gear_name(gear),
        body=(gear.description or "") if whole else None,
        body_format="text" if whole else None,
        state="closed" if gear.retired else "open",
        fields=gear_fields(gear),
    )


def to_gear_resource(gear: Gear) -> Resource:
    """Gear as a picker lists it, with all that is known of it."""
    return Resource(
        id=item_id("gear", gear.id),
        name=_gear_name(gear),
        type=RESOURCE,
        fields=gear_fields(gear),
    )


def gear_fields(gear: Gear) -> dict[str, Any]:
    """What is typical of gear."""
    return _known(
        {
            "gearType": _GEAR_TYPES.get(gear.id[:1]),
            "brand": gear.brand_name or None,
            "model": gear.model_name or None,
            "nickname": gear.nickname or None,
            "distance": gear.distance,
            "retired": bool(gear.retired),
            "primary": bool(gear.primary),
            "frameType": _FRAMES.get(gear.frame_type or 0),
            "weight": gear.weight,
            "notificationDistance": gear.notification_distance or None,
        }
    )


def _gear_name(gear: Gear) -> str:
    made = " ".join(filter(None, (gear.brand_name, gear.model_name)))
    return gear.name or gear.nickname or made or gear.id


def _author(ref: schemas.Ref | None, owner: Account | None) -> Person | None:
    """Who did it; lists name athletes by number alone, and only the account's own is known."""
    if ref is None or ref.id is None:
        return None
    if owner is not None and owner.id == str(ref.id):
        return Person(id=owner.id, name=owner.name, url=owner.url, avatar_url=owner.avatar_url)
    name = _name(ref) or f"Athlete {ref.id}"
    return Person(id=str(ref.id), name=name, url=f"{SITE}/athletes/{ref.id}")


def _name(athlete: Athlete | schemas.Ref) -> str:
    return " ".join(filter(None, (athlete.firstname, athlete.lastname)))


def _local(text: str | None) -> str | None:
    """The clock where it began: Strava writes ``Z`` behind it, which it is not."""
    return text.removesuffix("Z") if text else None


def _zone(text: str | None) -> str | None:
    """``(GMT-05:00) America/New_York`` without the offset, which is not that of the day."""
    found = _ZONE.fullmatch(text or "")
    return found[1] if found else None


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


def _point(pair: Any) -> dict[str, float] | None:
    return {"latitude": pair[0], "longitude": pair[1]} if pair else None


def _map(way: schemas.Map | None) -> dict[str, str] | None:
    if way is None:
        return None
    lines = {"polyline": way.polyline, "summaryPolyline": way.summary_polyline}
    return {name: line for name, line in lines.items() if line} or None


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
