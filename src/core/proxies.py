"""Whose ``X-Forwarded-For`` is believed, and whom a request therefore comes from."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Any

from src.core.security import IPAddress, ip_literal

_HEADER = b"x-forwarded-for"
_MOST_HOPS = 32


class TrustedProxies:
    """Finds the caller behind proxies: the rightmost address that is none of them.

    What stands left of it was written by the caller, who may write anything.
    """

    def __init__(self, networks: Collection[IPv4Network | IPv6Network]) -> None:
        self._networks = tuple(networks)

    def settle(self, scope: MutableMapping[str, Any]) -> None:
        """Put the caller's address in the place of the proxy's."""
        peer = scope.get("client")
        if not self._networks or not peer:
            return
        address = self._address(peer[0])
        if address is None or not self._is_trusted(address):
            return
        lines = [value for name, value in scope["headers"] if name == _HEADER]
        hops = b",".join(lines).decode("latin-1").split(",")
        found = address
        for hop in reversed(hops[-_MOST_HOPS:]):
            next_found = self._address(_without_port(hop.strip()))
            if next_found is None:
                break
            found = next_found
            if not self._is_trusted(found):
                break
        if found is not address:
            scope["client"] = (str(found), 0)

    @staticmethod
    def _address(text: str) -> IPAddress | None:
        address = ip_literal(text)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return address

    def _is_trusted(self, address: IPAddress) -> bool:
        return any(address in network for network in self._networks)


def _without_port(hop: str) -> str:
    """``203.0.113.9:4711`` and ``[2001:db8::1]:4711`` as some proxies write them."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
