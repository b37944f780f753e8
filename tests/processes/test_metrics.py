"""Metrics of several workers: one page for all, whoever is asked, and the dead tell nothing new."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.api.test_metrics import value
from tests.processes.conftest import Server, Starter, until

WORKERS = 4
CLIENTS = 24
EACH = 3
REQUESTS = {"method": "GET", "route": "/api/connections"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


@pytest.fixture
def server(servers: Starter, folder: Path) -> Server:
    settings = {"METRICS_ENABLED": "true", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    return servers.start("--workers", str(WORKERS), **settings)


def read(server: Server) -> str:
    with server.client() as client:
        return client.get("/metrics").raise_for_status().text


def pids(folder: Path, kind: str) -> set[int]:
    """The processes that have kept something of a kind."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob(f"{kind}_*.db")}


def ask(server: Server) -> int:
    """The same requests over many connections; answer how many."""
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        clients = [stack.enter_context(server.client()) for _ in range(CLIENTS)]
        for client in clients:
            # One after the other: connections that come at once may all go to one worker.
            assert client.get("/api/connections").is_success
        answers = pool.map(lambda client: client.get("/api/connections"), clients * (EACH - 1))
        assert {answer.status_code for answer in answers} == {200}
    return CLIENTS * EACH


def test_counts_of_all_workers_add_up_and_outlive_them(server: Server, folder: Path) -> None:
    connected = {"connector": "github", "status": "connected"}
    connection_id = server.connect()
    served = ask(server)
    while len(pids(folder, "counter")) == 1:
        # Which of the workers takes a connection is the system's choice.
        served += ask(server)
    for _ in range(2 * WORKERS):
        page = read(server)
        assert value(page, "http_requests_total", **REQUESTS, status="200") == served
        assert value(page, "http_request_seconds_count", **REQUESTS) == served
        assert value(page, "connections", **connected) == 1
    measured = pids(folder, "gauge_livemostrecent")
    victim = measured.pop()
    os.kill(victim, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(victim))
    with server.client() as client:
        assert client.delete(f"/api/connections/{connection_id}").is_success
    page = read(server)
    assert value(page, "http_requests_total", **REQUESTS, status="200") == served
    assert victim in pids(folder, "counter")
    assert victim not in pids(folder, "gauge_livemostrecent")


def test_what_a_dead_worker_measured_is_told_no_more(server: Server, folder: Path) -> None:
    """All workers die: those that follow count what there is now."""
    connection_id = server.connect()
    page = read(server)
    assert value(page, "connections", connector="github", status="connected") == 1
    with server.client() as client:
        assert client.delete(f"/api/connections/{connection_id}").is_success
    for worker in psutil.Process(server.process.pid).children():
        if worker.pid in pids(folder, "histogram") | pids(folder, "gauge_livemostrecent"):
            worker.kill()
    until(lambda: not any(map(psutil.pid_exists, pids(folder, "gauge_livemostrecent"))))
    until(server.is_ready)
    page = read(server)
    assert value(page, "connections", connector="github", status="connected") == 0
    assert value(page, "connections", connector="github", status="disconnected") == 1
