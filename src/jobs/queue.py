"""The queue of a process that serves: hints are worked on here, or taken to the workers.

The engine is Taskiq (docs/adr/0028-workers.md). It is imported with the first hint, so that a start
does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from src.core.config import Settings
from src.services.queue import IN_PROCESS, Hint

if TYPE_CHECKING:
    from src.jobs.stream import Stream

NO_BROKER = (
    "JOBS_BROKER_URL is empty: jobs are done in the processes of the API, and a worker has nothing "
    "to do. Set it for both, or start no worker."
)

Do = Callable[[Hint], Awaitable[None]]


class Queue(Protocol):
    """A queue as its process opens and closes it."""

    works: bool
    """Whether what is sent is done in this process."""

    def serve(self, do: Do) -> None:
        """Begin: hints that come to this process are carried out by ``do``."""

    async def send(self, hint: Hint) -> None:
        """Let somebody have a look, soon."""

    async def state(self) -> str:
        """How the queue is: in one word, or a sentence that says what is wrong."""

    async def close(self, seconds: float) -> None:
        """End, once what is being done has been handed over, or after so many seconds."""


def open_queue(settings: Settings) -> Queue:
    """The queue of the settings; nothing is asked yet."""
    if url := settings.jobs_broker_url.get_secret_value():
        return ToWorkers(url, settings.mongodb_db)
    return InProcess()


class InProcess:
    """Hints are worked on where they are sent."""

    works = True

    def __init__(self) -> None:
        self._do: Do | None = None
        self._task: Any = None
        self._opening = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    def serve(self, do: Do) -> None:
        """Begin."""
        self._do = do

    async def send(self, hint: Hint) -> None:
        """Have a look, soon."""
        if self._do is None:
            return
        task = await self._opened()
        # Whoever sends may be in a request, or in a transaction, which the work is no part of.
        sending = asyncio.get_running_loop().create_task(
            task.kiq(hint.work, hint.tenant_id, hint.id, hint.is_called), context=Context()
        )
        await asyncio.shield(sending)

    async def state(self) -> str:
        """That there is nothing to be away."""
        return IN_PROCESS

    async def close(self, seconds: float) -> None:
        """Take no more hints, and wait for those who hand over."""
        self._do = None
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._task is not None:
            await self._task.broker.shutdown()

    async def _opened(self) -> Any:
        async with self._opening:
            if self._task is None:
                tasks = await asyncio.to_thread(import_module, "src.jobs.tasks")
                self._task = tasks.task_in_memory(self._carry_out)
        return self._task

    async def _carry_out(self, hint: Hint) -> None:
        if self._do is None:
            return
        # A task is here for as long as a piece of work is in hand.
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in one
        self._running.add(task)
        try:
            await self._do(hint)
        finally:
            self._running.discard(task)


class ToWorkers:
    """Hints are taken to the workers by Redis."""

    works = False

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._stream: Stream | None = None
        self._opening = asyncio.Lock()

    def serve(self, do: Do) -> None:
        """Nothing: this process works on none."""

    async def send(self, hint: Hint) -> None:
        """Let a worker have a look, soon."""
        await (await self._opened()).send(hint)

    async def state(self) -> str:
        """Whether Redis answers."""
        return await (await self._opened()).state()

    async def close(self, seconds: float) -> None:
        """Close the connections."""
        if self._stream is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stream.close()

    async def _opened(self) -> Stream:
        async with self._opening:
            if self._stream is None:
                stream = await asyncio.to_thread(import_module, "src.jobs.stream")
                self._stream = stream.Stream(stream.Broker(self._url, self._name))
        assert self._stream is not None  # noqa: S101  it has just been made
        return self._stream
