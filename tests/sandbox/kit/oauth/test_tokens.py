"""The token address: who may ask, what a code is good for, and how long."""

import asyncio
from base64 import b64encode
from urllib.parse import quote_plus

import pytest

from src.sandbox.kit.oauth import ClientAuthentication, Pkce
from tests.sandbox.kit.oauth.conftest import (
    APP,
    CALLBACK,
    OTHER,
    PKCE,
    VERIFIER,
    Imitate,
    Imitation,
    refusal,
)


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


GOOD = basic(APP.client_id, APP.client_secret)


async def test_a_code_becomes_tokens(imitation: Imitation) -> None:
    answer = await imitation.exchange(await imitation.code())
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
    assert tokens["scope"] == "read write"
    assert await imitation.is_good(tokens["access_token"])
    assert not await imitation.is_good(tokens["refresh_token"])


async def test_an_app_whose_tokens_do_not_expire(imitation: Imitation) -> None:
    await imitation.change(access_lifetime=None, refreshes=False)
    tokens = await imitation.tokens()
    assert set(tokens) == {"access_token", "token_type", "scope"}
    await imitation.ahead(10**9)
    assert await imitation.is_good(tokens["access_token"])


async def test_an_access_token_expires(imitation: Imitation) -> None:
    token = (await imitation.tokens())["access_token"]
    await imitation.ahead(3599)
    assert await imitation.is_good(token)
    await imitation.ahead(3600)
    assert not await imitation.is_good(token)


async def test_an_app_may_prove_itself_with_basic(imitation: Imitation) -> None:
    fields = {
        "grant_type": "authorization_code",
        "code": await imitation.code(),
        "redirect_uri": CALLBACK,
    }
    assert (await imitation.client.post("/token", data=fields, headers=GOOD)).is_success


async def test_an_app_may_prove_itself_in_json(imitate: Imitate) -> None:
    imitation = imitate(client_authentication=frozenset({ClientAuthentication.JSON}))
    fields = {
        "grant_type": "authorization_code",
        "code": await imitation.code(),
        "redirect_uri": CALLBACK,
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
    }
    assert refusal(await imitation.client.post("/token", data=fields))[1] == "invalid_client"
    assert (await imitation.client.post("/token", json=fields)).is_success


@pytest.mark.parametrize("way", ClientAuthentication)
async def test_a_way_that_the_provider_does_not_take(
    imitate: Imitate, way: ClientAuthentication
) -> None:
    imitation = imitate(client_authentication=frozenset(ClientAuthentication) - {way})
    fields = {"grant_type": "refresh_token", "refresh_token": "x"}
    secrets = {"client_id": APP.client_id, "client_secret": APP.client_secret}
    asked = {
        ClientAuthentication.BASIC: {"data": fields, "headers": GOOD},
        ClientAuthentication.FORM: {"data": {**fields, **secrets}},
        ClientAuthentication.JSON: {"json": {**fields, **secrets}},
    }
    for other, options in asked.items():
        answer = await imitation.client.post("/token", **options)
        assert answer.json()["error"] == ("invalid_client" if other is way else "invalid_grant")


@pytest.mark.parametrize(
    "headers",
    [
        basic(APP.client_id, "wrong"),
        basic("nobody", APP.client_secret),
        basic(APP.client_id, ""),
        {"authorization": "Basic !!!"},
        {"authorization": f"Basic {b64encode(b'no colon').decode()}"},
        {"authorization": "Bearer x"},
        {},
    ],
)
async def test_an_app_that_does_not_prove_itself(
    imitation: Imitation, headers: dict[str, str]
) -> None:
    code = await imitation.code()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await imitation.client.post("/token", data=fields, headers=headers)
    assert refusal(answer) == (401, "invalid_client")
    challenge = answer.headers.get("www-authenticate")
    assert challenge == ('Basic realm="Imitation"' if headers else None)
    assert (await imitation.exchange(code)).is_success


async def test_an_app_that_proves_itself_twice(imitation: Imitation) -> None:
    fields = {"grant_type": "refresh_token", "client_id": "the-app", "client_secret": "x"}
    answer = await imitation.client.post("/token", data=fields, headers=GOOD)
    assert refusal(answer) == (400, "invalid_request")


async def test_naming_the_app_beside_basic_is_no_second_proof(imitation: Imitation) -> None:
    fields = {"grant_type": "refresh_token", "client_id": "the-app"}
    answer = await imitation.client.post("/token", data=fields, headers=GOOD)
    assert answer.json()["error_description"] == "The request is not well-formed."
    fields["refresh_token"] = "x"
    answer = await imitation.client.post("/token", data=fields, headers=GOOD)
    assert refusal(answer) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"code=a&code=b", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
        (b'["code"]', "application/json"),
        (b'{"code": 1}', "application/json"),
    ],
)
async def test_a_body_that_cannot_be_read(
    imitation: Imitation, body: bytes, content_type: str
) -> None:
    answer = await imitation.client.post(
        "/token", content=body, headers={**GOOD, "content-type": content_type}
    )
    assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_request_that_lacks_something(
    imitation: Imitation, fields: dict[str, str], error: str
) -> None:
    assert refusal(await imitation.token(**fields)) == (400, error)


async def test_only_post_is_served(imitation: Imitation) -> None:
    assert (await imitation.client.get("/token")).status_code == 405


async def test_a_code_expires_after_ten_minutes(imitation: Imitation) -> None:
    early, late = await imitation.code(), await imitation.code()
    await imitation.ahead(599)
    assert (await imitation.exchange(early)).is_success
    await imitation.ahead(600)
    assert refusal(await imitation.exchange(late)) == (400, "invalid_grant")


