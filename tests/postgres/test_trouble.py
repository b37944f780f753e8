"""A server that refuses, lies about its name, goes away, or is none."""

import asyncio
import traceback
from typing import Any, cast

import pytest

from src.core.errors import (
    AppError,
    CredentialRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from src.db.keeper import free_port
from src.models.query import ItemQuery
from src.testing.bench import captured_logs
from tests.postgres.cluster import READER_PASSWORD, Cluster
from tests.postgres.conftest import Opener

CUSTOMERS = ItemQuery(container_id="table:shop:public:customers")


async def failure(connector: Any) -> AppError:
    """What comes of a call; nothing of it shows a password or an address."""
    with captured_logs() as logs, pytest.raises(AppError) as raised:
        await connector.identify()
    error = raised.value
    shown = "".join([*traceback.format_exception(error), repr(error.details), *logs])
    assert READER_PASSWORD not in shown
    assert "127.0.0.1" not in f"{error}{error.details}{logs}"
    return error


async def test_a_wrong_password_is_tried_once(open_reader: Opener, cluster: Cluster) -> None:
    said = 'password authentication failed for user "reader"'
    before = cluster.log.count(said)
    error = await failure(open_reader(password="wrong-password"))
    assert isinstance(error, CredentialRefused)
    assert error.details["reason"] == "28P01"
    assert cluster.log.count(said) == before + 1


async def test_a_role_that_is_not_there(open_reader: Opener) -> None:
    assert isinstance(await failure(open_reader({"user": "absent"})), CredentialRefused)


async def test_nobody_answers(open_reader: Opener) -> None:
    error = await failure(open_reader({"port": free_port()}))
    assert isinstance(error, ProviderUnavailable)
    assert error.details["reason"] == "no connection (ConnectionRefusedError)"


async def test_a_certificate_of_another_authority(open_reader: Opener) -> None:
    error = await failure(open_reader({"certificates": None}))
    assert isinstance(error, ProviderUnavailable)
    assert error.details["reason"] == "no connection (SSLCertVerificationError)"


async def test_a_certificate_for_another_name(open_reader: Opener) -> None:
    """The address is the same: what counts is the name that was asked for."""
    error = await failure(open_reader({"host": "evil.example.com"}))
    assert error.details["reason"] == "no connection (SSLCertVerificationError)"


async def test_the_server_is_spoken_to_with_tls(reader: Any, cluster: Cluster) -> None:
    said = "connection authorized: user=reader database=shop SSL enabled"
    before = cluster.log.count(said)
    await reader.identify()
    assert cluster.log.count(said) == before + 1


async def test_whoever_is_cancelled_leaves_nobody_at_work(
    open_reader: Opener, cluster: Cluster
) -> None:
    slow = ItemQuery(container_id="table:shop:public:slow")
    task = asyncio.ensure_future(open_reader().items(slow))
    at_work = "SELECT count(*) = {} FROM pg_stat_activity WHERE usename = 'reader'"
    await asyncio.to_thread(cluster.until, f"{at_work.format(1)} AND wait_event = 'PgSleep'")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.to_thread(cluster.until, at_work.format(0))


async def test_in_the_clear_where_the_operator_allows_it(open_reader: Opener) -> None:
    assert (await open_reader({"tls": False}).identify()).account.name == "shop (reader)"


class Stranger(asyncio.Protocol):
    """A server of another kind: it says what it says, or nothing, to whatever it is told."""

    says = b""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, _: bytes) -> None:
        if self.says:
            self.transport.write(self.says)
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self.over.set()


class WebServer(Stranger):
    says = b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Babbler(Stranger):
    says = b"\xff" * 4096


@pytest.mark.parametrize(
    ("kind", "config", "deadline", "expected"),
    [
        pytest.param(WebServer, {}, 20, ProviderUnavailable, id="no TLS"),
        pytest.param(Babbler, {"tls": False}, 20, AppError, id="nonsense"),
        pytest.param(Stranger, {}, 2, ProviderTimeout, id="silent"),
    ],
)
async def test_a_server_that_is_none(
    open_reader: Opener,
    kind: type[Stranger],
    config: dict[str, Any],
    deadline: float,
    expected: type[AppError],
) -> None:
    met: list[Stranger] = []

    def meet() -> Stranger:
        met.append(kind())
        return met[-1]

    server = await asyncio.get_running_loop().create_server(meet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(open_reader({"port": port, **config}, deadline=deadline))
        # Nobody is left on the line.
        await asyncio.gather(*(one.over.wait() for one in met))
    assert met
    assert isinstance(error, expected)


async def test_a_server_killed_at_work(open_reader: Opener, cluster: Cluster) -> None:
    task = asyncio.ensure_future(
        open_reader().items(ItemQuery(container_id="table:shop:public:slow"))
    )
    await asyncio.to_thread(
        cluster.until,
        "SELECT count(*) = 1 FROM pg_stat_activity"
        " WHERE usename = 'reader' AND state = 'active' AND wait_event = 'PgSleep'",
    )
    await asyncio.to_thread(cluster.kill)
    with pytest.raises(ProviderUnavailable):
        await task
    await asyncio.to_thread(cluster.start)
    assert (await open_reader().items(CUSTOMERS)).items
