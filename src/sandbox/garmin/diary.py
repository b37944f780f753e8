"""What has come about since the seed: activities, days and gear, changed by switches.

``POST /_sandbox/activities`` and ``PUT`` and ``DELETE /_sandbox/activities/{number}`` make, name
and delete an activity of Mia's, which begins at the present moment; ``PUT /_sandbox/days/{day}``
tells the steps of a day; ``DELETE /_sandbox/gear/{uuid}`` takes gear away.
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.garmin import seed
from src.sandbox.garmin.people import MIA, Person

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.garmin.tokens import Clock
    from src.sandbox.kit import SandboxStore

_STATE = "garmin/diary"


class Diary:
    """The seed with all that was changed, and the switches that change it."""

    def __init__(self, store: "SandboxStore", clock: "Clock") -> None:
        """Keep the changes in the store, so that several server processes agree."""
        self._store = store
        self._clock = clock
        one = "/activities/{number}"
        self.controls = (
            Route("/activities", self.add, methods=["POST"]),
            Route(one, self.rename, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route("/days/{day}", self.tell, methods=["PUT"]),
            Route("/gear/{uuid}", self.drop, methods=["DELETE"]),
        )

    @property
    def today(self) -> date:
        """The present day."""
        return datetime.fromtimestamp(self._clock(), UTC).date()

    async def activities(self, person: Person) -> list[dict[str, Any]]:
        """Return the rows of the list, newest first."""
        state = await self._state()
        rows = seed.activities(person)
        if person is MIA:
            made = [
                seed.made(int(number), datetime.fromtimestamp(began, UTC))
                for number, began in state["made"].items()
            ]
            rows = sorted([*made, *rows], key=lambda row: row["startTimeLocal"], reverse=True)
        names = state["names"]
        return [
            {**row, "activityName": names.get(str(row["activityId"]), row["activityName"])}
            for row in rows
            if str(row["activityId"]) not in state["gone"]
        ]

    async def steps(self, day: date) -> dict[str, Any]:
        """Return a day of the range."""
        told = (await self._state())["days"].get(day.isoformat())
        row = seed.steps(day, self.today)
        return row if told is None else {**row, "totalSteps": told, "totalDistance": told}

    async def gear(self, person: Person) -> list[dict[str, Any]]:
        """Return what has not been taken away."""
        gone = (await self._state())["gone"]
        return [row for row in seed.gear(person) if row["uuid"] not in gone]

    async def add(self, request: "Request") -> Response:
        """Make an activity with the number that is named, begun now or as told."""
        told = await request.json()
        began = told.get("began", self._clock())
        return await self._note("made", str(told["activityId"]), began)

    async def rename(self, request: "Request") -> Response:
        """Give an activity another name."""
        name = (await request.json())["activityName"]
        return await self._note("names", request.path_params["number"], name)

    async def delete(self, request: "Request") -> Response:
        """Delete an activity."""
        return await self._note("gone", request.path_params["number"], value=True)

    async def tell(self, request: "Request") -> Response:
        """Tell of a day."""
        steps = (await request.json())["totalSteps"]
        return await self._note("days", request.path_params["day"], steps)

    async def drop(self, request: "Request") -> Response:
        """Take gear away."""
        return await self._note("gone", request.path_params["uuid"], value=True)

    async def _note(self, part: str, name: str, value: object) -> Response:
        state = await self._state()
        state[part][name] = value
        await self._store.put(_STATE, state)
        return Response(status_code=204)

    async def _state(self) -> dict[str, dict[str, Any]]:
        kept = await self._store.get(_STATE) or {}
        return {part: kept.get(part, {}) for part in ("made", "names", "gone", "days")}
