"""Counts what was asked, so that a test can assert one request per page."""

from typing import TYPE_CHECKING

from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit.store import SandboxStore

_DOT = "\N{FULLWIDTH FULL STOP}"


class RequestJournal:
    """Requests per method and route template since the last reset."""

    def __init__(self, store: "SandboxStore", prefix: str) -> None:
        """Keep to the key below the prefix."""
        self._store = store
        self._key = f"{prefix}/requests"

    async def note(self, method: str, template: str) -> None:
        """Count one request; dots are replaced because a store's field may not hold one."""
        await self._store.increment(self._key, f"{method} {template}".replace(".", _DOT))

    async def counts(self) -> dict[str, int]:
        """Return the counts by `METHOD /template`."""
        document = await self._store.get(self._key) or {}
        return {name.replace(_DOT, "."): count for name, count in sorted(document.items())}

    async def reset(self) -> None:
        """Start again at nothing."""
        await self._store.delete(self._key)


class JournalLayer:
    """Notes every request to the provider, also those that a fault strikes."""

    def __init__(self, app: "ASGIApp", journal: RequestJournal, routes: "Sequence[Route]") -> None:
        """Know the routes in order to name the template."""
        self._app = app
        self._journal = journal
        self._routes = routes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Count, then pass on."""
        if scope["type"] == "http":
            await self._journal.note(scope["method"], self._template(scope))
        await self._app(scope, receive, send)

    def _template(self, scope: "Scope") -> str:
        matched = (route.path for route in self._routes if route.matches(scope)[0] is Match.FULL)
        return next(matched, "(no route)")
