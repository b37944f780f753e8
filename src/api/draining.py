"""Leaving in good order: readiness turns first, then the server stops taking connections.

A load balancer needs a moment to see that this process is going, but uvicorn closes its socket as
soon as it is told to end. So our signal handlers stand before uvicorn's: they turn readiness at
once and hand the signal on after ``SHUTDOWN_DELAY_SECONDS``. Requests in flight are uvicorn's to
finish.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """Stands before the server's signal handlers."""

    def __init__(self, turn: Callable[[], None], delay_seconds: float) -> None:
        self._turn = turn
        self._delay_seconds = delay_seconds
        self._loop = asyncio.get_running_loop()
        self._former = {number: signal.getsignal(number) for number in SIGNALS}
        self._waits = False

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Turn readiness; hand the signal on later, or at once when it comes again."""
        self._turn()
        if self._waits or self._delay_seconds <= 0:
            self._hand_on(number, frame)
            return
        self._waits = True
        self._loop.call_soon_threadsafe(
            self._loop.call_later, self._delay_seconds, self._hand_on, number, frame
        )

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        handler = self._former[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def install(self) -> None:
        """Take the server's place."""
        for number in SIGNALS:
            signal.signal(number, self.receive)

    def remove(self) -> None:
        """Give the server its place back."""
        for number, handler in self._former.items():
            signal.signal(number, handler)


@contextmanager
def draining(turn: Callable[[], None], delay_seconds: float) -> Iterator[None]:
    """Let ``turn`` be called at the first signal to end, ``delay_seconds`` before the server acts.

    Outside the main thread, where Python allows no signal handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    drain = Drain(turn, delay_seconds)
    drain.install()
    try:
        yield
    finally:
        drain.remove()
