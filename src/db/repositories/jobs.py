"""Jobs as callers see them: asked for, listed, cancelled, confirmed.

What is done to a job by whoever works on it stands in ``job_runs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from src.db.client import Document
from src.db.collection import (
    ASCENDING,
    Collection,
    Filter,
    Position,
    to_document,
    to_model,
)
from src.db.repositories.connections import EVERYBODY, Visibility
from src.models.job import Job, JobStatus

_MOST_STREAMS = 200

_UNHELD: Filter = {"$expr": {"$lte": [{"$ifNull": ["$lease.until", "$$NOW"]}, "$$NOW"]}}
"""Nobody works on it, by the database's clock."""

_CANCELLED: Document = {
    "status": JobStatus.CANCELLED.value,
    "live": False,
    "isCancelled": True,
    "lease": None,
    "dueAt": None,
    "finishedAt": "$$NOW",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """What a list of jobs may be narrowed to."""

    connection_id: str | None = None
    stream: str | None = None
    status: JobStatus | None = None

    @property
    def filter(self) -> Document:
        """The condition on documents."""
        exact = {"connectionId": self.connection_id, "stream": self.stream, "status": self.status}
        return {key: value for key, value in exact.items() if value is not None}


class JobRepository:
    """One tenant's jobs."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    def _model(self, document: Document) -> Job:
        return to_model(Job, {**document, "tenantId": self._tenant_id})

    async def add(self, job: Job) -> Job:
        """Insert a job that is due from now on, by the database's clock.

        Raises:
            Duplicate: The stream of the connection has a live job.
        """
        document = to_document(job, exclude={"tenant_id"})
        job_id = document.pop("_id")
        # A text of a provider's that begins with $ is no expression.
        given: Document = {key: {"$literal": value} for key, value in document.items()}
        clock = {"createdAt": "$$NOW", "dueAt": "$$NOW"}
        stored = await self._collection.compute_one({"_id": job_id}, given | clock, upsert=True)
        return self._model({"_id": job_id, **(stored or document)})

    async def get(self, job_id: str, visibility: Visibility = EVERYBODY) -> Job | None:
        """One job, if it is this tenant's and of a visible connection."""
        found = await self._collection.find_one({"_id": job_id, **visibility.filter})
        return None if found is None else self._model(found)

    async def find_live(self, connection_id: str, stream: str) -> Job | None:
        """The job of a stream that is not over."""
        found = await self._collection.find_one(
            {"connectionId": connection_id, "stream": stream, "live": True}
        )
        return None if found is None else self._model(found)

    async def list_live(self, connection_id: str) -> list[Job]:
        """The jobs of a connection that are not over, one for each stream at the most."""
        found = await self._collection.find(
            {"connectionId": connection_id, "live": True},
            order=[("stream", ASCENDING)],
            limit=_MOST_STREAMS,
        )
        return [self._model(document) for document in found]

    async def cancel(self, job_id: str) -> Job | None:
        """End a job, or ask its worker to; None when it is over, or there is none.

        Where nobody works it is ended at once; a worker that comes back then finds no lease.
        """
        where: Document = {"_id": job_id, "live": True}
        ended = await self._collection.compute_one({**where, **_UNHELD}, _CANCELLED)
        if ended is None:
            ended = await self._collection.update_one(where, {"$set": {"isCancelled": True}})
        return None if ended is None else self._model(ended)

    async def confirm(self, job_id: str) -> Job | None:
        """Let a held job go on; None when it is not held."""
        freed: dict[str, Any] = {
            "status": JobStatus.RUNNING.value,
            "isConfirmed": True,
            "dueAt": "$$NOW",
        }
        found = await self._collection.compute_one(
            {"_id": job_id, "status": JobStatus.HELD.value}, freed
        )
        return None if found is None else self._model(found)

    async def list(
        self,
        where: JobFilter,
        visibility: Visibility,
        *,
        limit: int,
        after: Position | None = None,
    ) -> list[Job]:
        """Jobs, newest first, that come after ``after``."""
        conditions: list[Filter] = [where.filter, visibility.filter]
        found = await self._collection.newest(conditions, limit=limit, after=after)
        return [self._model(document) for document in found]
