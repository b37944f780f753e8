"""Tokens of a GitHub App: they reach where it is installed."""

import httpx
import pytest

from tests.sandbox.github.conftest import Connect

APP = "ghu_sandbox_octocat"


@pytest.fixture
def app(connect: Connect) -> httpx.AsyncClient:
    return connect(APP)


async def test_installations_are_wrapped_and_paged(app: httpx.AsyncClient) -> None:
    first = await app.get("/user/installations?per_page=2")
    body = first.json()
    assert body["total_count"] == 3
    assert [one["account"]["login"] for one in body["installations"]] == ["octocat", "octo-org"]
    assert [one["repository_selection"] for one in body["installations"]] == ["selected", "all"]
    second = (await app.get(first.links["next"]["url"])).json()
    assert second["installations"][0]["suspended_at"]


async def test_repositories_of_an_installation(app: httpx.AsyncClient) -> None:
    body = (await app.get("/user/installations/50001/repositories")).json()
    assert [one["name"] for one in body["repositories"]] == ["Hello-World", "private-notes"]
    suspended = await app.get("/user/installations/50003/repositories")
    assert (suspended.status_code, suspended.json()["message"]) == (
        403,
        "This installation has been suspended",
    )
    assert (await app.get("/user/installations/50004/repositories")).status_code == 404
    assert (await app.get("/user/installations/x/repositories")).status_code == 404


async def test_private_repositories_need_the_app(app: httpx.AsyncClient, connect: Connect) -> None:
    assert (await app.get("/repos/octocat/private-notes")).status_code == 200
    assert (await app.get("/repos/hubot/robots")).status_code == 404
    assert (await connect().get("/repos/hubot/robots")).status_code == 200
    answer = await app.get("/user")
    assert "x-oauth-scopes" not in answer.headers


@pytest.mark.parametrize(
    "token", ["ghp_sandbox_octocat", "ghp_sandbox_noscope", "github_pat_sandbox_octocat"]
)
async def test_other_tokens_are_refused(connect: Connect, token: str) -> None:
    for path in ("/user/installations", "/user/installations/50001/repositories"):
        answer = await connect(token).get(path)
        assert answer.status_code == 403
        assert answer.json()["message"].startswith("You must authenticate with an access token")
