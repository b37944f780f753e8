"""Who may call what: each credential at each address, scopes, sites, projects, points."""

import httpx
import pytest

from src.sandbox.atlassian.people import ACME, UMBRELLA
from tests.sandbox.jira.conftest import (
    API,
    BEN,
    MIA,
    PAT,
    READER,
    SCOPED,
    SITE,
    Connect,
    keys,
    messages,
)

GATEWAY = {"code": 401, "message": "Unauthorized"}
V2 = "/rest/api/2/myself"
V3 = "/rest/api/3/myself"
WRONG = httpx.BasicAuth("mia@example.com", "wrong")


@pytest.mark.parametrize(
    ("credential", "path", "status"),
    [
        (MIA, f"{API}/myself", 200),
        (SCOPED, f"{API}/myself", 200),
        (SITE, f"{API}/myself", 401),
        (PAT, f"{API}/myself", 401),
        (None, f"{API}/myself", 401),
        ("Bearer nonsense", f"{API}/myself", 401),
        (SITE, V3, 200),
        (MIA, V3, 401),
        (SCOPED, V3, 401),
        (WRONG, V3, 401),
        (None, V3, 401),
        (PAT, V2, 200),
        (PAT, "/jira/rest/api/2/myself", 200),
        (PAT, V3, 404),
        (SITE, V2, 404),
        (MIA, V2, 401),
        (MIA, "/oauth/token/accessible-resources", 200),
        (SITE, "/oauth/token/accessible-resources", 401),
        (None, "/oauth/token/accessible-resources", 401),
        (MIA, "/me", 200),
        (None, "/_edge/tenant_info", 200),
        (MIA, f"/ex/jira/{ACME.id}", 404),
        (MIA, "/ex/jira/another/rest/api/3/myself", 404),
        (MIA, f"/ex/confluence/{ACME.id}/rest/api/3/myself", 404),
        (BEN, f"/ex/jira/{UMBRELLA.id}/rest/api/3/myself", 404),
        (MIA, f"/ex/jira/{UMBRELLA.id}/rest/api/3/myself", 200),
    ],
)
async def test_each_credential_at_each_address(
    connect: Connect, credential: object, path: str, status: int
) -> None:
    assert (await connect(credential).get(path)).status_code == status


async def test_the_gateway_and_a_site_refuse_in_different_words(connect: Connect) -> None:
    assert (await connect("Bearer x").get(f"{API}/myself")).json() == GATEWAY
    refused = await connect(WRONG).get(V3)
    assert refused.headers["content-type"].startswith("text/plain")
    assert refused.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
    assert "x-seraph-loginreason" not in (await connect(None).get(V3)).headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/issue"),
        ("PUT", "/issue/EX-1"),
        ("POST", "/issue/EX-1/comment"),
        ("POST", "/issue/EX-1/transitions"),
        ("PUT", "/issue/EX-1/assignee"),
    ],
)
async def test_a_scope_that_is_missing(connect: Connect, method: str, path: str) -> None:
    answer = await connect(READER).request(method, f"{API}{path}", json={})
    assert answer.status_code == 401
    assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}


async def test_sites_by_product_and_the_same_id_for_both(connect: Connect) -> None:
    sites = (await connect().get("/oauth/token/accessible-resources")).json()
    assert [(site["id"], site["name"]) for site in sites] == [
        (ACME.id, "Acme"),
        (UMBRELLA.id, "Umbrella ☂"),
    ]
    assert all("jira" in scope for site in sites for scope in site["scopes"])
    of_ben = (await connect(BEN).get("/oauth/token/accessible-resources")).json()
    assert [site["name"] for site in of_ben] == ["Acme"]


async def test_a_secret_project_is_hidden(connect: Connect) -> None:
    assert await keys(connect(), "project = SEC") == ["SEC-4", "SEC-3", "SEC-2", "SEC-1"]
    said = messages(await connect(BEN).get(f"{API}/issue/SEC-1"), 404)
    assert said == ["Issue does not exist or you do not have permission to see it."]


async def test_times_are_in_the_zone_of_who_asks(connect: Connect) -> None:
    for credential, time in (
        (MIA, "2023-06-14T10:46:40.000+1000"),
        (BEN, "2023-06-13T17:46:40.000-0700"),
    ):
        found = (await connect(credential).get(f"{API}/issue/EX-1")).json()
        assert found["fields"]["created"] == time


async def test_points_are_counted_for_an_app_and_not_for_a_key(connect: Connect) -> None:
    settings = {"points": 2, "clock": lambda: 1_791_149_400.0}
    app, key = connect(MIA, **settings), connect(SCOPED, **settings)
    first = await app.get(f"{API}/myself")
    assert first.headers["beta-ratelimit"] == '"global-app-quota";r=1;t=1800'
    assert first.headers["beta-ratelimit-policy"] == '"global-app-quota";q=2;w=3600'
    await app.get(f"{API}/myself")
    limited = await app.get(f"{API}/myself")
    assert limited.status_code == 429
    assert limited.headers["ratelimit-reason"] == "jira-quota-global-based"
    assert limited.headers["x-ratelimit-reset"] == "2026-10-04T22:00Z"
    assert "retry-after" not in limited.headers
    # The account's other tokens of the same app share its points.
    assert (await connect(BEN, **settings).get(f"{API}/myself")).status_code == 429
    assert (await key.get(f"{API}/myself")).status_code == 200


async def test_a_data_center_tells_its_limit_on_every_answer(connect: Connect) -> None:
    headers = (await connect(PAT).get(V2)).headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-fillrate"]) == ("1000", "1000")
    assert "beta-ratelimit" not in headers
