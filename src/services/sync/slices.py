"""Slices: a job is taken, brought further for half a minute, and left to whoever comes next.

The job's document is the truth. A worker that dies loses its lease with time, and the next one goes
on from the last batch that was stored.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from src.connectors.base import Syncs
from src.connectors.manifest import Stream
from src.core.errors import (
    AppError,
    InternalError,
    RateLimited,
    ServiceUnavailable,
    TryLater,
    UnreadableAnswer,
    UnsupportedCapability,
)
from src.core.logging import bind_log_context, get_logger
from src.db.repositories.sync_states import FinishedRun, Reached
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.event import EventType
from src.models.job import Job, JobError, JobStatus
from src.models.principal import Caller, Principal, Via
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.events import Events
from src.services.queue import Hint, JobQueue, Work
from src.services.records import Records
from src.services.sync.holding import Holding, LeaseLost, Pace, Source, Stand, Turn
from src.services.sync.mending import mend
from src.services.sync.run import Run

MOST_OUTAGES = 10
"""So many slices in a row that end in an outage end the job."""
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 1800.0
PAUSE_SECONDS = 60.0
"""For a limit that does not say how long it lasts."""
SHORTEST_PAUSE_SECONDS = 1.0

log = get_logger(__name__)


class SliceEnd(StrEnum):
    """How a slice ended."""

    NOT_DUE = "not_due"
    """Somebody else has it, it is over, or it is to wait."""
    HANDED_ON = "handed_on"
    WAITING = "waiting"
    """The provider is to be asked later."""
    HELD = "held"
    OVER = "over"
    LOST = "lost"
    """The lease was lost: somebody else goes on."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What slices work with."""

    scope_of: ScopeOf
    calls: Calls
    records: Records
    events: Events
    queue: JobQueue


class Sync:
    """Works on jobs."""

    def __init__(self, engine: Engine, pace: Pace) -> None:
        self._engine = engine
        self._pace = pace
        self._owner = secrets.token_hex(8)

    async def run_slice(self, tenant_id: str, job_id: str, stop: asyncio.Event) -> SliceEnd:
        """Bring a job further, if it is due and free.

        Args:
            tenant_id: Whose it is.
            job_id: The job.
            stop: Set when this process ends: the slice then hands over.

        Raises:
            ServiceUnavailable: The database is away; the job goes on when its lease is over.
        """
        scope = self._engine.scope_of(tenant_id)
        async with scope.own_session() as session:
            job = await scope.job_runs.acquire(
                job_id, self._owner, self._pace.lease_seconds, session.id
            )
            if job is None:
                return SliceEnd.NOT_DUE
            bind_log_context(connector=job.connector_id, connection=job.connection_id)
            holding = Holding(job, scope, Turn(self._pace, stop), session)
            try:
                async with holding.kept():
                    return await self._work(holding)
            except LeaseLost:
                log.info("slice.lost", job=job_id)
                return SliceEnd.LOST

    async def _work(self, holding: Holding) -> SliceEnd:
        try:
            stand = await self._carry_on(holding)
        except LeaseLost:
            raise
        except Exception as error:
            trouble = next(_app_errors(error), None)
            if isinstance(trouble, ServiceUnavailable):
                # Nothing can be written down; the lease ends by itself.
                raise trouble from error
            if trouble is None:
                log.exception("slice.failed", job=holding.job.id)
                trouble = InternalError("The run met a fault of ours; it is in the log.")
            return await self._end_in_trouble(holding, trouble)
        return await self._settle(holding, stand)

    async def _settle(self, holding: Holding, stand: Stand) -> SliceEnd:
        match stand:
            case Stand.CUT:
                return await self._hand_on(holding)
            case Stand.HELD:
                return await self._hold(holding)
            case Stand.CANCELLED:
                return await self._finish(holding, JobStatus.CANCELLED)
            case Stand.DONE:
                return await self._finish(holding, JobStatus.SUCCEEDED)

    async def _carry_on(self, holding: Holding) -> Stand:
        if holding.job.is_cancelled:
            return Stand.CANCELLED
        source = await self._open(holding.job)
        return await Run(holding, source, self._engine.records).carry_on()

    async def _open(self, job: Job) -> Source:
        nobody = Caller(Principal(job.tenant_id, Via.PLATFORM, frozenset()))
        calls = self._engine.calls
        opened = await calls.open(
            nobody, job.connector_id, job.connection_id, fresh=True, background=True
        )
        stream = _stream(opened.loaded.manifest.streams, job.stream)
        connector = opened.connector
        if stream is None or not isinstance(connector, Syncs):
            name = opened.loaded.manifest.name
            raise UnsupportedCapability(
                f"{name} has no stream {job.stream!r} any more.", details={"capability": "sync"}
            )
        return Source(nobody, opened, connector, stream, calls)

    async def _hand_on(self, holding: Holding) -> SliceEnd:
        job = holding.job
        await self._release(holding.scope, job, due_in=0.0, attempts=job.attempts, error=None)
        await self._engine.queue.send(Hint(Work.SLICE, job.tenant_id, job.id))
        return SliceEnd.HANDED_ON

    async def _end_in_trouble(self, holding: Holding, error: AppError) -> SliceEnd:
        """Try again later what may pass; fail at once on everything else."""
        job = holding.job
        is_outage = isinstance(error, TryLater | UnreadableAnswer)
        attempts = job.attempts + is_outage
        if not isinstance(error, RateLimited) and (not is_outage or attempts >= MOST_OUTAGES):
            return await self._finish(holding, JobStatus.FAILED, error)
        pause = _pause(error, attempts, job.error)
        told = _told(error, retry_after=pause)
        await self._release(holding.scope, job, due_in=pause, attempts=attempts, error=told)
        log.warning("slice.postponed", job=job.id, code=error.code.value, seconds=round(pause, 1))
        return SliceEnd.WAITING

    async def _release(
        self,
        scope: TenantScope,
        job: Job,
        *,
        due_in: float,
        attempts: int,
        error: JobError | None,
    ) -> None:
        if not await scope.job_runs.release(job, due_in=due_in, attempts=attempts, error=error):
            raise LeaseLost

    async def _hold(self, holding: Holding) -> SliceEnd:
        job = holding.job

        async def write() -> None:
            if not await holding.scope.job_runs.hold(job):
                raise LeaseLost
            told = {**_summary(job), "wouldDelete": job.would_delete}
            await self._engine.events.emit(job.tenant_id, EventType.JOB_HELD, told)

        await holding.scope.together(write)
        log.warning("job.held", job=job.id)
        return SliceEnd.HELD

    async def _finish(
        self, holding: Holding, status: JobStatus, error: AppError | None = None
    ) -> SliceEnd:
        """End the job: its status, the state of its stream and the news of it are one."""
        job, scope = holding.job, holding.scope
        told = None if error is None else _told(error)

        async def write() -> Job:
            ended = await scope.job_runs.finish(job, status, told)
            if ended is None:
                raise LeaseLost
            run = FinishedRun(
                at=ended.finished_at or now(),
                status=status.value,
                counts=ended.counts.model_dump(by_alias=True),
            )
            reached = _reached(ended)
            await scope.sync_states.note_run(job.connection_id, job.stream, run, reached)
            await mend(scope, ended)
            await self._tell(ended)
            return ended

        await scope.together(write)
        log.info("job.ended", job=job.id, status=status.value)
        return SliceEnd.OVER

    async def _tell(self, job: Job) -> None:
        if job.status is JobStatus.SUCCEEDED:
            more = {"mode": job.mode.value, "isTruncated": job.is_truncated}
            await self._engine.events.emit(
                job.tenant_id, EventType.SYNC_COMPLETED, {**_summary(job), **more}
            )
        elif job.status is JobStatus.FAILED and job.error is not None:
            why = {"code": job.error.code, "message": job.error.message}
            await self._engine.events.emit(
                job.tenant_id, EventType.SYNC_FAILED, {**_summary(job), "error": why}
            )


