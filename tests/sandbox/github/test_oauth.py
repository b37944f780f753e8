"""GitHub's authorization server: two kinds of apps, its words, and tokens that its API takes."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from src.sandbox.github.oauth import GITHUB_APP, OAUTH_APP
from src.sandbox.kit.oauth import OAuthApp
from tests.fakes.browser import ConsentPage, approve
from tests.sandbox.github.conftest import Connect, walk

CALLBACK = "http://localhost:8000/api/connectors/github/connect/callback"
JSON = {"accept": "application/json"}
TOKEN = "/login/oauth/access_token"


def url(app: OAuthApp = OAUTH_APP, **params: str) -> str:
    usual = {"client_id": app.client_id, "redirect_uri": CALLBACK, "state": "s"}
    return str(httpx.URL("/login/oauth/authorize", params={**usual, **params}))


async def ask(
    client: httpx.AsyncClient, app: OAuthApp = OAUTH_APP, **fields: str
) -> dict[str, Any]:
    secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
    answer = await client.post(TOKEN, data={**secrets, **fields}, headers=JSON)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def authorized(
    client: httpx.AsyncClient, app: OAuthApp = OAUTH_APP, account: str = "octocat", scope: str = ""
) -> dict[str, Any]:
    callback = await approve(client, url(app, scope=scope), account=account)
    return await ask(client, app, code=callback["code"], redirect_uri=CALLBACK)


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}


def basic(app: OAuthApp, secret: str | None = None) -> dict[str, str]:
    pair = f"{app.client_id}:{secret or app.client_secret}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


@pytest.fixture
def anyone(connect: Connect) -> httpx.AsyncClient:
    return connect(None)


async def test_the_page_lists_the_people_and_the_scopes(anyone: httpx.AsyncClient) -> None:
    page = ConsentPage.of(await anyone.get(url(scope="repo read:org")))
    assert page.heading == "Authorize Sandbox OAuth app"
    assert page.values("account")[:2] == ["octocat", "hubot"]
    assert page.values("scope") == ["repo", "read:org"]


async def test_a_token_of_the_oauth_app_is_for_ever(anyone: httpx.AsyncClient) -> None:
    tokens = await authorized(anyone, scope="read:org repo public_repo")
    assert tokens["access_token"].startswith("gho_")
    assert tokens == {
        "access_token": tokens["access_token"],
        "token_type": "bearer",
        "scope": "read:org,repo",
    }


async def test_the_api_takes_it(anyone: httpx.AsyncClient) -> None:
    tokens = await authorized(anyone, account="hubot", scope="repo read:org")
    user = await anyone.get("/user", headers=bearer(tokens))
    assert user.json()["login"] == "hubot"
    assert user.headers["x-oauth-scopes"] == "read:org, repo"
    lab = await anyone.get("/repos/hubot/secret-lab", headers=bearer(tokens))
    assert lab.status_code == 200


async def test_the_api_holds_it_to_its_scopes(anyone: httpx.AsyncClient) -> None:
    callback = await approve(anyone, url(scope="repo read:org"), without=("repo", "read:org"))
    tokens = await ask(anyone, code=callback["code"])
    assert tokens["scope"] == ""
    assert (await anyone.get("/user/orgs", headers=bearer(tokens))).status_code == 403
    private = await anyone.get("/repos/octocat/private-notes", headers=bearer(tokens))
    assert private.status_code == 404


async def test_a_wider_scope_holds_a_narrower_one(anyone: httpx.AsyncClient) -> None:
    tokens = await authorized(anyone, scope="admin:org read:org")
    assert tokens["scope"] == "admin:org"
    assert (await anyone.get("/user/orgs", headers=bearer(tokens))).status_code == 200


async def test_a_token_of_the_github_app_expires(anyone: httpx.AsyncClient) -> None:
    tokens = await authorized(anyone, GITHUB_APP, scope="repo")
    assert tokens["access_token"].startswith("ghu_")
    assert tokens["refresh_token"].startswith("ghr_")
    assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (28_800, 15_897_600)
    assert tokens["scope"] == ""
    user = await anyone.get("/user", headers=bearer(tokens))
    assert (user.status_code, "x-oauth-scopes" in user.headers) == (200, False)
    await anyone.put("/_sandbox/oauth/clock", json={"seconds_ahead": 28_800})
    expired = await anyone.get("/user", headers=bearer(tokens))
    assert (expired.status_code, expired.json()["message"]) == (401, "Bad credentials")
    renewed = await ask(
        anyone, GITHUB_APP, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert (await anyone.get("/user", headers=bearer(renewed))).status_code == 200


async def test_a_refresh_ends_both_old_tokens_at_once(anyone: httpx.AsyncClient) -> None:
    old = await authorized(anyone, GITHUB_APP)
    asked = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    new = await ask(anyone, GITHUB_APP, **asked)
    assert new["refresh_token"] != old["refresh_token"]
    assert (await anyone.get("/user", headers=bearer(old))).status_code == 401
    again = await ask(anyone, GITHUB_APP, **asked)
    assert again["error"] == "bad_refresh_token"
    assert (await anyone.get("/user", headers=bearer(new))).status_code == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": "nonsense"}, "bad_verification_code"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "bad_refresh_token"),
        ({"client_secret": "wrong", "code": "x"}, "incorrect_client_credentials"),
        ({"client_id": "nobody", "code": "x"}, "incorrect_client_credentials"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_errors_come_with_status_200(
    anyone: httpx.AsyncClient, fields: dict[str, str], error: str
) -> None:
    told = await ask(anyone, **fields)
    assert told["error"] == error
    assert told["error_description"]
    assert told["error_uri"].startswith("https://docs.github.com/")


async def test_a_redirect_address_of_another_request(anyone: httpx.AsyncClient) -> None:
    callback = await approve(anyone, url())
    told = await ask(anyone, code=callback["code"], redirect_uri="http://localhost/other")
    assert told["error"] == "redirect_uri_mismatch"


async def test_without_accept_the_answer_is_a_form(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.post(TOKEN, data={"client_id": "nobody"})
    assert answer.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert dict(parse_qsl(answer.text))["error"] == "incorrect_client_credentials"


async def test_the_website_asks_for_no_agent_and_no_token(anyone: httpx.AsyncClient) -> None:
    page = await anyone.get(url(), headers={"user-agent": ""})
    assert page.status_code == 200
    assert "x-ratelimit-limit" not in page.headers
    assert (await anyone.get("/login/other")).status_code == 404


async def test_one_token_can_be_taken_back(anyone: httpx.AsyncClient) -> None:
    first, second = await authorized(anyone), await authorized(anyone)
    address = f"/applications/{OAUTH_APP.client_id}/token"
    body = {"access_token": first["access_token"]}
    answer = await anyone.request("DELETE", address, json=body, headers=basic(OAUTH_APP))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await anyone.get("/user", headers=bearer(first))).status_code == 401
    assert (await anyone.get("/user", headers=bearer(second))).status_code == 200
    again = await anyone.request("DELETE", address, json=body, headers=basic(OAUTH_APP))
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("app", "headers", "body", "status"),
    [
        (OAUTH_APP, {}, b"{}", 401),
        (OAUTH_APP, basic(OAUTH_APP, "wrong"), b"{}", 401),
        (OAUTH_APP, basic(GITHUB_APP), b"{}", 401),
        (OAUTH_APP, {"authorization": "Bearer ghp_sandbox_octocat"}, b"{}", 401),
        (OAUTH_APP, basic(OAUTH_APP), b"", 422),
        (OAUTH_APP, basic(OAUTH_APP), b"{}", 422),
        (OAUTH_APP, basic(OAUTH_APP), b'{"access_token": ""}', 422),
        (OAUTH_APP, basic(OAUTH_APP), b'{"access_token": "ghp_sandbox_octocat"}', 404),
        (OAUTH_APP, {**basic(OAUTH_APP), "user-agent": ""}, b"{}", 403),
    ],
)
async def test_what_cannot_be_taken_back(
    anyone: httpx.AsyncClient, app: OAuthApp, headers: dict[str, str], body: bytes, status: int
) -> None:
    address = f"/applications/{app.client_id}/token"
    answer = await anyone.request("DELETE", address, content=body, headers=headers)
    assert answer.status_code == status


async def test_a_token_of_another_app_cannot_be_taken_back(anyone: httpx.AsyncClient) -> None:
    tokens = await authorized(anyone, GITHUB_APP)
    answer = await anyone.request(
        "DELETE",
        f"/applications/{OAUTH_APP.client_id}/token",
        json={"access_token": tokens["access_token"]},
        headers=basic(OAUTH_APP),
    )
    assert answer.status_code == 404
    assert (await anyone.get("/user", headers=bearer(tokens))).status_code == 200


async def test_each_token_has_a_quota_of_its_own(connect: Connect) -> None:
    client = connect(None, limit=1)
    first, second = await authorized(client), await authorized(client)
    assert (await client.get("/user", headers=bearer(first))).status_code == 200
    assert (await client.get("/user", headers=bearer(first))).status_code == 403
    assert (await client.get("/user", headers=bearer(second))).status_code == 200


async def test_the_known_tokens_are_as_good_as_before(connect: Connect) -> None:
    repositories = await walk(connect(), "/user/repos")
    tokens = await authorized(connect(None), scope="repo read:org user")
    authorized_client = connect(tokens["access_token"])
    assert await walk(authorized_client, "/user/repos") == repositories


@pytest.mark.parametrize("host", ["localhost:8000", "localhost:9999", "127.0.0.1:8000"])
async def test_the_service_may_run_at_any_port(anyone: httpx.AsyncClient, host: str) -> None:
    redirect_uri = f"http://{host}/api/connectors/github/connect/callback"
    assert (await anyone.get(url(redirect_uri=redirect_uri))).status_code == 200
