"""The load: closed-loop keep-alive clients on raw sockets, in a process of its own.

Reads one job per line from standard input and writes one result per line. Every answer must be a
200 of exactly the expected length; the first one that is not ends the job. Processor time is read
at both ends of the measured window, by the one who knows where the window is.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import psutil
import uvloop

_BUFFER_BYTES = 256 * 1024
_DRAIN_SECONDS = 30.0
_OK = b"HTTP/1.1 200"
_LENGTH = b"content-length:"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, by how many clients at once, for how long."""

    port: int
    request: bytes
    length: int
    """Of the body."""
    clients: int
    seconds: float
    warm_up: float
    watched: Mapping[str, int]
    """Whose processor time is measured: process ids by name."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How it went, or why it did not."""

    failure: str | None = None
    requests: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_seconds: Mapping[str, float] = {}


class LoadFailed(Exception):
    """An answer was wrong, or none came."""


class Run:
    """What the clients of one job share."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.latencies: list[float] = []
        self.is_measuring = False
        self.is_over = False
        self.busy = job.clients
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def rest(self) -> None:
        """A client has its last answer."""
        self.busy -= 1
        if self.busy == 0 and not self.ended.done():
            self.ended.set_result(None)

    def fail(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(LoadFailed(reason))


class Client(asyncio.BufferedProtocol):
    """Sends the request again as soon as the answer is there."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._bytes = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._bytes)
        self._filled = 0
        self._missing: int | None = None
        self._sent_at = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.fail(f"the connection was lost ({exc})")

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return self._view[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        if self._missing is None:
            self._filled += nbytes
            end = self._bytes.find(b"\r\n\r\n", 0, self._filled)
            if end < 0:
                return
            self._missing = self._run.job.length - (self._filled - end - 4)
            self._check(bytes(self._view[:end]))
            self._filled = 0
        else:
            self._missing -= nbytes
        if self._missing == 0:
            self._answered()
        elif self._missing < 0:
            self._run.fail("an answer is longer than its head says")

    def _check(self, head: bytes) -> None:
        lower = head.lower()
        at = lower.find(_LENGTH)
        length = int(lower[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at > 0 else -1
        if head.startswith(_OK) and length == self._run.job.length:
            return
        start = bytes(self._view[: min(self._filled, 600)])
        self._run.fail(f"not 200 with {self._run.job.length} bytes: {start!r}")

    def _send(self) -> None:
        self._missing = None
        self._filled = 0
        self._sent_at = time.perf_counter()
        self._transport.write(self._run.job.request)

    def _answered(self) -> None:
        run = self._run
        if run.is_measuring:
            run.latencies.append(time.perf_counter() - self._sent_at)
        if run.is_over:
            run.rest()
        else:
            self._send()

    def close(self) -> None:
        self._transport.abort()


async def perform(job: Job) -> Result:
    """Warm up, measure, let the last answers come in."""
    loop = asyncio.get_running_loop()
    run = Run(job)
    families = {name: family(pid) for name, pid in job.watched.items()}
    clients: list[Client] = []
    try:
        for _ in range(job.clients):
            _, client = await loop.create_connection(lambda: Client(run), "127.0.0.1", job.port)
            clients.append(client)
        await _pass(run, job.warm_up)
        before, started = _cpu(families), time.perf_counter()
        run.is_measuring = True
        await _pass(run, job.seconds)
        run.is_measuring = False
        seconds, after = time.perf_counter() - started, _cpu(families)
        run.is_over = True
        await asyncio.wait_for(run.ended, _DRAIN_SECONDS)
    finally:
        if not run.ended.done():
            run.ended.cancel()
        for client in clients:
            client.close()
    if not run.latencies:
        raise LoadFailed("no answer within the measured time")
    ordered = sorted(run.latencies)
    return Result(
        requests=len(ordered),
        seconds=seconds,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
        cpu_seconds={name: after[name] - before[name] for name in families},
    )


async def _pass(run: Run, seconds: float) -> None:
    """Let time pass, unless the run fails meanwhile."""
    await asyncio.wait([run.ended], timeout=seconds)
    if run.ended.done():
        run.ended.result()


def family(pid: int) -> list[psutil.Process]:
    """A process with its children."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _cpu(families: Mapping[str, Iterable[psutil.Process]]) -> dict[str, float]:
    used: dict[str, float] = {}
    for name, processes in families.items():
        times = [process.cpu_times() for process in processes]
        used[name] = sum(time.user + time.system for time in times)
    return used


def main() -> None:
    """Serve jobs until standard input ends."""
    for line in sys.stdin.buffer:
        try:
            result = uvloop.run(perform(msgspec.json.decode(line, type=Job)))
        except (LoadFailed, OSError, TimeoutError, psutil.Error) as error:
            result = Result(failure=str(error) or type(error).__name__)
        sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
