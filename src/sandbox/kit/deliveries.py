"""What becomes of webhooks on their way: sent twice, or kept back and let go in another order."""

from base64 import b64decode, b64encode
from inspect import signature
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from src.sandbox.kit.answers import json_answer
from src.sandbox.kit.faults import OF_DELIVERIES, FaultBook, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from src.sandbox.kit.posting import Post
    from src.sandbox.kit.store import SandboxStore

_TAKEN = 200
"""Some providers try again after any other status."""
_TWICE = frozenset({FaultKind.DOUBLED_DELIVERY})


class Deliveries:
    """Sends what an imitation has to tell, as the faults of its provider want it."""

    def __init__(self, store: "SandboxStore", provider_id: str, post: "Post") -> None:
        """Share the book of the provider, whose id this must be."""
        self._store = store
        self._book = FaultBook(store, provider_id)
        self._key = f"{provider_id}/deliveries"
        self._post = post

    async def __call__(self, url: str, headers: "Mapping[str, str]", body: bytes) -> int:
        """Send, or keep back; the status of the answer."""
        path = urlsplit(url).path or "/"
        fault = await self._book.strike("POST", path, kinds=OF_DELIVERIES)
        if fault is None:
            return await self._post(url, headers, body)
        if fault.kind is FaultKind.HELD_DELIVERY:
            await self._hold(url, headers, body)
            return _TAKEN
        await self._post(url, headers, body)
        return await self._post(url, headers, body)

    async def release(self) -> int:
        """Send what was kept back, the newest first; how many there were."""
        held = await self._held()
        await self._store.delete(self._key)
        for one in reversed(held):
            body = b64decode(one["body"])
            path = urlsplit(one["url"]).path or "/"
            doubled = await self._book.strike("POST", path, kinds=_TWICE)
            for _ in range(1 if doubled is None else 2):
                await self._post(one["url"], one["headers"], body)
        return len(held)

    async def _hold(self, url: str, headers: "Mapping[str, str]", body: bytes) -> None:
        one = {"url": url, "headers": dict(headers), "body": b64encode(body).decode()}
        await self._store.put(self._key, {"all": [*await self._held(), one]})

    async def _held(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._store.get(self._key) or {}).get("all", [])
        return found


def build_imitation(
    factory: "Callable[..., ASGIApp]",
    store: "SandboxStore",
    provider_id: str,
    post: "Post | None" = None,
) -> "ASGIApp":
    """The imitation as whoever runs it wants it served.

    One whose factory takes `post` is handed it, and `POST /_sandbox/deliveries` lets go what its
    faults keep back.
    """
    if post is None or "post" not in signature(factory).parameters:
        return factory(store)
    deliveries = Deliveries(store, provider_id, post)

    async def release(_: "Request") -> Response:
        return json_answer({"sent": await deliveries.release()})

    app = Starlette(
        routes=[
            Route("/_sandbox/deliveries", release, methods=["POST"]),
            Mount("/", app=factory(store, post=deliveries)),
        ]
    )
    app.router.redirect_slashes = False
    return app
