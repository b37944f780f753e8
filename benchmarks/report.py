"""From measurements to medians, ratios, goals met or not, and tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from statistics import median

import msgspec

from benchmarks.contenders import AIOHTTP, HTTPX, MEMORY, NAMES, OURS, UPSTREAM

STRETCH = 0.6
MOST_CPU_GROWTH = 1.25
MOST_MEGABYTES = 150
_PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "httpx", "aiohttp", "msgspec", "motor")
_RATIO_HEAD = (
    *("items", "clients", "speed ÷ (a)", "goal", "speed ÷ (b)", "goal"),
    *("0.6 of (b)", "CPU ÷ (c)"),
)
_SAMPLE_HEAD = (
    *("items", "clients", "who", "requests/s", "p50 ms", "p99 ms", "CPU µs", "mongod µs"),
    *("upstream busy", "load busy"),
)

Cell = tuple[int, int]
"""Limit and number of clients."""

GOALS: Mapping[tuple[str, Cell], float] = {
    (HTTPX, (100, 1)): 0.8,
    (HTTPX, (100, 16)): 2.0,
    (HTTPX, (25, 16)): 3.0,
    (AIOHTTP, (100, 16)): 0.3,
    (AIOHTTP, (25, 16)): 0.4,
    (AIOHTTP, (1, 16)): 0.4,
}
"""How much of a peer's requests per second ours must reach."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One contender in one cell of one run."""

    run: int
    contender: str
    limit: int
    clients: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    """Of the server process, per request."""
    mongod_us: float | None
    upstream_busy: float | None
    """Part of one core that the upstream used."""
    load_busy: float


class Ratios(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the runs of what was measured side by side in one run."""

    limit: int
    clients: int
    speed_a: float
    speed_b: float
    cpu_c: float
    goal_a: float | None
    goal_b: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that ``--json`` writes."""

    machine: Mapping[str, str]
    runs: int
    seconds: float
    rss_mb: float
    mongod_rss_mb: float
    ratios: Sequence[Ratios]
    samples: Sequence[Sample]


def machine() -> dict[str, str]:
    """What the figures depend on."""
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def ratios_of(samples: Iterable[Sample]) -> list[Ratios]:
    """The ratios of each cell."""
    cells: dict[Cell, dict[int, dict[str, Sample]]] = {}
    for sample in samples:
        runs = cells.setdefault((sample.limit, sample.clients), {})
        runs.setdefault(sample.run, {})[sample.contender] = sample
    return [
        Ratios(
            limit=cell[0],
            clients=cell[1],
            speed_a=_median(runs, lambda one: _speed(one, HTTPX)),
            speed_b=_median(runs, lambda one: _speed(one, AIOHTTP)),
            cpu_c=_median(runs, lambda one: one[OURS].cpu_us / one[MEMORY].cpu_us),
            goal_a=GOALS.get((HTTPX, cell)),
            goal_b=GOALS.get((AIOHTTP, cell)),
        )
        for cell, runs in cells.items()
    ]


def _median(
    runs: Mapping[int, Mapping[str, Sample]], ratio: Callable[[Mapping[str, Sample]], float]
) -> float:
    return median(map(ratio, runs.values()))


def _speed(run: Mapping[str, Sample], peer: str) -> float:
    return run[OURS].requests_per_second / run[peer].requests_per_second


def ratio_table(ratios: Iterable[Ratios], kept: Iterable[Ratios] = ()) -> str:
    """Ratios beside their goals; with ``kept`` also beside the figures of an earlier report."""
    before = {(one.limit, one.clients): one.cpu_c for one in kept}
    rows = [
        [
            str(one.limit),
            str(one.clients),
            f"{one.speed_a:.2f}",
            _judged(one.speed_a, one.goal_a),
            f"{one.speed_b:.2f}",
            _judged(one.speed_b, one.goal_b),
            "yes" if one.speed_b >= STRETCH else "no",
            f"{one.cpu_c:.2f}",
            *([_compared(one, before)] if before else []),
        ]
        for one in ratios
    ]
    return table((*_RATIO_HEAD, *(("kept",) if before else ())), rows)


def sample_table(samples: Sequence[Sample]) -> str:
    """Medians of what was measured, contender by contender."""
    groups: dict[tuple[int, int, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.limit, sample.clients, sample.contender), []).append(sample)
    rows = [
        [
            *(str(limit), str(clients), NAMES[contender]),
            f"{_middle(group, 'requests_per_second'):.0f}",
            f"{_middle(group, 'p50_ms'):.2f}",
            f"{_middle(group, 'p99_ms'):.2f}",
            f"{_middle(group, 'cpu_us'):.0f}",
            f"{_middle(group, 'mongod_us'):.0f}" if contender == OURS else "",
            "" if contender in {MEMORY, UPSTREAM} else f"{_middle(group, 'upstream_busy'):.0%}",
            f"{_middle(group, 'load_busy'):.0%}",
        ]
        for (limit, clients, contender), group in groups.items()
    ]
    return table(_SAMPLE_HEAD, rows)


def _middle(group: Iterable[Sample], field: str) -> float:
    return float(median(getattr(sample, field) for sample in group))


def _judged(value: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"≥ {goal:g} {'met' if value >= goal else '**not met**'}"


def _compared(now: Ratios, before: Mapping[Cell, float]) -> str:
    kept = before.get((now.limit, now.clients))
    if kept is None:
        return ""
    return f"{kept:.2f} {'met' if now.cpu_c <= MOST_CPU_GROWTH * kept else '**not met**'}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
