"""The embedded database is killed under a running service, which opens it again by itself."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.db.embedded.users import stranger_at
from tests.processes.conftest import Server, Starter, until

ACCOUNTS = ("ghp_sandbox_octocat", "ghp_sandbox_hubot")
LOST, FOUND = "[warning  ] database.lost", "[src.db.presence] seconds_away"
"""A start that has to wait for the database finds it, too, and has not lost it before."""


def pids(data_dir: Path) -> list[int]:
    """The keeper and its mongod."""
    state = json.loads((data_dir / "mongod.json").read_text())
    return [state["keeper"], state["pid"]]


def kill_database(data_dir: Path) -> None:
    killed = pids(data_dir)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(is_alive, killed)))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def count(server: Server, words: str) -> int:
    return server.log.read_text().count(words)


def test_a_server_opens_it_again_and_tells_its_loss_once(servers: Starter) -> None:
    server = servers.start()
    connection_id = server.connect()
    kill_database(servers.data_dir)
    with server.client() as client:
        statuses = [client.get("/api/connections").status_code for _ in range(3)]
        assert set(statuses) <= {200, 503}
        until(server.is_ready)
        assert client.get(f"/api/connections/{connection_id}").is_success
    until(lambda: count(server, FOUND) == 1)
    assert count(server, LOST) == 1
    assert count(server, "Traceback") == 0


def test_four_workers_open_it_once_and_lose_nothing(servers: Starter) -> None:
    server = servers.start("--workers", "4")
    acknowledged: list[str] = []

    def connect(number: int) -> None:
        with server.client() as client:
            answer = client.post(
                "/api/connectors/github/connect/callback",
                json={"apiKey": ACCOUNTS[0], "userId": f"user-{number}"},
            )
            assert answer.status_code in {201, 502, 503}, answer.text
            if answer.is_success:
                acknowledged.append(answer.json()["data"]["connectionId"])

    with ThreadPoolExecutor(4) as pool:
        waits = [pool.submit(connect, number) for number in range(12)]
        until(lambda: len(acknowledged) > 2)
        kill_database(servers.data_dir)
        for wait in waits:
            wait.result()
    until(server.is_ready)
    with server.client() as client:
        for connection_id in acknowledged:
            assert client.get(f"/api/connections/{connection_id}").is_success
    keeper, mongod = pids(servers.data_dir)
    assert psutil.pid_exists(keeper)
    assert psutil.pid_exists(mongod)
    assert [process.pid for process in using(servers.data_dir, "--dbpath")] == [mongod]


def test_a_server_follows_it_to_another_port(servers: Starter) -> None:
    server = servers.start("--workers", "2")
    connection_id = server.connect()
    keeper, mongod = pids(servers.data_dir)
    port = port_of(servers.data_dir)
    # Held still, so that the stranger comes first.
    os.kill(keeper, signal.SIGSTOP)
    os.kill(mongod, signal.SIGKILL)
    with stranger_at(port):
        os.kill(keeper, signal.SIGCONT)
        until(lambda: count(server, "database.reopened") == 2)
        assert port_of(servers.data_dir) != port
        until(server.is_ready)
        with server.client() as client:
            assert client.get(f"/api/connections/{connection_id}").is_success
    # A worker follows when it is asked, so that both must be.
    until(lambda: server.is_ready() and count(server, FOUND) == 2)
    assert count(server, LOST) == 2


def port_of(data_dir: Path) -> int:
    port: int = json.loads((data_dir / "mongod.json").read_text())["port"]
    return port


def using(data_dir: Path, word: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if word in (command := " ".join(process.info["cmdline"] or ())) and str(data_dir) in command
    ]


def test_a_server_that_ends_meanwhile_ends_well(servers: Starter) -> None:
    server = servers.start()
    server.connect()
    kill_database(servers.data_dir)
    assert server.stop() in {0, -signal.SIGTERM}
    assert count(server, "Traceback") == 0
    assert count(server, "Application shutdown complete") == 1


def test_readiness_says_that_it_is_on_its_way(servers: Starter) -> None:
    server = servers.start()
    keeper, mongod = pids(servers.data_dir)
    os.kill(keeper, signal.SIGSTOP)
    os.kill(mongod, signal.SIGKILL)
    try:
        answer = server.get("/api/health/ready")
        assert answer.status_code == 503
        said = answer.json()["error"]["details"]["mongodb"]
        assert "embedded MongoDB" in said
        assert "mongod.log" in said
        assert "MONGODB_URL" not in said
    finally:
        os.kill(keeper, signal.SIGCONT)
    until(server.is_ready)


def test_a_deleted_folder_is_told(servers: Starter) -> None:
    server = servers.start()
    servers.data_dir.rename(servers.data_dir.with_name("elsewhere"))
    until(lambda: "DATA_DIR was deleted" in server.log.read_text())
    until(lambda: not server.is_ready())
    said = server.get("/api/health/ready").json()["error"]["details"]
    assert "start this service again" in said["mongodb"]
    server.stop()
    assert not servers.data_dir.exists()
