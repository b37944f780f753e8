"""Which addresses are public, what an origin is, and comparing secrets."""

import ipaddress

import pytest

from src.core.security import ip_literal, is_public, origin_of, same_secret


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("10.0.0.1", id="private class A"),
        pytest.param("172.16.0.1", id="private class B"),
        pytest.param("192.168.1.1", id="private class C"),
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.255.255.254", id="end of loopback"),
        pytest.param("0.0.0.0", id="this host"),  # noqa: S104
        pytest.param("169.254.0.1", id="link-local"),
        pytest.param("169.254.169.254", id="cloud metadata"),
        pytest.param("100.64.0.1", id="carrier-grade NAT"),
        pytest.param("100.127.255.254", id="end of carrier-grade NAT"),
        pytest.param("192.0.0.8", id="dummy address"),
        pytest.param("192.0.0.192", id="protocol assignments, metadata at one cloud"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("198.18.0.1", id="benchmarking"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("239.255.255.250", id="multicast, administratively scoped"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("::", id="unspecified"),
        pytest.param("::1", id="loopback 6"),
        pytest.param("fc00::1", id="unique local"),
        pytest.param("fd12:3456::1", id="unique local, random"),
        pytest.param("fe80::1", id="link-local 6"),
        pytest.param("fec0::1", id="site-local, deprecated"),
        pytest.param("ff02::1", id="multicast 6"),
        pytest.param("ff0e::1", id="multicast 6, global"),
        pytest.param("100::1", id="discard only"),
        pytest.param("2001:db8::1", id="documentation 6"),
        pytest.param("3fff::1", id="documentation 6, RFC 9637"),
        pytest.param("5f00::1", id="segment routing"),
        pytest.param("::127.0.0.1", id="IPv4-compatible, deprecated"),
        pytest.param("::ffff:127.0.0.1", id="v4-mapped loopback"),
        pytest.param("::ffff:169.254.169.254", id="v4-mapped metadata"),
        pytest.param("::ffff:0:127.0.0.1", id="v4-translated loopback"),
        pytest.param("2002:7f00:1::", id="6to4 of loopback"),
        pytest.param("2002:a9fe:a9fe::1", id="6to4 of metadata"),
        pytest.param("64:ff9b::10.0.0.1", id="NAT64 of private"),
        pytest.param("64:ff9b::a9fe:a9fe", id="NAT64 of metadata"),
        pytest.param("64:ff9b:1::7f00:1", id="NAT64, local use"),
        pytest.param("2001:0:4136:e378:8000:63bf:80ff:fffe", id="teredo of loopback"),
        pytest.param("2001:0:4136:e378:8000:63bf:f7f7:f7f7", id="teredo, whatever is inside"),
    ],
)
def test_an_address_inside_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("8.8.8.8", id="plain"),
        pytest.param("100.63.255.255", id="just before carrier-grade NAT"),
        pytest.param("172.32.0.1", id="just after private class B"),
        pytest.param("223.255.255.254", id="just before multicast"),
        pytest.param("2606:50c0:8000::153", id="plain 6"),
        pytest.param("::ffff:8.8.8.8", id="v4-mapped"),
        pytest.param("2002:808:808::1", id="6to4"),
        pytest.param("64:ff9b::8.8.8.8", id="NAT64"),
    ],
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]", "fe80::1"),
    ],
)
def test_a_host_that_spells_an_address_is_read(host: str, address: str) -> None:
    assert ip_literal(host) == ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "host", ["", "localhost", "example.com", "2130706433", "127.1", "0177.0.0.1", "0x7f.0.0.1"]
)
def test_a_host_that_is_a_name_is_no_address(host: str) -> None:
    assert ip_literal(host) is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.github.com/repos?x=1#top", "https://api.github.com"),
        ("https://api.github.com:443/", "https://api.github.com"),
        ("http://api.github.com:80", "http://api.github.com"),
        ("http://api.github.com:443", "http://api.github.com:443"),
        ("https://api.github.com:8443/", "https://api.github.com:8443"),
        ("HTTPS://API.GitHub.com/", "https://api.github.com"),
        ("https://user:pass@api.github.com/", "https://api.github.com"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_an_origin_is_scheme_host_and_unusual_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("secret", "secret", True),
        ("secret", "Secret", False),
        ("secre", "secret", False),
        ("", "secret", False),
        ("schlüssel-🔑", "schlüssel-🔑", True),
        ("schlüssel-🔑", "schlussel-🔑", False),
        ("\udce4", "\udce4", True),
        ("\udce4", "?", False),
    ],
)
def test_secrets_are_compared_whatever_their_characters(
    given: str, expected: str, same: bool
) -> None:
    assert same_secret(given, expected) is same
