"""Places to work in: how many jobs are worked on at once, counted over all processes.

One small document holds all that are taken, so that one write decides over all bounds at once. A
process renews its places; those of a dead one are free again when its jobs are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument

from src.db.client import Database, Document
from src.db.errors import Duplicate, translated

CROWDED_SECONDS = 10.0
_ONE = {"_id": "slices"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many jobs may be worked on at once."""

    in_all: int
    per_tenant: int
    per_connector: int


@dataclass(frozen=True, slots=True)
class Place:
    """What a place is wanted for."""

    owner: str
    job_id: str
    tenant_id: str
    connector_id: str


class Places:
    """Takes and gives back places."""

    def __init__(
        self, database: Callable[[], Database], bounds: Bounds, seconds: float = 15.0
    ) -> None:
        """Keep these bounds; a place that is not renewed within ``seconds`` is free again."""
        self._database = database
        self._bounds = bounds
        self._seconds = seconds

    async def take(self, place: Place, *, is_called: bool) -> bool:
        """Take a place, if the bounds leave one.

        When somebody has found none a moment ago, only who is called gets one: in the order of
        waiting, so that a job which goes on does not keep its place from those that wait.
        """
        try:
            found = await self._compute(self._steps(place, is_called=is_called), upsert=True)
        except Duplicate:  # two made the document at once
            found = await self._compute(self._steps(place, is_called=is_called))
        mine = {"owner": place.owner, "job": place.job_id}
        return any(mine.items() <= taken.items() for taken in (found or {}).get("taken", ()))

    async def vacant(self) -> int:
        """How many more jobs might be worked on, whosever they are."""
        count = {"$project": {"taken": {"$size": _living()}}}
        with translated():
            places = self._database()["job_places"].aggregate([{"$match": _ONE}, count])
            found = await places.to_list(1)
        return max(self._bounds.in_all - (found[0]["taken"] if found else 0), 0)

    async def renew(self, owner: str) -> None:
        """Keep the places of a process for longer."""
        longer = {"$mergeObjects": ["$$this", {"until": _later(self._seconds)}]}
        kept = {"$cond": [{"$eq": ["$$this.owner", owner]}, longer, "$$this"]}
        await self._compute([{"$set": {"taken": {"$map": {"input": "$taken", "in": kept}}}}])

    async def free(self, place: Place) -> bool:
        """Give a place back; say whether others have found none a moment ago."""
        mine = {
            "$and": [
                {"$eq": ["$$this.owner", place.owner]},
                {"$eq": ["$$this.job", place.job_id]},
            ]
        }
        others = {"$filter": {"input": "$taken", "cond": {"$not": [mine]}}}
        found = await self._compute(
            [{"$set": {"taken": others, "isCrowded": {"$gt": ["$crowdedUntil", "$$NOW"]}}}]
        )
        return bool(found and found["isCrowded"])

    async def _compute(self, steps: list[Document], *, upsert: bool = False) -> Document | None:
        with translated():
            found: Document | None = await self._database()["job_places"].find_one_and_update(
                _ONE, steps, upsert=upsert, return_document=ReturnDocument.AFTER
            )
        return found

    def _steps(self, place: Place, *, is_called: bool) -> list[Document]:
        # Names of others come as literals, so that none is read as an expression.
        tenant, connector = {"$literal": place.tenant_id}, {"$literal": place.connector_id}
        new = {
            "owner": place.owner,
            "job": place.job_id,
            "tenant": tenant,
            "connector": connector,
            "until": _later(self._seconds),
        }
        has_room = [
            {"$lt": [{"$size": "$taken"}, self._bounds.in_all]},
            {"$lt": [_count("tenant", tenant), self._bounds.per_tenant]},
            {"$lt": [_count("connector", connector), self._bounds.per_connector]},
        ]
        if not is_called:
            has_room.append({"$not": [{"$gt": ["$crowdedUntil", "$$NOW"]}]})
        is_worked_on = {"$in": [place.job_id, "$taken.job"]}
        return [
            {"$set": {"taken": _living()}},
            {"$set": {"isWorkedOn": is_worked_on, "hasRoom": {"$and": has_room}}},
            {"$set": _unless("$isWorkedOn", new)},
            {"$unset": ["isWorkedOn", "hasRoom"]},
        ]


def _unless(is_worked_on: str, new: Document) -> Document:
    more = {"$concatArrays": ["$taken", [new]]}
    takes = {"$and": [{"$not": [is_worked_on]}, "$hasRoom"]}
    is_turned_away = {"$not": [{"$or": [is_worked_on, "$hasRoom"]}]}
    return {
        "taken": {"$cond": [takes, more, "$taken"]},
        "crowdedUntil": {"$cond": [is_turned_away, _later(CROWDED_SECONDS), "$crowdedUntil"]},
    }


def _living() -> Document:
    return {
        "$filter": {
            "input": {"$ifNull": ["$taken", []]},
            "cond": {"$gt": ["$$this.until", "$$NOW"]},
        }
    }


def _count(field: str, value: Document) -> Document:
    same = {"$eq": [f"$$this.{field}", value]}
    return {"$size": {"$filter": {"input": "$taken", "cond": same}}}


def _later(seconds: float) -> Document:
    milliseconds: Any = int(seconds * 1000)
    return {"$add": ["$$NOW", milliseconds]}
