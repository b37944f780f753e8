"""Trying again what a run could not read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from src.connectors.manifest import Stream
from src.core.errors import Conflict, ValidationFailed
from src.models.audit import AuditAction
from src.models.job import Job, JobFailure, SyncMode
from src.models.principal import Caller
from src.models.record import RecordKind
from src.services.audit import ScopeOf
from src.services.job_making import JobMaker, Wanted, new_job
from src.services.jobs import Jobs, status_of

MOST_RETRIED = 10_000
"""Failures that one job retries; a run with more is better done again as a whole."""


class Retries:
    """Makes jobs out of the failures of others."""

    def __init__(self, scope_of: ScopeOf, jobs: Jobs, maker: JobMaker) -> None:
        self._scope_of = scope_of
        self._jobs = jobs
        self._maker = maker

    async def retry(
        self, caller: Caller, job_id: str, record_ids: tuple[str, ...] | None = None
    ) -> Job:
        """A job for what another could not read: all of it, or only these.

        Single records are fetched one by one; what was a whole container is read from its start.

        Raises:
            NotFound: There is no such job.
            Forbidden: It is of a shared connection, and the caller is one user.
            ValidationFailed: One of these is none of its failures.
            Conflict: It is not over, nothing has failed, or the stream has another under way.
            AppError: The connection cannot be synchronized now: see ``JobMaker.ready``.
        """
        former = await self._jobs.get_own(caller, job_id)
        if former.live:
            raise Conflict("The job is not over yet.", details=status_of(former))
        failures = await self._failures(former, record_ids)
        wanted = Wanted(connection_id=former.connection_id, streams=(former.stream,))
        ready = await self._maker.ready(caller, former.connector_id, wanted)
        (stream,) = ready.streams
        containers = [one for one in failures if _is_container(one, stream)]
        job = new_job(
            ready.connection, stream.name, SyncMode.FULL, container_ids=_ids(containers)
        ).model_copy(
            update={
                "record_ids": _ids(one for one in failures if not _is_container(one, stream)),
                "retries": former.id,
            }
        )
        made = await self._maker.make(
            job, lambda added: self._jobs.note(caller, AuditAction.JOB_CREATED, added)
        )
        if made.id != job.id:
            raise Conflict(
                "Another job of this stream is under way. Retry when it is over.",
                details=status_of(made),
            )
        return made

    async def _failures(self, job: Job, record_ids: tuple[str, ...] | None) -> list[JobFailure]:
        """The failures of a job that are to be retried, one at the least."""
        repository = self._scope_of(job.tenant_id).job_failures
        told = await repository.find(
            job.id, record_ids, limit=MOST_RETRIED + 1, mended=record_ids is not None
        )
        if unknown := set(record_ids or ()) - {failure.record_id for failure in told}:
            raise ValidationFailed([("recordIds", f"{min(unknown)} is no failure of this job")])
        found = [failure for failure in told if failure.mended_at is None]
        if not found:
            raise Conflict(
                "Nothing of this job has failed, or all of it has been read since.",
                details=status_of(job),
            )
        if len(found) > MOST_RETRIED:
            raise Conflict(
                f"More than {MOST_RETRIED} records have failed. Start a full job, or name"
                " recordIds.",
                details=status_of(job),
            )
        return found


def _is_container(failure: JobFailure, stream: Stream) -> bool:
    """Whether all that lies in it is missing; where containers are the records, one is."""
    return failure.kind is RecordKind.CONTAINER and stream.kind is not RecordKind.CONTAINER


def _ids(failures: Iterable[JobFailure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(failure.record_id for failure in failures))
