"""Encodings, encoded words, addresses."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.google.gmail.words import (
    decode_base64url,
    decode_text,
    header_text,
    parameter,
    people,
    plain,
)


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_base64url_of_every_spelling(content: bytes, padded: bool, standard: bool) -> None:
    encode = base64.b64encode if standard else base64.urlsafe_b64encode
    text = encode(content).decode()
    assert decode_base64url(text if padded else text.rstrip("=")) == content


@pytest.mark.parametrize(
    ("data", "content"),
    [
        ("", b""),
        ("Y", b""),
        ("YQ", b"a"),
        ("YQ==YQ==", b"a\x06\x10"),
        ("Y*W\nJ j", b"abc"),
        ("é", b""),
    ],
)
def test_malformed_base64_is_read_as_far_as_it_goes(data: str, content: bytes) -> None:
    assert decode_base64url(data) == content


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), None, "Grüße"),
        ("5 € “x”".encode("cp1252"), "iso-8859-99", "5 € “x”"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        ("こんにちは".encode("shift_jis"), "shift_jis", "こんにちは"),
        ("hello".encode("utf-16"), "utf-16", "hello"),
        (b"\xef\xbb\xbfwith a mark", "utf-8", "with a mark"),
        (b"x\xe4", "utf-8", "xä"),
        (b"plain", "rot13", "plain"),
        (b"\xffx", "rot13", "ÿx"),
        (b"\xffx", "hex", "ÿx"),
        (b"\x1b$B", "no-such", "\x1b$B"),
    ],
)
def test_charsets(content: bytes, charset: str | None, text: str) -> None:
    assert decode_text(content, charset) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("  folded\r\n subject\r\n\tof three ", "folded subject of three"),
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?UTF-8?Q?Gr=C3=BC=C3=9Fe_an_alle?=", "Grüße an alle"),
        ("=?iso-8859-1?q?K=F6ln?= am Rhein", "Köln am Rhein"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        # Neighbours are joined without the space between, a character may be cut in two.
        ("=?utf-8?Q?Gr=C3?=\r\n =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?Q?a?= =?iso-8859-1?Q?=E4?=", "aä"),
        ("=?utf-8*de?Q?x?=", "x"),
        ("=?no-such?B?YQ==?=", "a"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?B?!!!?=", ""),
        ("=?=?=", "=?=?="),
        ("a\x00b\x07c", "a b c"),
    ],
)
def test_headers(value: str, text: str) -> None:
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", []),
        ("a@b.c", [("a@b.c", "a@b.c")]),
        ("Ann <a@b.c>", [("Ann", "a@b.c")]),
        ('"Doe, Jane" <j@b.c>, b@b.c', [("Doe, Jane", "j@b.c"), ("b@b.c", "b@b.c")]),
        ("Müller, Ben <ben@b.c>", [("Müller, Ben", "ben@b.c")]),
        ("=?utf-8?Q?M=C3=BCller=2C_Ben?= <ben@b.c>", [("Müller, Ben", "ben@b.c")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@b.c, b@b.c;", [("a@b.c", "a@b.c"), ("b@b.c", "b@b.c")]),
        ("nobody", []),
        ("<a@b.c", [("a@b.c", "a@b.c")]),
        ("(" * 5_000 + "a@b.c", [("a@b.c", "a@b.c")]),
        ("a:" * 5_000 + "a@b.c", None),
        ("<" * 5_000, None),
        ('"' * 5_001, None),
    ],
)
def test_addresses(value: str, found: list[tuple[str, str]] | None) -> None:
    persons = people(value)
    if found is not None:
        assert [(one.name, one.email) for one in persons] == found


@pytest.mark.parametrize(
    ("content_type", "name", "value"),
    [
        (None, "charset", None),
        ("", "charset", None),
        ("text/plain", "charset", None),
        ('text/plain; charset="ISO-8859-1"; format=flowed', "charset", "iso-8859-1"),
        ('text/plain; charset="ISO-8859-1"; format=Flowed', "format", "flowed"),
        ("text/plain;\r\n charset=utf-8", "charset", "utf-8"),
        ("text/plain; charset*=utf-8''utf-8", "charset", "utf-8"),
        ("text/plain; charset*=x", "charset", "x"),
        ("text/plain; charset*9999999999=a", "format", None),
        (";;;===", "charset", None),
    ],
)
def test_parameters(content_type: str | None, name: str, value: str | None) -> None:
    assert parameter(content_type, name) == value


_HEADER = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["=?", "?=", "utf-8", "?B?", "?Q?", "=C3", " ", "\r\n ", "<", ">", "@", ","]
        )
        | st.sampled_from(
            ['"', "(", ")", ":", ";", "a", "é", "\\", "=", "*", "charset", "'", "0", "%"]
        )
    ).map("".join),
)


@settings(max_examples=120, deadline=None)
@given(_HEADER, st.binary(max_size=60), st.text(max_size=12))
def test_nothing_makes_them_fail(value: str, content: bytes, charset: str) -> None:
    decode_base64url(value)
    decode_text(content, charset)
    assert "\n" not in header_text(value)
    assert all(one.email and "@" in one.email for one in people(value))
    parameter(value, "charset")
    parameter(f"text/plain; {value}", "charset")
    parameter(f"text/plain; {value}", "format")
    assert "\r" not in plain(value)
