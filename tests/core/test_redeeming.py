"""Tokens for what is kept where no OAuth 2.0 app stands between."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from src.core.oauth import (
    ClientRefused,
    GrantDead,
    Kept,
    LostReply,
    Meaning,
    OAuth1Keys,
    OAuth2App,
    OAuth2Client,
    OAuthError,
    ProviderOutage,
    RedeemingClient,
    Redemption,
    Renewal,
    RequestRefused,
    SchemeProof,
    Throttled,
    UserProof,
)
from src.core.outbound import Outbound
from tests.core.oauth_providers import APP, GARMIN, NOW, AuthorizationServer, revoke, says

KEY = SecretStr("key-6b1f/secret+of=mine")
PLACE = Kept(SecretStr(""), "https://api.test", "https://api.test/token")
CONSUMER = OAuth2App("consumer", SecretStr("consumer-secret-77"))


def as_key(kept: Kept) -> Redemption:
    return Redemption(url=kept.token_url, proof=SchemeProof("ApiKey", kept.secret))


def client(
    server: AuthorizationServer, renewal: Renewal | None = None, place: Kept = PLACE
) -> RedeemingClient:
    outbound = Outbound(httpx.MockTransport(server))
    return RedeemingClient(outbound, renewal or Renewal(redeem=as_key), place, clock=lambda: NOW)


async def failing(answer: httpx.Response | Exception, renewal: Renewal | None = None) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        await client(AuthorizationServer(answer), renewal).refresh(KEY)
    return caught.value


async def test_a_key_is_sent_by_its_scheme_and_nothing_else() -> None:
    server = AuthorizationServer(says({"access_token": "new", "expires_in": 60}))
    grant = await client(server).refresh(KEY)
    (request,) = server.requests
    assert request.method == "POST"
    assert request.headers["authorization"] == f"ApiKey {KEY.get_secret_value()}"
    assert request.content == b""
    assert grant.access_token.get_secret_value() == "new"
    assert grant.expires_at == NOW + timedelta(seconds=60)
    assert grant.refresh_token is None


async def test_other_names_and_lives_are_read_as_the_provider_writes_them() -> None:
    def read(answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"access_token": answer["token"], "expires_at": answer.get("end")}

    def redeem(kept: Kept) -> Redemption:
        return Redemption(url=kept.token_url, proof=SchemeProof("ApiKey", kept.secret), read=read)

    renewal = Renewal(redeem=redeem, lifetime=timedelta(hours=24))
    end = int(NOW.timestamp()) + 90
    server = AuthorizationServer(says({"token": "new", "end": end}))
    grant = await client(server, renewal).refresh(KEY)
    assert grant.expires_at == NOW + timedelta(seconds=90)
    server = AuthorizationServer(says({"token": "new"}))
    assert (await client(server, renewal).refresh(KEY)).expires_at == NOW + timedelta(hours=24)


async def test_a_name_without_password_and_a_form() -> None:
    def redeem(kept: Kept) -> Redemption:
        return Redemption(
            url=kept.token_url,
            proof=UserProof("client"),
            fields={"refresh_token": kept.secret.get_secret_value()},
        )

    server = AuthorizationServer()
    await client(server, Renewal(redeem=redeem)).refresh(KEY)
    (request,) = server.requests
    pair = base64.b64encode(b"client:").decode()
    assert request.headers["authorization"] == f"Basic {pair}"
    assert parse_qs(request.content.decode()) == {"refresh_token": [KEY.get_secret_value()]}


async def test_a_signature_of_oauth_1() -> None:
    def redeem(kept: Kept) -> Redemption:
        assert kept.consumer is not None
        assert kept.consumer.client_secret is not None
        keys = OAuth1Keys(
            kept.consumer.client_id, kept.consumer.client_secret, kept.secret, SecretStr("ts")
        )
        return Redemption(url=kept.token_url, proof=keys, fields={"mfa_token": "m|1"})

    place = Kept(SecretStr(""), PLACE.api_url, PLACE.token_url, CONSUMER)
    server = AuthorizationServer()
    for _ in range(2):
        await client(server, Renewal(redeem=redeem), place).refresh(KEY)
    first, second = (one.headers["authorization"] for one in server.requests)
    assert f'oauth_timestamp="{int(NOW.timestamp())}"' in first
    assert "oauth_signature=" in first
    # The nonce is another one each time.
    assert first != second


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says({"error": "invalid_grant"}, 400), GrantDead),
        (says({"error": "invalid_client"}, 401), ClientRefused),
        (says({"message": "what is this"}, 400), RequestRefused),
        (says(b"<html>", 401), ProviderOutage),
        (says(b"", 429, retry_after="14"), Throttled),
        (says(b"<html>", 503), ProviderOutage),
        (says(b"<html>", 200), LostReply),
        (says({"token": "of another name"}), LostReply),
        (httpx.ReadError("cut"), LostReply),
    ],
)
async def test_what_can_go_wrong(
    answer: httpx.Response | Exception, kind: type[OAuthError]
) -> None:
    assert type(await failing(answer)) is kind


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "no"}'])
async def test_a_provider_may_say_by_status_alone_that_a_secret_is_dead(body: bytes) -> None:
    def redeem(kept: Kept) -> Redemption:
        return Redemption(
            url=kept.token_url,
            proof=SchemeProof("ApiKey", kept.secret),
            meaning=lambda status, _: Meaning.GRANT if status == 401 else None,
        )

    renewal = Renewal(redeem=redeem, dead="Make a new key.")
    error = await failing(says(body, 401), renewal)
    assert type(error) is GrantDead
    assert error.explanation == "Make a new key."


async def test_an_answer_that_repeats_the_secret_does_not_give_it_away() -> None:
    secret = KEY.get_secret_value()
    body = {"error": "invalid_grant", "error_description": f"unknown: {secret}"}
    error = await failing(says(body, 400))
    assert secret not in f"{error} {error.description} {error.word}"


async def test_there_is_nothing_to_give_back() -> None:
    server = AuthorizationServer()
    assert await client(server).revoke(access_token=KEY, refresh_token=KEY) is False
    assert server.requests == []


def scripted(*answers: httpx.Response) -> tuple[OAuth2Client, list[httpx.Request]]:
    """A client of Garmin's, which gets one answer after the other."""
    left, asked = list(answers), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0)

    outbound = Outbound(httpx.MockTransport(answer))
    return OAuth2Client(outbound, GARMIN, APP, clock=lambda: NOW), asked


async def test_a_revocation_with_an_access_token_that_is_over_gets_another_first() -> None:
    garmin, asked = scripted(says(b"", 401), says({"access_token": "renewed"}), says(b"", 204))
    assert await revoke(garmin) is True
    assert [one.method for one in asked] == ["DELETE", "POST", "DELETE"]
    assert asked[2].headers["authorization"] == "Bearer renewed"


async def test_a_revocation_of_a_grant_that_is_dead_is_done() -> None:
    garmin, asked = scripted(says(b"", 401), says({"error": "invalid_grant"}, 400))
    assert await revoke(garmin) is True
    assert [one.method for one in asked] == ["DELETE", "POST"]


async def test_a_revocation_is_renewed_once_only() -> None:
    garmin, asked = scripted(says(b"", 401), says({"access_token": "renewed"}), says(b"", 401))
    assert await revoke(garmin) is True
    assert len(asked) == 3
