"""Server-side cursors: what is left of a query, ten for each user, each for two days."""

from secrets import token_hex
from typing import TYPE_CHECKING

from .callers import Caller
from .state import Clock

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

MOST_OPEN = 10
LIFE = 2 * 86_400
_GENERATION = "salesforce/cursors/generation"
_FIELD = "value"


class Cursors:
    """The cursors of all users."""

    def __init__(self, store: "SandboxStore", clock: Clock) -> None:
        """Count from the clock."""
        self._store = store
        self._clock = clock

    async def open(self, caller: Caller, query: str, ids: list[str]) -> str:
        """Keep what a query has found; the oldest of too many is released."""
        prefix = await self._prefix(caller)
        number = await self._store.increment(f"{prefix}/count", _FIELD)
        name = f"0r8{token_hex(6)}AAA"
        kept = {"query": query, "ids": ids, "until": self._clock() + LIFE}
        await self._store.put(f"{prefix}/named/{name}", kept)
        await self._store.put(f"{prefix}/order/{number}", {_FIELD: name})
        oldest = await self._store.get(f"{prefix}/order/{number - MOST_OPEN}")
        if oldest is not None:
            await self._store.delete(f"{prefix}/named/{oldest[_FIELD]}")
        return name

    async def find(self, caller: Caller, name: str) -> tuple[str, list[str]] | None:
        """Return the query and the ids behind a cursor, while it is open."""
        kept = await self._store.get(f"{await self._prefix(caller)}/named/{name}")
        if kept is None or kept["until"] <= self._clock():
            return None
        return kept["query"], kept["ids"]

    async def release(self) -> None:
        """Close all of them."""
        await self._store.increment(_GENERATION, _FIELD)

    async def _prefix(self, caller: Caller) -> str:
        generation = (await self._store.get(_GENERATION) or {}).get(_FIELD, 0)
        return f"salesforce/cursors/{generation}/{caller.user.id}"
