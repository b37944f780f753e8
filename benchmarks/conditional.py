"""What conditional requests gain and cost: ``python -m benchmarks.conditional [--runs 5]``.

The service three times beside itself: without kept answers, with them while nothing changes at the
provider (every call is a 304 and costs no quota), and with them while everything always changes
(each answer is kept for nothing).
"""

from __future__ import annotations

import argparse
import sys
from statistics import median

from benchmarks.browse import Load
from benchmarks.contenders import LIMITS, Contender, start_ours, start_upstream
from benchmarks.load import Result
from benchmarks.processes import BenchmarkFailed, workshop
from benchmarks.report import machine, table

OFF, SAME, CHANGED = "off", "unchanged", "changing"
_KEPT_MEGABYTES = "32"
_CLIENTS = 16
_SECONDS = 2.0
_HEAD = ("items", "at the provider", "speed ÷ off", "CPU ÷ off", "the provider's CPU ÷ off")


def measure(runs: int) -> list[dict[tuple[int, str], Result]]:
    """Every cell of every run."""
    with workshop() as shop:
        upstream, port = start_upstream(shop)
        contenders: list[Contender] = [
            start_ours(shop, OFF, upstream, port)[0],
            start_ours(shop, SAME, upstream, port, CONDITIONAL_CACHE_MB=_KEPT_MEGABYTES)[0],
            start_ours(
                shop, CHANGED, upstream, port, repository=2, CONDITIONAL_CACHE_MB=_KEPT_MEGABYTES
            )[0],
        ]
        load = Load(shop)
        return [
            {
                (limit, one.name): load.measure(one, limit, _CLIENTS, _SECONDS, _SECONDS / 4)
                for limit in LIMITS
                for one in contenders
            }
            for _ in range(runs)
        ]


def show(measured: list[dict[tuple[int, str], Result]]) -> str:
    """The ratios as Markdown."""
    rows = []
    for limit in LIMITS:
        for name in (SAME, CHANGED):
            ratios = [_ratios(run[limit, name], run[limit, OFF]) for run in measured]
            rows.append(
                [str(limit), name, *(f"{median(each):.2f}" for each in zip(*ratios, strict=True))]
            )
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    return f"Median of {len(measured)} runs, {_CLIENTS} clients; {told}.\n\n{table(_HEAD, rows)}"


def _ratios(one: Result, off: Result) -> tuple[float, float, float]:
    """Speed, our CPU and the provider's CPU per request, beside the service without."""
    cpu = [
        one.cpu_seconds[process] / one.requests / (off.cpu_seconds[process] / off.requests)
        for process in ("server", "upstream")
    ]
    speed = one.requests / one.seconds / (off.requests / off.seconds)
    return speed, cpu[0], cpu[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conditional", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    try:
        print(show(measure(arguments.runs)))
    except BenchmarkFailed as error:
        sys.exit(f"The benchmark failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
