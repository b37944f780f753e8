"""How many connections and jobs there are, counted now and then for the metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger
from src.core.metrics import Metrics
from src.db.due_jobs import DueJobs
from src.db.platform import ConnectionCounts
from src.models.base import now
from src.models.connection import ConnectionStatus
from src.models.job import ACTIVE

CENSUS_SECONDS = 60.0
"""How old the count of connections may be: it looks at each."""
JOBS_SECONDS = 5.0
"""How old the count of jobs may be: it looks at those that are not over."""

log = get_logger(__name__)


class Census:
    """Counts connections and jobs by connector and status."""

    def __init__(
        self,
        counts: ConnectionCounts,
        metrics: Metrics,
        connector_ids: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
        *,
        jobs: DueJobs | None = None,
    ) -> None:
        """Count for these connectors, with a zero for each status that none has."""
        self._counts = counts
        self._metrics = metrics
        self._jobs = jobs
        self._none = {
            (name, status.value): 0 for name in connector_ids for status in ConnectionStatus
        }
        self._no_jobs = {(name, status.value): 0 for name in connector_ids for status in ACTIVE}
        self._clock = clock
        self._taken_at = float("-inf")
        self._jobs_taken_at = float("-inf")

    async def take(self) -> None:
        """Count, where the last count is old; metrics go on while the database is away."""
        try:
            await self._take_connections()
            await self._take_jobs()
        except ServiceUnavailable:
            log.warning("census.missed", reason="the database is away")

    async def _take_connections(self) -> None:
        if self._clock() - self._taken_at < CENSUS_SECONDS:
            return
        self._taken_at = self._clock()
        self._metrics.set_connections({**self._none, **await self._counts.by_status()})

    async def _take_jobs(self) -> None:
        if self._jobs is None or self._clock() - self._jobs_taken_at < JOBS_SECONDS:
            return
        self._jobs_taken_at = self._clock()
        moment = now()
        waiting = await self._jobs.count(moment)
        age = (moment - waiting.since).total_seconds() if waiting.since else 0.0
        self._metrics.set_jobs({**self._no_jobs, **waiting.by_status}, age)
