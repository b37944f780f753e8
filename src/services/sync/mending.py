"""What a run that is over has read, and others before it could not."""

from __future__ import annotations

from src.db.tenant import TenantScope
from src.models.job import Job, JobStatus, SyncMode
from src.models.record import RecordKind

_MOST_MISSED = 10_000
"""A run that has missed more is no reason to call anything mended."""


async def mend(scope: TenantScope, job: Job) -> None:
    """Say so of failures, within the transaction that ends the job.

    Single records that it has met are mended already. What is left are containers, and in a full
    run of all of them what it has no longer met.
    """
    if job.status is not JobStatus.SUCCEEDED or job.mode is not SyncMode.FULL:
        return
    failures = scope.job_failures
    if job.container_ids is not None:
        read = set(job.container_ids) - set(job.unread)
        if read:
            await failures.mend(job.connection_id, job.stream, read)
        return
    own = await failures.find(job.id, None, limit=_MOST_MISSED + 1, mended=False)
    if len(own) <= _MOST_MISSED:
        await failures.mend_all(
            job.connection_id,
            job.stream,
            but_of=job.id,
            but={*job.unread, *(one.record_id for one in own)},
            # What lies in a container that was not read may still be as it was.
            kind=RecordKind.CONTAINER if job.unread else None,
        )
