"""Bodies of the routes of jobs and schedules."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints

from src.api.schemas.base import (
    Body,
    ConnectionId,
    Name,
    PageQuery,
    ProviderId,
    Reply,
)
from src.db.repositories.jobs import JobFilter
from src.models.base import Timestamp
from src.models.ids import IdPrefix
from src.models.job import (
    Counts,
    Job,
    JobError,
    JobFailure,
    JobStatus,
    Progress,
    Schedule,
    SyncMode,
)
from src.models.record import RecordKind
from src.services.job_making import Wanted
from src.services.schedules import FIVE_FIELDS

JobId = Annotated[str, StringConstraints(pattern=IdPrefix.JOB.pattern)]
ScheduleId = Annotated[str, StringConstraints(pattern=IdPrefix.SCHEDULE.pattern)]
_CRON = r"^[A-Za-z0-9*,/#?-]+( [A-Za-z0-9*,/#?-]+){4}$"
_LONGEST_CRON = 100


def _five_fields(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_CRON, value) is None:
        raise ValueError(f"must be {FIVE_FIELDS}")
    return value


Cron = Annotated[str, StringConstraints(pattern=_CRON), BeforeValidator(_five_fields)]


class NewJobsBody(Body):
    """What to synchronize."""

    connection_id: ConnectionId
    type: Literal["sync"] = "sync"
    streams: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Some of the connector's `streams`; absent = all."
    )
    container_ids: Annotated[list[ProviderId], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="Only what lies in these; absent = all that the account lists."
    )
    mode: Literal["incremental", "full"] = Field(
        default="incremental",
        description="`incremental`: what has changed since the checkpoint, everything where there "
        "is none. `full`: everything, and what is not met any more is deleted.",
    )
    schedule: Annotated[Cron, Field(max_length=_LONGEST_CRON)] | None = Field(
        default=None, description="Again and again: a cron expression of five fields, in UTC."
    )

    def to_wanted(self) -> Wanted:
        """What the service takes."""
        containers = self.container_ids
        return Wanted(
            connection_id=self.connection_id,
            streams=None if self.streams is None else tuple(self.streams),
            container_ids=None if containers is None else tuple(dict.fromkeys(containers)),
            mode=SyncMode(self.mode),
        )


class RetryBody(Body):
    """What to try again."""

    record_ids: Annotated[list[ProviderId], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="`recordId` of some of the failures; absent = all."
    )


ALL_FAILURES = RetryBody()


class JobsQuery(PageQuery):
    """What the list of jobs takes."""

    connection_id: ConnectionId | None = None
    stream: Name | None = None
    status: JobStatus | None = None

    def to_filter(self) -> JobFilter:
        """What the service takes."""
        return JobFilter(connection_id=self.connection_id, stream=self.stream, status=self.status)


class SchedulesQuery(PageQuery):
    """What the list of schedules takes."""

    connection_id: ConnectionId | None = None


class JobRefOut(Reply):
    """A job of one stream, in short."""

    job_id: str
    stream: str
    status: JobStatus

    @classmethod
    def of(cls, job: Job) -> Self:
        """From the record."""
        return cls(job_id=job.id, stream=job.stream, status=job.status)


class ScheduleRefOut(Reply):
    """A schedule, in short."""

    schedule_id: str
    cron: str
    next_run_at: Timestamp

    @classmethod
    def of(cls, schedule: Schedule | None) -> Self | None:
        """From the record."""
        if schedule is None:
            return None
        return cls(schedule_id=schedule.id, cron=schedule.cron, next_run_at=schedule.next_run_at)


class JobsOut(Reply):
    """One job for each stream, in the order that was asked for."""

    jobs: list[JobRefOut]
    schedule: ScheduleRefOut | None

    @classmethod
    def of(cls, jobs: list[Job], schedule: Schedule | None = None) -> Self:
        """From the records."""
        return cls(jobs=[JobRefOut.of(job) for job in jobs], schedule=ScheduleRefOut.of(schedule))


class JobOut(Reply):
    """A run of one stream."""

    id: str
    connection_id: str
    connector_id: str
    type: Literal["sync"]
    stream: str
    mode: SyncMode
    container_ids: list[str] | None = Field(description="null = all that the account lists.")
    schedule_id: str | None
    retries: str | None = Field(description="The job whose failures this one tries again.")
    status: JobStatus
    cancelling: bool = Field(description="It was cancelled, and ends with its present batch.")
    progress: Progress
    counts: Counts
    would_delete: int | None = Field(
        description="How many records a held job would delete once it is confirmed."
    )
    failures: int = Field(description="How many records and containers could not be read.")
    truncated: bool = Field(description="The provider keeps back part of the stream.")
    error: JobError | None = Field(
        description="Why it failed; while it goes on, what it waits for since."
    )
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None
    due_at: Timestamp | None = Field(
        description="From when on it is worked on; null while somebody does, once it is over, "
        "and while it is held."
    )

    @classmethod
    def of(cls, job: Job) -> Self:
        """From the record."""
        return cls(
            id=job.id,
            connection_id=job.connection_id,
            connector_id=job.connector_id,
            type="sync",
            stream=job.stream,
            mode=job.mode,
            container_ids=None if job.container_ids is None else list(job.container_ids),
            schedule_id=job.schedule_id,
            retries=job.retries,
            status=job.status,
            cancelling=job.live and job.is_cancelled,
            progress=job.progress,
            counts=job.counts,
            would_delete=job.would_delete,
            failures=job.failures,
            truncated=job.is_truncated,
            error=job.error,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            due_at=job.due_at if job.lease is None else None,
        )


class JobFailureOut(Reply):
    """What a run could not read, and why."""

    record_id: str
    kind: RecordKind = Field(description="`container`: nothing of what lies in it was read.")
    code: str
    message: str
    at: Timestamp
    mended_at: Timestamp | None = Field(
        description="When a run has read it after all, or has seen that it is gone; such a one is "
        "not retried. null = nobody has read it since."
    )

    @classmethod
    def of(cls, failure: JobFailure) -> Self:
        """From the record."""
        return cls(**failure.model_dump(exclude={"id", "job_id", "connection_id", "stream"}))


class ScheduleOut(Reply):
    """Streams of a connection that are synchronized again and again."""

    id: str
    connection_id: str
    connector_id: str
    streams: list[str]
    container_ids: list[str] | None
    mode: SyncMode
    cron: str
    next_run_at: Timestamp
    created_at: Timestamp
    created_by: str | None

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """From the record."""
        shown = schedule.model_dump(exclude={"tenant_id", "user_id"})
        return cls(**shown | {"streams": list(schedule.streams)})


class ScheduleDeletedOut(Reply):
    """The end of a schedule."""

    schedule_id: str
