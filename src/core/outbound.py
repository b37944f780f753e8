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
from collections.abc import Mapping
from dataclasses import dataclass, field

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

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

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


def _transport(resolver: AbstractResolver | None) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver,
                limit=_CONNECTIONS,
                limit_per_host=_CONNECTIONS_PER_HOST,
                keepalive_timeout=_KEEPALIVE_SECONDS,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    return AiohttpTransport(client=session, trust_env=False)


class Outbound:
    """Sends requests through two pools: addresses of the operator, and all others."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, *, guarded: bool = True
    ) -> None:
        """Use ``transport`` for everything (tests), or real connections.

        Without ``guarded`` (ALLOW_PRIVATE_PROVIDER_HOSTS) every address counts as the operator's.
        """
        self._is_guarded = guarded
        self._operator = transport or _transport(None)
        self._guarded = transport or _transport(PublicResolver())

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
        url = httpx.URL(request.url)
        trusted = operator_address or not self._is_guarded
        if not trusted:
            _check_address(url)
        outgoing = httpx.Request(
            request.method,
            url,
            headers={"Accept-Encoding": "gzip, deflate", **request.headers},
            content=request.content,
            extensions={
                "timeout": {"connect": CONNECT_TIMEOUT, "read": deadline, "pool": deadline}
            },
        )
        transport = self._operator if trusted else self._guarded
        try:
            async with asyncio.timeout(deadline):
                return await _exchange(transport, outgoing, max_bytes)
        except TimeoutError as error:
            raise TimedOut(f"no answer within {deadline:g} seconds") from error
        except httpx.TimeoutException as error:
            # The aiohttp transport calls every lost connection a timeout; its cause tells.
            if error.__cause__ is None or isinstance(error.__cause__, TimeoutError):
                raise TimedOut("no answer in time") from error
            raise Unreachable("the connection was lost") from error
        except (httpx.HTTPError, httpx.StreamError, aiohttp.ClientError, OSError) as error:
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
    if literal is not None and not is_public(literal):
        raise AddressRefused("the address is not public")


async def _exchange(
    transport: httpx.AsyncBaseTransport, outgoing: httpx.Request, max_bytes: int
) -> Response:
    incoming = await transport.handle_async_request(outgoing)
    try:
        chunks: list[bytes] = []
        size = 0
        async for chunk in incoming.aiter_bytes():
            size += len(chunk)
            if size > max_bytes:
                raise AnswerTooLarge(f"the answer is over {max_bytes} bytes")
            chunks.append(chunk)
    finally:
        await incoming.aclose()
    return Response(incoming.status_code, dict(incoming.headers), b"".join(chunks))
