"""OAuth 1.0 signatures, by the examples of RFC 5849 §1.2."""

import pytest
from pydantic import SecretStr

from src.core.oauth import OAuth1Keys
from src.core.oauth.oauth1 import header, signature

CONSUMER = ("dpf43f3p2l4k3l03", SecretStr("kd94hf93k423kf44"))


def keys(token: str, secret: str) -> OAuth1Keys:
    return OAuth1Keys(*CONSUMER, SecretStr(token), SecretStr(secret))


def test_the_signatures_of_the_rfc() -> None:
    asked = [
        ("oauth_consumer_key", CONSUMER[0]),
        ("oauth_token", "hh5s93j4hdidpola"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "walatlh"),
        ("oauth_verifier", "hfdp7dh39dks9884"),
    ]
    url = "https://photos.example.net/token"
    signed = signature("POST", url, asked, keys("hh5s93j4hdidpola", "hdhd0244k9j7ao03"))
    assert signed == "gKgrFCywp7rO0OXSjdot/IHF7IU="
    asked = [
        ("oauth_consumer_key", CONSUMER[0]),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ]
    url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
    signed = signature("get", url, asked, keys("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"))
    assert signed == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://a.test/x", "https://b.test/x"),
        ("https://a.test/x", "https://a.test/y"),
        ("https://a.test/x?b=1", "https://a.test/x?b=2"),
    ],
)
def test_the_whole_address_is_signed(url: str, other: str) -> None:
    of = keys("token", "secret")
    assert signature("POST", url, [], of) != signature("POST", other, [], of)


def test_the_header_escapes_and_shows_no_secret() -> None:
    of = keys("to ken", "s&cret")
    value = header("POST", "https://a.test/x", [("f", "1")], of, timestamp=7, nonce="n")
    assert value.startswith('OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="to%20ken"')
    assert 'oauth_timestamp="7", oauth_nonce="n", oauth_version="1.0"' in value
    assert "s&cret" not in value
    assert "kd94hf93k423kf44" not in value
    assert "s&cret" not in repr(of)
