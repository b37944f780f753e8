"""A job under a lease: what its holder writes is written together, under its fence.

Records, failures, counts and position go into one transaction. A worker who has lost the lease
writes nothing, and nothing is counted that is not stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

from src.connectors.base import Syncs
from src.connectors.manifest import Stream
from src.core.errors import ServiceUnavailable
from src.db.tenant import TenantScope
from src.db.transaction import OwnSession
from src.models.connection import Connection
from src.models.job import Job
from src.models.principal import Caller
from src.models.record import RecordCounts
from src.services.calls import Calls, Opened
from src.services.records import Beside
from src.services.sync.progress import Step, failures, further

T = TypeVar("T")
MOST_SLICES = 20
"""So many times the length of a slice the provider has for the first page."""


class LeaseLost(Exception):
    """Another works on the job now, or it is over: nothing more is written."""


class Stand(Enum):
    """How far a slice has brought its run."""

    CUT = auto()
    """Its time is over, or the process ends."""
    CANCELLED = auto()
    HELD = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a slice is, and how soon it is missed when its worker dies."""

    slice_seconds: float
    lease_seconds: float


@dataclass(slots=True)
class Turn:
    """The time that a slice has."""

    pace: Pace
    stop: asyncio.Event
    clock: Callable[[], float] = time.monotonic
    began: float = field(init=False)
    renewed: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        self.began = self.renewed = self.clock()

    @property
    def is_over(self) -> bool:
        """Whether the slice is to come to its end."""
        return self.stop.is_set() or self.clock() - self.began >= self.pace.slice_seconds

    @property
    def is_far_over(self) -> bool:
        """Whether a slice has come to nothing in so long that something must be wrong."""
        return self.clock() - self.began >= MOST_SLICES * self.pace.slice_seconds

    @property
    def is_lease_old(self) -> bool:
        """Whether the lease should be renewed."""
        return self.clock() - self.renewed >= self.pace.lease_seconds / 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run reads."""

    caller: Caller
    opened: Opened
    connector: Syncs
    stream: Stream
    calls: Calls

    @property
    def connection(self) -> Connection:
        """Whose content it is."""
        return self.opened.connection

    async def call(self, verb: Callable[[], Awaitable[T]]) -> T:
        """Ask the provider, and remember how it went."""
        result = await self.calls.run(self.caller, self.opened, verb)
        return result.value


class Holding:
    """One job, for as long as a slice holds it."""

    def __init__(self, job: Job, scope: TenantScope, turn: Turn, session: OwnSession) -> None:
        self.job = job
        """As it was written last."""
        self.scope = scope
        self.turn = turn
        self._session = session
        # A renewal in the middle of a transaction would make it begin anew.
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None, None]:
        """Renew the lease beside, however long the provider takes."""
        task = asyncio.create_task(self._renew_again_and_again())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def interruption(self, *, has_moved: bool = True) -> Stand | None:
        """Why to stop now, if there is a reason.

        Args:
            has_moved: Whether the slice has kept anything. If not, the next one would not come
                further either, and time is no reason.
        """
        if self.job.is_cancelled:
            return Stand.CANCELLED
        is_over = self.turn.is_over if has_moved else self.turn.stop.is_set()
        return Stand.CUT if is_over else None

    async def keep(
        self,
        step: Step,
        store: Callable[[Beside], Awaitable[object]],
        update: Mapping[str, Any] | None = None,
    ) -> None:
        """Store something, and with it how far the job is then.

        Args:
            step: What is stored beside the records.
            store: Opens the transaction, and carries out in it what it is given.
            update: More fields of the job.

        Raises:
            LeaseLost: Nothing was stored.
        """
        written: list[Job] = []

        async def beside(counts: RecordCounts) -> None:
            # From the job as it was before: the transaction may be tried more than once.
            job = further(self.job, step, counts).model_copy(update=dict(update or {}))
            if missed := failures(self.job, step):
                await self.scope.job_failures.put(missed)
            if step.mended:
                await self.scope.job_failures.mend(job.connection_id, job.stream, step.mended)
            written.append(await self._written(job))

        async with self._writing:
            with self._session.used():
                await store(beside)
            self._took(written[-1])

    async def write(self, update: Mapping[str, Any]) -> None:
        """Change fields of the job.

        Raises:
            LeaseLost: Nothing was changed.
        """
        async with self._writing:
            self._took(await self._written(self.job.model_copy(update=dict(update))))

    async def write_sweep(
        self,
        store: Callable[[Callable[[int], Awaitable[None]]], Awaitable[None]],
        update: Mapping[str, Any],
    ) -> None:
        """Change fields of the job, and with them the number of its full run.

        Raises:
            LeaseLost: Nothing was changed.
        """
        written: list[Job] = []

        async def keep(sweep: int) -> None:
            job = self.job.model_copy(update={**update, "sweep": sweep})
            written.append(await self._written(job))

        async with self._writing:
            with self._session.used():
                await store(keep)
            self._took(written[-1])

    async def _renew_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self.turn.pace.lease_seconds / 6)
            # Whoever writes next finds out, too.
            with suppress(LeaseLost, ServiceUnavailable):
                await self._renew()

    async def _renew(self) -> None:
        """Keep the lease, and see whether somebody has asked for the end."""
        async with self._writing:
            if self.turn.is_lease_old:
                found = await self.scope.job_runs.renew(self.job, self.turn.pace.lease_seconds)
                self._took(_held(found))

    async def _written(self, job: Job) -> Job:
        seconds = self.turn.pace.lease_seconds
        return _held(await self.scope.job_runs.advance(self.job, job, seconds))

    def _took(self, job: Job) -> None:
        self.job = job
        self.turn.renewed = self.turn.clock()


def _held(found: Job | None) -> Job:
    if found is None:
        raise LeaseLost
    return found
