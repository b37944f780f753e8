"""Jobs: one run of one stream each, and what a run leaves behind."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from src.models.base import Model, Timestamp
from src.models.record import RecordKind


class JobStatus(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    HELD = "held"
    """It would delete so much that somebody has to confirm it."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.HELD})
"""A stream of a connection has at most one job in these."""


class SyncMode(StrEnum):
    """How much of a stream a run reads."""

    INCREMENTAL = "incremental"
    """What has changed since the checkpoint; everything where there is none."""
    FULL = "full"


class Progress(Model):
    """How far a run is; ``total`` where the provider tells."""

    pages: int = 0
    records: int = 0
    total: int | None = None


class Counts(Model):
    """What became of the records of a run."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0


class JobError(Model):
    """Why a job failed, or what its last slice met; never a secret."""

    code: str
    message: str
    at: Timestamp
    retry_after: float | None = None


class Lease(Model):
    """Who works on a job now. With each holder ``fence`` grows: a former one can write no more."""

    owner: str
    fence: int
    until: Timestamp


class Job(Model):
    """One run of one stream, in slices; this document is the truth, messages are hints."""

    id: str
    tenant_id: str
    connection_id: str
    connector_id: str
    user_id: str | None = None
    """Whose connection it is; None = it is shared."""
    stream: str
    mode: SyncMode
    """``full`` also where an incremental run was asked for and there is no checkpoint yet."""
    container_ids: tuple[str, ...] | None = None
    """None = all that the account lists."""
    record_ids: tuple[str, ...] | None = None
    """Only these records, one by one: the job retries failures of another. Then ``container_ids``
    are those that could not be read as a whole, and never None."""
    retried: str | None = None
    """The last of ``record_ids`` that has been tried, so that these are never written again."""
    schedule_id: str | None = None
    retries: str | None = None
    """The job whose failures this one retries."""
    checkpoint: dict[str, Any] | None = None
    """Where an incremental run begins, as it was at its first slice; None = a full one."""
    checkpoint_version: int = 0
    """The version of the stream's state that it was read from: a newer one is not written over.
    """

    status: JobStatus
    live: bool
    """Whether the status is one of ``ACTIVE``: the unique index is over these."""
    due_at: Timestamp | None
    """From when on it should be worked on; None once it is over, or while it is held."""
    lease: Lease | None = None
    fence: int = 0
    attempts: int = 0
    """Slices in a row that ended in an outage."""
    is_cancelled: bool = False
    """Somebody asked for the end; the holder of the lease carries it out."""
    is_confirmed: bool = False
    """Somebody agreed to the deletions."""

    sweep: int = 0
    """The number of the full run of its stream, 0 for an incremental one."""
    plan: tuple[str, ...] | None = None
    """The containers that the run reads, once they are known."""
    position: str | None = None
    """The connector's own: where the run goes on."""
    next_checkpoint: dict[str, Any] | None = None
    """Where the next run begins, once this one has been through."""
    has_read_all: bool = False
    """The provider has been read to the end; what is left is to delete, and to finish."""
    unread: tuple[str, ...] = ()
    """Containers that could not be read: nothing of theirs is deleted."""
    is_truncated: bool = False
    would_delete: int | None = None
    """How many records a held run found gone: what is to be confirmed."""

    progress: Progress = Progress()
    counts: Counts = Counts()
    failures: int = 0
    error: JobError | None = None
    created_at: Timestamp
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None


class JobFailure(Model):
    """A record, or a whole container, that a run could not read."""

    id: str
    job_id: str
    connection_id: str = ""
    stream: str = ""
    record_id: str
    kind: RecordKind
    code: str
    message: str
    at: Timestamp
    mended_at: Timestamp | None = None
    """When this or another run has read it after all, or has seen that it is gone."""


class Schedule(Model):
    """Streams of a connection that are synchronized again and again; ``cron`` is in UTC."""

    id: str
    tenant_id: str
    connection_id: str
    connector_id: str
    user_id: str | None = None
    """Whose connection it is; None = it is shared."""
    streams: tuple[str, ...]
    container_ids: tuple[str, ...] | None = None
    mode: SyncMode
    cron: str
    next_run_at: Timestamp
    created_at: Timestamp
    created_by: str | None = None
    """Who asked for it, as the audit log names callers."""
