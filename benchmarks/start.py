"""How long a start takes until readiness is 200, and what the process then weighs.

``python -m benchmarks.start [--runs 5] [--json FILE]``: four ways to find the database, each
measured from the start of the interpreter.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import msgspec
import psutil

from benchmarks.contenders import service_env
from benchmarks.processes import HOST, BenchmarkFailed, Workshop, mongod_of, workshop
from benchmarks.report import MOST_MEGABYTES, machine, table

EMBEDDED_SECONDS = 3.0
RUNNING_SECONDS = 1.5
_PATIENCE_SECONDS = 60.0
_MEGABYTE = 1024 * 1024


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One start."""

    seconds: float
    megabytes: float


class Starts(msgspec.Struct, frozen=True, kw_only=True):
    """All starts of one kind."""

    name: str
    goal_seconds: float
    starts: Sequence[Start]


class Server:
    """The service, started and stopped again and again."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, data_dir: Path, **settings: str) -> Start:
        """Time one start; the server goes on running."""
        began = time.perf_counter()
        process, port = self._shop.start_server(
            "start", ["src.api.main:app"], service_env(data_dir, **settings)
        )
        self._process = process
        self._shop.wait("start", process, port, "/api/health/ready", _PATIENCE_SECONDS)
        seconds = time.perf_counter() - began
        resident = psutil.Process(process.pid).memory_info().rss
        return Start(seconds=seconds, megabytes=resident / _MEGABYTE)

    def stop(self) -> None:
        if self._process is not None:
            self._shop.stop(self._process)


def one_round(shop: Workshop, number: int) -> tuple[Start, Start, Start, Start]:
    """A fresh folder, the same again, the same with its database running, and a given address."""
    server, data_dir = Server(shop), shop.folder / f"data{number}"

    def timed(start: Callable[[], Start]) -> Start:
        result = start()
        server.stop()
        return result

    fresh = timed(lambda: server.start(data_dir))
    shop.stop_database(data_dir)
    again = timed(lambda: server.start(data_dir))
    attached = timed(lambda: server.start(data_dir))
    url = f"mongodb://{HOST}:{_port(data_dir)}/?directConnection=true"
    given = timed(
        lambda: server.start(shop.folder / f"key{number}", MONGODB_URL=url, MONGODB_DB="given")
    )
    shop.stop_database(data_dir)
    return fresh, again, attached, given


def _port(data_dir: Path) -> str:
    words: list[str] = mongod_of(data_dir).cmdline()
    return next(word.partition("=")[2] for word in words if word.startswith("--port="))


def measure(runs: int) -> list[Starts]:
    """Every kind of start, ``runs`` times."""
    with workshop() as shop:
        rounds = [one_round(shop, number) for number in range(runs)]
    kinds = (
        ("embedded database, fresh folder", EMBEDDED_SECONDS),
        ("embedded database, stopped before", EMBEDDED_SECONDS),
        ("embedded database, still running", RUNNING_SECONDS),
        ("database given by its address", RUNNING_SECONDS),
    )
    return [
        Starts(name=name, goal_seconds=goal, starts=starts)
        for (name, goal), starts in zip(kinds, zip(*rounds, strict=True), strict=True)
    ]


def show(measured: Sequence[Starts]) -> str:
    """The starts as Markdown."""
    rows = []
    for kind in measured:
        seconds = median(start.seconds for start in kind.starts)
        megabytes = median(start.megabytes for start in kind.starts)
        rows.append(
            [
                kind.name,
                f"{seconds:.2f}",
                f"≤ {kind.goal_seconds:g} {_judged(seconds, kind.goal_seconds)}",
                f"{max(start.seconds for start in kind.starts):.2f}",
                f"{megabytes:.0f}",
                f"≤ {MOST_MEGABYTES} {_judged(megabytes, MOST_MEGABYTES)}",
            ]
        )
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    head = ("start", "seconds", "goal", "slowest", "resident MB", "goal")
    return f"Median of {len(measured[0].starts)} starts; {told}.\n\n{table(head, rows)}"


def _judged(value: float, most: float) -> str:
    return "met" if value <= most else "**not met**"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    arguments = parser.parse_args()
    try:
        measured = measure(arguments.runs)
    except BenchmarkFailed as error:
        sys.exit(f"The benchmark failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(show(measured))
    if arguments.json:
        content = {"machine": machine(), "kinds": msgspec.to_builtins(measured)}
        arguments.json.write_text(json.dumps(content, indent=2))


if __name__ == "__main__":
    main()
