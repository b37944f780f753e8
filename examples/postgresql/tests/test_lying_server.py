"""Whoever calls itself PostgreSQL: answers of another form, and answers without end."""

import asyncio
import importlib
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from src.connectors.registry import module_of
from src.connectors.rest.dialect import Address
from src.connectors.rest.restraint import NO_RESTRAINT
from src.connectors.rest.retry import Retrier
from src.connectors.tcp import TcpClient, Tls
from src.core import lines
from src.core.dialing import Locator
from src.core.errors import ProviderUnavailable, UnreadableAnswer
from src.core.outbound import MAX_ANSWER_BYTES
from src.models.credential import Credential
from src.testing.bench import Given

_PACKAGE = module_of(Path(__file__).parents[1]).removesuffix(".connector")
driver, schemas = (importlib.import_module(f"{_PACKAGE}.{name}") for name in ("driver", "schemas"))
TEXT, NUMBER, LONG, TRUTH = 25, 23, 20, 16
ROWS = schemas.Relation("public", "t", "r", (schemas.Column("c", "text", "text", "text", "S"),))
NAMES = schemas.Listed(limit=10)

_FLOOD = 4 * MAX_ANSWER_BYTES

Column = tuple[bytes, int, bytes | None]
"""Its name, its type, and the value of the one row."""


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


READY = message(b"Z", b"T")
GREETING = message(b"R", struct.pack("!i", 0)) + b"".join(
    message(b"S", said) for said in (b"server_version\x0016.0\0", b"client_encoding\0UTF8\0")
)


class Liar:
    """Knows the protocol as far as a driver must be led, and answers each question with a row."""

    def __init__(self, *columns: Column) -> None:
        self.columns = columns
        self.sent = 0
        self.floods_at = b""

    def _described(self, asked: bytes) -> bytes:
        kinds = dict(re.findall(rb"\$(\d+)::(\w+)", asked))
        taken = b"".join(
            struct.pack("!i", LONG if kind == b"int8" else TEXT)
            for _, kind in sorted(kinds.items())
        )
        told = b"".join(
            name + b"\0" + struct.pack("!ihihih", 0, 0, kind, -1, -1, 0)
            for name, kind, _ in self.columns
        )
        return message(b"t", struct.pack("!h", len(kinds)) + taken) + message(
            b"T", struct.pack("!h", len(self.columns)) + told
        )

    def _row(self) -> bytes:
        values = b"".join(
            struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
            for _, _, value in self.columns
        )
        return message(b"D", struct.pack("!h", len(self.columns)) + values)

    async def _flood(self, writer: asyncio.StreamWriter) -> None:
        """One message, of which there is more than anybody wants."""
        writer.write(b"T" + struct.pack("!i", 0x7FFFFFFF))
        while self.sent < _FLOOD:
            writer.write(bytes(65536))
            self.sent += 65536
            await writer.drain()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        if self.floods_at == b"login":
            await self._flood(writer)
        writer.write(GREETING + message(b"K", struct.pack("!ii", 1, 2)) + message(b"Z", b"I"))
        says = {
            b"Q": message(b"C", b"BEGIN\0") + READY,
            b"P": message(b"1"),
            b"S": READY,
            b"B": message(b"2"),
            b"E": self._row() + message(b"C", b"SELECT 1\0"),
        }
        while (kind := await reader.readexactly(1)) != b"X":
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            body = await reader.readexactly(length - 4)
            if kind == self.floods_at:
                await self._flood(writer)
            if kind == b"P":
                says[b"D"] = self._described(body)
            writer.write(says.get(kind, b""))

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


Ask = Callable[[Liar, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    async with AsyncExitStack() as servers:

        async def asked(liar: Liar, work: Callable[[Any], Awaitable[Any]]) -> Any:
            server = await asyncio.start_server(liar.meet, "127.0.0.1", 0)
            await servers.enter_async_context(server)
            port = server.sockets[0].getsockname()[1]
            client = TcpClient(
                Address(f"tcp://127.0.0.1:{port}"),
                Locator(guarded=False),
                Given(Credential(SecretStr("password-for-a-liar"))),
                Retrier(),
                20.0,
                restraint=NO_RESTRAINT,
                lines=lines.Lines(),
                count=lambda _: None,
            )
            return await client.run(driver.PostgresDriver("u", "d"), work, tls=Tls(off=True))

        yield asked


async def test_a_server_that_tells_the_truth_is_believed(ask: Ask) -> None:
    liar = Liar((b"user", TEXT, b"u"), (b"database", TEXT, b"d"), (b"is_superuser", TRUTH, b"\x01"))
    account = await ask(liar, lambda line: line.account())
    assert (account.user, account.database, account.is_superuser) == ("u", "d", True)


@pytest.mark.parametrize(
    ("columns", "work"),
    [
        pytest.param([(b"evil", TEXT, b"x")], lambda line: line.account(), id="account"),
        pytest.param([(b"evil", TEXT, b"x")], lambda line: line.databases(NAMES), id="databases"),
        pytest.param([(b"name", NUMBER, b"\0\0\0\1")], lambda line: line.schemas(NAMES), id="type"),
        pytest.param([(b"name", TEXT, None)], lambda line: line.schemas(NAMES), id="null"),
        pytest.param([(b"evil", TEXT, b"x")], lambda line: line.relations("s", NAMES), id="tables"),
        pytest.param([(b"evil", TEXT, b"x")], lambda line: line.relation("s", "t"), id="table"),
        pytest.param(
            [(b"c", NUMBER, b"\0\0\0\1")],
            lambda line: line.rows(ROWS, schemas.Selection(limit=10, cell=100)),
            id="cell",
        ),
        pytest.param(
            [(b"c", TEXT, b"x"), (b"d", TEXT, b"x")],
            lambda line: line.rows(ROWS, schemas.Selection(limit=10, cell=100)),
            id="cells",
        ),
    ],
)
async def test_rows_of_another_form_cannot_be_read(
    ask: Ask, columns: list[Column], work: Callable[[Any], Awaitable[Any]]
) -> None:
    with pytest.raises(UnreadableAnswer):
        await ask(Liar(*columns), work)


@pytest.mark.parametrize("floods_at", [b"login", b"D"], ids=["before login", "in an answer"])
async def test_an_answer_without_end_is_cut_in_the_clear(ask: Ask, floods_at: bytes) -> None:
    liar = Liar()
    liar.floods_at = floods_at
    with pytest.raises(ProviderUnavailable):
        await ask(liar, lambda line: line.account())
    # What lies in buffers of the system counts as sent.
    assert 0 < liar.sent < _FLOOD
