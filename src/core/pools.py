"""What carries requests: connections of aiohttp, or a transport of httpx in their place.

Here are the pools, the size limit and the resolver that refuses private addresses; which of them a
request may take is the business of ``outbound``, the only one to ask.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncIterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, Protocol, cast

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from src.core.exchange import AddressRefused, AnswerTooLarge, Request, Response
from src.core.security import is_public

CONNECT_TIMEOUT = 5.0
_CONNECTIONS = 200
_CONNECTIONS_PER_HOST = 100
_KEEPALIVE_SECONDS = 30.0
_READ_BYTES = 1024 * 1024
"""What may wait unread; the reader of a large answer sleeps and wakes for each buffer of these."""

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "connector-platform"}
_PLAIN = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class PublicResolver(AbstractResolver):
    """Resolves names and refuses those that lead into a private network."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        """Ask ``resolver``, by default the system's."""
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of ``host``; one private address among them refuses the name."""
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            if not is_public(ipaddress.ip_address(result["host"].partition("%")[0])):
                raise AddressRefused(f"{host} does not resolve to a public address")
        return found

    async def close(self) -> None:
        """Close the wrapped resolver."""
        await self._resolver.close()


class Address(NamedTuple):
    """An address in its parts, and as it is called: as it was spelled and encoded."""

    parts: httpx.URL
    called: URL
    host: str
    """As the header has it."""


class Wire(Protocol):
    """What carries requests; the deadline is the caller's."""

    async def exchange(self, request: Request, address: Address, max_bytes: int) -> Response:
        """Send, and read the whole answer."""

    async def close(self) -> None:
        """Close every connection."""


class Pool:
    """aiohttp's connections; httpcore looks through all of its own for each request.

    Without timers: one for each phase costs more than it tells beside the deadline.
    """

    def __init__(self, resolver: AbstractResolver | None) -> None:
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        """The session, made inside the loop that will use it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._resolver,
                    ssl=_tls(),
                    limit=_CONNECTIONS,
                    limit_per_host=_CONNECTIONS_PER_HOST,
                    keepalive_timeout=_KEEPALIVE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
                auto_decompress=False,
                read_bufsize=_READ_BYTES,
                skip_auto_headers=("User-Agent", "Content-Type"),
                trust_env=False,
            )
        return self._session

    async def exchange(self, request: Request, address: Address, max_bytes: int) -> Response:
        """Send, and read the whole answer."""
        answer = await self._open().request(
            request.method,
            address.called,
            headers=_fields(request, address),
            data=request.content or None,
            allow_redirects=False,
        )
        try:
            headers = _joined(answer.raw_headers)
            body = await _whole(answer.content.iter_any(), headers, max_bytes)
        finally:
            # Gives the connection back, or closes it when something is left on it.
            answer.release()
        return Response(answer.status, headers, body)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


class Given:
    """A transport of httpx in place of the network."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def exchange(self, request: Request, address: Address, max_bytes: int) -> Response:
        """Send, and read the whole answer."""
        headers = httpx.Headers(_fields(request, address), "utf-8")
        sent = httpx.Request(
            request.method, address.parts, headers=headers, content=request.content
        )
        answer = await self._transport.handle_async_request(sent)
        stream = cast("httpx.AsyncByteStream", answer.stream)
        try:
            told = _joined(answer.headers.raw)
            body = await _whole(stream, told, max_bytes)
        finally:
            await stream.aclose()
        return Response(answer.status_code, told, body)

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


@cache
def _tls() -> ssl.SSLContext:
    """One for all pools: each would hold every root certificate anew."""
    return httpx.create_ssl_context(trust_env=False)


def _fields(request: Request, address: Address) -> dict[str, str]:
    """The headers that go out."""
    return {"Host": address.host, **_HEADERS, **request.headers}


class _Body:
    """Gathers an answer, unpacked as it comes, and stops where the limit is passed.

    Unpacking is bounded because a few hundred packed bytes can hold gigabytes, more so when they
    are packed twice; we ask for gzip, and anything else that comes is unreadable.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        coding = encoding.strip().lower()
        if coding not in _PLAIN | _PACKED:
            raise httpx.DecodingError("the answer is packed in a way that was not asked for")
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW) if coding in _PACKED else None
        self._max_bytes = max_bytes
        self._room = max_bytes
        self._chunks: list[bytes] = []

    def add(self, chunk: bytes) -> None:
        """Take what came over the wire."""
        if self._unpacker is not None:
            chunk = self._unpacker.decompress(chunk, self._room + 1)
        self._room -= len(chunk)
        if self._room < 0:
            raise AnswerTooLarge(f"the answer is over {self._max_bytes} bytes")
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        """All of it; an answer to HEAD may announce gzip and hold nothing."""
        if self._unpacker is not None and self._chunks and not self._unpacker.eof:
            raise httpx.DecodingError("the packed answer has no end")
        return b"".join(self._chunks)


async def _whole(chunks: AsyncIterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    body = _Body(headers.get("content-encoding", ""), max_bytes)
    async for chunk in chunks:
        body.add(chunk)
    return body.whole()


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones are one list (RFC 9110 §5.3)."""
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    joined = dict(pairs)
    if len(joined) < len(pairs):
        for name in joined:
            joined[name] = ", ".join(value for other, value in pairs if other == name)
    return joined