def _app_errors(error: BaseException) -> Iterator[AppError]:
    """What a connector that does several things at once has met."""
    if isinstance(error, AppError):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _app_errors(inner)


def _stream(streams: tuple[Stream, ...], name: str) -> Stream | None:
    return next((stream for stream in streams if stream.name == name), None)


def _pause(error: AppError, attempts: int, before: JobError | None) -> float:
    """How long to leave the provider alone: as it says, or longer from time to time.

    A provider that says too little, again and again, is left alone for longer each time.
    """
    if error.retry_after is not None:
        is_repeated = before is not None and before.code == error.code.value
        former = (before.retry_after or 0.0) if before and is_repeated else 0.0
        longer = min(2 * former, PAUSE_SECONDS)
        return max(error.retry_after, longer, SHORTEST_PAUSE_SECONDS)
    if isinstance(error, RateLimited):
        longest = PAUSE_SECONDS
    else:
        longest = min(FIRST_PAUSE_SECONDS * 2.0**attempts, LONGEST_PAUSE_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311  it spreads retries, no more


def _told(error: AppError, *, retry_after: float | None = None) -> JobError:
    return JobError(code=error.code.value, message=error.message, at=now(), retry_after=retry_after)


def _reached(job: Job) -> Reached | None:
    """Where the next run of the stream begins; a job that only retries does not know."""
    is_whole = job.status is JobStatus.SUCCEEDED and job.record_ids is None
    if not is_whole or job.next_checkpoint is None:
        return None
    return Reached(
        checkpoint=job.next_checkpoint,
        container_ids=job.container_ids,
        seen_version=job.checkpoint_version,
    )


def _summary(job: Job) -> dict[str, object]:
    return {
        "connectionId": job.connection_id,
        "connectorId": job.connector_id,
        "stream": job.stream,
        "jobId": job.id,
        "counts": job.counts.model_dump(by_alias=True),
    }
