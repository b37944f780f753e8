"""The quota of each token, counted in the store: "Rate limits for the REST API"."""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock: TypeAlias = Callable[[], float]
_FIELD = "used"


class Resource(msgspec.Struct, frozen=True):
    """A part of the API with a quota of its own."""

    name: str
    limit: int
    window: int


class Usage(msgspec.Struct, frozen=True):
    """How far a token has used up one resource."""

    resource: str
    limit: int
    spent: int
    reset: int

    @property
    def used(self) -> int:
        """Return what was used; calls beyond the limit are not."""
        return min(self.spent, self.limit)

    @property
    def remaining(self) -> int:
        """Return what is left."""
        return self.limit - self.used

    @property
    def is_exceeded(self) -> bool:
        """Tell whether the latest call was one too many."""
        return self.spent > self.limit

    def headers(self) -> dict[str, str]:
        """Return the headers that every answer carries."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(self.reset),
            "x-ratelimit-resource": self.resource,
        }

    def body(self) -> dict[str, int | str]:
        """Return what `/rate_limit` shows."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "reset": self.reset,
            "resource": self.resource,
        }


class Budget:
    """Counts calls per token, resource and window of time."""

    def __init__(
        self, store: "SandboxStore", clock: Clock, core: int, search: int, content: int
    ) -> None:
        """Take the limits: per hour for most, per minute for the search and for writes."""
        self._store = store
        self._clock = clock
        self.core = Resource("core", core, 3_600)
        self.search = Resource("search", search, 60)
        self.content = Resource("content", content, 60)
        """Writes, which no header tells of: "About secondary rate limits"."""

    def resource(self, path: str) -> Resource:
        """Return the resource that a path draws on."""
        return self.search if path.startswith("/search/") else self.core

    def seconds_left(self, resource: Resource) -> int:
        """Return how long the present window lasts."""
        return resource.window - int(self._clock()) % resource.window

    def now(self) -> float:
        """Return the time."""
        return self._clock()

    async def spend(self, resource: Resource, token: str, by: int = 1) -> Usage:
        """Count a call (or give one back with -1), and drop the window before."""
        window = self._window(resource)
        key = self._key(resource, token)
        spent = await self._store.increment(f"{key}/{window}", _FIELD, by)
        if spent == by:
            previous = await self._store.get(key)
            if previous is not None and previous["window"] != window:
                await self._store.delete(f"{key}/{previous['window']}")
            await self._store.put(key, {"window": window})
        return self._usage(resource, window, spent)

    async def look(self, resource: Resource, token: str) -> Usage:
        """Return the usage without spending."""
        window = self._window(resource)
        document = await self._store.get(f"{self._key(resource, token)}/{window}")
        return self._usage(resource, window, (document or {}).get(_FIELD, 0))

    def _usage(self, resource: Resource, window: int, spent: int) -> Usage:
        return Usage(resource.name, resource.limit, spent, (window + 1) * resource.window)

    def _window(self, resource: Resource) -> int:
        return int(self._clock()) // resource.window

    def _key(self, resource: Resource, token: str) -> str:
        return f"github/quota/{sha256(token.encode()).hexdigest()[:16]}/{resource.name}"
