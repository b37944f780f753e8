"""The authorization server of the imitation: Basic, 201, one organisation, revocation by JSON."""

from typing import Any

import httpx
import pytest

from src.sandbox.supabase.oauth import APP, READER_APP
from src.sandbox.supabase.seed.world import ACME, SHOP
from tests.fakes.browser import approve

CALLBACK = "http://localhost:8000/api/connectors/supabase/connect/callback"
BASIC = (APP.client_id, APP.client_secret)
TOKEN = "/v1/oauth/token"


async def code(client: httpx.AsyncClient, app: Any = APP) -> str:
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": "ignored:read",
    }
    url = f"http://api.supabase.com/v1/oauth/authorize?{httpx.QueryParams(query)}"
    return (await approve(client, url, account=ACME.slug))["code"]


async def granted(client: httpx.AsyncClient, app: Any = APP) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": await code(client, app),
        "redirect_uri": CALLBACK,
    }
    answer = await client.post(TOKEN, data=form, auth=(app.client_id, app.client_secret))
    assert answer.status_code == 201
    return answer.json()


async def test_a_code_becomes_tokens_with_201(management: httpx.AsyncClient) -> None:
    told = await granted(management)
    assert set(told) == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (told["expires_in"], told["token_type"]) == (86_400, "Bearer")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    seen = (await management.get("/v1/organizations", headers=bearer)).json()
    assert [one["slug"] for one in seen] == [ACME.slug]


async def test_scopes_are_those_of_the_app(management: httpx.AsyncClient) -> None:
    query = f"/v1/projects/{SHOP.ref}/database/query"
    for app, status in ((APP, 201), (READER_APP, 403)):
        bearer = {"Authorization": f"Bearer {(await granted(management, app))['access_token']}"}
        answer = await management.post(query, json={"query": "select 1"}, headers=bearer)
        assert answer.status_code == status


async def test_a_refresh_token_is_good_once(management: httpx.AsyncClient) -> None:
    told = await granted(management)
    form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    renewed = await management.post(TOKEN, data=form, auth=BASIC)
    assert renewed.status_code == 201
    assert renewed.json()["refresh_token"] != told["refresh_token"]
    again = await management.post(TOKEN, data=form, auth=BASIC)
    assert (again.status_code, again.json()) == (400, {"message": "Invalid refresh token"})


@pytest.mark.parametrize(
    ("form", "auth", "status", "message"),
    [
        (
            {"grant_type": "authorization_code", "code": "x", "redirect_uri": "y"},
            BASIC,
            400,
            "Invalid authorization code",
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "x"},
            (APP.client_id, "no"),
            401,
            "Invalid client credentials",
        ),
        ({"grant_type": "password"}, BASIC, 400, "Unsupported grant type"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "scope": "a"},
            BASIC,
            400,
            ["property scope should not exist"],
        ),
    ],
)
async def test_refusals(
    management: httpx.AsyncClient, form: Any, auth: Any, status: int, message: Any
) -> None:
    answer = await management.post(TOKEN, data=form, auth=auth)
    assert (answer.status_code, answer.json()) == (status, {"message": message})


async def test_a_grant_is_given_back_by_json_only(management: httpx.AsyncClient) -> None:
    told = await granted(management)
    refresh = {"refresh_token": told["refresh_token"]}
    pair = {"client_id": APP.client_id, "client_secret": APP.client_secret}
    url = "/v1/oauth/revoke"
    assert (await management.post(url, data={**refresh, **pair})).status_code == 401
    assert (await management.post(url, json=refresh, auth=BASIC)).status_code == 401
    assert (await management.post(url, json={**pair, "token": "x"})).status_code == 400
    answer = await management.post(url, json={**refresh, **pair})
    assert (answer.status_code, answer.content) == (204, b"")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert (await management.get("/v1/organizations", headers=bearer)).status_code == 401
