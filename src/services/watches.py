"""Watching a job: told each time that it has changed, until it is over."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from src.core.errors import AppError, RateLimited, ServiceUnavailable
from src.models.job import Job
from src.models.principal import Caller
from src.services.jobs import Jobs

LOOK_SECONDS = 0.5
SLOWEST_LOOK_SECONDS = 5.0
SILENCE_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
MOST_WATCHES = 500
MOST_OF_A_TENANT = 50
_SLOWER = 1.5
_RETRY_SECONDS = 10.0

Recheck = Callable[[], Awaitable[None]]
"""Raises what the caller would be told if it came again now."""


class Watches:
    """The watches of this process; each looks at its job twice a second at the most."""

    def __init__(
        self, jobs: Jobs, *, most: int = MOST_WATCHES, most_of_a_tenant: int = MOST_OF_A_TENANT
    ) -> None:
        self._jobs = jobs
        self._most = most
        self._most_of_a_tenant = most_of_a_tenant
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are open."""
        return self._open.total()

    def open(
        self, caller: Caller, job: Job, recheck: Recheck, stopping: asyncio.Event
    ) -> AsyncGenerator[Job | None, None]:
        """The job as it is, and each time that it has changed; None when it is silent for long.

        It ends with the job, with the caller's right to see it, with this process (``stopping``),
        and after an hour.

        Raises:
            RateLimited: Too many are watching.
        """
        tenants = self._open[caller.tenant_id]
        if self.count >= self._most or tenants >= self._most_of_a_tenant:
            raise RateLimited(
                "Too many are watching jobs. Ask for the job now and then instead.",
                details={"by": "platform"},
                retry_after=_RETRY_SECONDS,
            )
        return self._changes(caller, job, recheck, stopping)

    async def _changes(
        self, caller: Caller, job: Job, recheck: Recheck, stopping: asyncio.Event
    ) -> AsyncGenerator[Job | None, None]:
        began = told = time.monotonic()
        pause = LOOK_SECONDS
        with self._counted(caller.tenant_id):
            yield job
            while job.live and time.monotonic() - began < LONGEST_SECONDS:
                if await _is_set(stopping, pause):
                    return
                try:
                    present = await self._look(caller, job, recheck)
                except AppError:
                    # Whoever comes back is told why.
                    return
                pause = min(pause * _SLOWER, SLOWEST_LOOK_SECONDS)
                if _shown(present) != _shown(job):
                    pause, told, job = LOOK_SECONDS, time.monotonic(), present
                    yield job
                elif time.monotonic() - told >= SILENCE_SECONDS:
                    told = time.monotonic()
                    yield None

    async def _look(self, caller: Caller, job: Job, recheck: Recheck) -> Job:
        try:
            await recheck()
            return await self._jobs.get(caller, job.id)
        except ServiceUnavailable:
            return job

    @contextmanager
    def _counted(self, tenant_id: str) -> Iterator[None]:
        self._open[tenant_id] += 1
        try:
            yield
        finally:
            self._open[tenant_id] -= 1
            if not self._open[tenant_id]:
                del self._open[tenant_id]


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happened within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _shown(job: Job) -> dict[str, object]:
    """What of a job callers see; its lease is renewed all the time."""
    return job.model_dump(exclude=_UNSEEN)


_UNSEEN = {"lease", "fence", "attempts", "position", "plan", "next_checkpoint", "checkpoint"}
