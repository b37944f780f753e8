"""What the connections of a driver are like: how many, how much they bring, and TLS to a name.

A driver reads what its server sends, and a server of a tenant may send without end. So each line
ends when more has come than an answer may hold, with TLS and in the clear, and no more of them are
there at once than memory is for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, cast

import certifi

from src.core.outbound import CONNECT_TIMEOUT, MAX_ANSWER_BYTES, Unreachable

MOST_LINES = 16
MOST_NEW_LINES = 4
"""Of these: with credentials that are being connected, which no bound of a connection holds yet."""
_MOST_AUTHORITIES = 32
"""Sets of certificates that are kept read."""


class Lines:
    """The lines of this process, being dialled or in use."""

    def __init__(
        self,
        most: int = MOST_LINES,
        most_new: int = MOST_NEW_LINES,
        patience: float = CONNECT_TIMEOUT,
    ) -> None:
        """Let nobody wait for a line for longer than ``patience`` seconds."""
        self._all = asyncio.Semaphore(most)
        self._new = asyncio.Semaphore(most_new)
        self._patience = patience

    @asynccontextmanager
    async def one(self, *, is_new: bool) -> AsyncGenerator[None]:
        """Have a line; ``is_new`` = for a credential that belongs to no connection yet.

        Raises:
            Unreachable: None has become free.
        """
        taken: list[asyncio.Semaphore] = []
        try:
            try:
                async with asyncio.timeout(self._patience):
                    for semaphore in (self._new, self._all) if is_new else (self._all,):
                        await semaphore.acquire()
                        taken.append(semaphore)
            except TimeoutError:
                raise Unreachable("too many lines to providers are in use") from None
            yield
        finally:
            for semaphore in taken:
                semaphore.release()


class _Bounded(ssl.SSLObject):
    """A TLS connection that ends when more has come than anybody asked for."""

    most_bytes = MAX_ANSWER_BYTES
    _received = 0

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002  as in the base class
        """What has come, unpacked."""
        got: Any = super().read(len, buffer)
        self._received += got if isinstance(got, int) else memoryview(got).nbytes
        if self._received > self.most_bytes:
            raise ssl.SSLError("more than was asked for")
        return got


class NamedContext(ssl.SSLContext):
    """TLS that verifies one name, whichever address its user has connected to.

    It knows no authority itself: what it opens belongs to the context that all names share.
    """

    name: str
    most_bytes: int = MAX_ANSWER_BYTES
    _shared: ssl.SSLContext

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: ARG002  as in the base class
        server_hostname: str | bytes | None = None,  # noqa: ARG002  a driver knows the address only
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """A client's side of a connection to the name."""
        opened = self._shared.wrap_bio(
            incoming, outgoing, server_hostname=self.name, session=session
        )
        cast("_Bounded", opened).most_bytes = self.most_bytes
        return opened


def tls_to(name: str, certificates: str | None = None) -> NamedContext:
    """TLS to a name, proved by these certificates alone, or by the public authorities.

    Raises:
        ValueError: ``certificates`` are none.
    """
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = name
    context._shared = _public() if certificates is None else _proved_by(certificates)  # noqa: SLF001
    return context


@lru_cache(maxsize=1)
def _public() -> ssl.SSLContext:
    context = _empty()
    context.load_verify_locations(cafile=certifi.where())
    return context


@lru_cache(maxsize=_MOST_AUTHORITIES)
def _proved_by(certificates: str) -> ssl.SSLContext:
    context = _empty()
    try:
        context.load_verify_locations(cadata=certificates)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError("must be certificates in PEM form") from error
    if not context.cert_store_stats()["x509"]:
        raise ValueError("must be certificates in PEM form")
    return context


def _empty() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslobject_class = _Bounded
    return context


class CallLoop:
    """The running loop as one call sees it: its lines are bounded, and end with the call."""

    def __init__(self, most_bytes: int = MAX_ANSWER_BYTES) -> None:
        """End a line over which more than ``most_bytes`` have come in the clear."""
        self._loop = asyncio.get_running_loop()
        self._most_bytes = most_bytes
        self._opened: list[asyncio.BaseTransport] = []
        self._is_over = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *where: Any, **how: Any
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect, as the loop does."""
        transport, counting = await self._loop.create_connection(
            lambda: _Counting(cast("asyncio.Protocol", protocol_factory()), self._most_bytes),
            *where,
            **how,
        )
        self._note(transport)
        return transport, counting.protocol

    async def start_tls(self, *line: Any, **how: Any) -> asyncio.Transport | None:
        """Go on with TLS, as the loop does."""
        transport = await self._loop.start_tls(*line, **how)
        if transport is not None:
            self._note(transport)
        return transport

    def end(self) -> None:
        """Cut what is still open: also what the driver has opened by itself, to cancel a query."""
        self._is_over = True
        for transport in self._opened:
            cast("asyncio.Transport", transport).abort()
        self._opened.clear()

    def _note(self, transport: asyncio.BaseTransport) -> None:
        self._opened.append(transport)
        if self._is_over:
            self.end()


class _Counting(asyncio.Protocol):
    """Another protocol, until too much has come for it."""

    def __init__(self, protocol: asyncio.Protocol, most_bytes: int) -> None:
        self.protocol = protocol
        self._left = most_bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left >= 0:
            self.protocol.data_received(data)
        else:
            self._transport.abort()

    def eof_received(self) -> bool | None:
        return self.protocol.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self.protocol.connection_lost(error)

    def pause_writing(self) -> None:
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        self.protocol.resume_writing()
