"""A network without wires: one imitation provider, and a record of everything that was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from src.sandbox.kit import ConnectionCut

_MOST_REQUESTS = 5_000
_CHUNK = 64 * 2**10


class Watched(httpx.AsyncByteStream):
    """A body that remembers how much was read, and whether it was given back.

    A stalled one never ends.
    """

    def __init__(self, body: bytes, reading: asyncio.Event, *, stalled: bool) -> None:
        self._body = body
        self._reading = reading
        self._stalled = stalled
        self.closed = False
        self.taken = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._reading.set()
        if self._stalled:
            await asyncio.Event().wait()
        for start in range(0, len(self._body), _CHUNK):
            chunk = self._body[start : start + _CHUNK]
            self.taken += len(chunk)
            yield chunk

    async def aclose(self) -> None:
        """Note that the reader is done."""
        self.closed = True


class Wires(httpx.AsyncBaseTransport):
    """Leads one host to an imitation provider; every other host is unreachable."""

    def __init__(self, host: str, app: Any) -> None:
        self.host = host
        self.requests: list[httpx.Request] = []
        self.bodies: list[Watched] = []
        self.answered = ""
        """The last request and the status of its answer: ``GET /things → 200``."""
        self.reading = asyncio.Event()
        self.stalled = False
        self.echoing = False
        self.most_requests = _MOST_REQUESTS
        self.is_late: Callable[[httpx.Request], bool] = lambda _: False
        """Whose answers come too late, though what they asked for was done; no time passes."""
        self._meanwhile: tuple[int, Callable[[], Awaitable[object]]] | None = None
        self._provider = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the imitation, or as the switches say."""
        self.requests.append(request)
        if len(self.requests) > self.most_requests:
            # No error of a provider: whoever tries again for ever would swallow it.
            pytest.fail(f"it makes more than {self.most_requests} requests", pytrace=False)
        await self._interrupt()
        if request.url.host != self.host:
            raise httpx.ConnectError("no such host")
        if self.echoing:
            return _echo(request)
        try:
            answer = await self._provider.handle_async_request(request)
        except ConnectionCut as error:
            raise httpx.ReadError("the connection was lost") from error
        content = b"".join([part async for part in answer.aiter_raw()])
        if self.is_late(request):
            raise httpx.ReadTimeout("the answer comes when nobody waits for it any more")
        body = Watched(content, self.reading, stalled=self.stalled)
        self.bodies.append(body)
        self.answered = f"{request.method} {request.url.raw_path.decode()} → {answer.status_code}"
        return httpx.Response(answer.status_code, headers=answer.headers, stream=body)

    def meanwhile(self, number: int, deed: Callable[[], Awaitable[object]]) -> None:
        """Do something once, when this request from now on has come and before it is answered."""
        self._meanwhile = (len(self.requests) + number, deed)

    async def _interrupt(self) -> None:
        if self._meanwhile is None or len(self.requests) < self._meanwhile[0]:
            return
        (_, deed), self._meanwhile = self._meanwhile, None
        await deed()

    async def switch(self, faults: list[dict[str, Any]]) -> httpx.Response:
        """Switch faults of the imitation on and off; this is not recorded."""
        return await self.control("PUT", "/faults", faults)

    async def control(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """Call one of the switches below ``/_sandbox``; this is not recorded."""
        return await self.visit(httpx.Request(method, self.url(f"/_sandbox{path}"), json=json))

    def url(self, path: str) -> str:
        """The address of a path of the imitation."""
        return f"http://{self.host}{path}"

    async def visit(self, request: httpx.Request) -> httpx.Response:
        """Ask the imitation as somebody else than the connector, a browser; not recorded."""
        answer = await self._provider.handle_async_request(request)
        await answer.aread()
        return answer

    def forget(self) -> None:
        """Begin a new record."""
        self.requests.clear()
        self.bodies.clear()
        self.reading.clear()
        self._meanwhile = None


def _echo(request: httpx.Request) -> httpx.Response:
    """A careless provider: it repeats in its error what it was sent."""
    sent = "; ".join([str(request.url), *request.headers.values()])
    return httpx.Response(400, content=json.dumps({"message": f"cannot use: {sent}"}).encode())
