"""What an operator's Prometheus reads: counts by route, provider and outcome; never a tenant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from src.core.outbound import AnswerTooLarge, Outbound, Request, Response, TimedOut

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TOO_MANY = 429
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WORK_BOUNDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60, 120)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Requests by route template and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "Time to answer, by route template.",
            ["method", "route"],
            buckets=_BOUNDS,
            registry=self._registry,
        )
        self._provider_calls = Counter(
            "provider_calls",
            "Calls to providers by outcome; each attempt counts.",
            ["connector", "outcome"],
            registry=self._registry,
        )
        self._refreshes = Counter(
            "refreshes",
            "Refreshes of access tokens by outcome.",
            ["connector", "outcome"],
            registry=self._registry,
        )
        self._connections = Gauge(
            "connections",
            "Connections of all tenants by status.",
            ["connector", "status"],
            registry=self._registry,
            # Of those who live: what a dead process counted last would be told for good.
            multiprocess_mode="livemostrecent",
        )
        self._work = Histogram(
            "work_seconds",
            "Time of work beside the requests, by kind and outcome: slices of jobs, deliveries.",
            ["work", "outcome"],
            buckets=_WORK_BOUNDS,
            registry=self._registry,
        )
        self._working = Gauge(
            "working",
            "Pieces of work that are being done.",
            ["work"],
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._workers = Gauge(
            "workers",
            "Processes that are ready for work beside the requests.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._jobs = Gauge(
            "jobs",
            "Jobs that are not over, of all tenants, by status.",
            ["connector", "status"],
            registry=self._registry,
            multiprocess_mode="livemostrecent",
        )
        self._counted: set[tuple[str, str]] = set()
        self._counted_jobs: set[tuple[str, str]] = set()

    @cached_property
    def _queue_age(self) -> Gauge:
        """Made when it is known: a process that counts no jobs does not say that none waits."""
        return Gauge(
            "job_queue_age_seconds",
            "How long the job that has waited longest waits for somebody to work on it.",
            registry=self._registry,
            multiprocess_mode="livemostrecent",
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was served; ``status`` 0 is one that got no answer."""
        # A method is the caller's to invent, and each label is kept for good.
        known = method if method in _METHODS else "OTHER"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def count_provider_call(self, connector_id: str, outcome: str) -> None:
        """A provider was called."""
        self._provider_calls.labels(connector_id, outcome).inc()

    def count_refresh(self, connector_id: str, outcome: str) -> None:
        """A refresh has ended; ``outcome`` is one of few words of whoever refreshes."""
        self._refreshes.labels(connector_id, outcome).inc()

    def set_connections(self, counts: Mapping[tuple[str, str], int]) -> None:
        """How many connections there are, by connector and status; what is not named is none.

        In the shared folder nothing can be taken back, and zeros overrule what others counted.
        """
        self._counted |= counts.keys()
        for labels in self._counted:
            self._connections.labels(*labels).set(counts.get(labels, 0))

    def count_work(self, work: str, outcome: str, seconds: float) -> None:
        """A piece of work is done; both words are of few."""
        self._work.labels(work, outcome).observe(seconds)

    def set_working(self, work: str, count: int) -> None:
        """How many pieces of this kind this process does right now."""
        self._working.labels(work).set(count)

    def set_at_work(self) -> None:
        """This process is ready for work, for as long as it lives."""
        self._workers.set(1)

    def set_jobs(self, counts: Mapping[tuple[str, str], int], queue_age: float) -> None:
        """How many jobs there are by connector and status, and how long the first one waits."""
        self._counted_jobs |= counts.keys()
        for labels in self._counted_jobs:
            self._jobs.labels(*labels).set(counts.get(labels, 0))
        self._queue_age.set(queue_age)

    def door_of(self, outbound: Outbound) -> Callable[[str], Outbound]:
        """For each connector the door to the outside, with somebody who counts."""
        return lambda connector_id: CountedOutbound(outbound, self, connector_id)

    def page(self) -> bytes:
        """Everything in the form that Prometheus reads.

        With ``PROMETHEUS_MULTIPROC_DIR`` the counts of all processes that share the folder.
        """
        registry = self._registry
        if os.environ.get(_SHARED_FOLDER):
            registry = of_all_processes()
        return generate_latest(registry)


class CountedOutbound(Outbound):
    """The door to the outside, which counts what goes through it for one connector."""

    def __init__(self, outbound: Outbound, metrics: Metrics, connector_id: str) -> None:
        self._outbound = outbound
        self._metrics = metrics
        self._connector_id = connector_id

    async def send(self, request: Request, **how: Any) -> Response:
        """Send, and count how it went."""
        outcome = "unreachable"
        try:
            response = await self._outbound.send(request, **how)
            outcome = _outcome(response.status)
        except TimedOut:
            outcome = "timeout"
            raise
        except AnswerTooLarge:
            outcome = "too_large"
            raise
        finally:
            self._metrics.count_provider_call(self._connector_id, outcome)
        return response

    def count(self, outcome: str) -> None:
        """Count a call that a driver of another protocol has made."""
        self._metrics.count_provider_call(self._connector_id, outcome)

    async def close(self) -> None:
        """Nothing: the door is not this one's to close."""


class _OfTheLiving(MultiProcessCollector):
    """Reads what all processes that share the folder have counted."""

    def collect(self) -> list[Metric]:
        """Read it as it is now."""
        _drop_gauges_of_the_dead(Path(os.environ[_SHARED_FOLDER]))
        return list(super().collect())  # type: ignore[no-untyped-call]


def of_all_processes() -> CollectorRegistry:
    """The counts of all processes that share ``PROMETHEUS_MULTIPROC_DIR``, whenever it is asked.

    Raises:
        ValueError: It names no folder.
    """
    registry = CollectorRegistry()
    _OfTheLiving(registry)  # type: ignore[no-untyped-call]
    return registry


@contextmanager
def counting_together() -> Iterator[None]:
    """Have the processes that are started within count together.

    In the folder that ``PROMETHEUS_MULTIPROC_DIR`` names, or else in one for this while.
    """
    if os.environ.get(_SHARED_FOLDER):
        yield
        return
    with TemporaryDirectory(prefix="metrics-") as folder:
        os.environ[_SHARED_FOLDER] = folder
        # The library has looked at the environment when it was imported.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            del os.environ[_SHARED_FOLDER]
            values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _drop_gauges_of_the_dead(folder: Path) -> None:
    """Forget what processes measured that are no more; their counters go on counting."""
    for file in folder.glob("gauge_live*_*.db"):
        if not _is_alive(int(file.stem.rpartition("_")[2])):
            # Another process may have seen it first.
            file.unlink(missing_ok=True)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _outcome(status: int) -> str:
    return "rate_limited" if status == _TOO_MANY else f"{status // 100}xx"
