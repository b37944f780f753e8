"""uvicorn's HTTP protocol, with an end to every wait for a caller.

uvicorn ends the silence between two requests, and ``src/api/body_limit.py`` the wait for a body
that somebody reads. Unbounded are in uvicorn, with httptools: the wait for a connection's first
request, the time and the size of a head, the rest of a body after its answer, and the wait until an
answer has been taken. It also takes the trailers behind a chunked body for headers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

LARGEST_HEAD_BYTES = 64 * 1024
"""Of a head that comes in pieces; one that comes at once is as large as one read at the most."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, seconds: float, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.headers = _Complete()
        self._seconds = seconds
        self._head_bytes = 0
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        if self._answering is not None:
            # uvicorn tells only the newest of several pipelined requests.
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)
        for timer in (self._reading, self._writing):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, for as long and as much as is granted to a caller whom nobody answers."""
        before = self.headers
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes = self._head_bytes + len(data) if self.headers is before else 0
            if self._head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")
        if getattr(self.cycle, "response_complete", True):
            self._await_request()

    @property
    def _is_in_head(self) -> bool:
        return not isinstance(self.headers, _Complete)

    def on_headers_complete(self) -> None:
        """Leave the caller to whoever answers."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        super().on_headers_complete()
        self.headers = _Complete(self.headers)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _await_request(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(self._seconds, self._end_reading)

    def _end_reading(self) -> None:
        if self.transport.get_protocol() is not self:
            return
        if self.transport.is_closing():
            self.transport.abort()
        elif self._is_in_head:
            self.send_400_response("The head of the request did not arrive in time.")
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        """Wait until the answer has been taken."""
        super().on_response_complete()
        self._await_taking()

    def pause_writing(self) -> None:
        """Wait until the caller goes on reading."""
        super().pause_writing()
        self._await_taking()

    def _await_taking(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        self._unsent = self.transport.get_write_buffer_size()
        if self._unsent:
            self._writing = self.loop.call_later(self._seconds, self._end_writing)

    def _end_writing(self) -> None:
        if self.transport.get_write_buffer_size() >= self._unsent:
            self.transport.abort()
        else:
            self._await_taking()


class _Complete(list[tuple[bytes, bytes]]):
    """Headers to which no trailer is added; only uvicorn adds to them."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Drop it."""
