"""The services behind Garmin Connect: for personal keys less than for tokens of Garmin's apps."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.garmin import seed
from src.sandbox.garmin.errors import refused
from src.sandbox.garmin.people import Person
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.garmin.diary import Diary

_MOST = 1_000
_USUAL = 20
_LONGEST_RANGE = 28


def _person(request: "Request", *, by_key: bool = True) -> Person:
    person: Person = request.scope["garmin.person"]
    if request.scope["garmin.audience"] == "personal" and not by_key:
        raise refused(403)
    return person


def _number(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal()):
        raise refused(400)
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refused(400, f"Invalid date: {text}") from error


async def profile(request: "Request") -> Response:
    """Who it is; ``id`` is another number than ``profileId``."""
    person = _person(request)
    return json_answer(
        {
            "id": person.profile + 563_043,
            "profileId": person.profile,
            "garminGUID": "0690cc1d-d23d-4412-b027-80fd4ed1c0f6",
            "displayName": person.display_name,
            "fullName": person.full_name,
            "userName": person.display_name,
            "profileImageUrlLarge": "https://img.example/face.png",
            "userRoles": ["SCOPE_CONNECT_READ", "ROLE_CONNECTUSER"],
        }
    )


async def devices(request: "Request") -> Response:
    """What is registered."""
    return json_answer(seed.devices(_person(request, by_key=False)))


async def gear_stats(request: "Request") -> Response:
    """How far a gear has come."""
    _person(request, by_key=False)
    found = seed.stats(request.path_params["gear"])
    if found is None:
        raise refused(404)
    return json_answer(found)


class Connect:
    """The routes over what changes."""

    def __init__(self, diary: "Diary") -> None:
        """Serve the diary."""
        self._diary = diary
        self.routes = (
            *_STEADY,
            Route("/activitylist-service/activities/search/activities", self.activities),
            Route("/activity-service/activity/{activity}", self.activity),
            Route("/gear-service/gear/filterGear", self.gear),
            Route("/usersummary-service/usersummary/daily/{profile}", self.daily),
            Route("/usersummary-service/stats/steps/daily/{start}/{end}", self.steps),
        )

    async def activities(self, request: "Request") -> Response:
        """A window of the list, newest first; its end is an empty one."""
        person, params = _person(request), request.query_params
        start, limit = _number(params.get("start"), 0), _number(params.get("limit"), _USUAL)
        if limit > _MOST:
            raise refused(400)
        rows = [
            row
            for row in await self._diary.activities(person)
            if seed.matches(row, params.get("activityType"))
            and _is_between(row, params.get("startDate"), params.get("endDate"))
        ]
        return json_answer([seed.shown(row) for row in rows[start : start + limit]])

    async def activity(self, request: "Request") -> Response:
        """One of them."""
        number = request.path_params["activity"]
        for row in await self._diary.activities(_person(request)):
            if str(row["activityId"]) == number:
                return json_answer(seed.detail(row))
        raise refused(404)

    async def gear(self, request: "Request") -> Response:
        """The gear of a user or of an activity."""
        person, params = _person(request, by_key=False), request.query_params
        found = await self._diary.gear(person)
        if (number := params.get("activityId")) is not None:
            return json_answer(found[:1] if number == str(seed.NEWEST) else [])
        if params.get("userProfilePk") != str(person.profile):
            raise refused(403)
        return json_answer(found)

    async def daily(self, request: "Request") -> Response:
        """Everything about a day."""
        person = _person(request, by_key=False)
        if request.path_params["profile"] != person.display_name:
            raise refused(403)
        day = _day(request.query_params.get("calendarDate", ""))
        found = seed.daily(person, day, self._diary.today)
        return Response(status_code=204) if found is None else json_answer(found)

    async def steps(self, request: "Request") -> Response:
        """A range of days."""
        _person(request)
        start, end = _day(request.path_params["start"]), _day(request.path_params["end"])
        count = (end - start).days + 1
        if not 1 <= count <= _LONGEST_RANGE:
            raise refused(400, "The range is too long.")
        days = [start + timedelta(days=index) for index in range(count)]
        return json_answer([await self._diary.steps(day) for day in days])


def _is_between(row: dict[str, Any], start: str | None, end: str | None) -> bool:
    """Tell whether an activity began, by its user's clock, within these days."""
    day = _day(row["startTimeLocal"][:10])
    return (start is None or _day(start) <= day) and (end is None or day <= _day(end))


_STEADY = (
    Route("/userprofile-service/socialProfile", profile),
    Route("/device-service/deviceregistration/devices", devices),
    Route("/gear-service/gear/stats/{gear}", gear_stats),
)
