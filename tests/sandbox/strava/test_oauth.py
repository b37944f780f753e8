"""The authorization server, asked as its clients ask it."""

from typing import Any

import httpx
import pytest

from src.sandbox.strava.oauth import APP, SINGLE_APP
from src.sandbox.strava.seed.people import DANA, RIO
from tests.fakes.browser import approve
from tests.sandbox.strava.conftest import bearer

CALLBACK = "http://localhost/api/connectors/strava/connect/callback"


def app_of(app: Any = APP) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": app.client_secret}


async def tokens(
    strava: httpx.AsyncClient, account: int = DANA.id, app: Any = APP, **choice: Any
) -> httpx.Response:
    asked = httpx.QueryParams(
        {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": CALLBACK,
            "scope": "read,activity:read_all",
            "state": "s",
        }
    )
    came = await approve(strava, f"/oauth/authorize?{asked}", account=str(account), **choice)
    body = {**app_of(app), "grant_type": "authorization_code", "code": came["code"]}
    answer = await strava.post("/oauth/token", data=body)
    answer.extensions["scope"] = came["scope"]
    return answer


async def test_what_is_granted_is_told_at_the_redirect_only(strava: httpx.AsyncClient) -> None:
    answer = await tokens(strava, without=("activity:read_all",))
    told = answer.json()
    assert answer.extensions["scope"] == "read"
    assert set(told) == {
        "token_type",
        "access_token",
        "refresh_token",
        "expires_at",
        "expires_in",
        "athlete",
    }
    assert told["athlete"]["id"] == DANA.id
    refused = await strava.get("/athlete/activities", headers=bearer(told["access_token"]))
    assert refused.status_code == 401


async def later(strava: httpx.AsyncClient, hours: int) -> None:
    answer = await strava.put("/_sandbox/oauth/clock", json={"seconds_ahead": hours * 3600})
    answer.raise_for_status()


async def test_a_refresh_before_the_last_hour_brings_the_same_tokens(
    strava: httpx.AsyncClient,
) -> None:
    first = (await tokens(strava)).json()
    await later(strava, 4)
    body = {**app_of(), "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    for _ in range(2):
        same = (await strava.post("/oauth/token", data=body)).json()
        assert {name: same[name] for name in ("access_token", "refresh_token", "expires_at")} == {
            name: first[name] for name in ("access_token", "refresh_token", "expires_at")
        }
        assert 2 * 3600 - 60 < same["expires_in"] <= 2 * 3600
    wrong = await strava.post("/oauth/token", data={**body, "client_secret": "x"})
    assert wrong.status_code == 400


async def test_a_refresh_token_works_once(strava: httpx.AsyncClient) -> None:
    first = (await tokens(strava)).json()
    await later(strava, 5)
    body = {**app_of(), "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await strava.post("/oauth/token", data=body)
    assert "athlete" not in second.json()
    again = await strava.post("/oauth/token", data=body)
    assert again.status_code == 400
    assert again.json()["errors"] == [
        {"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}
    ]


@pytest.mark.parametrize("basic", [True, False])
async def test_revoking_takes_basic_and_ends_both(strava: httpx.AsyncClient, basic: bool) -> None:
    told = (await tokens(strava)).json()
    auth = (APP.client_id, APP.client_secret) if basic else None
    form = {"token": told["refresh_token"], **({} if basic else app_of())}
    answer = await strava.post("/oauth/revoke", data=form, auth=auth)
    assert answer.status_code == (200 if basic else 400)
    seen = await strava.get("/athlete", headers=bearer(told["access_token"]))
    assert seen.status_code == (401 if basic else 200)


async def test_deauthorizing_takes_the_access_token(strava: httpx.AsyncClient) -> None:
    access = (await tokens(strava)).json()["access_token"]
    answer = await strava.post("/oauth/deauthorize", headers=bearer(access))
    assert answer.json() == {"access_token": access}
    assert (await strava.get("/athlete", headers=bearer(access))).status_code == 401
    assert (await strava.post("/oauth/deauthorize", headers=bearer(access))).status_code == 401


async def test_an_app_has_so_many_athletes_and_no_more(strava: httpx.AsyncClient) -> None:
    assert (await tokens(strava, app=SINGLE_APP)).status_code == 200
    assert (await tokens(strava, app=SINGLE_APP)).status_code == 200
    full = await tokens(strava, RIO.id, SINGLE_APP)
    assert (full.status_code, full.json()["message"]) == (
        403,
        "Limit of connected athletes exceeded",
    )
    assert (await tokens(strava, RIO.id)).status_code == 200
