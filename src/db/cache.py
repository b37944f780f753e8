"""Documents held for a moment, so that a warm request costs no database round trip.

A revocation must hold everywhere within a second: an entry lives at most ``SECONDS`` from the
moment its read *began*, and the process that writes drops it at once, also while a read goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS = 1.0
MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    until: float


class BriefCache:
    """Values of one process by key; bounded, and what is too old goes with the next that comes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[Hashable, _Entry] = {}
        self._loading: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, key: Hashable, load: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The value under ``key``, read again when it has been held long enough.

        Whoever asks while a read is under way waits for that one; when a waiter gives up, the read
        goes on for the others.
        """
        entry = self._entries.get(key)
        if entry is not None and self._clock() < entry.until:
            return entry.value
        loading = self._loading.get(key)
        if loading is None:
            loading = self._loading[key] = asyncio.create_task(load())
            loading.add_done_callback(partial(self._settle, key, self._clock() + SECONDS))
        return await asyncio.shield(loading)

    def _settle(self, key: Hashable, until: float, loading: asyncio.Task[Any]) -> None:
        # ``drop`` takes the task away: what was read before a write is not kept after it.
        is_current = self._loading.get(key) is loading
        if is_current:
            del self._loading[key]
        if not loading.cancelled() and loading.exception() is None and is_current:
            self._keep(key, _Entry(loading.result(), until))

    def drop(self, key: Hashable) -> None:
        """Forget what this process has just changed."""
        self._entries.pop(key, None)
        self._loading.pop(key, None)

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        self._entries.pop(key, None)
        self._entries[key] = entry
        now = self._clock()
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest].until > now and len(self._entries) <= MOST_ENTRIES:
                break
            del self._entries[oldest]


@dataclass(frozen=True, slots=True)
class Held:
    """The part of the cache that belongs to one collection of one tenant."""

    cache: BriefCache
    place: tuple[str, str]

    async def get(self, key: str, load: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The value under ``key``."""
        value: T = await self.cache.get((*self.place, key), load)
        return value

    def drop(self, key: str) -> None:
        """Forget what has just been changed."""
        self.cache.drop((*self.place, key))
