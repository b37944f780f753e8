"""Tokens, scopes, quotas and what every answer carries."""

import httpx
import pytest

from tests.sandbox.github.conftest import NOW, Connect, walk


async def names(client: httpx.AsyncClient, path: str) -> list[str]:
    return [one["full_name"] for one in await walk(client, path)]


async def test_the_caller(connect: Connect) -> None:
    octocat = await connect().get("/user")
    assert (octocat.json()["id"], octocat.json()["login"]) == (1, "octocat")
    assert octocat.headers["x-oauth-scopes"] == "read:org, repo, user"
    assert octocat.headers["content-type"] == "application/json; charset=utf-8"
    hubot = await connect("ghp_sandbox_hubot").get("/user")
    assert hubot.json()["login"] == "hubot"


async def test_a_fine_grained_token_has_no_scopes_header(connect: Connect) -> None:
    answer = await connect("github_pat_sandbox_octocat").get("/user/orgs")
    assert answer.status_code == 200
    assert "x-oauth-scopes" not in answer.headers


async def test_a_token_without_scopes_sees_only_what_is_public(connect: Connect) -> None:
    client = connect("ghp_sandbox_noscope")
    orgs = await client.get("/user/orgs")
    assert orgs.status_code == 403
    assert orgs.json()["message"].startswith("You need at least read:org scope")
    assert orgs.headers["x-oauth-scopes"] == ""
    assert "read:org" in orgs.headers["x-accepted-oauth-scopes"]
    assert (await client.get("/repos/octocat/private-notes")).status_code == 404
    assert (await client.get("/repos/octocat/Hello-World")).status_code == 200
    assert not any(repo["private"] for repo in await walk(client, "/user/repos"))


async def test_users_do_not_see_each_others_private_repositories(connect: Connect) -> None:
    octocat, hubot = connect(), connect("ghp_sandbox_hubot")
    assert (await octocat.get("/repos/hubot/secret-lab")).status_code == 404
    assert (await octocat.get("/repositories/1296277/issues")).status_code == 404
    assert (await hubot.get("/repos/octocat/private-notes")).status_code == 404
    assert (await octocat.get("/repos/hubot/robots")).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("affiliation=collaborator", {"hubot/robots"}),
        ("type=member&sort=created", {"hubot/robots", "octo-org/docs", "octo-org/tentacle-api"}),
        ("visibility=private", {"hubot/robots", "octocat/private-notes"}),
        ("since=2025-01-01T00:00:00Z", {"tentacle-labs/legacy", "octocat/linguist"}),
    ],
)
async def test_own_repositories(client: httpx.AsyncClient, query: str, expected: set[str]) -> None:
    everything = await names(client, "/user/repos")
    assert len(everything) == 9
    assert everything == sorted(everything, key=str.lower)
    some = await names(client, f"/user/repos?per_page=2&{query}")
    assert expected <= set(some) < set(everything)


