"""Jobs as callers see them: asked for, looked at, cancelled, confirmed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from src.core.errors import Conflict, NotFound, ServiceUnavailable
from src.db.collection import Position
from src.db.repositories.jobs import JobFilter
from src.db.repositories.sync_states import FinishedRun
from src.db.tenant import TenantScope
from src.models.audit import AuditAction
from src.models.base import now
from src.models.connection import Connection
from src.models.job import Job, JobFailure, JobStatus, SyncMode
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.connections import Connections, visibility
from src.services.job_making import JobMaker, Ready, Wanted, new_job


class Jobs:
    """Jobs of connections."""

    def __init__(
        self, scope_of: ScopeOf, connections: Connections, maker: JobMaker, audit: Audit
    ) -> None:
        self._scope_of = scope_of
        self._connections = connections
        self._maker = maker
        self._audit = audit

    async def enqueue(self, caller: Caller, connector_id: str, wanted: Wanted) -> list[Job]:
        """One job for each stream; one that is not over is answered as it is.

        Raises:
            AppError: The connection is not the caller's, or cannot be synchronized now: see
                ``JobMaker.ready``.
        """
        return await self.begin(
            caller, await self._maker.ready(caller, connector_id, wanted), wanted
        )

    async def begin(
        self, caller: Caller, ready: Ready, wanted: Wanted, schedule_id: str | None = None
    ) -> list[Job]:
        """The same, once it is sure that the caller may and the connection can."""
        return [
            await self._maker.make(
                new_job(
                    ready.connection,
                    name,
                    wanted.mode,
                    container_ids=wanted.container_ids,
                    schedule_id=schedule_id,
                ),
                lambda job: self.note(caller, AuditAction.JOB_CREATED, job),
            )
            for name in ready.names
        ]

    async def start(
        self,
        connection: Connection,
        streams: Collection[str],
        mode: SyncMode = SyncMode.INCREMENTAL,
        *,
        container_ids: tuple[str, ...] | None = None,
        schedule_id: str | None = None,
    ) -> list[Job]:
        """The same where nobody asks just now: for a schedule, or on news of a provider's."""
        return [
            await self._maker.make(
                new_job(
                    connection, name, mode, container_ids=container_ids, schedule_id=schedule_id
                )
            )
            for name in streams
        ]

    async def get(self, caller: Caller, job_id: str) -> Job:
        """One job.

        Raises:
            NotFound: There is none, or it is of somebody else's connection.
        """
        found = await self._scope_of(caller.tenant_id).jobs.get(job_id, visibility(caller))
        if found is None:
            raise NotFound("There is no such job.")
        return found

    async def get_own(self, caller: Caller, job_id: str) -> Job:
        """A job whose connection the caller may change.

        Raises:
            NotFound: The caller may not even see it.
            Forbidden: It is of a shared connection, and the caller is one user of the tenant.
        """
        job = await self.get(caller, job_id)
        await self._connections.get_own(caller, job.connection_id)
        return job

    async def cancel(self, caller: Caller, job_id: str) -> Job:
        """End a job; one that is worked on ends with its present batch. Twice is once.

        Raises:
            NotFound: There is no such job.
            Forbidden: It is of a shared connection, and the caller is one user.
            Conflict: It has come to its end by itself.
        """
        job = await self.get_own(caller, job_id)
        scope = self._scope_of(caller.tenant_id)

        async def write() -> Job | None:
            cancelled = await end(scope, job.id)
            if cancelled is not None and not job.is_cancelled:
                await self.note(caller, AuditAction.JOB_CANCELLED, cancelled)
            return cancelled

        cancelled = await scope.together(write)
        if cancelled is not None:
            await self._wake(cancelled)
            return cancelled
        over = await self.get(caller, job_id)
        if over.status is not JobStatus.CANCELLED:
            raise Conflict(f"The job is over: {over.status.value}.", details=status_of(over))
        return over

    async def confirm(self, caller: Caller, job_id: str) -> Job:
        """Let a held job delete what it found gone.

        Raises:
            NotFound: There is no such job.
            Forbidden: It is of a shared connection, and the caller is one user.
            Conflict: It is not held.
        """
        job = await self.get_own(caller, job_id)
        scope = self._scope_of(caller.tenant_id)

        async def write() -> Job:
            confirmed = await scope.jobs.confirm(job.id)
            if confirmed is None:
                present = await self.get(caller, job.id)
                raise Conflict(
                    f"The job is not held, but {present.status.value}.", details=status_of(present)
                )
            await self.note(caller, AuditAction.JOB_CONFIRMED, confirmed)
            await self._maker.tell(confirmed)
            return confirmed

        confirmed = await scope.together(write)
        await self._wake(confirmed)
        return confirmed

    async def _wake(self, job: Job) -> None:
        """Let news come that waited for what becomes of a held job."""
        scope = self._scope_of(job.tenant_id)
        # What is not found now comes by itself, later.
        with suppress(ServiceUnavailable):
            if webhooks := await scope.webhooks.list(job.connection_id):
                await scope.hook_deliveries.wake([webhook.id for webhook in webhooks], job.id)

    async def failures(
        self, caller: Caller, job_id: str, *, limit: int, after: Position | None
    ) -> list[JobFailure]:
        """What a run could not read, oldest first.

        Raises:
            NotFound: There is no such job.
        """
        job = await self.get(caller, job_id)
        return await self._scope_of(caller.tenant_id).job_failures.list(
            job.id, limit=limit, after=after
        )

    async def note(self, caller: Caller, action: AuditAction, job: Job) -> None:
        """Write down what somebody did with a job."""
        await self._audit.record(
            caller,
            action,
            job.connection_id,
            connectorId=job.connector_id,
            jobId=job.id,
            stream=job.stream,
            retries=job.retries,
        )

    async def list(
        self, caller: Caller, where: JobFilter, *, limit: int, after: Position | None
    ) -> list[Job]:
        """Jobs of connections that the caller may see, newest first."""
        return await self._scope_of(caller.tenant_id).jobs.list(
            where, visibility(caller), limit=limit, after=after
        )


async def end(scope: TenantScope, job_id: str) -> Job | None:
    """Cancel a job, within a transaction; None when it is over.

    Where nobody works on it, nobody else can tell the state of the stream how it ended.
    """
    cancelled = await scope.jobs.cancel(job_id)
    if cancelled is not None and not cancelled.live:
        counts = cancelled.counts.model_dump(by_alias=True)
        run = FinishedRun(
            at=cancelled.finished_at or now(), status=cancelled.status.value, counts=counts
        )
        await scope.sync_states.note_run(cancelled.connection_id, cancelled.stream, run)
    return cancelled


async def end_all(scope: TenantScope, connection_id: str) -> None:
    """Cancel what a connection does, and what it would do, within a transaction."""
    await scope.schedules.delete_of(connection_id)
    for job in await scope.jobs.list_live(connection_id):
        await end(scope, job.id)


def status_of(job: Job) -> dict[str, Any]:
    """What an error tells of the job in the way."""
    return {"jobId": job.id, "status": job.status.value}
