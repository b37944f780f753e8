"""Whom a request comes from, behind proxies."""

from ipaddress import ip_network
from typing import Any

import pytest

from src.core.proxies import TrustedProxies

PROXIES = TrustedProxies([ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")])


def settled(proxies: TrustedProxies, peer: str | None, *forwarded: str) -> str | None:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    scope: dict[str, Any] = {"client": None if peer is None else (peer, 1), "headers": headers}
    proxies.settle(scope)
    return scope["client"][0] if scope["client"] else None


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", ["[2a00::1]:4711"], "2a00::1"),
        ("10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8::1", ["2a00::1"], "2a00::1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, \xe9, 10.0.0.2"], "10.0.0.2"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("198.51.100.7", ["10.0.0.1"], "198.51.100.7"),
        ("unix:", ["203.0.113.9"], "unix:"),
        (None, ["203.0.113.9"], None),
    ],
)
def test_the_caller_is_the_rightmost_that_is_no_proxy(
    peer: str | None, forwarded: list[str], caller: str | None
) -> None:
    assert settled(PROXIES, peer, *forwarded) == caller


def test_nobody_is_believed_by_default() -> None:
    assert settled(TrustedProxies([]), "127.0.0.1", "203.0.113.9") == "127.0.0.1"