@pytest.mark.parametrize(
    "query",
    ["type=owner&visibility=all", "type=owner&affiliation=owner", "affiliation=friend", "type=x"],
)
async def test_parameters_that_conflict(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/user/repos?{query}")).status_code == 422


async def test_organisations(connect: Connect) -> None:
    octocat, hubot = connect(), connect("ghp_sandbox_hubot")
    logins = [one["login"] for one in (await octocat.get("/user/orgs")).json()]
    assert logins == ["octo-org", "tentacle-labs"]
    assert [one["login"] for one in (await hubot.get("/user/orgs")).json()] == ["octo-org"]
    page = await octocat.get("/orgs/octo-org/repos?per_page=1")
    assert "/organizations/9001/repos?" in page.links["next"]["url"]
    everything = await names(octocat, "/orgs/octo-org/repos?per_page=1")
    assert everything == ["octo-org/docs", "octo-org/tentacle-api"]
    assert (await octocat.get("/orgs/octocat")).status_code == 404
    assert (await octocat.get("/orgs/OCTO-org")).json()["login"] == "octo-org"


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"authorization": "Bearer ghp_wrong"}, 401, "Bad credentials"),
        ({"authorization": "Basic b2N0b2NhdDp4"}, 401, "Bad credentials"),
        ({}, 401, "Requires authentication"),
    ],
)
async def test_without_a_good_token(
    connect: Connect, headers: dict[str, str], status: int, message: str
) -> None:
    answer = await connect(None).get("/user", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


async def test_the_token_scheme(connect: Connect) -> None:
    headers = {"authorization": "token ghp_sandbox_hubot"}
    assert (await connect(None).get("/user", headers=headers)).json()["login"] == "hubot"


async def test_without_a_user_agent(client: httpx.AsyncClient) -> None:
    answer = await client.get("/user", headers={"user-agent": ""})
    assert answer.status_code == 403
    assert "User-Agent header" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_versions(client: httpx.AsyncClient) -> None:
    for version, status in {"2022-11-28": 200, "2026-03-10": 200, "1999-01-01": 400}.items():
        answer = await client.get("/rate_limit", headers={"x-github-api-version": version})
        assert answer.status_code == status
        assert ("rate" in answer.json()) is (version == "2022-11-28")


@pytest.mark.parametrize("path", ["/nothing", "/user/", "/repos/octocat", "/users/octocat/x"])
async def test_unknown_paths(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert (await client.post("/user")).status_code == 404


async def test_the_quota_is_counted_per_token(connect: Connect) -> None:
    client = connect(limit=2)
    answers = [await client.get("/user") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 403, 403]
    assert [one.headers["x-ratelimit-remaining"] for one in answers] == ["1", "0", "0", "0"]
    refused = answers[-1]
    assert refused.json()["message"].startswith("API rate limit exceeded")
    assert NOW < int(refused.headers["x-ratelimit-reset"]) <= NOW + 3600
    assert refused.headers["x-ratelimit-used"] == "2"
    assert "retry-after" not in refused.headers
    assert (await connect("ghp_sandbox_hubot", limit=2).get("/user")).status_code == 200
    assert (await client.get("/search/issues?q=is:open")).status_code == 200
    shown = (await client.get("/rate_limit")).json()
    assert shown["resources"]["core"]["remaining"] == shown["rate"]["remaining"] == 0
    assert shown["resources"]["search"]["used"] == 1


async def test_the_search_has_a_quota_of_its_own(connect: Connect) -> None:
    client = connect(search_limit=1)
    first = await client.get("/search/issues?q=is:open")
    second = await client.get("/search/issues?q=is:open")
    assert (first.status_code, second.status_code) == (200, 403)
    assert second.headers["x-ratelimit-resource"] == "search"
    assert int(second.headers["x-ratelimit-reset"]) <= NOW + 60


async def test_an_unchanged_answer_is_304_and_costs_nothing(connect: Connect) -> None:
    client = connect()
    first = await client.get("/user")
    etag = first.headers["etag"]
    assert etag.startswith('W/"')
    again = await client.get("/user", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    remaining = "x-ratelimit-remaining"
    assert again.headers[remaining] == first.headers[remaining]
    other = await client.get("/user", headers={"if-none-match": 'W/"else"'})
    assert other.status_code == 200
    noscope = await connect("ghp_sandbox_noscope").get("/user/repos?visibility=public")
    assert noscope.headers["etag"] != (await client.get("/user/repos")).headers["etag"]


@pytest.mark.parametrize(
    ("fault", "status", "headers", "message"),
    [
        (
            {"kind": "secondary_limit", "retry_after": 7},
            403,
            {"retry-after": "7", "x-ratelimit-remaining": "4990"},
            "You have exceeded a secondary rate limit",
        ),
        (
            {"kind": "primary_limit", "retry_after": 90},
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 90)},
            "API rate limit exceeded",
        ),
        ({"kind": "rate_limited", "retry_after": 3}, 429, {"retry-after": "3"}, "Too many"),
        ({"kind": "unauthorized"}, 401, {}, "Bad credentials"),
        ({"kind": "server_error", "status": 502}, 502, {}, "Server Error"),
    ],
)
async def test_faults_speak_githubs_language(
    client: httpx.AsyncClient, fault: dict, status: int, headers: dict[str, str], message: str
) -> None:
    await client.put("/_sandbox/faults", json=[fault])
    answer = await client.get("/user")
    assert answer.status_code == status
    assert headers.items() <= dict(answer.headers).items()
    assert answer.json()["message"].startswith(message)
