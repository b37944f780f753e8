"""Providers that do it their own way are data: their words, their fields, their forms."""

from typing import Any
from urllib.parse import parse_qsl

import httpx

from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    Pkce,
    Refusal,
    ScopesTold,
    Wording,
    wording,
)
from tests.fakes.browser import approve
from tests.sandbox.kit.oauth.conftest import APP, CALLBACK, NOW, Imitate, refusal

# https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
ATLASSIAN: dict[str, Any] = {
    "pkce": Pkce.NONE,
    "offline_scope": "offline_access",
    "may_untick": False,
    "client_authentication": frozenset({ClientAuthentication.JSON, ClientAuthentication.FORM}),
    "wordings": {
        Refusal.REFRESH_TOKEN: wording("unauthorized_client", "refresh_token is invalid", 403),
        Refusal.CLIENT: wording("access_denied", "Unauthorized", 401),
    },
}


def strava_error(resource: str, field: str) -> Wording:
    entry = {"resource": resource, "field": field, "code": "invalid"}
    return Wording(400, {"message": "Bad Request", "errors": [entry]})


def athlete(account: OAuthAccount, grant_type: str) -> dict[str, Any]:
    if grant_type != "authorization_code":
        return {}
    return {"athlete": {"id": 12342176, "username": account.id}}


# https://developers.strava.com/docs/authentication/
STRAVA: dict[str, Any] = {
    "pkce": Pkce.NONE,
    "scope_separator": ",",
    "granted_separator": ",",
    "scopes_told": ScopesTold.CALLBACK,
    "needs_redirect_uri": False,
    "token_type": "Bearer",
    "tells_expires_at": True,
    "wordings": {
        Refusal.CODE: strava_error("RequestToken", "code"),
        Refusal.CLIENT: strava_error("Application", "client_id"),
        Refusal.REFRESH_TOKEN: strava_error("RefreshToken", "refresh_token"),
    },
    "more": athlete,
}


async def test_atlassians_words(imitate: Imitate) -> None:
    imitation = imitate(**ATLASSIAN)
    assert refusal(await imitation.refresh("rotated")) == (403, "unauthorized_client")
    wrong = await imitation.client.post("/token", json={"client_id": "the-app"})
    assert refusal(wrong) == (401, "access_denied")


async def test_atlassians_window(imitate: Imitate) -> None:
    imitation = imitate(**ATLASSIAN)
    await imitation.change(reuse_window=600)
    tokens = await imitation.tokens(scope="read offline_access")
    assert (await imitation.refresh(tokens["refresh_token"])).is_success
    assert (await imitation.refresh(tokens["refresh_token"])).is_success
    await imitation.ahead(601)
    late = await imitation.refresh(tokens["refresh_token"])
    assert refusal(late) == (403, "unauthorized_client")


async def test_stravas_answer(imitate: Imitate) -> None:
    imitation = imitate(**STRAVA)
    callback = await approve(imitation.client, imitation.url(scope="read,write"))
    assert callback["scope"] == "read,write"
    tokens = (await imitation.token(grant_type="authorization_code", code=callback["code"])).json()
    assert set(tokens) == {
        "access_token",
        "athlete",
        "expires_at",
        "expires_in",
        "refresh_token",
        "token_type",
    }
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_at"] == NOW + 3600
    assert tokens["athlete"] == {"id": 12342176, "username": "ann"}
    renewed = (await imitation.refresh(tokens["refresh_token"])).json()
    assert "athlete" not in renewed


async def test_stravas_moment_moves_with_the_time(imitate: Imitate) -> None:
    imitation = imitate(**STRAVA)
    await imitation.ahead(100)
    assert (await imitation.tokens(scope="read"))["expires_at"] == NOW + 3700


async def test_stravas_errors(imitate: Imitate) -> None:
    imitation = imitate(**STRAVA)
    for answer, resource in (
        (await imitation.exchange("nonsense"), "RequestToken"),
        (await imitation.refresh("nonsense"), "RefreshToken"),
        (await imitation.client.post("/token", data={"client_id": "the-app"}), "Application"),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["resource"] == resource


async def test_answers_in_a_form_unless_json_is_asked_for(imitate: Imitate) -> None:
    imitation = imitate(answers_in_form=True, tells_refresh_lifetime=True)

    async def asked(accept: str) -> httpx.Response:
        fields = {
            "client_id": APP.client_id,
            "client_secret": APP.client_secret,
            "grant_type": "authorization_code",
            "code": await imitation.code(),
            "redirect_uri": CALLBACK,
        }
        return await imitation.client.post("/token", data=fields, headers={"accept": accept})

    form = await asked("*/*")
    assert form.headers["content-type"] == "application/x-www-form-urlencoded; charset=utf-8"
    fields = dict(parse_qsl(form.text, strict_parsing=True))
    assert (fields["expires_in"], fields["refresh_token_expires_in"]) == ("3600", "86400")
    assert (await asked("application/json")).json()["refresh_token_expires_in"] == 86_400


async def test_another_status_for_a_good_answer(imitate: Imitate) -> None:
    imitation = imitate(answer_status=201)
    assert (await imitation.exchange(await imitation.code())).status_code == 201
