"""Signatures, by their specifications' own examples."""

import pytest
from pydantic import SecretStr

from src.connectors.rest.authenticators import (
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
        (HeaderAuthenticator(held("k1"), "X-Api-Key"), "X-Api-Key", "k1"),
    ],
)
async def test_a_request_is_signed(authenticator: Authenticator, header: str, value: str) -> None:
    request = Request("POST", "https://api.test/x", {"Accept": "a/b"}, b"{}")
    signed = await authenticator.sign(request)
    assert signed == Request("POST", "https://api.test/x", {"Accept": "a/b", header: value}, b"{}")
    assert request.headers == {"Accept": "a/b"}


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
