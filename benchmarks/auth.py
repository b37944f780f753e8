"""What it costs to know a caller and to open its connection: ``python -m benchmarks.auth``.

First, principal, tenant, connection and credential of a request, through the service's own code in
this process: warm, from its memory, and cold, when it has read none of them within the last second;
and how the cold look-up grows with the number of connections. In each round every size is measured
in turn, beginning with another one each time; ratios are formed within a round.

Second, many connections due at once: does the keep-alive ask the provider exactly once for each of
them, at the set pace? If not, the run fails.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import uvloop
from pydantic import SecretStr

from benchmarks.population import APP, Population, Target
from benchmarks.processes import BenchmarkFailed, Workshop, workshop
from benchmarks.report import machine, table
from src.bootstrap import Container, build_container, open_database
from src.connectors.github.manifest import MANIFEST
from src.connectors.registry import discover
from src.core.config import ConnectorOverrides, Settings
from src.core.logging import configure_logging
from src.core.memory import tune_memory
from src.core.outbound import Outbound
from src.db.cache import SECONDS, BriefCache
from src.db.platform import DueRefreshes
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.principal import Caller
from src.services.keep_alive import LOOK_SECONDS

MOST_GROWTH = 1.5
LOOKUPS = 1000
COLD_SECONDS = SECONDS + 0.1
PROVIDER_SECONDS = 0.02
_GRACE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_MINUTE = 60.0
_HEAD = (
    *("connections", "warm p50 µs", "warm p99 µs", "reads", "cold p50 ms", "cold p99 ms"),
    *("reads", "p50 ÷ smallest", "p99 ÷ smallest", "goal"),
)


class GivenSettings(Settings):
    """Settings of this benchmark alone: the developer's environment changes nothing."""

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[Any, ...]:
        return (sources["init_settings"],)


