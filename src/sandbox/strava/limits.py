"""An app's limits: by quarter of an hour and by day, for all and for reading requests."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock: TypeAlias = Callable[[], float]
QUARTER = 900
DAY = 86_400


class Limit(msgspec.Struct, frozen=True):
    """How much an app may ask."""

    quarter: int
    day: int


OVERALL = Limit(200, 2_000)
READ = Limit(100, 1_000)


class Usage(msgspec.Struct, frozen=True):
    """What an app has asked in one class, the latest request included."""

    limit: Limit
    quarter: int
    day: int

    @property
    def is_exceeded(self) -> bool:
        """Tell whether the latest was one too many."""
        return self.quarter > self.limit.quarter or self.day > self.limit.day

    def headers(self, name: str) -> dict[str, str]:
        """Return what every answer carries."""
        return {
            f"{name}-Limit": f"{self.limit.quarter},{self.limit.day}",
            f"{name}-Usage": f"{self.quarter},{self.day}",
        }


class Limits:
    """Counts requests, also those that are refused."""

    def __init__(
        self, store: "SandboxStore", clock: Clock, overall: Limit = OVERALL, read: Limit = READ
    ) -> None:
        """Keep counts in the store, so that several server processes agree."""
        self._store = store
        self._clock = clock
        self._overall = overall
        self._read = read

    @property
    def now(self) -> float:
        """Return the time."""
        return self._clock()

    async def spend(self, client_id: str, method: str) -> tuple[Usage, Usage]:
        """Count a request of an app, and return the usage of all and of reading requests."""
        reads = int(method in {"GET", "HEAD"})
        quarter = await self._count(client_id, QUARTER, reads)
        day = await self._count(client_id, DAY, reads)
        return (
            Usage(self._overall, quarter[0], day[0]),
            Usage(self._read, quarter[1], day[1]),
        )

    async def _count(self, client_id: str, seconds: int, reads: int) -> tuple[int, int]:
        key = f"strava/limits/{client_id}/{seconds}/{int(self._clock()) // seconds}"
        every = await self._store.increment(key, "all")
        return every, await self._store.increment(key, "read", reads)
