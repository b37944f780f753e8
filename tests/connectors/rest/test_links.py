"""Addresses that a provider gives are followed only to the same place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.rest.links import LONGEST_ADDRESS, below, next_link, redirected
from src.core.errors import UnreadableAnswer

BASE = "https://api.test/v3"


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://api.test/v3/x?page=2>; rel="next"', "https://api.test/v3/x?page=2"),
        ('<u1>; rel="prev", <u2>; rel="next", <u3>; rel="last"', "u2"),
        ('<u1>;rel="next",<u3>;rel="last"', "u1"),
        ("<u1>; rel=next", "u1"),
        ("<u1>; rel=prev, <u2>; rel=next", "u2"),
        ('<u1>; REL="Next"', "u1"),
        ('<u1>; title="x"; rel="next"', "u1"),
        ('<u1>; rel="next"; title="x"', "u1"),
        ('<u1>; title="a, b <c>; rel=prev"; rel="next"', "u1"),
        ('<u1>; title="say \\"rel=x\\""; rel="next"', "u1"),
        ('<u1>; rel="last next"', "u1"),
        ('<u1?a=1,2;3>; rel="next"', "u1?a=1,2;3"),
        ('<u1> ; rel = "next"', "u1"),
        ('<u1>; rel="first", <u2>; rel="next"', "u2"),
        ("", None),
        ('<u1>; rel="prev"', None),
        ('<u1>; title="rel=next"', None),
        ('<u1>; title="; rel=next"', None),
        ('<u1>; rel="nextpage"', None),
        ("<u1>", None),
        ('u1; rel="next"', None),
        ("<u1>; rel=", None),
        ('<u1>; rel="next', None),
    ],
)
def test_the_next_link_is_found(header: str, target: str | None) -> None:
    assert next_link(header) == target


@given(st.text(max_size=200))
def test_any_header_is_read_without_a_crash(header: str) -> None:
    found = next_link(header)
    assert found is None or f"<{found}>" in header


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("https://api.test/v3/x?page=2", "/x?page=2"),
        ("https://api.test:443/v3/x", "/x"),
        ("HTTPS://API.test/v3/x", "/x"),
        ("/v3/x?page=2", "/x?page=2"),
        ("https://api.test/v3/x?next=https%3A%2F%2Felse.test", "/x?next=https%3A%2F%2Felse.test"),
        ("https://api.test/v3/x#part", "/x"),
        ("https://api.test/v3/a%2Fb", "/a%2Fb"),
        ("https://api.test/v3//x", "//x"),
    ],
)
def test_an_address_below_the_base_becomes_a_path(target: str, path: str) -> None:
    assert below(target, BASE) == path


def test_a_base_without_a_path_has_everything_below_it() -> None:
    assert below("https://api.test/x", "https://api.test") == "/x"
    assert below("/x", "http://api.test:8000/") == "/x"


ELSEWHERE = [
    "https://else.test/v3/x",
    "http://api.test/v3/x",
    "https://api.test:8443/v3/x",
    "https://api.test.else.test/v3/x",
    "https://api.test@else.test/v3/x",
    "https://api.test\\@else.test/v3/x",
    "//else.test/v3/x",
    "ftp://api.test/v3/x",
    "javascript:alert(1)",
    "https://[::1/v3/x",
    "https://api.test:port/v3/x",
    "https://api.test/v3/a b",
    "https://api.test/v3/a\nb",
    "https://api.test/v3/\x01",
    "https://api.test/v3/" + "x" * LONGEST_ADDRESS,
]


@pytest.mark.parametrize(
    "target",
    [
        *ELSEWHERE,
        "https://api.test/v4/x",
        "https://api.test/v3",
        "https://api.test/v3x",
        "https://api.test/v3/../admin",
        "https://api.test/v3/%2e%2E/admin",
        "https://api.test/v3/./x",
        "/x",
        "x?page=2",
        "?page=2",
        "",
    ],
)
def test_an_address_elsewhere_is_refused(target: str) -> None:
    with pytest.raises(UnreadableAnswer):
        below(target, BASE)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://api.test/v4/x?y", "https://api.test/v4/x?y"),
        ("/v3/y", "https://api.test/v3/y"),
        ("y", "https://api.test/v3/y"),
        ("?page=2", "https://api.test/v3/x?page=2"),
        (" /v3/y ", "https://api.test/v3/y"),
    ],
)
def test_a_redirect_stays_at_its_origin(location: str, target: str) -> None:
    assert redirected(f"{BASE}/x", location) == target


@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_redirect_elsewhere_is_refused(location: str) -> None:
    with pytest.raises(UnreadableAnswer):
        redirected(f"{BASE}/x", location)


@given(st.text(max_size=100))
def test_any_address_is_followed_or_refused(target: str) -> None:
    for follow in (below, redirected):
        try:
            follow(target, f"{BASE}/x")
        except UnreadableAnswer:
            continue
