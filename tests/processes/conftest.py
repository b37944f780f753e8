"""Real servers in real processes, each over a data folder of its own test."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from src.db.keeper import free_port
from tests.secrecy import SECRETS, told

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""No test waits so long unless something is broken: a busy machine may be ten times slower."""
TOKEN = "ghp_sandbox_octocat"
TLS = ssl.create_default_context()
"""Nobody speaks it here; without one, each client reads all certificates of the machine."""
UVICORN = ("uvicorn", "src.api.main:app")
SERVE = ("src.cli", "serve")


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Wait for a condition; answer how long it took."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - started


def _note_request(request: httpx.Request) -> None:
    SECRETS.note_headers(request.headers.raw)
    SECRETS.note_body(request.read())


def _note_answer(answer: httpx.Response) -> None:
    SECRETS.note_headers(answer.headers.raw)
    SECRETS.note_body(answer.read())


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    log: Path
    tenant: str = "acme"

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            return self.get("/api/health/ready").is_success
        return False

    def has_prepared(self, workers: int) -> bool:
        """Whether so many workers have started, and have found the database."""
        log = self.log.read_text()
        missed, found = log.count("database.missed"), log.count("database.found")
        return log.count("Application startup complete") >= workers and missed <= found

    def get(self, path: str) -> httpx.Response:
        """An answer over a connection of its own."""
        return httpx.get(self.url + path, timeout=60, verify=TLS)

    def client(self) -> httpx.Client:
        """A client with a connection of its own, kept alive: it stays with one worker."""
        hooks = {"request": [_note_request], "response": [_note_answer]}
        headers = {"X-Tenant-Id": self.tenant}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=60, event_hooks=hooks, verify=TLS
        )

    def connect(self, **body: str) -> str:
        with self.client() as client:
            answer = client.post(
                "/api/connectors/github/connect/callback", json={"apiKey": TOKEN, **body}
            )
            assert answer.is_success, answer.text
            connection_id: str = answer.json()["data"]["connectionId"]
            return connection_id

    def callers(self) -> set[int]:
        """The ports of those who are connected."""
        return {
            connection.raddr.port
            for connection in psutil.Process(self.process.pid).net_connections("tcp")
            if connection.raddr and connection.laddr.port == int(self.url.rpartition(":")[2])
        }

    def open_files(self) -> int:
        """How many files and connections the process holds."""
        number: int = psutil.Process(self.process.pid).num_fds()
        return number

    def megabytes(self) -> float:
        """The resident memory."""
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident / 1024 / 1024

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

    def begin(
        self,
        *options: str,
        port: int | None = None,
        program: Sequence[str] = UVICORN,
        **settings: str,
    ) -> Server:
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
        SECRETS.note_settings(settings)
        log = self.folder / f"{port}-{len(self.started)}.log"
        command = [sys.executable, "-m", *program, "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        server = Server(process, url, self.data_dir, log)
        self.started.append(server)
        return server

    def start(
        self,
        *options: str,
        port: int | None = None,
        program: Sequence[str] = UVICORN,
        **settings: str,
    ) -> Server:
        """Start a server and wait until it is ready, with all its workers."""
        server = self.begin(*options, port=port, program=program, **settings)
        until(server.is_ready)
        if "--workers" in options:
            workers = int(options[options.index("--workers") + 1])
            until(lambda: server.has_prepared(workers))
        return server

    def stop(self) -> None:
        """Stop what is left, and hand the logs over."""
        for server in self.started:
            if server.process.poll() is None:
                server.stop()
            told(server.log)
        for key in self.data_dir.glob("encryption.key"):
            SECRETS.note(key.read_text().strip())


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Starter]:
    starter = Starter(tmp_path)
    yield starter
    starter.stop()


BANNER_ENDS = "Ctrl-C stops."


def _serve(folder: Path, mongo_url: str, name: str, seconds: str) -> Iterator[Server]:
    starter = Starter(folder)
    server = starter.start(
        program=SERVE,
        MONGODB_URL=mongo_url,
        MONGODB_DB=name,
        LOG_JSON="true",
        REQUEST_READ_TIMEOUT_SECONDS=seconds,
    )
    # The banner is no JSON, and comes a moment after the first answer.
    until(lambda: BANNER_ENDS in server.log.read_text())
    yield server
    starter.stop()


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, database_name: str
) -> Iterator[Server]:
    """Our own command, as patient with callers as by default."""
    folder = tmp_path_factory.mktemp("shared")
    yield from _serve(folder, mongo_url, f"{database_name}_shared", "30")


@pytest.fixture(scope="session")
def impatient(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, database_name: str
) -> Iterator[Server]:
    """Our own command, with a second for callers to send and to take."""
    folder = tmp_path_factory.mktemp("impatient")
    yield from _serve(folder, mongo_url, f"{database_name}_impatient", "1")


def _unharmed(server: Server) -> Iterator[Server]:
    before = len(_whole_lines(server))
    yield server
    assert server.get("/").json()["data"]["status"] == "ok"
    lines = _whole_lines(server)[before:]
    assert [line for line in lines if json.loads(line)["level"] not in {"info", "warning"}] == []


def _whole_lines(server: Server) -> list[str]:
    """The log but for a line that is just being written."""
    return server.log.read_text().split("\n")[:-1]


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    """A running server that serves on after the test and has nothing to complain of."""
    yield from _unharmed(shared)


@pytest.fixture
def hasty(impatient: Server) -> Iterator[Server]:
    """The same with a second for callers."""
    yield from _unharmed(impatient)
