"""What has happened since the seed: activities made, changed and deleted, and gear given away.

The switches: `PUT /_sandbox/activities/{id}` with fields of an activity of Dana's, new or known;
`DELETE` of the same; `DELETE /_sandbox/gear/{id}`.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer
from src.sandbox.strava.seed.activities import ACTIVITIES, FIRST
from src.sandbox.strava.seed.people import DANA, Row

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit import SandboxStore

_KEY = "strava/diary"
Aspect = Literal["create", "update", "delete"]
Tell = Callable[[Aspect, int, int], Awaitable[None]]
"""Tells subscribers what became of an activity, and whose it is."""


class World(msgspec.Struct, frozen=True):
    """All there is now."""

    activities: dict[int, Row]
    given_away: frozenset[str]


class Diary:
    """Changes upon the seed, one document for all processes."""

    def __init__(self, store: "SandboxStore") -> None:
        """Keep everything in the store."""
        self._store = store

    async def world(self) -> World:
        """Return the seed with what has happened."""
        told = await self._store.get(_KEY) or {}
        changed: dict[str, Row | None] = told.get("activities", {})
        now = {**ACTIVITIES, **{int(own): row for own, row in changed.items()}}
        left = {own: row for own, row in now.items() if row is not None}
        return World(left, frozenset(told.get("gear", ())))

    async def note(self, own: int, row: Row | None) -> None:
        """Remember an activity as it is now, or that it is gone."""
        told = await self._store.get(_KEY) or {}
        told["activities"] = {**told.get("activities", {}), str(own): row}
        await self._store.put(_KEY, told)

    async def give_away(self, own: str) -> None:
        """Let gear be gone."""
        told = await self._store.get(_KEY) or {}
        told["gear"] = [*told.get("gear", ()), own]
        await self._store.put(_KEY, told)


def diary_controls(diary: Diary, tell: Tell) -> list[Route]:
    """Return the switches."""

    async def put_activity(request: "Request") -> Response:
        own = int(request.path_params["activity"])
        fields: dict[str, Any] = msgspec.json.decode(await request.body() or b"{}")
        known = (await diary.world()).activities.get(own)
        await diary.note(own, {**(known or ACTIVITIES[FIRST]), "id": own, **fields})
        await tell("update" if known else "create", own, DANA.id)
        return json_answer({"id": own}, 200 if known else 201)

    async def delete_activity(request: "Request") -> Response:
        own = int(request.path_params["activity"])
        await diary.note(own, None)
        await tell("delete", own, DANA.id)
        return Response(status_code=204)

    async def delete_gear(request: "Request") -> Response:
        await diary.give_away(request.path_params["gear"])
        return Response(status_code=204)

    return [
        Route("/activities/{activity:int}", put_activity, methods=["PUT"]),
        Route("/activities/{activity:int}", delete_activity, methods=["DELETE"]),
        Route("/gear/{gear}", delete_gear, methods=["DELETE"]),
    ]
