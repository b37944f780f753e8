"""Who may call what, and how each API says no."""

import httpx
import pytest

from src.sandbox.atlassian.people import ACME, UMBRELLA
from src.sandbox.confluence.scopes import SCOPES, needed
from tests.sandbox.confluence.conftest import API, GATEWAY, Connect, results


async def test_v2_pages_by_cursor_in_body_and_header(client: httpx.AsyncClient) -> None:
    answer = await client.get("/wiki/api/v2/spaces/98307/pages", params={"limit": 250})
    following = answer.json()["_links"]["next"]
    assert following.startswith("/wiki/api/v2/spaces/98307/pages?limit=250&cursor=")
    assert f'<{following}>; rel="next"' in answer.headers["link"]
    assert answer.json()["_links"]["base"] == "https://acme.atlassian.net/wiki"
    seen = [one["id"] for one in answer.json()["results"]]
    while following:
        answer = await client.get(f"{API}{GATEWAY}{following}")
        seen += [one["id"] for one in answer.json()["results"]]
        following = answer.json()["_links"].get("next")
    assert len(seen) == len(set(seen)) == 2_000


async def test_start_is_ignored_by_v2(client: httpx.AsyncClient) -> None:
    assert await results(client, "/wiki/api/v2/spaces") == await results(
        client, "/wiki/api/v2/spaces", start=3
    )


@pytest.mark.parametrize(
    "path",
    [
        "/wiki/api/v2/spaces?limit=251",
        "/wiki/api/v2/spaces?limit=0",
        "/wiki/api/v2/spaces?cursor=nonsense",
        "/wiki/api/v2/spaces?type=secret",
        "/wiki/api/v2/spaces/PROJ",
        "/wiki/api/v2/pages/abc",
        "/wiki/api/v2/spaces/98305/pages?body-format=view",
        "/wiki/api/v2/spaces/98305/pages?sort=updated",
        "/wiki/api/v2/pages/98490/inline-comments?resolution-status=closed",
    ],
)
async def test_bad_requests_of_v2(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["status"], error["code"]) == (400, "INVALID_REQUEST_PARAMETER")


async def test_what_is_hidden_does_not_exist(connect: Connect) -> None:
    for path in ("spaces/98310", "spaces/98310/pages", "pages/98730", "pages/98730/ancestors"):
        answer = await connect().get(f"/wiki/api/v2/{path}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "NOT_FOUND")
        assert (await connect("eyJ-sandbox-ben").get(f"/wiki/api/v2/{path}")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/wiki/api/v2/spaces", "read:space:confluence"),
        ("GET", "/wiki/api/v2/spaces/1/pages", "read:page:confluence"),
        ("GET", "/wiki/api/v2/blogposts/1", "read:page:confluence"),
        ("GET", "/wiki/api/v2/pages/1/direct-children", "read:hierarchical-content:confluence"),
        ("GET", "/wiki/api/v2/pages/1/ancestors", "read:content.metadata:confluence"),
        ("GET", "/wiki/api/v2/folders/1", "read:folder:confluence"),
        ("GET", "/wiki/api/v2/pages/1/footer-comments", "read:comment:confluence"),
        ("GET", "/wiki/api/v2/inline-comments/1/children", "read:comment:confluence"),
        ("POST", "/wiki/api/v2/users-bulk", "read:user:confluence"),
        ("POST", "/wiki/api/v2/pages", "write:page:confluence"),
        ("PUT", "/wiki/api/v2/pages/1", "write:page:confluence"),
        ("POST", "/wiki/api/v2/footer-comments", "write:comment:confluence"),
        ("GET", "/wiki/rest/api/content/search", "search:confluence"),
        ("GET", "/wiki/rest/api/user/current", "read:confluence-user"),
    ],
)
def test_each_address_has_its_scope(method: str, path: str, scope: str) -> None:
    assert needed(method, path) == (scope,)
    assert scope in SCOPES


async def test_a_missing_scope_is_401_of_the_gateway(connect: Connect) -> None:
    reader = connect("eyJ-sandbox-mia-reader")
    answer = await reader.post("/wiki/api/v2/pages", json={})
    assert (answer.status_code, answer.json()["message"]) == (
        *(401, "Unauthorized; scope does not match"),
    )


async def test_sites_are_apart(connect: Connect) -> None:
    mia = connect()
    found = await results(mia, f"{API}/ex/confluence/{UMBRELLA.id}/wiki/api/v2/spaces")
    assert [one["key"] for one in found] == ["HOME"]
    answer = await connect("eyJ-sandbox-ben").get(
        f"{API}/ex/confluence/{UMBRELLA.id}/wiki/api/v2/spaces"
    )
    assert answer.status_code == 404
    assert (await mia.get(f"{API}/ex/jira/{ACME.id}/wiki/api/v2/spaces")).status_code == 404


async def test_points_run_out(connect: Connect) -> None:
    client = connect(limit=2)
    for _ in range(2):
        assert (await client.get("/wiki/api/v2/spaces")).status_code == 200
    answer = await client.get("/wiki/api/v2/spaces")
    assert answer.status_code == 429
    assert answer.headers["ratelimit-reason"] == "confluence-quota-global-based"


async def test_people_are_looked_up_together(client: httpx.AsyncClient) -> None:
    ids = ["5b10a2844c20165700ede21g", "557058:former-user", "nobody"]
    answer = await client.post("/wiki/api/v2/users-bulk", json={"accountIds": ids})
    assert [one["publicName"] for one in answer.json()["results"]] == [
        *("Mia Krystof", "Former user"),
    ]
    for body in ({"accountIds": []}, {}, {"accountIds": ["x"] * 251}):
        assert (await client.post("/wiki/api/v2/users-bulk", json=body)).status_code == 400
