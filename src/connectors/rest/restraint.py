"""When a provider is not asked at all: it said so a moment ago, or its limit is used up."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from src.connectors.rest.pacing import Pacing
from src.core.errors import AppError, LimitOf, RateLimited
from src.models.rate_limit import RateLimit

SHORTEST_HOLD = 10.0
"""A shorter wait is the retrier's: it waits within the request."""
LONGEST_HOLD = 3600.0
"""Nobody is kept waiting for longer because of one answer."""
_MOST_HELD = 10_000


class Budget(Protocol):
    """What a limit that is counted here still allows."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """What is left, where the provider tells such things."""

    def spend(self, endpoint: str) -> float:
        """Count one request; when that was.

        Raises:
            RateLimited: There is no room for it.
        """

    def hear(self, headers: Mapping[str, str], spent_at: float) -> None:
        """Learn from the headers of the answer to a request that was counted then."""


@dataclass(frozen=True, slots=True)
class _Hold:
    """What is left of a refusal; the error itself would keep the whole call alive, secrets too."""

    until: float
    message: str
    details: Mapping[str, Any]


class Holds:
    """What providers said not to ask again for a while; in this process, and of bounded number."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], _Hold] = OrderedDict()

    @property
    def known(self) -> int:
        """How many are kept."""
        return len(self._held)

    def check(self, owner: str, endpoint: str) -> None:
        """Stop what must wait.

        Raises:
            RateLimited: The connection, or this endpoint of it, is to be left alone for now.
        """
        for key in ((owner, ""), (owner, endpoint)):
            hold = self._held.get(key)
            if hold is None:
                continue
            left = hold.until - self._clock()
            if left > 0:
                raise RateLimited(hold.message, details=dict(hold.details), retry_after=left)
            del self._held[key]

    def note(self, owner: str, endpoint: str, error: RateLimited) -> None:
        """Keep what a refusal said, if it is about more than the one request."""
        wait = min(error.retry_after or 0.0, LONGEST_HOLD)
        if error.limit_of is LimitOf.REQUEST or wait < SHORTEST_HOLD:
            return
        key = (owner, "" if error.limit_of is LimitOf.CONNECTION else endpoint)
        self._held[key] = _Hold(self._clock() + wait, error.message, error.details)
        self._held.move_to_end(key)
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)


class Turns:
    """How many requests of one connection are under way in this process, where that is bounded."""

    def __init__(self) -> None:
        self._of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, owner: str, at_once: int) -> asyncio.Semaphore:
        """What all who work for a connection share for as long as one of them does."""
        found = self._of.get(owner)
        if found is None:
            found = self._of[owner] = asyncio.Semaphore(at_once)
        return found


@dataclass(frozen=True, slots=True)
class Restraint:
    """What holds a connection back; a credential that is being connected has no owner yet."""

    holds: Holds | None = None
    owner: str | None = None
    budget: Budget | None = None
    turns: asyncio.Semaphore | None = None
    pacing: Pacing | None = None

    async def pause(self, endpoint: str) -> None:
        """Let background work come at its pace."""
        if self.pacing is not None:
            await self.pacing.pause(endpoint)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait until the provider may be asked once more beside what is under way."""
        return self.turns or nullcontext()

    @property
    def rate_limit(self) -> RateLimit | None:
        """What is left of a limit that is counted here."""
        return None if self.budget is None else self.budget.rate_limit

    def before(self, endpoint: str) -> float:
        """Stop a request that would be refused, or count it; when that was.

        Raises:
            RateLimited: It would.
        """
        if self.holds is not None and self.owner is not None and self.holds.known:
            self.holds.check(self.owner, endpoint)
        return 0.0 if self.budget is None else self.budget.spend(endpoint)

    def heard(self, headers: Mapping[str, str], spent_at: float) -> None:
        """Learn from the headers of any answer."""
        if self.budget is not None:
            self.budget.hear(headers, spent_at)

    def after(self, endpoint: str, error: AppError | None) -> None:
        """Learn from an answer."""
        if isinstance(error, RateLimited) and self.holds is not None and self.owner is not None:
            self.holds.note(self.owner, endpoint, error)


NO_RESTRAINT = Restraint()
