"""Jobs: a run of a stream each, asked for, looked at, watched, cancelled, confirmed, retried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, RecheckDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.job_events import JobEvents
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.base import PageQuery
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.jobs import (
    ALL_FAILURES,
    JobFailureOut,
    JobId,
    JobOut,
    JobRefOut,
    JobsOut,
    JobsQuery,
    NewJobsBody,
    RetryBody,
)
from src.core.errors import ErrorCode
from src.models.job import Job, JobFailure
from src.models.principal import Permission

router = APIRouter(tags=["jobs"], route_class=Route)

JobPath = Annotated[JobId, Path(description="A job's id.")]
_START_CODES = (
    ErrorCode.NOT_FOUND,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.CONFLICT,
    ErrorCode.UNSUPPORTED_CAPABILITY,
    ErrorCode.INSUFFICIENT_SCOPE,
    ErrorCode.CONNECTION_NOT_READY,
    ErrorCode.CONNECTOR_NOT_CONFIGURED,
    ErrorCode.REAUTHORIZATION_REQUIRED,
)
_LIST_CODES = (ErrorCode.INVALID_CURSOR, ErrorCode.CREDENTIALS_UNREADABLE)


@router.post(
    "/connectors/{connector_id}/jobs",
    response_model=Envelope[JobsOut],
    status_code=202,
    operation_id="createJobs",
    **needs(Permission.JOBS_WRITE, *_START_CODES),
)
async def create_jobs(
    connector_id: str,
    body: NewJobsBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Synchronize streams of a connection, once now, and with `schedule` again and again.

    One job for each stream. One that is not over is answered as it is: a stream has one at a time.
    The same schedule asked for twice is one.
    """
    wanted = body.to_wanted()
    if body.schedule is None:
        return ok(JobsOut.of(await container.jobs.enqueue(caller, connector_id, wanted)), 202)
    schedule, jobs = await container.schedules.create(caller, connector_id, wanted, body.schedule)
    return ok(JobsOut.of(jobs, schedule), 202)


@router.get(
    "/jobs",
    response_model=Envelope[ListOf[JobOut]],
    operation_id="listJobs",
    **needs(Permission.JOBS_READ, *_LIST_CODES),
)
async def list_jobs(
    caller: CallerDep, container: ContainerDep, query: Annotated[JobsQuery, Query()]
) -> Response:
    """Jobs of connections that the caller may see, newest first; kept for 90 days."""
    paging = Paging(container.cursors, "jobs", caller, query)
    found = await container.jobs.list(
        caller, query.to_filter(), limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _position)
    return ok_list([JobOut.of(job) for job in shown], next_cursor=cursor)


def _position(job: Job) -> tuple[datetime, str]:
    return job.created_at, job.id


@router.get(
    "/jobs/{job_id}",
    response_model=Envelope[JobOut],
    operation_id="getJob",
    **needs(Permission.JOBS_READ, ErrorCode.NOT_FOUND),
)
async def get_job(
    job_id: JobPath, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """One job, as far as it has come."""
    return ok(JobOut.of(await container.jobs.get(caller, job_id)))


@router.post(
    "/jobs/{job_id}/cancel",
    response_model=Envelope[JobOut],
    operation_id="cancelJob",
    **needs(Permission.JOBS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT),
)
async def cancel_job(
    job_id: JobPath, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """End a job: at once, or with its present batch (`cancelling`). What it has stored stays.

    The next run begins at the same checkpoint. 409 when it has come to its end by itself.
    """
    return ok(JobOut.of(await container.jobs.cancel(caller, job_id)))


@router.post(
    "/jobs/{job_id}/confirm",
    response_model=Envelope[JobOut],
    operation_id="confirmJob",
    **needs(Permission.JOBS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT),
)
async def confirm_job(
    job_id: JobPath, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Let a `held` job delete what it found gone: more than 20 % of the stream and more than 50.

    To refuse, cancel it: nothing is deleted then.
    """
    return ok(JobOut.of(await container.jobs.confirm(caller, job_id)))


@router.get(
    "/jobs/{job_id}/failures",
    response_model=Envelope[ListOf[JobFailureOut]],
    operation_id="listJobFailures",
    **needs(Permission.JOBS_READ, ErrorCode.NOT_FOUND, *_LIST_CODES),
)
async def list_failures(
    job_id: JobPath,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """Records and containers that the run could not read, oldest first."""
    paging = Paging(container.cursors, f"jobs/{job_id}/failures", caller, query)
    found = await container.jobs.failures(
        caller, job_id, limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _failure_position)
    return ok_list([JobFailureOut.of(failure) for failure in shown], next_cursor=cursor)


def _failure_position(failure: JobFailure) -> tuple[datetime, str]:
    return failure.at, failure.id


@router.post(
    "/jobs/{job_id}/retry",
    response_model=Envelope[JobRefOut],
    status_code=202,
    operation_id="retryJob",
    **needs(Permission.JOBS_WRITE, *_START_CODES),
)
async def retry_job(
    job_id: JobPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
    body: RetryBody = ALL_FAILURES,
) -> Response:
    """Try again what a run could not read, and nothing else, in a job of its own.

    409 when the run is not over, nothing of it has failed, or its stream has a job under way.
    """
    wanted = None if body.record_ids is None else tuple(body.record_ids)
    return ok(JobRefOut.of(await container.retries.retry(caller, job_id, wanted)), 202)


@router.get(
    "/jobs/{job_id}/events",
    response_class=Response,
    operation_id="watchJob",
    **needs(
        Permission.JOBS_READ,
        ErrorCode.NOT_FOUND,
        also={
            200: {
                "description": "Server-sent events",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    ),
)
async def watch_job(
    job_id: JobPath,
    caller: CallerDep,
    container: ContainerDep,
    recheck: RecheckDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """The job as server-sent events: `event: job` with `data` as `GET /api/jobs/{id}` answers it.

    The first one comes at once, then one when it has changed, at most two in a second. The stream
    ends with the job, or when the caller may no longer see it; a client that comes back begins with
    the present state. 429 when too many are watching.
    """
    job = await container.jobs.get(caller, job_id)
    return JobEvents(container.watches.open(caller, job, recheck, container.stopping))
