"""Reloads, signals and crashes: nothing that was acknowledged is lost, no request is cut off."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.processes.conftest import PATIENCE, Server, Starter, free_port, mongod_of, until

ITEMS = "/api/connectors/github/items"


def slow_github(url: str, seconds: float) -> None:
    fault = {"kind": "slow", "path": "/repositories", "delay": seconds}
    httpx.put(f"{url}/sandbox/github/_sandbox/faults", json=[fault]).raise_for_status()


def test_a_reload_attaches_to_the_running_database(servers: Starter, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    server = servers.start("--reload", "--reload-dir", str(watched), "--reload-delay", "0.1")
    connection_id = server.connect()
    mongod = mongod_of(servers.data_dir)
    starts = server.log.read_text().count("Application startup complete")
    (watched / "changed.py").write_text("")
    until(lambda: server.log.read_text().count("Application startup complete") > starts)
    until(server.is_ready)
    with server.client() as client:
        assert client.get(f"/api/connections/{connection_id}").is_success
    assert mongod_of(servers.data_dir) == mongod


def test_requests_in_flight_finish_after_a_signal(servers: Starter) -> None:
    server = servers.start()
    connection_id = server.connect()
    slow_github(server.url, 0.8)
    params = {"connectionId": connection_id, "containerId": "repo:1296269", "limit": 1}
    with server.client() as client, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.get, ITEMS, params=params)
        until(lambda: "provider.called" in server.log.read_text() or in_flight(server))
        server.process.send_signal(signal.SIGTERM)
        assert answer.result().status_code == 200
    assert server.process.wait(PATIENCE) in {0, -signal.SIGTERM}


def in_flight(server: Server) -> bool:
    counts = server.get("/sandbox/github/_sandbox/requests").json()
    return any("/issues" in route for route in counts)


def test_readiness_turns_before_the_server_goes(servers: Starter) -> None:
    server = servers.start(SHUTDOWN_DELAY_SECONDS="60")
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.get("/api/health/ready").status_code == 503)
    assert server.get("/").status_code == 200
    # Who is told again goes at once.
    assert server.stop() in {0, -signal.SIGTERM}


def test_a_killed_server_loses_nothing_that_it_acknowledged(servers: Starter) -> None:
    server = servers.start("--workers", "2")
    acknowledged = [server.connect(userId=f"user-{number}") for number in range(8)]
    server.kill()
    again = servers.start(port=free_port())
    with again.client() as client:
        for connection_id in acknowledged:
            assert client.get(f"/api/connections/{connection_id}").is_success


def test_a_killed_database_comes_back_with_what_was_acknowledged(servers: Starter) -> None:
    server = servers.start()
    connection_id = server.connect()
    killed = mongod_of(servers.data_dir)
    os.kill(killed, signal.SIGKILL)
    until(server.is_ready)
    assert mongod_of(servers.data_dir) != killed
    with server.client() as client:
        assert client.get(f"/api/connections/{connection_id}").is_success


def test_requests_without_a_database_say_so_and_the_service_recovers_by_itself(
    servers: Starter,
) -> None:
    server = servers.start()
    connection_id = server.connect()
    mongod = mongod_of(servers.data_dir)
    os.kill(mongod, signal.SIGSTOP)
    try:
        with server.client() as client:
            answer = client.get("/api/audit-logs")
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "service_unavailable"
            assert answer.headers["Retry-After"]
            assert client.get("/").status_code == 200
    finally:
        os.kill(mongod, signal.SIGCONT)
    until(server.is_ready)
    with server.client() as client:
        assert client.get(f"/api/connections/{connection_id}").is_success
