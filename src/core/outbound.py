"""The one door to the world: every call to a provider, a token address, a key set or a webhook.

It owns the pools, the deadline and the size limit, ignores proxies of the environment, follows no
redirect, and keeps tenants out of the operator's network: an address that a tenant could have
chosen is refused unless it is https and public. The check runs inside the resolver, so that the
address that was checked is the one that is connected to, and again on IP literals, which never
reach a resolver.

This module is the face that connectors and all others see, with what is in ``__all__``; only it
knows the ``pools`` behind it.
"""

from __future__ import annotations

import asyncio
import zlib
from functools import lru_cache

import aiohttp
import httpx
from yarl import URL

from src.core.exchange import (
    AddressRefused,
    AnswerTooLarge,
    OutboundError,
    Request,
    Response,
    TimedOut,
    Unreachable,
)
from src.core.pools import CONNECT_TIMEOUT, Address, Given, Pool, PublicResolver, Wire
from src.core.security import ip_literal, is_public

__all__ = [
    "CONNECT_TIMEOUT",
    "MAX_ANSWER_BYTES",
    "AddressRefused",
    "AnswerTooLarge",
    "Outbound",
    "OutboundError",
    "Request",
    "Response",
    "TimedOut",
    "Unreachable",
]

MAX_ANSWER_BYTES = 16 * 1024 * 1024
_NO_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol, aiohttp.InvalidURL)
_LAST_PORT = 65535


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
            self._operator: Wire = Pool(None)
            self._guarded: Wire = Pool(PublicResolver())
        else:
            self._operator = self._guarded = Given(transport)

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
        wire = self._operator if trusted else self._guarded
        try:
            address = _parsed(request.url)
            if not trusted:
                _check_address(address.parts)
            async with asyncio.timeout(deadline):
                return await wire.exchange(request, address, max_bytes)
        except (*_NO_ADDRESS, UnicodeError) as error:
            # A host name that cannot be encoded is a UnicodeError.
            raise AddressRefused("the address is not one that can be called") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise TimedOut(f"no answer within {deadline:g} seconds") from error
        except (httpx.HTTPError, aiohttp.ClientError, OSError, zlib.error) as error:
            raise Unreachable(f"no connection ({type(error).__name__})") from error

    def count(self, outcome: str) -> None:
        """Hear how a call went that was not made here, but by a driver of another protocol."""

    async def close(self) -> None:
        """Close both pools."""
        await self._operator.close()
        await self._guarded.close()


@lru_cache(maxsize=1024)
def _parsed(url: str) -> Address:
    """An address in its parts; the same ones are called again and again."""
    parts = httpx.URL(url)
    if not parts.host:
        raise httpx.InvalidURL("there is no host in it")
    if (parts.port or 0) > _LAST_PORT:
        raise httpx.InvalidURL("there is no such port")
    return Address(parts, URL(str(parts), encoded=True), parts.netloc.decode("ascii"))


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
