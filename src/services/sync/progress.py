"""How far a step brings a job: pure, so that a transaction can be tried again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from src.connectors.manifest import Stream
from src.core.errors import ErrorCode
from src.db.repositories.job_failures import failure_id
from src.models.base import now
from src.models.job import Counts, Job, JobFailure, Progress
from src.models.record import RecordCounts, RecordKind
from src.services.sync.reading import ReadPage

EVERYTHING = ""
"""Among the unread containers of a job: nothing at all is swept."""
_TOO_LARGE = "The record is larger than what can be stored."


@dataclass(frozen=True, slots=True)
class Missed:
    """A record, or a whole container, that could not be read."""

    id: str
    kind: RecordKind
    code: str
    message: str

    @property
    def is_there(self) -> bool:
        """Whether the provider has it, for all that is known."""
        return self.code != ErrorCode.NOT_FOUND.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is stored at once beside records."""

    pages: int = 0
    records: int = 0
    missed: Sequence[Missed] = ()
    mended: frozenset[str] = frozenset()
    """What could not be read before, and has been now; of records their ids."""
    unread: frozenset[str] = frozenset()
    """Containers of which nothing may be deleted."""
    position: str | None = None
    plan: tuple[str, ...] | None = None
    checkpoint: dict[str, Any] | None = None
    total: int | None = None
    is_truncated: bool = False


def step_of(pages: Sequence[ReadPage], stream: Stream) -> Step:
    """What pages bring beside their records."""
    missed = [one for page in pages for one in _missed(page)]
    holds_records = stream.kind is not RecordKind.CONTAINER
    containers = {one.id for one in missed if holds_records and one.kind is RecordKind.CONTAINER}
    truncated = {page.page.container_id or EVERYTHING for page in pages if page.page.truncated}
    told = [page.page.checkpoint for page in pages if page.page.checkpoint is not None]
    return Step(
        pages=len(pages),
        records=len({version.record_id for page in pages for version in page.versions}),
        missed=missed,
        unread=frozenset(containers | truncated),
        position=_last(page.page.position for page in pages),
        plan=_last(page.page.plan for page in pages),
        checkpoint=told[-1].model_dump(mode="json", by_alias=True) if told else None,
        total=_last(page.page.total for page in pages),
        is_truncated=bool(truncated),
    )


def _missed(page: ReadPage) -> list[Missed]:
    unread = [
        Missed(one.id, one.kind, one.error.code.value, one.error.message)
        for one in page.page.unread
    ]
    too_large = [
        Missed(one.record_id, one.kind, ErrorCode.PAYLOAD_TOO_LARGE.value, _TOO_LARGE)
        for one in page.too_large
    ]
    return [*unread, *too_large]


def _last(values: Iterable[Any]) -> Any:
    found = [value for value in values if value is not None]
    return found[-1] if found else None


def further(job: Job, step: Step, counts: RecordCounts) -> Job:
    """The job behind a step; an outage before it is forgotten."""
    progress, sums = job.progress, job.counts
    update: dict[str, Any] = {
        "attempts": 0,
        "progress": Progress(
            pages=progress.pages + step.pages,
            records=progress.records + step.records,
            total=progress.total if step.total is None else step.total,
        ),
        "counts": Counts(
            added=sums.added + counts.added,
            updated=sums.updated + counts.updated,
            unchanged=sums.unchanged + counts.unchanged,
            deleted=sums.deleted + counts.deleted,
            failed=sums.failed + len(step.missed),
        ),
        "failures": job.failures + len(step.missed),
        "unread": tuple(sorted(step.unread.union(job.unread))),
        "is_truncated": job.is_truncated or step.is_truncated,
    }
    told = {"position": step.position, "plan": step.plan, "next_checkpoint": step.checkpoint}
    update |= {name: value for name, value in told.items() if value is not None}
    return job.model_copy(update=update)


def failures(job: Job, step: Step) -> list[JobFailure]:
    """What callers can see, and try again."""
    moment = now()
    return [
        JobFailure(
            id=failure_id(job.id, one.kind, one.id),
            job_id=job.id,
            connection_id=job.connection_id,
            stream=job.stream,
            record_id=one.id,
            kind=one.kind,
            code=one.code,
            message=one.message,
            at=moment,
        )
        for one in step.missed
    ]
