"""Small work that goes on beside the requests, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger

log = get_logger(__name__)


class Ticker:
    """Does one piece of work each so many seconds, and once more at the end."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._name = name
        self._work = work
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, with what is left to do done."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._once()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._once()

    async def _once(self) -> None:
        try:
            await self._work()
        except ServiceUnavailable:
            log.warning("work.missed", work=self._name, reason="the database is away")
        except Exception as error:
            # A bug here must not end the work for good; it is told, and tried again.
            log.exception("work.failed", work=self._name, error=type(error).__name__)
