"""HTTP by hand: what no client library would send, over a connection of one's own."""

import json
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.processes.conftest import PATIENCE, Server

HEADERS = b"Host: 127.0.0.1\r\nX-Tenant-Id: acme\r\n"
GOOD = b"GET / HTTP/1.1\r\n" + HEADERS + b"\r\n"
VALIDATE = b"POST /api/connectors/github/validate HTTP/1.1\r\n" + HEADERS
JSON = b"Content-Type: application/json\r\n"
SWITCHES = "/sandbox/github/_sandbox"


def get(path: bytes = b"/", *lines: bytes) -> bytes:
    """A request without a body."""
    return b"GET " + path + b" HTTP/1.1\r\n" + HEADERS + b"".join(lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    """A request to a route that reads a body, with just these headers about it."""
    return VALIDATE + JSON + b"".join(lines) + b"\r\n" + body


def named(request_id: str) -> bytes:
    """The header that names a request."""
    return f"X-Request-Id: {request_id}\r\n".encode()


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """What our envelope says about a failure."""
        content = json.loads(self.body)
        assert set(content) == {"ok", "data", "error"}
        assert content["ok"] is False
        assert content["data"] is None
        error: dict[str, Any] = content["error"]
        assert set(error) == {"code", "message", "details", "requestId"}
        assert error["requestId"] == self.headers["x-request-id"]
        assert self.headers["content-type"] == "application/json"
        return error

    @property
    def is_ours(self) -> bool:
        """Whether the application made it, and not the server alone."""
        return "x-request-id" in self.headers


class Wire:
    """One connection to a server."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.url.removeprefix("http://").rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self.socket.close()

    @property
    def port(self) -> int:
        """Our end."""
        port: int = self.socket.getsockname()[1]
        return port

    def send(self, content: bytes) -> Self:
        self.socket.sendall(content)
        return self

    def trickle(self, part: bytes) -> Self:
        """Send the part again and again, twenty times a second, until something comes back."""
        ends = time.monotonic() + PATIENCE
        with suppress(ConnectionError):
            while not self._has_something(0.05):
                assert time.monotonic() < ends, "the server waits on"
                self.send(part)
        return self

    def _has_something(self, seconds: float) -> bool:
        return bool(select.select([self.socket], [], [], seconds)[0])

    def answer(self) -> Answer:
        """The next answer."""
        status = self._stream.readline()
        assert status.startswith(b"HTTP/1.1 "), status
        lines = iter(self._stream.readline, b"\r\n")
        pairs = (line.decode("latin-1").rstrip("\r\n").split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in pairs}
        body = self._stream.read(int(headers.get("content-length", 0)))
        return Answer(int(status.split()[1]), headers, body)

    def answers(self) -> list[Answer]:
        """All answers until the server closes the connection."""
        found: list[Answer] = []
        with suppress(ConnectionError):
            while self._stream.peek(1):
                found.append(self.answer())
        return found

    def end_of_sending(self) -> Self:
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        """Hang up as a process does that was killed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.close()
        self.socket.close()


def ask(server: Server, content: bytes) -> Answer:
    """The answer to one request on a connection of its own."""
    with Wire(server) as wire:
        return wire.send(content).answer()


def chunked(parts: Iterable[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@contextmanager
def slow_github(server: Server, seconds: float) -> Iterator[Callable[[], bool]]:
    """Let the imitation GitHub take its time for items; tells whether it has been asked."""
    fault = {"kind": "slow", "path": "/repositories", "delay": seconds}

    def is_asked() -> bool:
        counts = server.get(f"{SWITCHES}/requests").json()
        return any("/issues" in route for route in counts)

    with server.client() as client:
        client.put(f"{SWITCHES}/faults", json=[fault]).raise_for_status()
        client.delete(f"{SWITCHES}/requests").raise_for_status()
        yield is_asked
        client.put(f"{SWITCHES}/faults", json=[]).raise_for_status()
