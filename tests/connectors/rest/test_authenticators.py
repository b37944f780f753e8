"""Signatures, by their specifications' own examples."""

import pytest
from pydantic import SecretStr

from src.connectors.rest.authenticators import (
    AppAuthenticator,
    Authenticator,
    BasicAuthenticator,
    BearerAuthenticator,
    HeaderAuthenticator,
)
from src.core.outbound import Request
from src.models.credential import Credential
from tests.connectors.rest.conftest import Held


def held(key: str, secret: str | None = None) -> Held:
    return Held(Credential(SecretStr(key), None if secret is None else SecretStr(secret)))


@pytest.mark.parametrize(
    ("authenticator", "header", "value"),
    [
        # RFC 6750 §2.1
        (BearerAuthenticator(held("mF_9.B5f-4.1JqM")), "Authorization", "Bearer mF_9.B5f-4.1JqM"),
        # RFC 7617 §2 and §2.1
        (
            BasicAuthenticator(held("Aladdin", "open sesame")),
            "Authorization",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        (BasicAuthenticator(held("test", "123£")), "Authorization", "Basic dGVzdDoxMjPCow=="),
        (BasicAuthenticator(held("key")), "Authorization", "Basic a2V5Og=="),
        (
            BasicAuthenticator(held("open sesame"), "Aladdin"),
            "Authorization",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        (HeaderAuthenticator(held("k1"), "X-Api-Key"), "X-Api-Key", "k1"),
    ],
)
async def test_a_request_is_signed(authenticator: Authenticator, header: str, value: str) -> None:
    request = Request("POST", "https://api.test/x", {"Accept": "a/b"}, b"{}")
    signed = await authenticator.sign(request)
    expected = Request("POST", "https://api.test/x", {"Accept": "a/b", header: value}, b"{}")
    assert signed.request == expected
    assert request.headers == {"Accept": "a/b"}


@pytest.mark.parametrize(
    ("authenticator", "secrets"),
    [
        (BearerAuthenticator(held("t0ken")), {"Bearer t0ken", "t0ken"}),
        (
            BasicAuthenticator(held("Aladdin", "open sesame")),
            {"QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin:open sesame", "Aladdin", "open sesame"},
        ),
        (
            BasicAuthenticator(held("open sesame"), "Aladdin"),
            {"QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin:open sesame", "open sesame"},
        ),
        (HeaderAuthenticator(held("k1"), "X-Api-Key"), {"k1"}),
    ],
)
async def test_a_signature_names_what_must_not_be_seen(
    authenticator: Authenticator, secrets: set[str]
) -> None:
    signed = await authenticator.sign(Request("GET", "https://api.test/x"))
    assert secrets <= set(signed.secrets)
    assert ("Aladdin" in signed.secrets) == ("Aladdin" in secrets)
    assert not any(secret in repr(signed) for secret in signed.secrets)


@pytest.mark.parametrize(
    "kind", [BearerAuthenticator, BasicAuthenticator, lambda held: HeaderAuthenticator(held, "K")]
)
async def test_the_credential_is_asked_for_each_time_and_never_shown(kind: object) -> None:
    tokens = held("hidden-key", "hidden-secret")
    authenticator = kind(tokens)  # type: ignore[operator]
    for _ in range(2):
        await authenticator.sign(Request("GET", "https://api.test/"))
    assert tokens.asked == 2
    assert "hidden" not in repr(authenticator)


async def test_a_key_may_stand_in_its_header_and_as_a_bearer_token() -> None:
    authenticator = HeaderAuthenticator(held("k1"), "apikey", also_bearer=True)
    signed = await authenticator.sign(Request("GET", "https://api.test/x", {"Accept": "a/b"}))
    assert signed.request.headers == {
        "Accept": "a/b",
        "apikey": "k1",
        "Authorization": "Bearer k1",
    }
    assert {"k1", "Bearer k1"} <= set(signed.secrets)


@pytest.mark.parametrize(
    ("url", "content", "signed_url", "signed_content"),
    [
        # RFC 6749 §2.3.1, with the characters that a form has other signs for
        ("/hooks", b"", "/hooks", b"client_id=app+1&client_secret=7Fjfp0%26ZB%2Br"),
        ("/hooks", b"a=1", "/hooks", b"a=1&client_id=app+1&client_secret=7Fjfp0%26ZB%2Br"),
        ("/hooks", None, "/hooks?client_id=app+1&client_secret=7Fjfp0%26ZB%2Br", None),
        ("/hooks?b=2", None, "/hooks?b=2&client_id=app+1&client_secret=7Fjfp0%26ZB%2Br", None),
    ],
)
async def test_an_app_signs_with_its_parameters(
    url: str, content: bytes | None, signed_url: str, signed_content: bytes | None
) -> None:
    authenticator = AppAuthenticator("app 1", SecretStr("7Fjfp0&ZB+r"))
    signed = await authenticator.sign(Request("POST", url, {"X-A": "1"}, content))
    assert signed.request == Request("POST", signed_url, {"X-A": "1"}, signed_content)
    assert set(signed.secrets) == {"7Fjfp0&ZB+r", "7Fjfp0%26ZB%2Br"}
    assert "7Fjfp0" not in repr(signed)
    assert await authenticator.renew() is False
