"""Reading a stream while what was read before is being stored.

Pages are ready to be stored, and there are no more of them than the memory is to hold.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from src.connectors.syncing import SyncPage
from src.models.base import now
from src.services.record_batches import LARGEST_RECORD_BYTES, Batch, Version, versions

BATCH_RECORDS = 1000
BATCH_BYTES = 4 * 1024 * 1024
AHEAD_BYTES = BATCH_BYTES
AHEAD_PAGES = 256
GATHER_SECONDS = 2.0
"""How long a batch waits for more pages, so that a slow provider's are stored soon."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page, with its records ready to be stored."""

    page: SyncPage
    versions: Sequence[Version]
    too_large: Sequence[Version]
    size: int


def read_page(page: SyncPage, fetched_at: datetime) -> ReadPage:
    """Write and hash the records of a page, and let go of what they were built of."""
    found = versions(
        Batch(
            records=page.records,
            deleted=page.deleted,
            container_id=page.container_id,
            fetched_at=fetched_at,
        )
    )
    kept = [version for version in found if version.size <= LARGEST_RECORD_BYTES]
    too_large = [version for version in found if version.size > LARGEST_RECORD_BYTES]
    size = sum(version.size for version in kept)
    bare = SyncPage(
        container_id=page.container_id,
        unread=page.unread,
        position=page.position,
        plan=page.plan,
        checkpoint=page.checkpoint,
        total=page.total,
        truncated=page.truncated,
    )
    return ReadPage(bare, kept, too_large, size)


class Pages:
    """What has been read and is not stored yet; whoever reads waits while it is full."""

    def __init__(self) -> None:
        self._ready: deque[ReadPage] = deque()
        self._bytes = 0
        self._changed = asyncio.Condition()
        self._is_over = False

    async def put(self, page: ReadPage) -> None:
        """Add a page once there is room; an empty store takes one of any size."""
        async with self._changed:
            await self._changed.wait_for(self._has_room)
            self._ready.append(page)
            self._bytes += page.size
            self._changed.notify_all()

    async def end(self) -> None:
        """Nothing comes after."""
        async with self._changed:
            self._is_over = True
            self._changed.notify_all()

    async def take(self, seconds: float) -> list[ReadPage] | None:
        """Whole pages, about a batch of them; none if none comes within so long.

        Returns:
            None once all have been taken and no more will come.
        """
        async with self._changed:
            await self._wait(lambda: bool(self._ready) or self._is_over, seconds)
            if self._ready:
                await self._wait(self._is_enough, min(seconds, GATHER_SECONDS))
            taken = self._take()
            self._changed.notify_all()
            return None if self._is_over and not taken else taken

    async def _wait(self, until: Callable[[], bool], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait_for(until)
        except TimeoutError:
            return

    def _take(self) -> list[ReadPage]:
        taken: list[ReadPage] = []
        records = size = 0
        while self._ready:
            page = self._ready[0]
            is_over_full = (
                records + len(page.versions) > BATCH_RECORDS or size + page.size > BATCH_BYTES
            )
            if taken and is_over_full:
                break
            taken.append(self._ready.popleft())
            records += len(page.versions)
            size += page.size
        self._bytes -= size
        return taken

    def _has_room(self) -> bool:
        has_space = self._bytes < AHEAD_BYTES and len(self._ready) < AHEAD_PAGES
        return has_space or not self._ready

    def _is_enough(self) -> bool:
        count = sum(len(page.versions) for page in self._ready)
        return (
            self._is_over
            or count >= BATCH_RECORDS
            or self._bytes >= BATCH_BYTES
            or len(self._ready) >= AHEAD_PAGES
        )


async def fill(pages: Pages, source: AsyncGenerator[SyncPage, None]) -> None:
    """Read a stream to its end, or to where it breaks off.

    A page that does not say when it was asked for was asked for here, behind the one before.
    """
    async with aclosing(source) as given:
        asked_at = now()
        async for page in given:
            await pages.put(read_page(page, page.asked_at or asked_at))
            asked_at = now()
            # Pages read ahead come without a pause: whoever stores has a turn between two.
            await asyncio.sleep(0)
