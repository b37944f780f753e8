"""What mapping costs: ``python -m benchmarks.mapping [--rounds 30]``.

For each connector and each of its conformance suites: one page of items with bodies out of its
imitation, answered again and again from memory. The processor's time of a page with one item is
what every call costs; the rest, scaled to 100 items, is reading and mapping. The fastest round
counts: whatever else a machine does only adds.
"""

from __future__ import annotations

import argparse
import asyncio
import pkgutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import httpx

import tests.connectors
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import machine, table
from src.connectors.base import BrowsesItems
from src.core.logging import configure_logging
from src.models.query import ItemQuery
from src.testing import ConnectorConformance
from src.testing.bench import Bench
from src.testing.wires import Wires

PAGE = 100
GOALS = {"jira": 3.0}
"""Milliseconds of the processor for 100 items."""
_TIMES = 20
_HEAD = ("connector", "suite", "items", "KB of the answer", "ms CPU per 100 items", "goal")


class Replay(Wires):
    """Asks the imitation once, and then gives the same answer from memory."""

    def __init__(self, wires: Wires) -> None:
        vars(self).update(vars(wires))
        self.kept: dict[object, tuple[int, httpx.Headers, bytes]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to this request."""
        asked = (request.method, str(request.url), request.headers.get("range"))
        key = (*asked, await request.aread())
        if key not in self.kept:
            answer = await super().handle_async_request(request)
            self.kept[key] = (answer.status_code, answer.headers, await answer.aread())
        status, headers, content = self.kept[key]
        return httpx.Response(status, headers=headers, content=content)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one suite's page costs."""

    connector: str
    suite: str
    items: int
    kilobytes: float
    milliseconds: float

    @property
    def row(self) -> tuple[str, ...]:
        """It as a row of the table."""
        goal = GOALS.get(self.connector)
        met = "met" if goal is not None and self.milliseconds <= goal else "**not met**"
        return (
            self.connector,
            self.suite,
            str(self.items),
            f"{self.kilobytes:.0f}",
            f"{self.milliseconds:.2f}",
            "" if goal is None else f"≤ {goal:g} {met}",
        )


def suites() -> Iterator[type[ConnectorConformance]]:
    """Every conformance suite of our connectors."""
    for folder in pkgutil.iter_modules(tests.connectors.__path__, "tests.connectors."):
        name = f"{folder.name}.test_conformance"
        if not folder.ispkg or find_spec(name) is None:
            continue
        module = import_module(name)
        for one in vars(module).values():
            is_suite = isinstance(one, type) and issubclass(one, ConnectorConformance)
            if is_suite and one.__name__.startswith("Test"):
                yield one


async def cost_of(suite: type[ConnectorConformance], rounds: int) -> Cost | None:
    """What one page of a suite's landmark costs; None when there are no items.

    Raises:
        BenchmarkFailed: The landmark holds too few items to tell.
    """
    bench = suite().open_bench()
    bench.wires = Replay(bench.wires)
    connector = bench.connector()
    if not isinstance(connector, BrowsesItems):
        return None
    found = len((await connector.items(_query(suite, PAGE))).items)
    answer = bench.wires.kept
    size = sum(len(content) for _, _, content in answer.values())
    if found <= 1:
        raise BenchmarkFailed(f"{suite.__name__}: {suite.container} has {found} items")
    pages, ones = [], []
    for _ in range(rounds):
        pages.append(await _seconds(bench, suite, PAGE))
        ones.append(await _seconds(bench, suite, 1))
    return Cost(
        connector=suite.connector_id,
        suite=suite.__name__.removeprefix("Test"),
        items=found,
        kilobytes=size / 1024,
        milliseconds=(min(pages) - min(ones)) * 1000 / (found - 1) * PAGE,
    )


def _query(suite: type[ConnectorConformance], limit: int) -> ItemQuery:
    return ItemQuery(container_id=suite.container, limit=limit, include_body=suite.lists_bodies)


async def _seconds(bench: Bench, suite: type[ConnectorConformance], limit: int) -> float:
    """The processor's time of one call."""
    connector = bench.connector()
    assert isinstance(connector, BrowsesItems)
    query = _query(suite, limit)
    await connector.items(query)
    started = time.process_time()
    for _ in range(_TIMES):
        await connector.items(query)
    return (time.process_time() - started) / _TIMES


async def measure(rounds: int) -> list[Cost]:
    """Every suite in turn."""
    found = [await cost_of(suite, rounds) for suite in suites()]
    return [cost for cost in found if cost is not None]


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    configure_logging("ERROR", as_json=True)
    costs = asyncio.run(measure(arguments.rounds))
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    print(f"{table(_HEAD, [cost.row for cost in costs])}\n\n{told}")
    return int(any("not met" in cost.row[-1] for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
