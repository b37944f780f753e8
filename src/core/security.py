"""Small things that keep secrets secret and callers where they belong."""

from __future__ import annotations

import hmac
import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_DOCUMENTATION = ipaddress.ip_network("3fff::/20")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time, whatever the characters."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )


def ip_literal(host: str) -> IPAddress | None:
    """The address that ``host`` spells, or None when it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def is_public(address: IPAddress) -> bool:
    """Whether an address is on the open internet, also when IPv6 wraps an IPv4 one.

    Source: IANA special-purpose registries, as ``ipaddress`` holds them, plus the wrappings that
    would let a private IPv4 address through (RFC 4291, RFC 3056, RFC 6052). Of IPv6 only
    what IANA gives out as global unicast counts: the rest holds old forms such as ``::127.0.0.1``.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST or address in _DOCUMENTATION:
            return False
    elif address in _PROTOCOLS:
        return False
    return address.is_global and not address.is_multicast


@lru_cache(maxsize=4096)
def origin_of(url: str) -> str:
    """Scheme, host and, unless it is the default, port of an URL: who we would be talking to."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    shown = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