class Provider(httpx.AsyncBaseTransport):
    """An imitation of GitHub's token address that counts by refresh token, and no other host."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.began: list[float] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.began.append(time.perf_counter())
        fields = parse_qs((await request.aread()).decode())
        self.asked[fields["refresh_token"][0]] += 1
        await asyncio.sleep(PROVIDER_SECONDS)
        number = len(self.began)
        answer = {
            "access_token": f"ghu_new{number:033}",
            "expires_in": 28_800,
            "refresh_token": f"ghr_new{number:073}",
            "refresh_token_expires_in": 15_897_600,
            "token_type": "bearer",
            "scope": "",
        }
        return httpx.Response(200, json=answer)


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Look-ups one after the other, in microseconds, and what each read from the database."""

    p50: float
    p99: float
    reads: float


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One size in one round."""

    cold: Times
    warm: Times


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """How the keep-alive went through what was due."""

    due: int
    calls: int
    asked: int
    """For how many connections."""
    renewed: int
    seconds: float
    expected: float

    @property
    def is_exact(self) -> bool:
        return self.calls == self.asked == self.renewed == self.due


class Service:
    """The service over a database of one size, and connections of it to look up."""

    def __init__(self, container: Container, targets: Sequence[Target]) -> None:
        self._container = container
        self._targets = targets
        self._next = 0
        self._cold_at = 0.0
        self._cache = BriefCache()

    async def look_up(self, target: Target) -> None:
        """All that a request does before it calls a provider.

        Raises:
            BenchmarkFailed: The credential is another's.
        """
        container = self._container
        principal = await container.principals.identify(
            bearer=target.key, tenant_id=target.tenant_id, workspace_ids=(), user_id=None
        )
        opened = await container.calls.open(Caller(principal), MANIFEST.id, target.connection_id)
        scope = TenantScope(container.mongo.database, principal.tenant_id, self._cache)
        provider = container.refreshes.provider(scope, opened.connection)
        credential = await provider.credential()
        if credential.access_token.get_secret_value() != target.access_token:
            raise BenchmarkFailed(f"{target.connection_id} has another's credential")

    async def sample(self) -> Sample:
        """A round of cold look-ups, each of another connection, and one of warm ones."""
        count = min(LOOKUPS, len(self._targets))
        picked = [self._targets[(self._next + step) % len(self._targets)] for step in range(count)]
        self._next += count
        await asyncio.sleep(max(0.0, self._cold_at - time.perf_counter()))
        cold = await self._time(picked)
        warm = await self._time([picked[-1]] * LOOKUPS)
        self._cold_at = time.perf_counter() + COLD_SECONDS
        return Sample(cold=cold, warm=warm)

    async def _time(self, targets: Sequence[Target]) -> Times:
        before = await self._reads()
        times = []
        for target in targets:
            began = time.perf_counter()
            await self.look_up(target)
            times.append((time.perf_counter() - began) * 1e6)
        reads = await self._reads() - before
        times.sort()
        return Times(
            p50=times[len(times) // 2],
            p99=times[len(times) * 99 // 100],
            reads=reads / len(times),
        )

    async def _reads(self) -> int:
        status = await self._container.mongo.database.command("serverStatus")
        queries: int = status["opcounters"]["query"]
        return queries


@asynccontextmanager
async def service(data_dir: Path, provider: Provider, **more: Any) -> AsyncIterator[Container]:
    """The service as it is built for production, with its database prepared."""
    settings = GivenSettings(
        data_dir=data_dir,
        auth_required=True,
        admin_api_key=SecretStr("benchmark-admin-key-0123456789"),
        connectors={
            MANIFEST.id: ConnectorOverrides(
                client_id=APP.client_id, client_secret=APP.client_secret
            )
        },
        **more,
    )
    container = await build_container(settings, discover(), outbound=Outbound(provider))
    try:
        await container.readiness.prepare()
        yield container
    finally:
        await container.close()


async def fill(
    container: Container, count: int, *, most_targets: int = 0, is_due: bool = False
) -> list[Target]:
    """Store so many connections, with more patience than requests have."""
    settings = container.settings
    mongo, embedded = await open_database(settings, is_patient=True)
    try:
        population = await Population.of(mongo, settings.data_dir)
        return await population.grow(count, most_targets=most_targets, is_due=is_due)
    finally:
        await mongo.close()
        await embedded.close()


async def look_up_all(shop: Workshop, sizes: Sequence[int], rounds: int) -> list[dict[int, Sample]]:
    """Every size in every round."""
    async with AsyncExitStack() as stack:
        services = []
        for size in sizes:
            opening = service(shop.folder / f"data-{size}", Provider())
            container = await stack.enter_async_context(opening)
            targets = await fill(container, size, most_targets=(rounds + 1) * LOOKUPS)
            services.append((size, Service(container, targets)))
        tune_memory()
        for _, one in services:
            await one.sample()
        measured = []
        for number in range(rounds):
            turn = number % len(services)
            order = (*services[turn:], *services[:turn])
            measured.append({size: await one.sample() for size, one in order})
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
        return measured


async def refresh_all(shop: Workshop, due: int, per_minute: int) -> Refreshed:
    """Let the keep-alive, as the service runs it, find all of them due.

    Raises:
        BenchmarkFailed: It does not come to an end.
    """
    provider = Provider()
    expected = (due - 1) * _MINUTE / per_minute
    opening = service(shop.folder / "data-due", provider, keep_alive_per_minute=per_minute)
    async with opening as container:
        await fill(container, due, is_due=True)
        await container.prepare()
        print(f"the keep-alive looks within {LOOK_SECONDS:g} seconds", file=sys.stderr)
        waiting = DueRefreshes(lambda: container.mongo.database)
        deadline = time.monotonic() + LOOK_SECONDS + 3 * expected + _GRACE_SECONDS
        while await waiting.list(now(), 1):
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"only {len(provider.began)} of {due} were refreshed in time")
            await asyncio.sleep(_POLL_SECONDS)
        renewed = await container.mongo.database["tokens"].count_documents({"version": 2})
    return Refreshed(
        due=due,
        calls=len(provider.began),
        asked=len(provider.asked),
        renewed=renewed,
        seconds=max(provider.began, default=0.0) - min(provider.began, default=0.0),
        expected=expected,
    )


def show_lookups(measured: Sequence[dict[int, Sample]]) -> str:
    """Medians over the rounds as Markdown."""
    sizes = sorted(measured[0])
    rows = []
    for size in sizes:
        growth = _growth(measured, size, sizes[0])
        goal = f"≤ {MOST_GROWTH:g} {'met' if growth[1] <= MOST_GROWTH else '**not met**'}"
        rows.append(
            [
                f"{size:,}",
                *_middles([one[size] for one in measured]),
                *(f"{ratio:.2f}" for ratio in growth),
                goal if size == sizes[-1] and len(sizes) > 1 else "",
            ]
        )
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    return (
        f"Principal, tenant, connection and credential: median of {len(measured)} interleaved "
        f"rounds; reads are the database's per look-up; {told}.\n\n{table(_HEAD, rows)}"
    )


def _middles(samples: Sequence[Sample]) -> list[str]:
    warm, cold = [one.warm for one in samples], [one.cold for one in samples]
    return [
        f"{median(one.p50 for one in warm):.0f}",
        f"{median(one.p99 for one in warm):.0f}",
        f"{median(one.reads for one in warm):.1f}",
        f"{median(one.p50 for one in cold) / 1000:.2f}",
        f"{median(one.p99 for one in cold) / 1000:.2f}",
        f"{median(one.reads for one in cold):.1f}",
    ]


def _growth(measured: Sequence[dict[int, Sample]], size: int, smallest: int) -> tuple[float, float]:
    """Cold p50 and p99 beside those of the smallest size."""
    return (
        median(one[size].cold.p50 / one[smallest].cold.p50 for one in measured),
        median(one[size].cold.p99 / one[smallest].cold.p99 for one in measured),
    )


def show_refreshes(refreshed: Refreshed, per_minute: int) -> str:
    """The keep-alive as Markdown."""
    head = ("due", "per minute", "calls", "of connections", "renewed", "goal")
    verdict = "met" if refreshed.is_exact else "**not met**"
    row = [
        *(str(refreshed.due), str(per_minute), str(refreshed.calls), str(refreshed.asked)),
        *(str(refreshed.renewed), f"exactly {refreshed.due} {verdict}"),
    ]
    times = [f"{refreshed.seconds:.1f}", f"{refreshed.expected:.1f}"]
    return table((*head, "seconds", "expected"), [[*row, *times]])


def benchmark(arguments: argparse.Namespace) -> Refreshed | None:
    """Measure and print both parts; what the keep-alive did, if it was asked for."""
    with workshop() as shop:
        if arguments.connections:
            measured = uvloop.run(look_up_all(shop, arguments.connections, arguments.rounds))
            print(show_lookups(measured))
        if not arguments.refreshes:
            return None
        refreshed = uvloop.run(refresh_all(shop, arguments.refreshes, arguments.per_minute))
        print(f"\n{show_refreshes(refreshed, arguments.per_minute)}")
        return refreshed


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.auth", description=__doc__)
    parser.add_argument(
        "--connections",
        default="1000,100000",
        help="sizes to compare, comma separated, none = skip; a million takes minutes to store, "
        "and about 3 GB of disk while it runs",
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--refreshes", type=int, default=1000, help="due at once; 0 = skip")
    parser.add_argument("--per-minute", type=int, default=3000, help="KEEP_ALIVE_PER_MINUTE")
    arguments = parser.parse_args(words)
    sizes = {int(part) for part in arguments.connections.split(",") if part}
    arguments.connections = sorted(sizes)
    return arguments


def main() -> None:
    arguments = parse()
    configure_logging("WARNING", as_json=True)
    try:
        refreshed = benchmark(arguments)
    except BenchmarkFailed as error:
        sys.exit(f"The benchmark failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if refreshed is not None and not refreshed.is_exact:
        sys.exit(
            f"{refreshed.due} connections were due: {refreshed.calls} calls for {refreshed.asked} "
            f"of them, {refreshed.renewed} renewed"
        )


if __name__ == "__main__":
    main()
