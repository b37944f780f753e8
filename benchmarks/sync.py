"""How fast a stream is synchronized, and what that costs; with ``--peers`` beside other tools.

``python -m benchmarks.sync [--issues 20000] [--runs 3] [--stored 1000,100000] [--peers]``

Each run measures, one after the other against the same provider: ours (a first sync, the same
again where nothing has changed, and an incremental one), the same documents from a file upserted
by ``_id``, and with ``--peers`` each other tool. Then, with a provider 20 ms away, ours and a loop
that reads page by page. Ratios are taken within a run. With ``--stored`` a first sync is measured
again beside so many records of other connections.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from pymongo import MongoClient

from benchmarks.contenders import HEADERS, START_SECONDS, connect, service_env
from benchmarks.processes import (
    HOST,
    ROOT,
    BenchmarkFailed,
    Workshop,
    free_port,
    mongod_of,
    request,
    workshop,
)
from benchmarks.report import machine, table

AWAY_SECONDS = 0.02
MOST_MEGABYTES = 150.0
PEERS = ("dlt", "airbyte", "singer", "pygithub")
GOALS: Mapping[str, float] = {
    "dlt": 6.0,
    "airbyte": 2.0,
    "singer": 3.0,
    "pygithub": 5.0,
    "bulk upsert from a file": 0.7,
    "page by page, 20 ms away": 5.0,
    "ours, first sync ÷ unchanged again": 1.0,
}
_DATABASE = "connectors"
_POLL_SECONDS = 0.25
_PATIENCE_SECONDS = 600.0
_PEERS_FOLDER = ROOT / "benchmarks" / "sync_peers"
_COPIED_AT_ONCE = 2000


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One sync, or what it is held against."""

    name: str
    items: int
    seconds: float
    requests: int | None = None
    peak_mb: float | None = None

    @property
    def speed(self) -> float:
        return self.items / self.seconds


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured side by side."""

    near: Sequence[Measured]
    away: Sequence[Measured]
    beside: Sequence[Measured] = ()


class Ours:
    """Our service, connected to the provider, with its jobs in its own process."""

    def __init__(self, shop: Workshop, name: str, upstream_port: int) -> None:
        self.data_dir = shop.folder / f"data-{name}"
        self._upstream_port = upstream_port
        env = service_env(
            self.data_dir, CONNECTORS__GITHUB__API_URL=f"http://{HOST}:{upstream_port}"
        )
        self.process, self.port = shop.start_server(name, ["src.api.main:app"], env)
        shop.wait(name, self.process, self.port, "/api/health/ready", START_SECONDS)
        self.connection_id = connect(self.port)
        self._shop = shop

    @property
    def mongodb_url(self) -> str:
        words: list[str] = mongod_of(self.data_dir).cmdline()
        port = next(word.partition("=")[2] for word in words if word.startswith("--port="))
        return f"mongodb://{HOST}:{port}/?directConnection=true"

    def sync(self, name: str, mode: str) -> Measured:
        """One job from its beginning to its end, by its own times."""
        requests_made(self._upstream_port)
        body = {
            "connectionId": self.connection_id,
            "type": "sync",
            "streams": ["issues"],
            "containerIds": ["repo:1"],
            "mode": mode,
        }
        (made,) = self._ask("POST", "/api/connectors/github/jobs", body)["jobs"]
        deadline = time.monotonic() + _PATIENCE_SECONDS
        job: dict[str, Any] = {}
        while job.get("finishedAt") is None:
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"the job did not end: {job}")
            time.sleep(_POLL_SECONDS)
            job = self._ask("GET", f"/api/jobs/{made['jobId']}")
        if job["status"] != "succeeded":
            raise BenchmarkFailed(f"the job failed: {job}")
        began, ended = (datetime.fromisoformat(job[at]) for at in ("startedAt", "finishedAt"))
        return Measured(
            name=name,
            items=job["progress"]["records"],
            seconds=max((ended - began).total_seconds(), 0.001),
            requests=requests_made(self._upstream_port),
            peak_mb=_peak_of(self.process.pid),
        )

    def forget(self) -> None:
        """Make the next sync a first one."""
        database = MongoClient(self.mongodb_url)[_DATABASE]
        mine = {"connectionId": self.connection_id}
        for name in ("records", "record_heads", "sync_states", "jobs"):
            database[name].delete_many(mine)

    def dump(self, path: Path) -> None:
        """Write what was stored into a file."""
        found = MongoClient(self.mongodb_url)[_DATABASE]["records"].find_raw_batches(
            {"connectionId": self.connection_id}
        )
        with path.open("wb") as file:
            for batch in found:
                file.write(batch)

    def multiply(self, count: int) -> None:
        """Fill the collection up with copies of what is there, as records of others."""
        records = MongoClient(self.mongodb_url)[_DATABASE]["records"]
        patterns = list(records.find({"connectionId": self.connection_id}).limit(_COPIED_AT_ONCE))
        present = records.estimated_document_count()
        for number in range(present, count, len(patterns)):
            owner = f"con_{number:024x}"
            records.insert_many(
                [
                    {**one, "_id": os.urandom(len(one["_id"])), "connectionId": owner}
                    for one in patterns
                ],
                ordered=False,
            )

    def stop(self) -> None:
        self._shop.stop(self.process)
        self._shop.stop_database(self.data_dir)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        status, content = request(self.port, method, path, HEADERS, body)
        answer = json.loads(content)
        if not answer["ok"]:
            raise BenchmarkFailed(f"{path} answers {status}: {answer['error']}")
        return answer["data"]


def requests_made(port: int) -> int:
    """How many requests the provider got since it was asked last."""
    count: int = json.loads(request(port, "GET", "/_requests")[1])
    return count


def _peak_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BenchmarkFailed("the process does not tell its memory")


@contextmanager
def provider(shop: Workshop, issues: int, delay: float = 0.0) -> Iterator[int]:
    """The imitation of GitHub; its port."""
    port, name = free_port(), f"upstream-{delay:g}"
    process = shop.start(
        name,
        [
            *("-m", "benchmarks.sync_upstream", "--port", str(port)),
            *("--issues", str(issues), "--delay", str(delay)),
        ],
    )
    shop.wait(name, process, port, "/user", START_SECONDS * 2)
    try:
        yield port
    finally:
        shop.stop(process)


def near(shop: Workshop, number: int, issues: int, peers: Iterable[str]) -> list[Measured]:
    """Ours, the upsert of the same documents, and other tools."""
    found = []
    with provider(shop, issues) as port:
        ours = Ours(shop, f"near{number}", port)
        found.append(ours.sync("ours, first sync", "full"))
        found.append(ours.sync("ours, unchanged again", "full"))
        found.append(ours.sync("ours, unchanged, incremental", "incremental"))
        file = shop.folder / f"records{number}.bson"
        ours.dump(file)
        found.append(_baseline(shop, "bulk upsert from a file", ours, "bulk", str(file)))
        ours.stop()
        url = f"http://{HOST}:{port}"
        found += [_told(peer, [*_peer(peer), url], shop.folder) for peer in peers]
    return found


def away(shop: Workshop, number: int, issues: int) -> list[Measured]:
    """With a provider 20 ms away."""
    with provider(shop, issues, AWAY_SECONDS) as port:
        ours = Ours(shop, f"away{number}", port)
        first = ours.sync("ours, 20 ms away", "full")
        url = f"http://{HOST}:{port}"
        paged = _baseline(shop, "page by page, 20 ms away", ours, "paged", url)
        ours.stop()
    return [first, paged]


def beside(shop: Workshop, number: int, issues: int, stored: Sequence[int]) -> list[Measured]:
    """First syncs beside more and more records of others."""
    found = []
    with provider(shop, issues) as port:
        ours = Ours(shop, f"beside{number}", port)
        ours.sync("warming up", "full")
        for count in stored:
            ours.multiply(count)
            ours.forget()
            found.append(ours.sync(f"beside {count} records", "full"))
        ours.stop()
    return found


def _baseline(shop: Workshop, name: str, ours: Ours, what: str, where: str) -> Measured:
    environment = {"MONGODB_URL": ours.mongodb_url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.sync_baselines", what, where]
    return _told(name, command, shop.folder, environment)


def _told(
    name: str, command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> Measured:
    """What a process says of itself in its last line."""
    ended = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise BenchmarkFailed(f"{name} failed:\n{ended.stderr[-3000:]}")
    told = json.loads(ended.stdout.strip().splitlines()[-1])
    return Measured(
        name=name, items=told["items"], seconds=told["seconds"], peak_mb=told.get("peakMb")
    )


def _peer(name: str) -> list[str]:
    """Its interpreter and program; its environment is made when it is not there."""
    environment = ROOT / ".venv-peers" / name
    python, wanted = environment / "bin" / "python", _PEERS_FOLDER / name / "requirements.txt"
    if not (environment / "done").exists():
        print(f"Installing {name} ...", file=sys.stderr)
        quiet = ("--quiet", "--disable-pip-version-check")
        for command in (
            [sys.executable, "-m", "venv", str(environment)],
            [str(python), "-m", "pip", "install", *quiet, "-r", str(wanted)],
        ):
            subprocess.run(command, check=True)
        (environment / "done").touch()
    return [str(python), str(_PEERS_FOLDER / name / "run.py")]


def measure(runs: int, issues: int, stored: Sequence[int], peers: Sequence[str]) -> list[Run]:
    """Everything, ``runs`` times."""
    for peer in peers:
        _peer(peer)
    with workshop() as shop:
        return [
            Run(
                near=near(shop, number, issues, peers),
                away=away(shop, number, issues),
                beside=beside(shop, number, issues, stored) if stored else (),
            )
            for number in range(runs)
        ]


def ratios(runs: Sequence[Run]) -> dict[str, float]:
    """Ours in items per second, divided by each of those it is held against."""
    found: dict[str, list[float]] = {}
    for run in runs:
        first = run.near[0].speed
        for one in run.near[3:]:
            found.setdefault(one.name, []).append(first / one.speed)
        found.setdefault("ours, first sync ÷ unchanged again", []).append(run.near[1].speed / first)
        mine, paged = run.away
        found.setdefault(paged.name, []).append(mine.speed / paged.speed)
    return {name: median(values) for name, values in found.items()}


def show(runs: Sequence[Run]) -> str:
    """Tables of Markdown: what was measured, and the ratios beside their goals."""
    each: dict[str, list[Measured]] = {}
    for run in runs:
        for one in (*run.near, *run.away, *run.beside):
            each.setdefault(one.name, []).append(one)
    rows = [
        [
            name,
            str(group[0].items),
            f"{median(one.speed for one in group):.0f}",
            f"{median(one.seconds for one in group):.2f}",
            _middle(group, lambda one: one.requests),
            _middle(group, lambda one: one.peak_mb),
        ]
        for name, group in each.items()
    ]
    head = ("what", "items", "items/s", "seconds", "requests", "peak MB")
    judged = [
        [name, f"{value:.2f}", _judged(value, GOALS.get(name))]
        for name, value in ratios(runs).items()
    ]
    peak = max(one.peak_mb or 0 for run in runs for one in (*run.near[:3], run.away[0]))
    judged.append(
        [
            "peak memory of ours, MB",
            f"{peak:.0f}",
            f"≤ {MOST_MEGABYTES:g} {'met' if peak <= MOST_MEGABYTES else '**not met**'}",
        ]
    )
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    return (
        f"Medians of {len(runs)} runs; {told}.\n\n{table(head, rows)}\n\n"
        f"{table(('ours divided by', 'ratio', 'goal'), judged)}"
    )


def _middle(group: Sequence[Measured], field: Callable[[Measured], float | None]) -> str:
    values = [value for one in group if (value := field(one)) is not None]
    return f"{median(values):.0f}" if values else ""


def _judged(value: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"≥ {goal:g} {'met' if value >= goal else '**not met**'}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stored", default="", help="e.g. 1000,100000,1000000")
    parser.add_argument("--peers", action="store_true", help="beside other tools, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    given = parser.parse_args()
    stored = [int(count) for count in given.stored.split(",") if count]
    try:
        runs = measure(given.runs, given.issues, stored, PEERS if given.peers else ())
    except BenchmarkFailed as error:
        sys.exit(f"The benchmark failed: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(show(runs))
    if given.json:
        content = {"machine": machine(), "ratios": ratios(runs), "runs": msgspec.to_builtins(runs)}
        given.json.write_text(json.dumps(content, indent=2))


if __name__ == "__main__":
    main()
