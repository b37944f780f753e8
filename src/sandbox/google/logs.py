"""Logs of what has happened, behind the feeds of all products, with numbers that point into them.

`POST /_sandbox/forget` makes Google forget what it has told so far: numbers of before hold no more.
"""

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit import SandboxStore

_EPOCHS = "google/logs/epochs"
_EPOCH = 1_000_000
_FIRST = 1_768_000


class Log:
    """One log."""

    def __init__(self, store: "SandboxStore", name: str) -> None:
        """Keep it under its name."""
        self._store = store
        self._key = f"google/logs/{name}"

    async def entries(self) -> list[Any]:
        """Return all entries, the oldest first."""
        return list((await self._store.get(self._key) or {}).get("entries", []))

    async def add(self, *entries: Any) -> None:
        """Write what has happened."""
        await self._store.put(self._key, {"entries": [*await self.entries(), *entries]})

    async def _base(self) -> int:
        epoch = int((await self._store.get(_EPOCHS) or {}).get("count", 0))
        return _EPOCH * epoch + _FIRST

    async def end(self) -> int:
        """Return the number behind the newest entry."""
        return await self._base() + len(await self.entries())

    async def since(self, number: str) -> list[tuple[int, Any]] | None:
        """Return the entries from a number on, each with the number behind it; None = forgotten."""
        base, entries = await self._base(), await self.entries()
        if not (number.isdecimal() and base <= int(number) <= base + len(entries)):
            return None
        numbered = [(base + at + 1, entry) for at, entry in enumerate(entries)]
        return numbered[int(number) - base :]


def log_controls(store: "SandboxStore") -> tuple[Route, ...]:
    """Return the switch."""

    async def forget(_: "Request") -> Response:
        await store.increment(_EPOCHS, "count")
        return Response(status_code=204)

    return (Route("/forget", forget, methods=["POST"]),)
