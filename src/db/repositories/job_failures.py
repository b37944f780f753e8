"""What runs could not read, one document for each record or container."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Sequence
from datetime import datetime

from src.db.client import Document
from src.db.collection import ASCENDING, Collection, Filter, to_document, to_model
from src.models.base import now
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
        self, job_id: str, record_ids: AnyOf[str] | None, *, limit: int, mended: bool = True
    ) -> list[JobFailure]:
        """Failures of a job, of these records or of all, with those that were mended or without."""
        where: Document = {"jobId": job_id}
        if not mended:
            where["mendedAt"] = None
        if record_ids is not None:
            where["recordId"] = {"$in": sorted(record_ids)}
        found = await self._collection.find(where, order=[("at", ASCENDING)], limit=limit)
        return [to_model(JobFailure, document) for document in found]

    async def unmended(self, connection_id: str, stream: str, *, limit: int) -> set[str]:
        """What of a stream nobody has read since it failed, by the ids of records."""
        where = {"connectionId": connection_id, "stream": stream, "mendedAt": None}
        found = await self._collection.find(
            where, order=[("at", ASCENDING)], limit=limit, only=["recordId"]
        )
        return {document["recordId"] for document in found}

    async def mend(self, connection_id: str, stream: str, record_ids: AnyOf[str]) -> None:
        """These have been read now, whichever run could not before."""
        where: Document = {
            "connectionId": connection_id,
            "stream": stream,
            "mendedAt": None,
            "recordId": {"$in": sorted(record_ids)},
        }
        await self._collection.update_many(where, {"$set": {"mendedAt": now()}})

    async def mend_all(
        self,
        connection_id: str,
        stream: str,
        *,
        but_of: str,
        but: AnyOf[str],
        kind: RecordKind | None = None,
    ) -> None:
        """All of a stream has been read now, but for these, and for what this job could not."""
        where: Document = {
            "connectionId": connection_id,
            "stream": stream,
            "mendedAt": None,
            "jobId": {"$ne": but_of},
            "recordId": {"$nin": sorted(but)},
        }
        if kind is not None:
            where["kind"] = kind.value
        await self._collection.update_many(where, {"$set": {"mendedAt": now()}})

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
