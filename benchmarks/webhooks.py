"""How many webhooks a second are taken: ``python -m benchmarks.webhooks [--seconds 60]``.

A provider delivers at a fixed rate, whatever the answers do: the time of an answer counts from the
moment at which the delivery was due, so that a queue cannot hide. Each delivery is of another
issue, real in form and signed; some come twice. In the end every issue must have been fetched once
and be a record.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient

from benchmarks.contenders import HEADERS, START_SECONDS, connect, service_env
from benchmarks.processes import (
    HOST,
    BenchmarkFailed,
    Workshop,
    free_port,
    mongod_of,
    request,
    workshop,
)
from benchmarks.report import machine, table
from benchmarks.upstream import _issue as issue

GOAL_P99_MS = 100.0
_WARM_UP_SECONDS = 2.0
_PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.2
_TWICE = 0.05
_CONNECTIONS = 64
_IDLE_SECONDS = 2.0


@dataclass(slots=True)
class Measured:
    """What became of the deliveries."""

    milliseconds: list[float] = field(default_factory=list)
    failures: int = 0


@dataclass(slots=True)
class Wire:
    """A connection to the service."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Sender:
    """The provider's side of the deliveries."""

    port: int
    path: str
    secret: str

    def delivery(self, number: int) -> bytes:
        """One whole request."""
        told = {
            "action": "edited",
            "issue": issue(number),
            "repository": {"id": 1, "full_name": "octo/pool", "topics": ["x" * 40] * 100},
            "sender": {"id": 583231, "login": "octocat"},
        }
        body = json.dumps(told).encode()
        digest = hmac.new(self.secret.encode(), body, "sha256").hexdigest()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-GitHub-Event: issues\r\nX-GitHub-Delivery: delivery-{number}\r\n"
            f"X-Hub-Signature-256: sha256={digest}\r\n\r\n"
        )
        return head.encode() + body

    async def deliver_all(self, numbers: Sequence[int], rate: float) -> Measured:
        """Deliver at this rate; whoever finds no free connection opens one more."""
        measured, free = Measured(), list[Wire]()
        rooms = asyncio.Semaphore(_CONNECTIONS)
        contents = [self.delivery(number) for number in numbers]
        begun = time.perf_counter()

        async def one(content: bytes, due: float) -> None:
            async with rooms:
                wire = await self._wire(free)
                wire.writer.write(content)
                status = await _status(wire.reader)
                wire.used_at = time.perf_counter()
                free.append(wire)
            measured.milliseconds.append((time.perf_counter() - due) * 1000)
            measured.failures += status != HTTPStatus.OK

        async with asyncio.TaskGroup() as group:
            for index, content in enumerate(contents):
                due = begun + index / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(content, due))
        for wire in free:
            wire.writer.close()
        return measured

    async def _wire(self, free: list[Wire]) -> Wire:
        """A free connection, unless the service may have closed it meanwhile."""
        while free:
            wire = free.pop()
            if time.perf_counter() - wire.used_at < _IDLE_SECONDS:
                return wire
            wire.writer.close()
        return Wire(*await asyncio.open_connection(HOST, self.port))


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    length = next(
        int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length")
    )
    await reader.readexactly(length)
    return int(lines[0].split(" ")[1])


def main() -> int:
    """Measure, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=200, help="deliveries a second")
    given = parser.parse_args()
    try:
        with workshop() as shop:
            return _measure(shop, given.seconds, given.rate)
    except BenchmarkFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def _measure(shop: Workshop, seconds: int, rate: int) -> int:
    provider, provider_port = shop.start_server("provider", ["benchmarks.webhook_upstream:app"])
    shop.wait("provider", provider, provider_port, "/user", START_SECONDS)
    port = free_port()
    data = shop.folder / "data"
    env = service_env(
        data,
        CONNECTORS__GITHUB__API_URL=f"http://{HOST}:{provider_port}",
        PUBLIC_URL=f"http://{HOST}:{port}",
    )
    command = ["-m", "uvicorn", "src.api.main:app", "--host", HOST, "--port", str(port)]
    service = shop.start("service", command, env)
    shop.wait("service", service, port, "/api/health/ready", START_SECONDS)
    connection = connect(port)
    _subscribe(port, connection)
    hook = json.loads(request(provider_port, "GET", "/told")[1])["hook"]
    sender = Sender(port, urlsplit(hook["url"]).path, hook["secret"])
    warm = int(_WARM_UP_SECONDS * rate)
    asyncio.run(sender.deliver_all(range(1, warm + 1), rate))
    numbers = _numbers(warm, seconds * rate)
    began = time.monotonic()
    measured = asyncio.run(sender.deliver_all(numbers, rate))
    sent = time.monotonic() - began
    database = MongoClient(_address(data), directConnection=True)["connectors"]
    wanted = set(range(1, max(numbers) + 1))
    lag = _wait(database, len(wanted)) if measured.failures == 0 else 0.0
    told = json.loads(request(provider_port, "GET", "/told")[1])["fetched"]
    fetched = {int(number): count for number, count in told.items()}
    lost = len(wanted - fetched.keys())
    doubled = sum(count - 1 for count in fetched.values())
    times = sorted(measured.milliseconds)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    rows = [
        ("deliveries", f"{len(numbers)} in {sent:.1f} s, {len(numbers) - len(set(numbers))} twice"),
        ("refused", str(measured.failures)),
        ("answered in", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal {GOAL_P99_MS:.0f})"),
        ("lost, fetched twice", f"{lost}, {doubled}"),
        ("all records there after", f"{lag:.1f} s"),
    ]
    print(table(("", ""), rows))
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    is_fine = measured.failures == lost == doubled == 0 and p99 <= GOAL_P99_MS
    return 0 if is_fine else 1


def _numbers(start: int, count: int) -> list[int]:
    """New issues one after the other; some come again a little later."""
    dice, numbers = random.Random(7), list[int]()
    fresh = start
    for _ in range(count):
        if numbers and dice.random() < _TWICE:
            numbers.append(dice.choice(numbers[-100:]))
        else:
            fresh += 1
            numbers.append(fresh)
    return numbers


def _subscribe(port: int, connection: str) -> None:
    body: dict[str, Any] = {
        "connectionId": connection,
        "containerId": "repo:1",
        "events": ["issues"],
    }
    status, answer = request(port, "POST", "/api/connectors/github/webhooks", HEADERS, body)
    if status != HTTPStatus.CREATED:
        raise BenchmarkFailed(f"no webhook: {answer.decode()}")


def _address(data: Path) -> str:
    words = mongod_of(data).cmdline()
    port = next(word.partition("=")[2] for word in words if word.startswith("--port="))
    return f"mongodb://{HOST}:{port}"


def _wait(database: Any, count: int) -> float:
    """How long it takes until everything that came is a record.

    Raises:
        BenchmarkFailed: It never is.
    """
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_SECONDS:
        if database["records"].count_documents({"stream": "issues"}) >= count:
            return time.monotonic() - began
        time.sleep(_POLL_SECONDS)
    raise BenchmarkFailed("some deliveries have never become records")


if __name__ == "__main__":
    sys.exit(main())
