"""Try again what may be tried again, within a budget of time. tenacity does the turning."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from src.core.errors import AppError, ProviderTimeout, ProviderUnavailable, RateLimited

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


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
    """Applies a policy; the sleep is handed in, so that tests do not wait."""

    policy: RetryPolicy = RetryPolicy()
    sleep: Sleep = asyncio.sleep

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

        async def attempt() -> T:
            return await call()

        turns = AsyncRetrying(
            sleep=self.sleep,
            wait=self._wait,
            stop=self._stop,
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

    def _stop(self, state: RetryCallState) -> bool:
        spent = max(state.idle_for, state.seconds_since_start or 0.0)
        return (
            state.attempt_number >= self.policy.attempts
            or spent + state.upcoming_sleep > self.policy.budget
        )
