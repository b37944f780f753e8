"""The pace of work that nobody waits for, where a provider's limit belongs to each connection."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import Field

from src.models.base import Model

_MINUTE = 60.0
BURST_SECONDS = 5.0
"""So much of its pace background work may spend at once after a rest."""
_MOST_KNOWN = 10_000


class BackgroundPace(Model):
    """The share of a connection's limit that is for background work; the rest is for browsing."""

    units_per_minute: int = Field(ge=1)
    cost: int = Field(default=1, ge=0)
    """Units of one request; 0 = it does not count."""
    costs: dict[str, int] = Field(default_factory=dict)
    """Units of requests that cost more or less, by method and path template."""

    def seconds(self, endpoint: str) -> float:
        """How much time of the pace one request takes."""
        return self.costs.get(endpoint, self.cost) * _MINUTE / self.units_per_minute


class Paces:
    """Up to when connections have spent their pace; in this process, and of bounded number."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent_until: OrderedDict[str, float] = OrderedDict()

    def spend(self, owner: str, seconds: float) -> float:
        """Take so much of the pace of a connection; how long to wait before it is used."""
        present = self._clock()
        begins = max(self._spent_until.get(owner, -math.inf), present - BURST_SECONDS)
        self._spent_until[owner] = begins + seconds
        self._spent_until.move_to_end(owner)
        while len(self._spent_until) > _MOST_KNOWN:
            self._spent_until.popitem(last=False)
        return max(begins + seconds - present, 0.0)


@dataclass(frozen=True, slots=True)
class Pacing:
    """One connection's background work."""

    paces: Paces
    owner: str
    pace: BackgroundPace
    sleep: Callable[[float], Awaitable[None]]

    async def pause(self, endpoint: str) -> None:
        """Wait until a request fits into the pace."""
        seconds = self.pace.seconds(endpoint)
        wait = self.paces.spend(self.owner, seconds) if seconds else 0.0
        if wait > 0:
            await self.sleep(wait)
