"""120 requests of a user within 60 seconds; the reset is told in seconds that are left."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock: TypeAlias = Callable[[], float]
WINDOW = 60


class Usage(msgspec.Struct, frozen=True):
    """How far a user has used up the minute."""

    limit: int
    spent: int
    left: int

    @property
    def is_exceeded(self) -> bool:
        """Tell whether the latest call was one too many."""
        return self.spent > self.limit

    def headers(self) -> dict[str, str]:
        """Return what every answer carries."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(self.limit - self.spent, 0)),
            "x-ratelimit-reset": str(self.left),
        }


class Limits:
    """Counts calls."""

    def __init__(self, store: "SandboxStore", clock: Clock, limit: int) -> None:
        """Keep counts in the store, so that several server processes agree."""
        self._store = store
        self._clock = clock
        self._limit = limit

    @property
    def now(self) -> float:
        """Return the time."""
        return self._clock()

    async def spend(self, user: str) -> Usage:
        """Count a call."""
        window, passed = divmod(int(self._clock()), WINDOW)
        key = f"supabase/calls/{user}"
        document = await self._store.get(key)
        if document is not None and document.get("window") != window:
            await self._store.delete(key)
        spent = await self._store.increment(key, "spent")
        if spent == 1:
            await self._store.put(key, {"window": window, "spent": 1})
        return Usage(self._limit, spent, WINDOW - passed)
