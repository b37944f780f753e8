"""What runs could not read, one document for each record or container."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Sequence
from datetime import datetime

from src.db.client import Document
from src.db.collection import ASCENDING, Collection, Filter, to_document, to_model
from src.models.job import JobFailure
from src.models.record import RecordKind

Position = tuple[datetime, str]
"""Time and id of the last failure that was seen."""


def failure_id(job_id: str, kind: RecordKind, record_id: str) -> str:
    """The id under which a failure is kept: met twice in a run, it is one."""
    return f"{job_id}.{kind.value}.{record_id}"


class JobFailureRepository:
    """One tenant's failures."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def put(self, failures: Sequence[JobFailure]) -> None:
        """Keep these, each once."""
        for failure in failures:
            document = to_document(failure)
            where = {"_id": document.pop("_id")}
            await self._collection.update_one(where, {"$set": document}, upsert=True)

    async def find(
        self, job_id: str, record_ids: AnyOf[str] | None, *, limit: int
    ) -> list[JobFailure]:
        """Failures of a job, of these records or of all."""
        where: Document = {"jobId": job_id}
        if record_ids is not None:
            where["recordId"] = {"$in": sorted(record_ids)}
        found = await self._collection.find(where, order=[("at", ASCENDING)], limit=limit)
        return [to_model(JobFailure, document) for document in found]

    async def list(
        self, job_id: str, *, limit: int, after: Position | None = None
    ) -> list[JobFailure]:
        """Failures of a job, oldest first, that come after ``after``."""
        conditions: list[Filter] = [{"jobId": job_id}]
        if after is not None:
            at, last = after
            conditions.append({"$or": [{"at": {"$gt": at}}, {"at": at, "_id": {"$gt": last}}]})
        found = await self._collection.find(
            {"$and": conditions}, order=[("at", ASCENDING), ("_id", ASCENDING)], limit=limit
        )
        return [to_model(JobFailure, document) for document in found]
