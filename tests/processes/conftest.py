"""Real servers in real processes, each over a data folder of its own test."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0
TOKEN = "ghp_sandbox_octocat"
TENANT = {"X-Tenant-Id": "acme"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Wait for a condition; answer how long it took."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - started


@dataclass
class Server:
    """A running ``uvicorn``."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    log: Path

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/api/health/ready", timeout=5).is_success
        return False

    def client(self) -> httpx.Client:
        """A client with a connection of its own, kept alive: it stays with one worker."""
        return httpx.Client(base_url=self.url, headers=TENANT, timeout=20)

    def connect(self, **body: str) -> str:
        with self.client() as client:
            answer = client.post(
                "/api/connectors/github/connect/callback", json={"apiKey": TOKEN, **body}
            )
            assert answer.is_success, answer.text
            connection_id: str = answer.json()["data"]["connectionId"]
            return connection_id

    def kill(self) -> None:
        """``kill -9`` the server and all its workers."""
        family = [*psutil.Process(self.process.pid).children(recursive=True)]
        self.process.kill()
        self.process.wait()
        for child in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                # The keeper and its mongod live in a session of their own.
                if os.getsid(child.pid) == os.getsid(os.getpid()):
                    child.kill()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def mongod_of(data_dir: Path) -> int:
    pid: int = json.loads((data_dir / "mongod.json").read_text())["pid"]
    return pid


@dataclass
class Starter:
    """Starts servers over one data folder and stops what is left at the end."""

    folder: Path
    started: list[Server] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def begin(self, *options: str, port: int | None = None, **settings: str) -> Server:
        """Start a server and do not wait for it."""
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        env = {
            **os.environ,
            "DATA_DIR": str(self.data_dir),
            "PUBLIC_URL": url,
            "SANDBOX": "true",
            "LOG_LEVEL": "INFO",
            **settings,
        }
        log = self.folder / f"{port}-{len(self.started)}.log"
        command = [sys.executable, "-m", "uvicorn", "src.api.main:app", "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        server = Server(process, url, self.data_dir, log)
        self.started.append(server)
        return server

    def start(self, *options: str, port: int | None = None, **settings: str) -> Server:
        """Start a server and wait until it is ready."""
        server = self.begin(*options, port=port, **settings)
        until(server.is_ready)
        return server


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Starter]:
    starter = Starter(tmp_path)
    yield starter
    for server in starter.started:
        if server.process.poll() is None:
            server.stop()
