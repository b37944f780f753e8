"""Does the service keep what it should let go? ``python -m benchmarks.soak [--requests 100000]``.

Callers ask for everything in turn, over kept and over new connections, rightly and wrongly; the
resident memory of the API process is read as they go. It may grow while it warms up, and then no
more: the run fails when a line through the rest rises by more than ``MOST_MEGABYTES``.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import linear_regression
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
import psutil
import uvloop

from benchmarks.contenders import HEADERS, OURS, START_SECONDS, connect, service_env, start_upstream
from benchmarks.processes import HOST, BenchmarkFailed, free_port, mongod_of, workshop
from benchmarks.report import machine, table

CALLERS = 16
SAMPLES = 40
WARM_UP = 0.2
"""What part of the requests is not judged: caches fill and the allocator finds its size."""
MOST_MEGABYTES = 4.0
"""How much the line may rise, however long the run is. Python's allocator takes memory in arenas of
1 MB; a process that keeps nothing was seen to take two or three of them in 100,000 requests, and
hardly any later. What is kept for good rises with the requests: in 80,000 the limit is 52 bytes
each, less than the smallest object in a list or dict. A rarer leak is found by a longer run."""
REPOSITORIES = 200
CACHE_MEGABYTES = 4
"""Small, so that it is full after the warm-up and every further answer displaces another."""
_MEGABYTE = 1024 * 1024

Step = Callable[["Caller"], Awaitable[None]]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The API process at one moment."""

    requests: int
    seconds: float
    megabytes: float
    files: int


