"""A network without wires: one imitation provider, and a record of everything that was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from src.sandbox.kit import ConnectionCut


class Watched(httpx.AsyncByteStream):
    """A body that remembers whether it was given back; a stalled one never ends."""

    def __init__(self, body: bytes, reading: asyncio.Event, *, stalled: bool) -> None:
        self._body = body
        self._reading = reading
        self._stalled = stalled
        self.closed = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._reading.set()
        if self._stalled:
            await asyncio.Event().wait()
        yield self._body

    async def aclose(self) -> None:
        """Note that the reader is done."""
        self.closed = True


class Wires(httpx.AsyncBaseTransport):
    """Leads one host to an imitation provider; every other host is unreachable."""

    def __init__(self, host: str, app: Any) -> None:
        self.host = host
        self.requests: list[httpx.Request] = []
        self.bodies: list[Watched] = []
        self.reading = asyncio.Event()
        self.stalled = False
        self.echoing = False
        self._provider = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the imitation, or as the switches say."""
        self.requests.append(request)
        if request.url.host != self.host:
            raise httpx.ConnectError("no such host")
        if self.echoing:
            return _echo(request)
        try:
            answer = await self._provider.handle_async_request(request)
        except ConnectionCut as error:
            raise httpx.ReadError("the connection was lost") from error
        body = Watched(await answer.aread(), self.reading, stalled=self.stalled)
        self.bodies.append(body)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=body)

    async def switch(self, faults: list[dict[str, Any]]) -> httpx.Response:
        """Switch faults of the imitation on and off; this is not recorded."""
        url = f"http://{self.host}/_sandbox/faults"
        answer = await self._provider.handle_async_request(httpx.Request("PUT", url, json=faults))
        await answer.aread()
        return answer

    def forget(self) -> None:
        """Begin a new record."""
        self.requests.clear()
        self.bodies.clear()
        self.reading.clear()


def _echo(request: httpx.Request) -> httpx.Response:
    """A careless provider: it repeats in its error what it was sent."""
    sent = "; ".join([str(request.url), *request.headers.values()])
    return httpx.Response(400, content=json.dumps({"message": f"cannot use: {sent}"}).encode())
