"""What is asked for a key or a file, and how each answer and refusal is read."""

from typing import Any

import pytest
from pydantic import SecretStr

from src.connectors.garmin.config import Config, connect_site, personal_site
from src.connectors.garmin.redeeming import FILE_RENEWAL, KEY_RENEWAL
from src.connectors.garmin.token_files import DiSecret, GarthSecret, pack, unpack
from src.core.oauth import (
    ClientRefused,
    GrantDead,
    Kept,
    Meaning,
    OAuth1Keys,
    OAuth2App,
    Redemption,
    SchemeProof,
    UserProof,
)
from tests.connectors.garmin.test_token_files import jwt

CONSUMER = OAuth2App("consumer", SecretStr("consumer-secret"))


def key() -> Redemption:
    site = personal_site(Config())
    return KEY_RENEWAL.redeem(Kept(SecretStr("gcp_key"), site.api_url, str(site.token_url)))


def file(
    secret: GarthSecret | DiSecret | str,
    *,
    config: Config | None = None,
    consumer: OAuth2App | None = CONSUMER,
) -> Redemption:
    site = connect_site(config or Config())
    packed = secret if isinstance(secret, str) else pack(secret)
    kept = Kept(SecretStr(packed), site.api_url, str(site.token_url), consumer)
    return FILE_RENEWAL.redeem(kept)


GARTH = GarthSecret("t", "s", "m|1", "garmin.com")
DI = DiSecret("old", "CLIENT")
CHINA = Config(domain="garmin.cn")


def test_a_key_goes_where_garmin_says() -> None:
    found = key()
    assert found.url == (
        "https://personal.connectapi.garmin.com"
        "/personalapitoken-service/personal-api/personal-api-key/token"
    )
    assert found.proof == SchemeProof("ApiKey", SecretStr("gcp_key"))


@pytest.mark.parametrize(
    ("answer", "token", "life", "end"),
    [
        ({"access_token": "a", "expires_in": 86400}, "a", 86400, None),
        ({"token": "a", "expiresIn": 5}, "a", 5, None),
        ({"accessToken": "a"}, "a", None, None),
        ({"token": jwt(exp=1_700_000_000)}, jwt(exp=1_700_000_000), None, 1_700_000_000.0),
        ({"token": jwt(exp=1_700_000_000), "expires_in": 9}, jwt(exp=1_700_000_000), 9, None),
        ({"token": ""}, None, None, None),
        ({}, None, None, None),
        ({"token": 7}, 7, None, None),
    ],
)
def test_each_form_of_the_answer_to_a_key(answer: Any, token: Any, life: Any, end: Any) -> None:
    told = key().read(answer)
    assert told == {"access_token": token, "expires_in": life, "expires_at": end}


def test_each_domain_has_its_hosts() -> None:
    assert file(GARTH).url.startswith("https://connectapi.garmin.com/oauth-service/")
    china = GarthSecret("t", "s", None, "garmin.cn")
    assert file(china, config=CHINA).url.startswith("https://connectapi.garmin.cn/oauth-service/")
    assert file(DI).url == "https://diauth.garmin.com/di-oauth2-service/oauth/token"
    assert file(DI, config=CHINA).url == "https://diauth.garmin.cn/di-oauth2-service/oauth/token"
    for secret, config in ((GARTH, CHINA), (china, Config())):
        with pytest.raises(GrantDead) as caught:
            file(secret, config=config)
        assert "config.domain" in str(caught.value.explanation)


def test_garth_is_signed_with_the_operators_key() -> None:
    found = file(GARTH)
    assert found.proof == OAuth1Keys(
        "consumer", SecretStr("consumer-secret"), SecretStr("t"), SecretStr("s")
    )
    assert found.fields == {"mfa_token": "m|1"}
    assert file(GarthSecret("t", "s")).fields == {}
    with pytest.raises(ClientRefused) as caught:
        file(GARTH, consumer=None)
    assert "CONSUMER_KEY" in str(caught.value.description)


def test_garths_own_refresh_token_is_not_kept() -> None:
    answer = {"access_token": "a", "refresh_token": "never", "expires_in": 5, "scope": "X"}
    assert file(GARTH).read(answer) == {"access_token": "a", "expires_in": 5, "scope": "X"}


def test_di_keeps_the_old_token_and_reads_its_client_anew() -> None:
    found = file(DI)
    assert found.proof == UserProof("CLIENT")
    assert found.fields == {
        "grant_type": "refresh_token",
        "client_id": "CLIENT",
        "refresh_token": "old",
    }
    token = jwt(exp=1_700_000_000, client_id="CLIENT_2026")
    told = found.read({"access_token": token, "refresh_token": "new"})
    assert unpack(told["refresh_token"]) == DiSecret("new", "CLIENT_2026")
    assert told["expires_at"] == 1_700_000_000 - 600
    told = found.read({"access_token": "opaque", "expires_in": 60})
    assert unpack(told["refresh_token"]) == DI
    assert (told["expires_at"], told["expires_in"]) == (None, 60)
    assert found.read({"other": 1}) == {"other": 1}


@pytest.mark.parametrize(
    ("redemption", "status", "answer", "meaning"),
    [
        (key(), 401, {}, Meaning.GRANT),
        (key(), 401, {"message": "Invalid API key"}, Meaning.GRANT),
        (key(), 403, {}, None),
        (key(), 429, {}, None),
        (key(), 503, {}, None),
        (file(GARTH), 401, {}, Meaning.GRANT),
        (file(GARTH), 401, {"message": "Invalid consumer key"}, Meaning.CLIENT),
        (file(GARTH), 401, {"message": "Timestamp refused"}, Meaning.REQUEST),
        (file(GARTH), 400, {"message": "mfa_token"}, None),
        (file(DI), 400, {"error": "invalid_grant"}, None),
        (file(DI), 400, {"error": "invalid_client"}, Meaning.GRANT),
        (file(DI), 401, {}, Meaning.GRANT),
        (file(DI), 403, {}, None),
    ],
)
def test_what_a_refusal_means(
    redemption: Redemption, status: int, answer: Any, meaning: Meaning | None
) -> None:
    assert redemption.meaning(status, answer) is meaning


@pytest.mark.parametrize("text", ["", "a refresh token of another form", "e30"])
def test_what_is_no_file_asks_for_one(text: str) -> None:
    with pytest.raises(GrantDead) as caught:
        file(text)
    assert "whole token file" in str(caught.value.explanation)