async def test_a_code_that_was_never_given_out(imitation: Imitation) -> None:
    assert refusal(await imitation.exchange("nonsense")) == (400, "invalid_grant")


async def test_a_code_is_good_once_and_a_replay_ends_its_tokens(imitation: Imitation) -> None:
    bystander = await imitation.tokens()
    code = await imitation.code()
    tokens = (await imitation.exchange(code)).json()
    assert refusal(await imitation.exchange(code)) == (400, "invalid_grant")
    assert not await imitation.is_good(tokens["access_token"])
    assert refusal(await imitation.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert await imitation.is_good(bystander["access_token"])


async def test_of_many_at_once_one_gets_tokens(imitate: Imitate) -> None:
    workers = [imitate() for _ in range(4)]
    code = await workers[0].code()
    answers = await asyncio.gather(*(worker.exchange(code) for worker in workers * 4))
    good = [answer.json()["access_token"] for answer in answers if answer.is_success]
    assert len(good) == 1
    assert not await workers[1].is_good(good[0])


async def test_a_code_of_another_app_stays_good_for_its_own(imitation: Imitation) -> None:
    code = await imitation.code()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert refusal(await imitation.token(app=OTHER, **fields)) == (400, "invalid_grant")
    assert (await imitation.token(**fields)).is_success


@pytest.mark.parametrize("redirect_uri", [f"{CALLBACK}/", "https://evil.test", ""])
async def test_the_redirect_address_must_be_the_same(
    imitation: Imitation, redirect_uri: str
) -> None:
    answer = await imitation.exchange(await imitation.code(), redirect_uri=redirect_uri)
    assert answer.json()["error_description"] == "The redirect_uri is not that of the code."


async def test_the_redirect_address_that_nobody_named(imitation: Imitation) -> None:
    for fields in ({}, {"redirect_uri": CALLBACK}):
        code = await imitation.code(redirect_uri=None)
        answer = await imitation.token(grant_type="authorization_code", code=code, **fields)
        assert answer.is_success
    wrong = await imitation.exchange(
        await imitation.code(redirect_uri=None), redirect_uri="https://evil.test"
    )
    assert refusal(wrong) == (400, "invalid_grant")


async def test_a_verifier_must_match(imitation: Imitation) -> None:
    assert (
        await imitation.exchange(await imitation.code(**PKCE), code_verifier=VERIFIER)
    ).is_success
    for verifier in (VERIFIER[:-1] + "x", PKCE["code_challenge"], ""):
        code = await imitation.code(**PKCE)
        answer = await imitation.exchange(code, code_verifier=verifier)
        assert answer.json()["error_description"] == "The code_verifier does not match."


async def test_a_wrong_verifier_uses_the_code_up(imitation: Imitation) -> None:
    code = await imitation.code(**PKCE)
    assert not (await imitation.exchange(code, code_verifier="wrong")).is_success
    assert not (await imitation.exchange(code, code_verifier=VERIFIER)).is_success


async def test_a_challenge_cannot_be_left_out_on_the_way(imitation: Imitation) -> None:
    answer = await imitation.exchange(await imitation.code(), code_verifier=VERIFIER)
    assert refusal(answer) == (400, "invalid_grant")


async def test_a_provider_without_pkce_looks_at_none_of_it(imitate: Imitate) -> None:
    imitation = imitate(pkce=Pkce.NONE)
    code = await imitation.code(code_challenge="whatever", code_challenge_method="plain")
    assert (await imitation.exchange(code, code_verifier="whatever")).is_success


async def test_the_state_is_the_stores(imitate: Imitate) -> None:
    one, other = imitate(), imitate()
    tokens = (await other.exchange(await one.code())).json()
    assert await one.is_good(tokens["access_token"])
    renewed = (await one.refresh(tokens["refresh_token"])).json()
    assert await other.is_good(renewed["access_token"])


async def test_a_revocation_ends_the_grant(imitation: Imitation) -> None:
    for name in ("access_token", "refresh_token"):
        tokens = await imitation.tokens()
        answer = await imitation.client.post("/revoke", data={"token": tokens[name]}, headers=GOOD)
        assert answer.status_code == 200
        assert not await imitation.is_good(tokens["access_token"])
        assert refusal(await imitation.refresh(tokens["refresh_token"]))[1] == "invalid_grant"
        again = await imitation.client.post("/revoke", data={"token": tokens[name]}, headers=GOOD)
        assert again.status_code == 200


async def test_a_revocation_of_something_unknown_is_fine(imitation: Imitation) -> None:
    answer = await imitation.client.post("/revoke", data={"token": "x"}, headers=GOOD)
    assert answer.status_code == 200


async def test_a_revocation_needs_a_token_and_an_app(imitation: Imitation) -> None:
    answer = await imitation.client.post("/revoke", headers=GOOD)
    assert refusal(answer) == (400, "invalid_request")
    answer = await imitation.client.post("/revoke", data={"token": "x"})
    assert refusal(answer) == (401, "invalid_client")


async def test_another_app_cannot_revoke(imitation: Imitation) -> None:
    token = (await imitation.tokens())["access_token"]
    theirs = basic(OTHER.client_id, OTHER.client_secret)
    answer = await imitation.client.post("/revoke", data={"token": token}, headers=theirs)
    assert answer.status_code == 200
    assert await imitation.is_good(token)


async def test_a_provider_without_revocation_has_no_address(imitate: Imitate) -> None:
    imitation = imitate(revoke_path=None)
    assert (await imitation.client.post("/revoke", headers=GOOD)).status_code == 404
