"""The one door to the world: every call to a provider, a token address, a key set or a webhook.

It owns the pools, the deadline and the size limit, ignores proxies of the environment, follows no
redirect, and keeps tenants out of the operator's network: an address that a tenant could have
chosen is refused unless it is https and public. The check runs inside the resolver, so that the
address that was checked is the one that is connected to, and again on IP literals, which never
reach a resolver.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from src.core.security import ip_literal, is_public

MAX_ANSWER_BYTES = 16 * 1024 * 1024
CONNECT_TIMEOUT = 5.0
_CONNECTIONS = 200
_CONNECTIONS_PER_HOST = 100
_KEEPALIVE_SECONDS = 30.0
_READ_BYTES = 1024 * 1024
"""What may wait unread; the reader of a large answer sleeps and wakes for each buffer of these."""

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "connector-platform"}
_PLAIN = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip"})
_NO_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol, aiohttp.InvalidURL)
_NOTHING = httpx.ByteStream(b"")
_RAW_HEADERS = "raw_headers"
_LAST_PORT = 65535
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class OutboundError(Exception):
    """No usable answer came back."""


class AddressRefused(OutboundError):
    """The address is not one that a tenant may make us call."""


class Unreachable(OutboundError):
    """No connection, or one that broke off."""


class TimedOut(OutboundError):
    """No whole answer within the deadline."""


class AnswerTooLarge(OutboundError):
    """The answer is over the size limit."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. ``url`` is absolute."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, whole. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


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


def _address(url: httpx.URL) -> URL:
    """What aiohttp calls, as it was spelled and encoded."""
    if (url.port or 0) > _LAST_PORT:
        raise httpx.InvalidURL("there is no such port")
    return URL(str(url), encoded=True)


class _Content(httpx.AsyncByteStream):
    """The body of an answer, in the pieces in which it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._response.content.readany():
            yield chunk

    async def aclose(self) -> None:
        """Give the connection back, or close it when something is left on it."""
        self._response.release()


class AiohttpTransport(httpx.AsyncBaseTransport):
    """The httpx API over aiohttp's pool; httpcore looks through all connections for each request.

    The deadline is the caller's: a timer of its own for each phase costs more than it tells.
    """

    def __init__(self, resolver: AbstractResolver | None, tls: ssl.SSLContext) -> None:
        self._resolver = resolver
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        """The session, made inside the loop that will use it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._resolver,
                    ssl=self._tls,
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

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and answer as soon as the head is there."""
        response = await self._open().request(
            request.method,
            _address(request.url),
            headers=request.headers.multi_items(),
            data=await request.aread() or None,
            allow_redirects=False,
        )
        return httpx.Response(
            response.status,
            stream=_Content(response),
            extensions={_RAW_HEADERS: response.raw_headers},
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


class Outbound:
    """Sends requests through two pools: addresses of the operator, and all others."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, *, guarded: bool = True
    ) -> None:
        """Use ``transport`` for everything (tests), or real connections.

        Without ``guarded`` (ALLOW_PRIVATE_PROVIDER_HOSTS) every address counts as the operator's.
        """
        self._is_guarded = guarded
        self._given = transport
        if transport is None:
            tls = httpx.create_ssl_context(trust_env=False)
            self._operator: httpx.AsyncBaseTransport = AiohttpTransport(None, tls)
            self._guarded: httpx.AsyncBaseTransport = AiohttpTransport(PublicResolver(), tls)
        else:
            self._operator = self._guarded = transport

    def beside(self, *, guarded: bool) -> Outbound:
        """Another door, with its own pools and its own rule: slow hosts there cost none here."""
        return Outbound(self._given, guarded=guarded)

    async def send(
        self,
        request: Request,
        *,
        operator_address: bool = False,
        deadline: float = 20.0,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Response:
        """Send one request and read the whole answer.

        Args:
            request: What to send.
            operator_address: The address was set by the operator, so it may be private or http.
            deadline: Seconds from the first packet to the last byte.
            max_bytes: The largest answer that is read, after decompression.

        Raises:
            AddressRefused: The address is not allowed.
            Unreachable: No connection, or it broke off.
            TimedOut: The deadline passed.
            AnswerTooLarge: The answer is over ``max_bytes``.
        """
        trusted = operator_address or not self._is_guarded
        transport = self._operator if trusted else self._guarded
        try:
            url = _parsed(request.url)
            if not trusted:
                _check_address(url)
            async with asyncio.timeout(deadline):
                return await _exchange(transport, _outgoing(request, url), max_bytes)
        except (*_NO_ADDRESS, UnicodeError) as error:
            # A host name that cannot be encoded is a UnicodeError.
            raise AddressRefused("the address is not one that can be called") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise TimedOut(f"no answer within {deadline:g} seconds") from error
        except (httpx.HTTPError, aiohttp.ClientError, OSError, zlib.error) as error:
            raise Unreachable(f"no connection ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close both pools."""
        await self._operator.aclose()
        await self._guarded.aclose()


@lru_cache(maxsize=1024)
def _parsed(url: str) -> httpx.URL:
    """An address in its parts; the same ones are called again and again."""
    parsed = httpx.URL(url)
    if not parsed.host:
        raise httpx.InvalidURL("there is no host in it")
    return parsed


def _outgoing(request: Request, url: httpx.URL) -> httpx.Request:
    """The request as transports take it."""
    host = url.netloc.decode("ascii")
    headers = httpx.Headers({"Host": host, **_HEADERS, **request.headers}, "utf-8")
    if request.content is None:
        # A ready stream spares httpx the search for a body.
        return httpx.Request(request.method, url, headers=headers, stream=_NOTHING)
    return httpx.Request(request.method, url, headers=headers, content=request.content)


def _check_address(url: httpx.URL) -> None:
    if url.scheme != "https":
        raise AddressRefused("only https addresses are allowed")
    if url.userinfo:
        raise AddressRefused("an address must not carry a user name")
    literal = ip_literal(url.host)
    # ``2130706433`` and ``127.1`` are addresses too, spelled so that no check sees them.
    hidden = literal is None and url.host.replace(".", "").isdigit()
    if hidden or (literal is not None and not is_public(literal)):
        raise AddressRefused("the address is not public")


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


async def _exchange(
    transport: httpx.AsyncBaseTransport, outgoing: httpx.Request, max_bytes: int
) -> Response:
    incoming = await transport.handle_async_request(outgoing)
    stream = cast("httpx.AsyncByteStream", incoming.stream)
    try:
        # Our own transport hands headers over as they came; httpx would fold each of them first.
        headers = _joined(incoming.extensions.get(_RAW_HEADERS) or incoming.headers.raw)
        body = _Body(headers.get("content-encoding", ""), max_bytes)
        async for chunk in stream:
            body.add(chunk)
    finally:
        await stream.aclose()
    return Response(incoming.status_code, headers, body.whole())


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones are one list (RFC 9110 §5.3)."""
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    joined = dict(pairs)
    if len(joined) < len(pairs):
        for name in joined:
            joined[name] = ", ".join(value for other, value in pairs if other == name)
    return joined
