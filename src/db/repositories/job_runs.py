"""Jobs as those who work on them see them: under a lease, whose every holder has a higher fence.

All times are of the database's clock. What is written by a holder names its fence, so that one who
was taken for dead and wakes up changes nothing any more.
"""

from __future__ import annotations

from typing import Any

from src.db.client import Document
from src.db.collection import Collection, to_model
from src.models.job import ACTIVE, Job, JobError, JobStatus

_NOW = "$$NOW"
_IS_FREE = {"$lte": [{"$ifNull": ["$lease.until", _NOW]}, _NOW]}
_IS_DUE = {"$lte": ["$dueAt", _NOW]}
_AT_WORK = ("queued", "running")

KEPT = frozenset(
    {
        "attempts",
        "checkpoint",
        "checkpoint_version",
        "counts",
        "failures",
        "has_read_all",
        "is_truncated",
        "mode",
        "next_checkpoint",
        "plan",
        "position",
        "progress",
        "retried",
        "sweep",
        "unread",
        "would_delete",
    }
)
"""What the holder of the lease decides alone."""


class JobRunRepository:
    """One tenant's jobs, for workers."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def acquire(
        self, job_id: str, owner: str, seconds: float, session_id: bytes = b""
    ) -> Job | None:
        """Begin to work on a job that is due and free; None when it is not.

        Args:
            job_id: The job.
            owner: Who works on it.
            seconds: For how long, unless the lease is renewed.
            session_id: The session that is written in; one of a holder who did not give the job
                back is ended, for its transaction would be in the way.
        """
        fence = {"$add": ["$fence", 1]}
        found = await self._collection.compute_one(
            {
                "_id": job_id,
                "status": {"$in": list(_AT_WORK)},
                "$expr": {"$and": [_IS_DUE, _IS_FREE]},
            },
            {
                "status": JobStatus.RUNNING.value,
                "fence": fence,
                "lease": {"owner": {"$literal": owner}, "fence": fence, "until": _in(seconds)},
                "startedAt": {"$ifNull": ["$startedAt", _NOW]},
                "session": {"$literal": session_id},
                "deadSession": {
                    "$cond": [{"$ifNull": ["$lease", False]}, {"$ifNull": ["$session", b""]}, b""]
                },
            },
        )
        if found is None:
            return None
        if dead := found["deadSession"]:
            await self._collection.end_session(dead)
        return self._model(found)

    async def renew(self, job: Job, seconds: float) -> Job | None:
        """Keep the lease, and see what was asked of the job meanwhile; None = it is lost."""
        return await self._compute(job, {"lease.until": _in(seconds)})

    async def advance(self, former: Job, job: Job, seconds: float) -> Job | None:
        """Write how far the run is, and keep the lease; None = it is lost, nothing was written.

        Args:
            former: The job as it was read or written last by the holder.
            job: The same, further on.
            seconds: For how long the lease is kept.
        """
        moved = {name for name in KEPT if getattr(job, name) != getattr(former, name)}
        fields = job.model_dump(by_alias=True, include=moved)
        written = {name: {"$literal": value} for name, value in fields.items()}
        return await self._compute(former, {**written, "lease.until": _in(seconds)})

    async def release(
        self, job: Job, *, due_in: float, attempts: int, error: JobError | None
    ) -> bool:
        """Leave the job to whoever comes when it is due again; False = the lease was lost."""
        fields = {"dueAt": _in(due_in), "attempts": {"$literal": attempts}, **_left(error)}
        return await self._compute(job, fields) is not None

    async def hold(self, job: Job) -> bool:
        """Wait until somebody confirms; False = the lease was lost."""
        fields = {"status": JobStatus.HELD.value, "dueAt": None, **_left(None)}
        return await self._compute(job, fields) is not None

    async def finish(self, job: Job, status: JobStatus, error: JobError | None) -> Job | None:
        """End the job; None = the lease was lost."""
        if status in ACTIVE:
            raise ValueError("this is no end")
        fields = {
            "status": status.value,
            "live": False,
            "dueAt": None,
            "finishedAt": _NOW,
            **_left(error),
        }
        return await self._compute(job, fields)

    async def _compute(self, job: Job, fields: Document) -> Job | None:
        # Ten thousand ids, which nobody changes, need not come back each time.
        found = await self._collection.compute_one(_held(job), fields, without=["recordIds"])
        if found is None:
            return None
        return self._model(found).model_copy(update={"record_ids": job.record_ids})

    def _model(self, document: Document) -> Job:
        return to_model(Job, {**document, "tenantId": self._tenant_id})


def _in(seconds: float) -> Document:
    return {"$add": [_NOW, round(seconds * 1000)]}


def _held(job: Job) -> Document:
    return {"_id": job.id, "live": True, "lease.fence": job.fence}


def _left(error: JobError | None) -> dict[str, Any]:
    told = None if error is None else {"$literal": error.model_dump(by_alias=True)}
    return {"lease": None, "error": told}
