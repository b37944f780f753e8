"""Try again what may be tried again, within a budget of time. tenacity does the turning."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from src.core.errors import AppError, ProviderTimeout, ProviderUnavailable, RateLimited

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, how long apart, and how long at the most.

    Waits double from ``first_wait`` with full jitter; a ``Retry-After`` is obeyed instead. A wait
    that would go over ``budget`` seconds is not begun: the caller is told at once how long it is.
    """

    attempts: int = 3
    first_wait: float = 0.3
    longest_wait: float = 5.0
    budget: float = 10.0


@dataclass(frozen=True, slots=True)
class Retrier:
    """Applies a policy; the sleep and its clock are handed in, so that tests do not wait."""

    policy: RetryPolicy = RetryPolicy()
    sleep: Sleep = asyncio.sleep
    clock: Clock = time.monotonic

    async def run(self, call: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        """Run ``call``, again if its error allows it.

        Args:
            call: One attempt.
            repeatable: Doing it twice is harmless (GET). Other calls are repeated only when the
                provider said that it did not take them.
        """

        def may_repeat(error: BaseException) -> bool:
            if isinstance(error, RateLimited):
                return True
            return repeatable and isinstance(error, ProviderUnavailable | ProviderTimeout)

        started = self.clock()
        try:
            return await call()
        except AppError as error:
            if not may_repeat(error):
                raise
            failed: AppError | None = error

        async def attempt() -> T:
            """The failure that has been seen, as the first attempt, then new ones."""
            nonlocal failed
            if failed is None:
                return await call()
            first, failed = failed, None
            raise first

        def stop(state: RetryCallState) -> bool:
            spent = max(state.idle_for, self.clock() - started)
            return (
                state.attempt_number >= self.policy.attempts
                or spent + state.upcoming_sleep > self.policy.budget
            )

        # Made only now: most calls succeed at once, and tenacity costs them as much as a query.
        turns = AsyncRetrying(
            sleep=self.sleep,
            wait=self._wait,
            stop=stop,
            retry=retry_if_exception(may_repeat),
            reraise=True,
        )
        return await turns(attempt)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, AppError) and error.retry_after is not None:
            return error.retry_after
        longest = self.policy.first_wait * 2 ** (state.attempt_number - 1)
        return random.uniform(0, min(longest, self.policy.longest_wait))  # noqa: S311
