"""The sweep: hints of work that is due and that nobody does are sent again.

It is what makes hints mere hints. One process at a time does it for all, and where there was no
room for everybody, the process that has room again does it for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from src.db.due_jobs import DueJob, DueJobs
from src.db.leases import Leases
from src.db.places import Bounds, Places
from src.services.queue import Hint, JobQueue, Work

SWEEP_SECONDS = 1.0
MOST_AT_ONCE = 200
_MOST_CALLED = 8
_GRACE = {Work.SLICE: timedelta(0)}
_LONGER_GRACE = timedelta(seconds=5)
"""What is over in a moment, and has only just become due, has a hint of its own on the way."""

DueSource = Callable[[datetime, int], Awaitable[Sequence[Hint]]]
"""Hints of what was due at a moment of the database's clock, the longest waiting first."""


class Room:
    """How many more jobs there is room for, of each tenant and of each connector."""

    def __init__(self, bounds: Bounds, working: Sequence[DueJob]) -> None:
        """Take the bounds, and the jobs that have a place already."""
        self._bounds = bounds
        self._of_tenants = Counter(job.tenant_id for job in working)
        self._of_connectors = Counter(job.connector_id for job in working)

    @property
    def full_tenants(self) -> list[str]:
        """Those that are at their bound."""
        most = self._bounds.per_tenant
        return [name for name, count in self._of_tenants.items() if count >= most]

    @property
    def full_connectors(self) -> list[str]:
        """Those that are at their bound."""
        most = self._bounds.per_connector
        return [name for name, count in self._of_connectors.items() if count >= most]

    def holds(self, job: DueJob) -> bool:
        """Keep room for one more job; False when there is none for it."""
        if (
            self._of_tenants[job.tenant_id] >= self._bounds.per_tenant
            or self._of_connectors[job.connector_id] >= self._bounds.per_connector
        ):
            return False
        self._of_tenants[job.tenant_id] += 1
        self._of_connectors[job.connector_id] += 1
        return True


def due_slices(jobs: DueJobs, places: Places, bounds: Bounds) -> DueSource:
    """Hints of jobs that wait and that there is room for.

    Those of a tenant or a connector at its bound are passed over, however long they have waited:
    they would be turned away, and nobody else would be called.
    """

    async def find(moment: datetime, limit: int) -> list[Hint]:
        most = min(limit, await places.vacant())
        if not most:
            return []
        room = Room(bounds, await jobs.with_places())
        chosen: dict[str, DueJob] = {}
        while len(chosen) < most:
            due = await jobs.list(
                moment,
                MOST_AT_ONCE,
                but_tenants=room.full_tenants,
                but_connectors=room.full_connectors,
            )
            more = [job for job in due if job.job_id not in chosen and room.holds(job)]
            if not more:
                break
            chosen.update((job.job_id, job) for job in more)
        return [
            Hint(Work.SLICE, job.tenant_id, job.job_id, is_called=True)
            for job in list(chosen.values())[:most]
        ]

    return find


class DueWork:
    """Sends hints of due work."""

    def __init__(
        self,
        sources: Mapping[Work, DueSource],
        queue: JobQueue,
        leases: Callable[[], Leases],
    ) -> None:
        self._sources = sources
        self._queue = queue
        self._leases = leases

    async def sweep(self) -> int:
        """Send the hints of all that is due; say how many."""
        now = await self._leases().now()
        sent = 0
        for work, find in self._sources.items():
            sent += await self._send(find, now - _GRACE.get(work, _LONGER_GRACE), MOST_AT_ONCE)
        return sent

    async def call(self, work: Work) -> None:
        """There is room again for this kind of work: call those that have waited longest."""
        await self._send(self._sources[work], await self._leases().now(), _MOST_CALLED)

    async def _send(self, find: DueSource, moment: datetime, limit: int) -> int:
        hints = await find(moment, limit)
        for hint in hints:
            await self._queue.send(hint)
        return len(hints)
