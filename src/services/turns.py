"""Work that one process at a time does for all, by a lease."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from src.db.leases import Leases

LEASE_SECONDS = 15.0


class Turns:
    """What this process does in place of the others."""

    def __init__(self, leases: Callable[[], Leases]) -> None:
        self._leases = leases
        self._owner = secrets.token_hex(8)
        self._names: set[str] = set()

    def only_one(
        self, name: str, work: Callable[[], Awaitable[object]], *, seconds: float = LEASE_SECONDS
    ) -> Callable[[], Awaitable[None]]:
        """The same work, done only where it is this process's turn.

        Whose turn it is keeps it for as long as it comes back within ``seconds``. The work must
        bear being done twice: a process that is stopped for longer wakes up in the middle of it.
        """
        self._names.add(name)

        async def in_turn() -> None:
            if await self._leases().acquire(f"turn:{name}", self._owner, seconds):
                await work()

        return in_turn

    async def give_up(self) -> None:
        """Let another process begin at once."""
        for name in self._names:
            await self._leases().release(f"turn:{name}", self._owner)
