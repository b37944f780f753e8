"""Waiting in growing pauses for something that only asking can tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


class Pauses:
    """Growing pauses, and how long they were together."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._next = FIRST_PAUSE
        self.waited = 0.0

    async def pause(self) -> None:
        """Sleep a little longer than the last time."""
        await self._sleep(self._next)
        self.waited += self._next
        self._next = min(self._next * 1.5, LONGEST_PAUSE)
