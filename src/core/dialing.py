"""Where a service that does not speak HTTP may be called.

``outbound`` calls for those who speak HTTP. A driver of another protocol connects by itself, so it
is handed what has been checked: addresses in place of a name, looked up once. What its connections
are like is in ``lines``.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from src.core.outbound import CONNECT_TIMEOUT, AddressRefused, TimedOut, Unreachable
from src.core.security import ip_literal, is_public

LOWEST_PORT = 1024
"""Below it are the services of hosts themselves: nobody uses us to knock there."""
MOST_LOOKUPS = 32
"""Under way at once, with those that nobody waits for any more: a slow one holds its thread."""
_LAST_PORT = 65535
_LONGEST_NAME = 253

Lookup = Callable[[str, int], Awaitable[list[str]]]
"""From a name to its addresses."""


class SystemLookup:
    """Asks the system, in threads of its own: a name that is slow holds up nobody else's work."""

    def __init__(
        self, ask: Callable[..., list[Any]] = socket.getaddrinfo, *, most: int = MOST_LOOKUPS
    ) -> None:
        """Have no more than ``most`` under way; ``ask`` takes what ``socket.getaddrinfo`` does."""
        self._ask = ask
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="lookup")
        self._room = threading.Semaphore(most)

    async def __call__(self, name: str, port: int) -> list[str]:
        """All addresses of a name, as the system knows them.

        Raises:
            Unreachable: Too many are being looked up.
            OSError: There is no such name.
        """
        if not self._room.acquire(blocking=False):
            raise Unreachable("too many names are being looked up at once")
        asked = self._threads.submit(self._ask, name, port, type=socket.SOCK_STREAM)
        # Whoever gives up leaves the thread at work: only its end makes room.
        asked.add_done_callback(lambda _: self._room.release())
        found = await asyncio.wrap_future(asked)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Location:
    """Where to connect: addresses that were checked, none of which is a name."""

    addresses: tuple[str, ...]
    is_trusted: bool
    """The operator has set it, or lets tenants name what they like."""


class Locator:
    """Finds hosts that tenants name, and refuses those that lead into the operator's network."""

    def __init__(self, lookup: Lookup | None = None, *, guarded: bool = True) -> None:
        """Ask the system, or ``lookup``.

        Without ``guarded`` (ALLOW_PRIVATE_PROVIDER_HOSTS) all addresses are the operator's.
        """
        self._lookup = lookup or SystemLookup()
        self._is_guarded = guarded

    async def locate(self, host: str, port: int, *, operator_address: bool = False) -> Location:
        """The addresses of a host, looked up once; one private address refuses them all.

        Raises:
            AddressRefused: The address, or the port, is not one that a tenant may name.
            Unreachable: There is no such host, or too many are looked for.
            TimedOut: Nobody says where it is.
        """
        trusted = operator_address or not self._is_guarded
        if not 0 < port <= _LAST_PORT or not 0 < len(host) <= _LONGEST_NAME:
            raise AddressRefused("the address is not one that can be called")
        if not trusted:
            _check(host, port)
        addresses = await self._addresses(host, port)
        if not trusted and not all(map(_is_public, addresses)):
            raise AddressRefused(f"{host} does not resolve to a public address")
        return Location(tuple(addresses), trusted)

    async def _addresses(self, host: str, port: int) -> list[str]:
        literal = ip_literal(host)
        if literal is not None:
            return [str(literal)]
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                found = await self._lookup(host, port)
        except TimeoutError as error:
            raise TimedOut("the name was not found in time") from error
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"no such host ({type(error).__name__})") from error
        if not found:
            raise Unreachable("no such host")
        return found


def _check(host: str, port: int) -> None:
    if port < LOWEST_PORT:
        raise AddressRefused(f"only ports from {LOWEST_PORT} on are allowed")
    literal = ip_literal(host)
    # ``2130706433`` and ``127.1`` are addresses too, spelled so that no check sees them.
    hidden = literal is None and host.replace(".", "").isdigit()
    if hidden or (literal is not None and not is_public(literal)):
        raise AddressRefused("the address is not public")


def _is_public(address: str) -> bool:
    return is_public(ipaddress.ip_address(address.partition("%")[0]))
