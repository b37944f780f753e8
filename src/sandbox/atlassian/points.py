"""The points of an OAuth app per hour, counted in the store; other callers have none."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from src.sandbox.atlassian.errors import reset_text

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock: TypeAlias = Callable[[], float]
TIER_1 = 65_000
_HOUR = 3_600


class Usage(msgspec.Struct, frozen=True):
    """How far an app has used up its hour."""

    limit: int
    spent: int
    reset: int
    now: int

    @property
    def is_exceeded(self) -> bool:
        """Tell whether the latest call was one too many."""
        return self.spent > self.limit

    def headers(self) -> dict[str, str]:
        """Return what every answer carries while the limit is announced only."""
        left = max(self.limit - self.spent, 0)
        return {
            "beta-ratelimit-policy": f'"global-app-quota";q={self.limit};w={_HOUR}',
            "beta-ratelimit": f'"global-app-quota";r={left};t={self.reset - self.now}',
            "date": datetime.fromtimestamp(self.now, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        }

    def exceeded_headers(self) -> dict[str, str]:
        """Return what a refusal carries."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": reset_text(datetime.fromtimestamp(self.reset, UTC)),
        }


class Points:
    """Counts calls of an app; every call costs one here."""

    def __init__(self, store: "SandboxStore", prefix: str, clock: Clock, limit: int) -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._prefix = prefix
        self._clock = clock
        self._limit = limit

    async def spend(self, client_id: str) -> Usage:
        """Count a call of an app."""
        now = int(self._clock())
        hour = now // _HOUR
        key = f"{self._prefix}/points/{client_id.encode().hex()}/{hour}"
        spent = await self._store.increment(key, "spent")
        return Usage(self._limit, spent, (hour + 1) * _HOUR, now)
