"""Small work that goes on beside the requests, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger

log = get_logger(__name__)


class Ticker:
    """Does one piece of work each so many seconds, whatever became of it the last time."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        seconds: float,
        *,
        finishes: bool = False,
    ) -> None:
        """Do nothing yet; with ``finishes`` the work is done once more at the end."""
        self._name = name
        self._work = work
        self._seconds = seconds
        self._finishes = finishes
        self._task: asyncio.Task[None] | None = None
        self._is_missed = False

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, with what is left to do done."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._finishes:
            await self._once()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._once()

    async def _once(self) -> None:
        try:
            await self._work()
        except Exception as error:
            if not _is_outage(error):
                # A bug here must not end the work for good; it is told, and tried again.
                log.exception("work.failed", work=self._name, error=type(error).__name__)
            elif not self._is_missed:
                # Once for each outage; the database's own absence is told elsewhere.
                self._is_missed = True
                log.warning("work.missed", work=self._name, reason="the database is away")
        else:
            self._is_missed = False


def _is_outage(error: BaseException) -> bool:
    """Whether the database was away, also for several things that were done at once."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_outage, error.exceptions))
    return isinstance(error, ServiceUnavailable)
