"""How fast one browse request is, beside plain proxies: ``python -m benchmarks.browse [--quick]``.

In each run every contender is measured in turn for each cell (page size and number of clients),
beginning with another one each time; ratios are formed within a run, and their medians printed.
"""

from __future__ import annotations

import argparse
import select
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil

from benchmarks.contenders import LIMITS, OURS, Contender, start_all
from benchmarks.load import Job, Result
from benchmarks.processes import BenchmarkFailed, Workshop, mongod_of, workshop
from benchmarks.report import (
    MOST_MEGABYTES,
    Report,
    Sample,
    machine,
    ratio_table,
    ratios_of,
    sample_table,
)

_GRACE_SECONDS = 60.0
_MEGABYTE = 1024 * 1024


class Load:
    """The process that makes the requests."""

    def __init__(self, shop: Workshop) -> None:
        self._process = shop.start("load", ["-m", "benchmarks.load"], talks=True)

    def measure(
        self, contender: Contender, limit: int, clients: int, seconds: float, warm_up: float
    ) -> Result:
        """One contender in one cell.

        Raises:
            BenchmarkFailed: An answer was wrong, or nothing came back in time.
        """
        job = Job(
            port=contender.port,
            request=contender.request(limit),
            length=contender.lengths[limit],
            clients=clients,
            seconds=seconds,
            warm_up=warm_up,
            watched={**contender.watched, "load": self._process.pid},
        )
        requests, results = self._process.stdin, self._process.stdout
        assert requests is not None
        assert results is not None
        requests.write(msgspec.json.encode(job) + b"\n")
        requests.flush()
        ready, _, _ = select.select([results], [], [], seconds + warm_up + _GRACE_SECONDS)
        line = results.readline() if ready else b""
        result = msgspec.json.decode(line, type=Result) if line else Result(failure="no result")
        if result.failure is not None:
            place = f"{contender.name}, limit={limit}, {clients} clients"
            raise BenchmarkFailed(f"{place}: {result.failure}")
        return result


def measure_all(
    load: Load, contenders: Sequence[Contender], arguments: argparse.Namespace
) -> Iterator[Sample]:
    """Every run, cell and contender, in turn."""
    for run in range(arguments.runs):
        turn = run % len(contenders)
        for limit in LIMITS:
            for clients in arguments.clients:
                for contender in (*contenders[turn:], *contenders[:turn]):
                    result = load.measure(
                        contender, limit, clients, arguments.seconds, arguments.seconds / 4
                    )
                    yield _sample(run, contender, limit, clients, result)
                print(f"run {run + 1}: {limit} items, {clients} clients", file=sys.stderr)


def _sample(run: int, contender: Contender, limit: int, clients: int, result: Result) -> Sample:
    cpu = result.cpu_seconds
    return Sample(
        run=run,
        contender=contender.name,
        limit=limit,
        clients=clients,
        requests_per_second=result.requests / result.seconds,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        cpu_us=cpu["server"] / result.requests * 1e6,
        mongod_us=cpu["mongod"] / result.requests * 1e6 if "mongod" in cpu else None,
        upstream_busy=cpu["upstream"] / result.seconds if "upstream" in cpu else None,
        load_busy=cpu["load"] / result.seconds,
    )


def benchmark(arguments: argparse.Namespace) -> Report:
    """Start everybody, measure, stop everybody."""
    with workshop() as shop:
        contenders = start_all(shop)
        samples = list(measure_all(Load(shop), list(contenders.values()), arguments))
        server = psutil.Process(contenders[OURS].watched["server"])
        return Report(
            machine=machine(),
            runs=arguments.runs,
            seconds=arguments.seconds,
            rss_mb=server.memory_info().rss / _MEGABYTE,
            mongod_rss_mb=mongod_of(shop.folder).memory_info().rss / _MEGABYTE,
            ratios=ratios_of(samples),
            samples=samples,
        )


def show(report: Report, kept: Report | None) -> str:
    """The report as Markdown."""
    told = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    memory = "met" if report.rss_mb <= MOST_MEGABYTES else "**not met**"
    return "\n\n".join(
        (
            f"Median of {report.runs} interleaved runs of {report.seconds:g} s per cell; {told}.",
            ratio_table(report.ratios, kept.ratios if kept else ()),
            sample_table(report.samples),
            f"Resident after it all: API {report.rss_mb:.0f} MB (≤ {MOST_MEGABYTES}: {memory}), "
            f"mongod {report.mongod_rss_mb:.0f} MB.",
        )
    )


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browse", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a second per cell, three runs")
    parser.add_argument("--clients", default="1,16,64", help="how many at once, comma separated")
    parser.add_argument("--runs", type=int, help="default 5; 9 for the CPU ratio that is kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="an earlier --json, to compare the CPU with",
    )
    arguments = parser.parse_args(words)
    arguments.clients = [int(part) for part in arguments.clients.split(",")]
    arguments.runs = arguments.runs or (3 if arguments.quick else 5)
    arguments.seconds = 1.0 if arguments.quick else 3.0
    return arguments


def main() -> None:
    arguments = parse()
    kept = None
    if arguments.against:
        kept = msgspec.json.decode(arguments.against.read_bytes(), type=Report)
    try:
        report = benchmark(arguments)
    except BenchmarkFailed as error:
        sys.exit(f"The benchmark failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(show(report, kept))
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))


if __name__ == "__main__":
    main()
