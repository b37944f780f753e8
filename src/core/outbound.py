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
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from httpx_aiohttp import AiohttpTransport

from src.core.security import ip_literal, is_public

MAX_ANSWER_BYTES = 16 * 1024 * 1024
CONNECT_TIMEOUT = 5.0
_CONNECTIONS = 200
_CONNECTIONS_PER_HOST = 100
_KEEPALIVE_SECONDS = 30.0
_PLAIN = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip"})
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


def _transport(resolver: AbstractResolver | None, tls: ssl.SSLContext) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver,
                ssl=tls,
                limit=_CONNECTIONS,
                limit_per_host=_CONNECTIONS_PER_HOST,
                keepalive_timeout=_KEEPALIVE_SECONDS,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    return AiohttpTransport(client=session, verify=tls, trust_env=False)


class Outbound:
    """Sends requests through two pools: addresses of the operator, and all others."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, *, guarded: bool = True
    ) -> None:
        """Use ``transport`` for everything (tests), or real connections.

        Without ``guarded`` (ALLOW_PRIVATE_PROVIDER_HOSTS) every address counts as the operator's.
        """
        self._is_guarded = guarded
        if transport is None:
            tls = httpx.create_ssl_context(trust_env=False)
            self._operator: httpx.AsyncBaseTransport = _transport(None, tls)
            self._guarded: httpx.AsyncBaseTransport = _transport(PublicResolver(), tls)
        else:
            self._operator = self._guarded = transport

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
            url = httpx.URL(request.url)
            if not trusted:
                _check_address(url)
            outgoing = httpx.Request(
                request.method,
                url,
                headers=httpx.Headers({"Accept-Encoding": "gzip", **request.headers}, "utf-8"),
                content=request.content,
                extensions={
                    "timeout": {"connect": CONNECT_TIMEOUT, "read": deadline, "pool": deadline}
                },
            )
            async with asyncio.timeout(deadline):
                return await _exchange(transport, outgoing, max_bytes)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            # A host name that cannot be encoded is a UnicodeError.
            raise AddressRefused("the address is not one that can be called") from error
        except TimeoutError as error:
            raise TimedOut(f"no answer within {deadline:g} seconds") from error
        except httpx.TimeoutException as error:
            # The aiohttp transport calls every lost connection a timeout; its cause tells.
            if error.__cause__ is None or isinstance(error.__cause__, TimeoutError):
                raise TimedOut("no answer in time") from error
            raise Unreachable("the connection was lost") from error
        except (httpx.HTTPError, aiohttp.ClientError, OSError, zlib.error) as error:
            raise Unreachable(f"no connection ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close both pools."""
        await self._operator.aclose()
        await self._guarded.aclose()


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
    try:
        body = _Body(incoming.headers.get("content-encoding", ""), max_bytes)
        async for chunk in cast("httpx.AsyncByteStream", incoming.stream):
            body.add(chunk)
    finally:
        await incoming.aclose()
    return Response(incoming.status_code, _joined(incoming.headers.raw), body.whole())


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones are one list (RFC 9110 §5.3)."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
