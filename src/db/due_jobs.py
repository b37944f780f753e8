"""Jobs of all tenants that wait: tenant and id only, the work itself runs in a ``TenantScope``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest

from src.db.client import Database, Document
from src.db.errors import translated

_MOST_PER_TENANT = 32


@dataclass(frozen=True, slots=True)
class DueJob:
    """Where there is work."""

    tenant_id: str
    job_id: str
    connector_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs there are, and since when the one waits that has waited longest."""

    by_status: dict[tuple[str, str], int]
    """By connector and status, those that are not over."""
    since: datetime | None


class DueJobs:
    """Finds jobs that are due and that nobody works on."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def list(
        self,
        moment: datetime,
        limit: int,
        *,
        but_tenants: Sequence[str] = (),
        but_connectors: Sequence[str] = (),
    ) -> list[DueJob]:
        """Jobs due by then: of each tenant the longest waiting, then of each its next, and so on.

        However many jobs a tenant has, it does not stand before one with a single job.
        Those of ``but_tenants`` and ``but_connectors`` are left out.
        """
        jobs: list[Document] = [
            {"$match": {**_due(moment), "connectorId": {"$nin": list(but_connectors)}}},
            {"$sort": {"live": 1, "tenantId": 1, "dueAt": 1}},
            {"$limit": _MOST_PER_TENANT},
            {"$project": {"dueAt": 1, "connectorId": 1}},
        ]
        others: Document = {"tenantId": {"$nin": list(but_tenants)}} if but_tenants else {}
        stages: list[Document] = [
            # One key of the index for each tenant is read here, and not one for each job.
            {"$match": {"live": True, "dueAt": {"$lte": moment}, **others}},
            {"$sort": {"live": 1, "tenantId": 1, "dueAt": 1}},
            {"$group": {"_id": "$tenantId", "since": {"$first": "$dueAt"}}},
            {"$sort": {"since": 1}},
            {
                "$lookup": {
                    "from": "jobs",
                    "localField": "_id",
                    "foreignField": "tenantId",
                    "pipeline": jobs,
                    "as": "jobs",
                }
            },
            {"$match": {"jobs": {"$ne": []}}},
            {"$limit": limit},
            {
                "$project": {
                    "jobs._id": 1,
                    "jobs.connectorId": 1,
                    "since": {"$first": "$jobs.dueAt"},
                }
            },
            {"$sort": {"since": 1}},
        ]
        with translated():
            found = await self._database()["jobs"].aggregate(stages).to_list(None)
        each = [
            [DueJob(one["_id"], job["_id"], job["connectorId"]) for job in one["jobs"]]
            for one in found
        ]
        in_turn = chain.from_iterable(zip_longest(*each))
        return [job for job in in_turn if job is not None][:limit]

    async def with_places(self) -> Sequence[DueJob]:
        """Jobs that have a place to be worked on (``places``), whoever has taken it."""
        stages: list[Document] = [
            {"$unwind": "$taken"},
            {"$replaceRoot": {"newRoot": "$taken"}},
            {"$match": {"$expr": {"$gt": ["$until", "$$NOW"]}}},
        ]
        with translated():
            found = await self._database()["job_places"].aggregate(stages).to_list(None)
        return [DueJob(one["tenant"], one["job"], one["connector"]) for one in found]

    async def count(self, moment: datetime) -> Waiting:
        """A report for the operator, without tenants."""
        each = {"connectorId": "$connectorId", "status": "$status"}
        stages: list[Document] = [
            {"$match": {"live": True}},
            {"$group": {"_id": each, "count": {"$sum": 1}}},
        ]
        jobs = self._database()["jobs"]
        with translated():
            found = await jobs.aggregate(stages).to_list(None)
            first = await jobs.find_one(_due(moment), ["dueAt"], sort=[("dueAt", 1)])
        counts = {(one["_id"]["connectorId"], one["_id"]["status"]): one["count"] for one in found}
        return Waiting(counts, first["dueAt"] if first else None)


def _due(moment: datetime) -> Document:
    return {
        "live": True,
        "dueAt": {"$lte": moment},
        "$or": [{"lease": None}, {"lease.until": {"$lte": moment}}],
    }
