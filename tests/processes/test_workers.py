"""Several processes over one database: they agree, and a revocation holds in all of them."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from tests.processes.conftest import Server, Starter, mongod_of, until

WORKERS = 4
LONGEST_REVOCATION = 1.0
CONTAINERS = "/api/connectors/github/containers"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Workers that have started at once on an empty folder."""
    starter = Starter(tmp_path_factory.mktemp("workers"))
    yield starter.start("--workers", str(WORKERS))
    starter.stop()


@pytest.fixture
def server(running: Server) -> Server:
    """The same for all tests; each is a tenant of its own."""
    return replace(running, tenant=f"tenant-{secrets.token_hex(4)}")


def browse(client: httpx.Client, connection_id: str) -> httpx.Response:
    return client.get(CONTAINERS, params={"connectionId": connection_id, "limit": 1})


def me(client: httpx.Client, key: str) -> int:
    """How a caller with this key is answered."""
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {key}"}).status_code


def many_clients(stack: ExitStack, server: Server) -> list[httpx.Client]:
    """Enough kept-alive connections that each worker surely serves one."""
    return [stack.enter_context(server.client()) for _ in range(WORKERS * 6)]


def test_workers_that_start_on_an_empty_folder_agree(server: Server) -> None:
    connection_id = server.connect()
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        clients = many_clients(stack, server)
        answers = list(pool.map(lambda client: browse(client, connection_id), clients))
    # Each worker opens what another sealed, and reads cursors that another made.
    assert {answer.status_code for answer in answers} == {200}
    assert len(list(server.data_dir.glob("encryption.key*"))) == 1


def test_cursors_of_one_worker_hold_in_the_others(server: Server) -> None:
    connection_id = server.connect()
    with ExitStack() as stack:
        clients = many_clients(stack, server)
        cursor = browse(clients[0], connection_id).json()["data"]["nextCursor"]
        params = {"connectionId": connection_id, "limit": 1, "cursor": cursor}
        statuses = {client.get(CONTAINERS, params=params).status_code for client in clients}
    assert statuses == {200}


def test_a_disconnected_connection_is_refused_by_every_worker_within_a_second(
    server: Server,
) -> None:
    connection_id = server.connect()
    with ExitStack() as stack:
        clients = many_clients(stack, server)
        assert {browse(client, connection_id).status_code for client in clients} == {200}
        assert clients[0].delete(f"/api/connections/{connection_id}").is_success
        settled = time.monotonic() + LONGEST_REVOCATION
        until(lambda: time.monotonic() >= settled)
        assert {browse(client, connection_id).status_code for client in clients} == {409}


def test_a_connector_that_the_tenant_switches_off_is_refused_by_every_worker_within_a_second(
    server: Server,
) -> None:
    connection_id = server.connect()
    with ExitStack() as stack:
        clients = many_clients(stack, server)
        assert {browse(client, connection_id).status_code for client in clients} == {200}
        off = clients[0].patch("/api/connectors/github", json={"enabled": False})
        assert off.is_success
        settled = time.monotonic() + LONGEST_REVOCATION
        until(lambda: time.monotonic() >= settled)
        answers = [browse(client, connection_id) for client in clients]
    codes = {answer.json()["error"]["code"] for answer in answers}
    assert codes == {"connector_not_configured"}


def test_a_revoked_api_key_is_refused_by_every_worker_within_a_second(servers: Starter) -> None:
    admin = {"Authorization": "Bearer platform-key-0123456789"}
    settings = {"AUTH_REQUIRED": "true", "ADMIN_API_KEY": "platform-key-0123456789"}
    server = servers.start("--workers", str(WORKERS), **settings)
    with ExitStack() as stack:
        clients = many_clients(stack, server)
        made = [clients[0].post("/api/auth/api-keys", json={}, headers=admin) for _ in range(2)]
        revoked, kept = (answer.json()["data"]["apiKey"] for answer in made)
        assert {me(client, key) for client in clients for key in (revoked, kept)} == {200}
        key_id = made[0].json()["data"]["keyInfo"]["id"]
        assert clients[0].delete(f"/api/auth/api-keys/{key_id}", headers=admin).is_success
        settled = time.monotonic() + LONGEST_REVOCATION
        until(lambda: time.monotonic() >= settled)
        assert {me(client, revoked) for client in clients} == {401}
        assert {me(client, kept) for client in clients} == {200}


def test_two_servers_that_start_at_once_share_one_database(servers: Starter) -> None:
    first, second = servers.begin(), servers.begin()
    until(first.is_ready)
    until(second.is_ready)
    connection_id = first.connect()
    with second.client() as client:
        assert client.get(f"/api/connections/{connection_id}").is_success
    mongod = mongod_of(servers.data_dir)
    first.stop()
    with second.client() as client:
        assert client.get(f"/api/connections/{connection_id}").is_success
    assert mongod_of(servers.data_dir) == mongod
