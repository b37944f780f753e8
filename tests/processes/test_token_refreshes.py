"""Refreshes by real processes over one real database: one asks, nobody loses the answer."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from src.models.base import now, rfc3339
from src.sandbox.github.oauth import GITHUB_APP
from tests.conftest import TEST_KEY
from tests.processes.conftest import PATIENCE, ROOT, Server, Starter, until
from tests.sandbox.github.test_oauth import authorized

WORKERS = 4
CALLERS = 32
WINDOW = 600
LOST = "answer to the last refresh was lost"
ASKED = "POST /login/oauth/access_token"
CONTAINERS = "/api/connectors/github/containers"
APP = {
    "CONNECTORS__GITHUB__CLIENT_ID": GITHUB_APP.client_id,
    "CONNECTORS__GITHUB__CLIENT_SECRET": GITHUB_APP.client_secret,
}

Begin = Callable[..., Server]


@pytest.fixture
def begin(servers: Starter, mongo_url: str, database_name: str) -> Begin:
    """Start a server with GitHub's app whose tokens end."""

    def start(*options: str, **settings: str) -> Server:
        database = {"MONGODB_URL": mongo_url, "MONGODB_DB": f"{database_name}_refreshes"}
        return servers.start(*options, **APP, **database, ENCRYPTION_KEY=TEST_KEY, **settings)

    return start


def provider(server: Server) -> httpx.Client:
    return httpx.Client(base_url=f"{server.url}/sandbox/github", timeout=60)


def asked(server: Server) -> int:
    with provider(server) as github:
        counts: dict[str, int] = github.get("/_sandbox/requests").json()
    return counts.get(ASKED, 0)


async def _authorize(server: Server) -> dict[str, Any]:
    base = f"{server.url}/sandbox/github"
    async with httpx.AsyncClient(base_url=base, timeout=60) as browser:
        return await authorized(browser, GITHUB_APP)


def connect(server: Server, *, window: int = 0) -> str:
    """A connection whose access token is over."""
    with provider(server) as github, server.client() as client:
        changes = {"reuse_window": window}
        github.put(f"/_sandbox/oauth/apps/{GITHUB_APP.client_id}", json=changes).raise_for_status()
        told = asyncio.run(_authorize(server))
        token = {
            "accessToken": told["access_token"],
            "refreshToken": told["refresh_token"],
            "expiresAt": rfc3339(now() - timedelta(seconds=1)),
        }
        user_id = f"user-{told['access_token'][-12:]}"
        answer = client.post(
            "/api/connectors/github/connect/callback", json={"token": token, "userId": user_id}
        )
        assert answer.is_success, answer.text
        github.delete("/_sandbox/requests")
        connection_id: str = answer.json()["data"]["connectionId"]
        return connection_id


def browse(client: httpx.Client, connection_id: str) -> httpx.Response:
    return client.get(CONTAINERS, params={"connectionId": connection_id, "limit": 1})


def record(server: Server, connection_id: str) -> dict[str, Any]:
    with server.client() as client:
        found: dict[str, Any] = client.get(f"/api/connections/{connection_id}").json()["data"]
        return found


def test_of_32_callers_in_4_processes_one_asks_and_all_succeed(begin: Begin) -> None:
    server = begin("--workers", str(WORKERS))
    connection_id = connect(server)
    with ExitStack() as stack, ThreadPoolExecutor(CALLERS) as pool:
        clients = [stack.enter_context(server.client()) for _ in range(CALLERS)]
        list(pool.map(lambda client: client.get("/"), clients))
        answers = list(pool.map(lambda client: browse(client, connection_id), clients))
    assert [answer.status_code for answer in answers] == [200] * CALLERS
    assert asked(server) == 1
    assert record(server, connection_id)["status"] == "connected"


async def _end_leases(server: Server, url: str, name: str) -> int:
    """Let the time pass for which a dead process holds its lease."""
    mongo = Mongo(url, name)
    try:
        done = await mongo.database["refresh_leases"].update_many(
            {"until": {"$gt": now()}}, {"$set": {"until": now() - timedelta(hours=1)}}
        )
    finally:
        await mongo.close()
    return int(done.modified_count)


@pytest.mark.parametrize("window", [WINDOW, 0])
def test_killed_between_the_answer_and_our_write(
    begin: Begin, mongo_url: str, database_name: str, window: int
) -> None:
    server = begin()
    connection_id = connect(server, window=window)
    name = f"{database_name}_refreshes"
    env = {
        **os.environ,
        **APP,
        "DATA_DIR": str(server.data_dir),
        "PUBLIC_URL": server.url,
        "SANDBOX": "true",
        "MONGODB_URL": mongo_url,
        "MONGODB_DB": name,
        "ENCRYPTION_KEY": TEST_KEY,
    }
    command = [sys.executable, "-m", "tests.processes.victim", connection_id]
    victim = subprocess.run(
        command, check=False, cwd=ROOT, env=env, timeout=PATIENCE, capture_output=True
    )
    assert victim.returncode == -signal.SIGKILL, victim.stderr.decode()
    assert asked(server) == 1
    assert asyncio.run(_end_leases(server, mongo_url, name)) == 1
    with server.client() as client:
        answer = browse(client, connection_id)
    assert asked(server) == 2
    found = record(server, connection_id)
    if window:
        assert answer.status_code == 200, answer.text
        assert (found["status"], found["health"]) == ("connected", "ok")
    else:
        assert answer.json()["error"]["code"] == "reauthorization_required"
        assert found["status"] == "reauth_required"
        assert LOST in found["lastError"]["message"]


def test_an_answer_after_the_deadline_is_had_later(begin: Begin) -> None:
    server = begin(PROVIDER_TIMEOUT_SECONDS="2")
    connection_id = connect(server, window=WINDOW)
    slow = {"kind": "slow", "delay": 4.0, "times": 1, "path": "/login/oauth/access_token"}
    with provider(server) as github, server.client() as client:
        github.put("/_sandbox/faults", json=[slow]).raise_for_status()
        until(lambda: browse(client, connection_id).status_code == 200)
        github.delete("/_sandbox/faults")
    assert asked(server) == 2
    assert record(server, connection_id)["status"] == "connected"
