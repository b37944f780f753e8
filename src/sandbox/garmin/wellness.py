"""The Wellness API of the Developer Program: who has registered, and data by pull token."""

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.garmin.errors import wellness
from src.sandbox.garmin.oauth import PERMISSIONS
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit.oauth import OAuthServer

PULL_TOKEN = "CPT-sandbox-pull-token"  # noqa: S105 - known to everybody
_BASE = "/wellness-api/rest"
_LONGEST = 86_400
_ACTIVITY = {
    "summaryId": "EXAMPLE_12345",
    "activityId": 5_001_968_355,
    "activityName": "Olathe Running",
    "activityType": "RUNNING",
    "startTimeInSeconds": 1_452_470_400,
    "startTimeOffsetInSeconds": -21_600,
    "durationInSeconds": 11_580,
    "distanceInMeters": 519_818.1,
    "averageHeartRateInBeatsPerMinute": 143,
    "activeKilocalories": 448,
    "deviceName": "Forerunner 910XT",
    "manual": False,
}
_DAY = {
    "summaryId": "EXAMPLE_67891",
    "calendarDate": "2026-01-11",
    "steps": 4210,
    "distanceInMeters": 3146.5,
    "activeKilocalories": 321,
    "minHeartRateInBeatsPerMinute": 59,
    "maxHeartRateInBeatsPerMinute": 112,
    "restingHeartRateInBeatsPerMinute": 64,
    "stepsGoal": 4500,
}
_DATA: dict[str, list[dict[str, Any]]] = {"activities": [_ACTIVITY], "dailies": [_DAY]}


class Wellness:
    """The routes; permissions are answered in both forms, one after the other."""

    def __init__(self, oauth: "OAuthServer") -> None:
        """Ask the authorization server whose token it is."""
        self._oauth = oauth
        self._asked = 0
        self.routes = [
            Route(f"{_BASE}/user/id", self.user),
            Route(f"{_BASE}/user/permissions", self.permissions),
            Route(f"{_BASE}/user/registration", self.leave, methods=["DELETE"]),
            Route(f"{_BASE}/{{kind}}", self.pull),
        ]

    async def user(self, request: "Request") -> Response:
        """Who has registered."""
        return json_answer({"userId": await self._account(request)})

    async def permissions(self, request: "Request") -> Response:
        """What the user has switched on."""
        await self._account(request)
        self._asked += 1
        listed = list(PERMISSIONS[:3])
        return json_answer(listed if self._asked % 2 else {"permissions": listed})

    async def leave(self, request: "Request") -> Response:
        """The end of a registration."""
        await self._account(request)
        await self._oauth.end(_token(request))
        return Response(status_code=204)

    async def pull(self, request: "Request") -> Response:
        """Data, for those whom a ping gave a pull token."""
        await self._account(request)
        params = request.query_params
        if params.get("token") != PULL_TOKEN:
            raise wellness(401, "A pull token is needed")
        try:
            start = int(params["uploadStartTimeInSeconds"])
            end = int(params["uploadEndTimeInSeconds"])
        except (KeyError, ValueError) as error:
            raise wellness(400, "A time is missing") from error
        if not 0 < end - start <= _LONGEST:
            raise wellness(400, "At most 24 hours may be asked for")
        return json_answer(_DATA.get(request.path_params["kind"], []))

    async def _account(self, request: "Request") -> str:
        grant = await self._oauth.grant_of(_token(request))
        if grant is None:
            raise wellness(401, "Unauthorized")
        return grant.account


def _token(request: "Request") -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")
