"""The API: athlete, activities, comments, routes, gear, clubs."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer, read_window
from src.sandbox.strava import errors
from src.sandbox.strava.callers import Caller
from src.sandbox.strava.diary import World
from src.sandbox.strava.seed.activities import (
    ROUTES,
    activities_of,
    comments_of,
    summary,
)
from src.sandbox.strava.seed.people import CLUBS, DESCRIPTIONS, GEAR, Row, gear_summary

if TYPE_CHECKING:
    from starlette.requests import Request

MOST = 200
_ONLY_ME = "only_me"


def _caller(request: "Request", scope: str = "read") -> Caller:
    """Return who calls, who must have been granted the scope."""
    caller: Caller = request.scope["strava.caller"]
    if not caller.may(scope):
        raise errors.scope_missing(scope)
    return caller


def _number(request: "Request", name: str) -> int:
    text: str = request.path_params[name]
    if not (text.isascii() and text.isdigit()):
        raise errors.refused(404)
    return int(text)


def _page(request: "Request", rows: Sequence[Row]) -> Sequence[Row]:
    window = read_window(request.query_params, default=30, maximum=MOST)
    return rows[window.start : window.stop]


async def athlete(request: "Request") -> Response:
    """`GET /athlete`: gear and more only with the scope for the whole profile."""
    caller = _caller(request)
    told = caller.athlete.summary()
    gone = _world(request).given_away
    if "profile:read_all" in caller.scopes:
        told |= {
            "resource_state": 3,
            "ftp": None,
            "weight": 61.5,
            "bikes": [gear_summary(own) for own in caller.athlete.bikes if own not in gone],
            "shoes": [gear_summary(own) for own in caller.athlete.shoes if own not in gone],
        }
    return json_answer(told)


async def own_activities(request: "Request") -> Response:
    """`GET /athlete/activities`: what may not be seen makes pages shorter.

    With `after` the oldest come first.
    """
    caller = _caller(request, "activity:read")
    mine = activities_of(_world(request).activities.values(), caller.athlete)
    after = request.query_params.get("after")
    if after is not None:
        mine = [one for one in reversed(mine) if _epoch(one["start_date"]) > _seconds(after)]
    page = _page(request, mine)
    return json_answer([summary(one) for one in page if _sees(caller, one)])


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise errors.refused(400, errors.entry("Activity", "after", "invalid"))
    return int(text)


def _world(request: "Request") -> World:
    found: World = request.scope["strava.world"]
    return found


def _sees(caller: Caller, activity: Row) -> bool:
    return activity["visibility"] != _ONLY_ME or "activity:read_all" in caller.scopes


def _activity(request: "Request") -> Row:
    caller = _caller(request, "activity:read")
    found = _world(request).activities.get(_number(request, "activity"))
    if found is None:
        raise errors.refused(404, errors.entry("Activity", "id", "not found"))
    if found["athlete"]["id"] != caller.athlete.id or not _sees(caller, found):
        raise errors.hidden()
    return found


async def activity(request: "Request") -> Response:
    """`GET /activities/{id}`."""
    return json_answer(_activity(request))


async def comments(request: "Request") -> Response:
    """`GET /activities/{id}/comments`: by cursor, which must come back as it was given."""
    said = comments_of(_activity(request))
    after = request.query_params.get("after_cursor")
    start = 0
    if after is not None:
        places = [index for index, one in enumerate(said) if one["cursor"] == after]
        if not places:
            raise errors.refused(400, errors.entry("Comment", "after_cursor", "invalid"))
        start = places[0] + 1
    size = read_window({"per_page": request.query_params.get("page_size", "")}, maximum=MOST)
    return json_answer(said[start : start + size.per_page])


async def kudos(request: "Request") -> Response:
    """`GET /activities/{id}/kudos`: names without ids."""
    names = [("Artyom", "A."), ("Sasha", "C.")]
    _activity(request)
    return json_answer(
        [{"resource_state": 2, "firstname": first, "lastname": last} for first, last in names]
    )


async def own_routes(request: "Request") -> Response:
    """`GET /athletes/{id}/routes`: private ones with the scope only."""
    caller = _caller(request)
    if _number(request, "athlete") != caller.athlete.id:
        raise errors.refused(404, errors.entry("Athlete", "id", "not found"))
    mine = [one for one in ROUTES.values() if one["athlete"]["id"] == caller.athlete.id]
    seen = [one for one in mine if not one["private"] or "read_all" in caller.scopes]
    return json_answer(_page(request, seen))


async def route(request: "Request") -> Response:
    """`GET /routes/{id}`."""
    caller = _caller(request)
    found = ROUTES.get(_number(request, "route"))
    if found is None or (found["private"] and "read_all" not in caller.scopes):
        raise errors.refused(404, errors.entry("Route", "id", "not found"))
    return json_answer(found)


async def gear(request: "Request") -> Response:
    """`GET /gear/{id}`: one's own, also what is retired."""
    caller = _caller(request, "profile:read_all")
    own = request.path_params["gear"]
    mine = {*caller.athlete.bikes, *caller.athlete.shoes} - _world(request).given_away
    if own not in mine:
        raise errors.refused(404, errors.entry("Gear", "id", "not found"))
    return json_answer(GEAR[own])


async def own_clubs(request: "Request") -> Response:
    """`GET /athlete/clubs`."""
    clubs = [CLUBS[own] for own in _caller(request).athlete.clubs]
    return json_answer(_page(request, clubs))


async def club(request: "Request") -> Response:
    """`GET /clubs/{id}`, with its description."""
    _caller(request)
    own = _number(request, "club")
    found = CLUBS.get(own)
    if found is None:
        raise errors.refused(404, errors.entry("Club", "id", "not found"))
    told: dict[str, Any] = {**found, "description": DESCRIPTIONS.get(own, "")}
    return json_answer({**told, "resource_state": 3})


async def ended_activities(_: "Request") -> Response:
    """`GET /clubs/{id}/activities`, which was taken away on 2026-09-01."""
    return errors.error(404)


async def ended_people(_: "Request") -> Response:
    """`GET /clubs/{id}/members` and `/admins`, which were taken away on the same day."""
    return errors.error(401, errors.entry("Application", "internal", "invalid"))


ROUTES_OF_API = (
    Route("/athlete", athlete),
    Route("/athlete/activities", own_activities),
    Route("/athlete/clubs", own_clubs),
    Route("/activities/{activity}", activity),
    Route("/activities/{activity}/comments", comments),
    Route("/activities/{activity}/kudos", kudos),
    Route("/athletes/{athlete}/routes", own_routes),
    Route("/routes/{route}", route),
    Route("/gear/{gear}", gear),
    Route("/clubs/{club}", club),
    Route("/clubs/{club}/activities", ended_activities),
    Route("/clubs/{club}/members", ended_people),
    Route("/clubs/{club}/admins", ended_people),
)
