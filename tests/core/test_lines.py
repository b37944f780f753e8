"""The lines of drivers: TLS to a name at an address, how much comes in, and how many there are."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

import certifi
import pytest

from src.core.lines import CallLoop, Lines, tls_to
from src.core.outbound import Unreachable
from tests.fakes.certificates import certify

NAME = "db.example.com"
SENT = 1_000_000


@pytest.mark.parametrize("text", ["", "none", "-----BEGIN CERTIFICATE-----"])
def test_certificates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="certificates in PEM form"):
        tls_to(NAME, text)


def test_a_certificate_is_verified_for_the_name_whatever_the_driver_says() -> None:
    context = tls_to(NAME)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    opened = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="10.0.0.1")
    assert opened.server_hostname == NAME
    assert opened.context.verify_mode is ssl.CERT_REQUIRED
    assert opened.context.check_hostname
    assert opened.context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_names_share_the_authorities_and_nothing_else() -> None:
    """Whoever owns a domain has names without end, and authorities take room and time to read."""
    opened = [
        tls_to(f"{number}.example.com").wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
        for number in range(50)
    ]
    assert len({id(one.context) for one in opened}) == 1
    assert len({one.server_hostname for one in opened}) == 50
    count = Path(certifi.where()).read_text().count("BEGIN CERTIFICATE")
    assert opened[0].context.cert_store_stats()["x509"] == count


def test_authorities_of_a_configuration_are_those_alone(tmp_path: Path) -> None:
    private = tls_to(NAME, certify(tmp_path, NAME))
    opened = private.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
    assert opened.context.cert_store_stats()["x509"] == 1


class Flood(asyncio.Protocol):
    """A server that sends more than anybody asked for."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(b"x" * SENT)

    def connection_lost(self, _: Exception | None) -> None:
        self.over.set()


class Reader(asyncio.Protocol):
    """A driver that keeps what comes."""

    def __init__(self) -> None:
        self.received = 0
        self.whole = asyncio.Event()
        self.over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self.received == SENT:
            self.whole.set()

    def connection_lost(self, _: Exception | None) -> None:
        self.over.set()


@pytest.fixture
def flood() -> Flood:
    return Flood()


@pytest.fixture
async def port(flood: Flood) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: flood, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        flood.transport.abort()
        await flood.over.wait()


async def test_what_comes_in_with_tls_is_bounded(tmp_path: Path) -> None:
    context = tls_to(NAME, certify(tmp_path, NAME))
    context.most_bytes = 100_000
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    flood = Flood()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: flood, "127.0.0.1", 0, ssl=theirs)
    async with server:
        port = server.sockets[0].getsockname()[1]
        # The name of this connection is the address; what counts is the context's own.
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        with pytest.raises(ssl.SSLError, match="more than was asked for"):
            await reader.readexactly(SENT)
        writer.transport.abort()
        await flood.over.wait()


async def test_what_comes_in_in_the_clear_is_bounded(port: int) -> None:
    _, reader = await CallLoop(most_bytes=300_000).create_connection(Reader, "127.0.0.1", port)
    assert isinstance(reader, Reader)
    ends = [asyncio.ensure_future(one.wait()) for one in (reader.over, reader.whole)]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    assert reader.received <= 300_000
    assert await ends[0]
    ends[1].cancel()


async def test_what_was_asked_for_comes_whole(port: int) -> None:
    loop = CallLoop(most_bytes=SENT)
    _, reader = await loop.create_connection(Reader, "127.0.0.1", port)
    assert isinstance(reader, Reader)
    await reader.whole.wait()
    assert not reader.over.is_set()
    loop.end()
    await reader.over.wait()


async def test_no_line_outlasts_the_call_that_opened_it(port: int, flood: Flood) -> None:
    loop = CallLoop()
    loop.end()
    transport, reader = await loop.create_connection(Reader, "127.0.0.1", port)
    assert isinstance(reader, Reader)
    assert transport.is_closing()
    await reader.over.wait()
    await flood.over.wait()


async def test_lines_of_a_process_are_bounded() -> None:
    lines = Lines(most=2, most_new=1, patience=0)
    async with AsyncExitStack() as held:
        await held.enter_async_context(lines.one(is_new=True))
        with pytest.raises(Unreachable, match="too many lines"):
            await lines.one(is_new=True).__aenter__()
        # Those that are being connected leave room for those that are.
        await held.enter_async_context(lines.one(is_new=False))
        with pytest.raises(Unreachable, match="too many lines"):
            await lines.one(is_new=False).__aenter__()
    async with lines.one(is_new=True), lines.one(is_new=False):
        pass


async def test_whoever_waits_gets_the_line_that_becomes_free() -> None:
    lines = Lines(most=1, patience=60)
    async with lines.one(is_new=False):
        waiting = asyncio.ensure_future(lines.one(is_new=False).__aenter__())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