class Run:
    """What the callers share: the count, and what was measured on the way."""

    def __init__(self, requests: int, port: int, process: psutil.Process) -> None:
        self.url = f"http://{HOST}:{port}"
        self.port = port
        self.samples: list[Sample] = []
        self._requests = requests
        self._process = process
        self._begun = 0
        self._ended = 0
        self._started = time.perf_counter()

    def begin(self) -> bool:
        """Whether there is another request to make."""
        self._begun += 1
        return self._begun <= self._requests

    def end(self) -> None:
        """Count a request, and measure now and then."""
        self._ended += 1
        if self._ended % max(1, self._requests // SAMPLES) == 0:
            with self._process.oneshot():
                resident = self._process.memory_info().rss
            sample = Sample(
                requests=self._ended,
                seconds=time.perf_counter() - self._started,
                megabytes=resident / _MEGABYTE,
                files=self._process.num_fds(),
            )
            self.samples.append(sample)
            print(f"{sample.requests} requests: {sample.megabytes:.1f} MB", file=sys.stderr)


class Caller:
    """One of those who call, with one connection that it keeps."""

    def __init__(self, run: Run, connection_id: str, number: int) -> None:
        self._run = run
        self._connection_id = connection_id
        self._dice = random.Random(number)
        self._cursor: dict[str, Any] = {}
        self._kept = aiohttp.ClientSession(headers=HEADERS)
        self._new = aiohttp.ClientSession(
            headers=HEADERS, connector=aiohttp.TCPConnector(force_close=True)
        )

    async def call(self) -> None:
        """Take one step after the other until the run is over."""
        async with self._kept, self._new:
            while True:
                for step in self._dice.sample(STEPS, len(STEPS)):
                    if not self._run.begin():
                        return
                    await step(self)
                    self._run.end()

    async def _ask(
        self,
        path: str,
        query: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        method: str = "GET",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> bytes:
        url = f"{self._run.url}/api{path}" + (f"?{urlencode(query)}" if query else "")
        asked = (session or self._kept).request(method, url, json=body, headers=headers)
        async with asked as answer:
            content = await answer.read()
        is_ok = content.startswith(b'{"ok":true,"data":')
        if answer.status != status or is_ok is not (answer.status < 400):  # noqa: PLR2004
            raise BenchmarkFailed(f"{path} answers {answer.status}: {content[:600]!r}")
        return content

    def _at_random(self) -> dict[str, Any]:
        return {
            "connectionId": self._connection_id,
            "containerId": f"repo:{self._dice.randrange(REPOSITORIES)}",
        }

    async def items(self) -> None:
        query = {**self._at_random(), "limit": 100, "include": "body"}
        await self._ask("/connectors/github/items", query)

    async def next_page(self) -> None:
        """Begin a list, or go on where the last answer ended."""
        query = self._cursor or {**self._at_random(), "limit": 25}
        content = await self._ask("/connectors/github/items", query)
        cursor = msgspec.json.decode(content)["data"]["nextCursor"]
        self._cursor = {**query, "cursor": cursor} if self._dice.random() < 0.8 else {}  # noqa: PLR2004

    async def item(self) -> None:
        item_id = f"{self._dice.randrange(REPOSITORIES)}:issue:{self._dice.randrange(1, 100)}"
        await self._ask(
            f"/connectors/github/items/{item_id}", {"connectionId": self._connection_id}
        )

    async def comments(self) -> None:
        item_id = f"{self._dice.randrange(REPOSITORIES)}:issue:{self._dice.randrange(1, 100)}"
        query = {"connectionId": self._connection_id, "itemId": item_id}
        await self._ask("/connectors/github/comments", query)

    async def over_a_new_connection(self) -> None:
        query = {**self._at_random(), "limit": 1}
        await self._ask("/connectors/github/items", query, session=self._new)

    async def catalogue(self) -> None:
        await self._ask("/connectors")

    async def connections(self) -> None:
        await self._ask("/connections", {"limit": 10})

    async def connection(self) -> None:
        await self._ask(f"/connections/{self._connection_id}")

    async def validate(self) -> None:
        body = {"credentials": {"apiKey": f"ghp_{self._dice.randbytes(18).hex()}"}}
        await self._ask("/connectors/github/validate", method="POST", body=body)

    async def absent_route(self) -> None:
        await self._ask(f"/{self._dice.randbytes(8).hex()}", status=404)

    async def absent_connection(self) -> None:
        await self._ask(f"/connections/con_{self._dice.randbytes(12).hex()}", status=404)

    async def absent_item(self) -> None:
        path = f"/connectors/github/items/1:issue:{self._dice.randrange(1000, 1_000_000)}"
        await self._ask(path, {"connectionId": self._connection_id}, status=404)

    async def absent_tenant(self) -> None:
        headers = {"X-Tenant-Id": self._dice.randbytes(8).hex()}
        await self._ask(f"/connections/{self._connection_id}", status=404, headers=headers)

    async def wrong_query(self) -> None:
        query = {**self._at_random(), "limit": 0, self._dice.randbytes(4).hex(): 1}
        await self._ask("/connectors/github/items", query, status=422)

    async def wrong_cursor(self) -> None:
        query = {**self._at_random(), "cursor": self._dice.randbytes(60).hex()}
        await self._ask("/connectors/github/items", query, status=400)

    async def wrong_key(self) -> None:
        headers = {"Authorization": f"Bearer {self._dice.randbytes(16).hex()}"}
        await self._ask("/connections", status=401, headers=headers)

    async def wrong_body(self) -> None:
        body = {self._dice.randbytes(4).hex(): "x" * 2000}
        await self._ask(
            "/connectors/github/validate", method="POST", body=body, status=422, session=self._new
        )

    async def hang_up(self) -> None:
        """Go away in mid-head, in mid-body or before the answer."""
        path = f"/api/connectors/github/items?{urlencode(self._at_random())}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: 1000\r\n\r\n"
        whole = f"GET {path} HTTP/1.1\r\n{lines}\r\n"
        _, writer = await asyncio.open_connection(HOST, self._run.port)
        writer.write(self._dice.choice((head[:50], head + "{", whole)).encode())
        await writer.drain()
        writer.transport.abort()


STEPS: Sequence[Step] = (
    *(Caller.items,) * 5,
    *(Caller.next_page,) * 5,
    *(Caller.item,) * 3,
    *(Caller.comments,) * 3,
    *(Caller.over_a_new_connection,) * 2,
    *(Caller.catalogue, Caller.connections, Caller.connection, Caller.validate),
    *(Caller.absent_route, Caller.absent_connection, Caller.absent_item, Caller.absent_tenant),
    *(Caller.wrong_query, Caller.wrong_cursor, Caller.wrong_key, Caller.wrong_body),
    Caller.hang_up,
)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a line through the samples after the warm-up says."""

    megabytes: float
    requests: int

    @property
    def is_met(self) -> bool:
        return self.megabytes <= MOST_MEGABYTES


def judge(samples: Sequence[Sample]) -> Verdict:
    """Fit the line; single samples say little."""
    judged = samples[int(len(samples) * WARM_UP) :]
    requests = judged[-1].requests - judged[0].requests
    line = linear_regression(
        [sample.requests for sample in judged], [sample.megabytes for sample in judged]
    )
    return Verdict(megabytes=line.slope * requests, requests=requests)


def soak(requests: int) -> tuple[list[Sample], float]:
    """Start everybody, call, stop everybody; the samples, and the size of mongod."""
    with workshop() as shop:
        _, upstream_port = start_upstream(shop)
        port = free_port()
        env = service_env(
            shop.folder / "data",
            CONNECTORS__GITHUB__API_URL=f"http://{HOST}:{upstream_port}",
            CONDITIONAL_CACHE_MB=str(CACHE_MEGABYTES),
        )
        command = ["-m", "src.cli", "serve", "--host", HOST, "--port", str(port)]
        server = shop.start(OURS, command, env)
        shop.wait(OURS, server, port, "/api/health/ready", START_SECONDS)
        run = Run(requests, port, psutil.Process(server.pid))
        connection_id = connect(port)

        async def call() -> None:
            callers = [Caller(run, connection_id, number) for number in range(CALLERS)]
            await asyncio.gather(*(caller.call() for caller in callers))

        uvloop.run(call())
        mongod = mongod_of(shop.folder).memory_info().rss / _MEGABYTE
        if b"Traceback" in (shop.folder / f"{OURS}.log").read_bytes():
            raise BenchmarkFailed(f"the service logged an exception:\n{shop.last_words(OURS)}")
    return run.samples, mongod


def show(samples: Sequence[Sample], verdict: Verdict, mongod: float) -> str:
    """The run as Markdown."""
    rows = [
        [
            f"{sample.requests}",
            f"{sample.seconds:.0f}",
            f"{sample.megabytes:.1f}",
            f"{sample.files}",
        ]
        for sample in samples
    ]
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    per_request = verdict.megabytes * _MEGABYTE / verdict.requests
    return "\n\n".join(
        (
            f"{samples[-1].requests} requests by {CALLERS} callers; {told}.",
            table(("requests", "seconds", "resident MB", "open files"), rows),
            f"After the warm-up: {verdict.megabytes:+.2f} MB in {verdict.requests} requests "
            f"({per_request:+.1f} bytes each); ≤ {MOST_MEGABYTES:g} MB "
            f"{'met' if verdict.is_met else '**not met**'}. mongod {mongod:.0f} MB.",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="at least 1000")
    requests = max(1000, parser.parse_args().requests)
    try:
        samples, mongod = soak(requests)
    except BenchmarkFailed as error:
        sys.exit(f"The soak failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    verdict = judge(samples)
    print(show(samples, verdict, mongod))
    if not verdict.is_met:
        sys.exit(1)


if __name__ == "__main__":
    main()
