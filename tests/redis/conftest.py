"""A Redis, a provider, an API and workers, each in processes of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.conftest import TEST_KEY
from tests.processes.conftest import PATIENCE, ROOT, TLS, Server, Starter, free_port, until
from tests.secrecy import told

DROPINS = Path(__file__).parent / "dropins"
KEY = "key-of-the-ledger"
ENTRIES = "/api/connections/{}/records"


@dataclass
class Redis:
    """A Redis that keeps nothing, and can be ended and started again at the same place."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")
        assert program, "redis-server is neither on the PATH nor named by REDIS_SERVER"
        options = ["--port", str(self.port), "--save", "", "--appendonly", "no"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, *options], cwd=self.folder, stdout=log, stderr=log
            )
        until(self.answers)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return (
                subprocess.run(
                    [sys.executable, "-c", _PING, str(self.port)], check=False
                ).returncode
                == 0
            )
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


_PING = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2) as s:
    s.sendall(b"PING\\r\\n")
    sys.exit(not s.recv(9).startswith(b"+PONG"))
"""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    started = Redis(tmp_path)
    started.start()
    yield started
    started.kill()


@dataclass
class Worker:
    """``python -m src.cli worker`` with some processes that work."""

    process: subprocess.Popen[bytes]
    log: Path
    processes: int

    @property
    def has_started(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return self.log.read_text().count("worker.started") >= self.processes

    def at_work(self, port: int) -> psutil.Process | None:
        """Who has a connection to the provider, which only a process that works has."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                ports = {one.raddr.port for one in child.net_connections("tcp") if one.raddr}
                if port in ports:
                    return child
        return None

    def kill(self) -> None:
        """``kill -9`` those who work, and the one above them, who would start others."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@dataclass
class Office:
    """What a sync with workers needs."""

    redis: Redis
    api: Server
    upstream_port: int
    env: dict[str, str]
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    def hire(self, processes: int = 1, **settings: str) -> Worker:
        """Start a worker, and do not wait for it."""
        log = self.folder / f"worker{len(self.workers)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "src.cli", "worker", "--processes", str(processes)],
                cwd=ROOT,
                env={**self.env, **settings},
                stdout=output,
                stderr=output,
                # A group of their own, by which they are found when they are to be killed.
                process_group=0,
            )
        worker = Worker(process, log, processes)
        self.workers.append(worker)
        return worker

    def client(self) -> httpx.Client:
        return self.api.client()

    def release(self) -> None:
        """Let a provider that holds it give out its last page."""
        httpx.get(f"http://127.0.0.1:{self.upstream_port}/release", timeout=60, verify=TLS)

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
            told(worker.log)


def office_of(
    starter: Starter, redis: Redis, mongo_url: str, entries: int, seconds: float, *how: str
) -> Iterator[Office]:
    port = free_port()
    upstream = subprocess.Popen(
        [sys.executable, "-m", "tests.redis.upstream", str(port), str(entries), str(seconds), *how],
        cwd=ROOT,
    )
    settings = {
        "MONGODB_URL": mongo_url,
        "MONGODB_DB": f"jobs_{os.getpid()}_{port}",
        "ENCRYPTION_KEY": TEST_KEY,
        "DATA_DIR": str(starter.data_dir),
        "JOBS_BROKER_URL": redis.url,
        "CONNECTOR_PATHS": str(DROPINS),
        "CONNECTORS__LEDGER__API_URL": f"http://127.0.0.1:{port}",
        "LOG_JSON": "true",
        "LOG_LEVEL": "INFO",
    }
    office: Office | None = None
    try:
        api = starter.start(**settings)
        office = Office(redis, api, port, {**os.environ, **settings}, starter.folder)
        yield office
    finally:
        if office is not None:
            office.close()
        starter.stop()
        upstream.kill()
        upstream.wait()


def connect(client: httpx.Client) -> str:
    answer = client.post("/api/connectors/ledger/connect/callback", json={"apiKey": KEY})
    assert answer.is_success, answer.text
    connection_id: str = answer.json()["data"]["connectionId"]
    return connection_id


def enqueue(client: httpx.Client, connection_id: str) -> str:
    body = {"connectionId": connection_id, "type": "sync", "mode": "full"}
    answer = client.post("/api/connectors/ledger/jobs", json=body)
    assert answer.status_code == 202, answer.text
    (job,) = answer.json()["data"]["jobs"]
    job_id: str = job["jobId"]
    return job_id


def job_of(client: httpx.Client, job_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/jobs/{job_id}")
    assert answer.is_success, answer.text
    job: dict[str, Any] = answer.json()["data"]
    return job
