"""How many connections there are, counted now and then for the metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger
from src.core.metrics import Metrics
from src.db.platform import ConnectionCounts
from src.models.connection import ConnectionStatus

CENSUS_SECONDS = 60.0
"""How old the count may be: it looks at each connection."""

log = get_logger(__name__)


class Census:
    """Counts connections by connector and status."""

    def __init__(
        self,
        counts: ConnectionCounts,
        metrics: Metrics,
        connector_ids: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count for these connectors, with a zero for each status that none has."""
        self._counts = counts
        self._metrics = metrics
        self._none = {
            (name, status.value): 0 for name in connector_ids for status in ConnectionStatus
        }
        self._clock = clock
        self._taken_at = float("-inf")

    async def take(self) -> None:
        """Count, if the last count is old; metrics go on while the database is away."""
        if self._clock() - self._taken_at < CENSUS_SECONDS:
            return
        self._taken_at = self._clock()
        try:
            self._metrics.set_connections({**self._none, **await self._counts.by_status()})
        except ServiceUnavailable:
            log.warning("census.missed", reason="the database is away")
