"""Jira over HTTP: a grant over several sites, its tokens until their end, and keys."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from src.sandbox.atlassian.people import ACME, UMBRELLA
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.atlassian import AtlassianHost
from tests.api.jira import APP, CALLBACK, jira_host
from tests.conftest import GitHub, StartService
from tests.fakes.browser import approve

TOKEN = "POST /oauth/token"
SEARCH = "GET /ex/jira/{cloud}/rest/api/3/search/jql"
OF_SITE = {"email": "mia@example.com", "siteUrl": "https://acme.atlassian.net"}


@pytest.fixture
async def jira(start: StartService, github: GitHub) -> AtlassianHost:
    return await jira_host(start, github.network)


async def found(jira: AtlassianHost, connection_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = data_of(await jira.client.get(f"/api/connections/{connection_id}"))
    return answer


async def test_the_user_is_sent_with_what_atlassian_asks_for(jira: AtlassianHost) -> None:
    started = await jira.start()
    query = parse_qs(urlsplit(started["authUrl"]).query)
    assert query["audience"] == ["api.atlassian.com"]
    assert query["prompt"] == ["consent"]
    usual = {"read:jira-work", "read:jira-user", "write:jira-work", "offline_access"}
    assert set(query["scope"][0].split(" ")) == usual
    assert "code_challenge" not in query
    assert [started[name] for name in ("codeChallenge", "codeChallengeMethod", "codeVerifier")] == [
        None,
        None,
        None,
    ]
    # Without this scope there would be no refresh token, whatever else is asked for.
    one = await jira.start(scopes=["read:jira-work"])
    scopes = parse_qs(urlsplit(one["authUrl"]).query)["scope"][0].split()
    assert set(scopes) == {"read:jira-work", "read:jira-user", "offline_access"}


async def test_from_consent_to_a_dead_grant_and_back(jira: AtlassianHost) -> None:
    held = await jira.connect("mia")
    assert (held["status"], held["account"]) == ("pending", None)
    assert held["selection"] == {
        "field": "cloudId",
        "options": [
            {"value": ACME.id, "label": "Acme", "url": "https://acme.atlassian.net"},
            {"value": UMBRELLA.id, "label": "Umbrella ☂", "url": "https://umbrella.atlassian.net"},
        ],
    }
    connection_id = held["connectionId"]
    error_of(await jira.ask("containers", connection_id), 409, "connection_not_ready")
    assert wrong_fields(await jira.choose(connection_id, "another")) == ["value"]

    connected = data_of(await jira.choose(connection_id, ACME.id))
    assert connected["status"] == "connected"
    assert connected["account"]["id"] == f"{ACME.id}:5b10a2844c20165700ede21g"
    assert connected["account"]["name"] == "Mia Krystof @ Acme"
    assert connected["account"]["url"] == "https://acme.atlassian.net"

    await jira.requests()
    issues = items_of(
        await jira.ask("items", connection_id, containerId="10000", include="body", limit="100")
    )
    assert await jira.requests() == {SEARCH: 1}
    assert len(issues) == 60
    assert issues[0]["url"] == "https://acme.atlassian.net/browse/EX-60"

    await jira.atlassian.delete("/_sandbox/oauth/access-tokens")
    assert items_of(await jira.ask("containers", connection_id))
    assert (await jira.requests())[TOKEN] == 1

    await jira.atlassian.delete("/_sandbox/oauth/grants")
    dead = error_of(await jira.ask("containers", connection_id), 409, "reauthorization_required")
    assert f"connectionId={connection_id}" in dead["details"]["reauthorizeUrl"]
    assert (await found(jira, connection_id))["status"] == "reauth_required"

    # The same connection again, without a question: its site is known.
    again = await jira.connect("mia", 200, connectionId=connection_id)
    assert (again["connectionId"], again["status"]) == (connection_id, "connected")
    assert items_of(await jira.ask("containers", connection_id))


async def test_a_single_site_needs_no_choice(jira: AtlassianHost) -> None:
    connected = await jira.connect("ben")
    assert (connected["status"], connected["selection"]) == ("connected", None)
    assert connected["account"]["name"] == "Ben Ruíz @ Acme"


async def test_a_grant_over_nothing_is_refused(jira: AtlassianHost) -> None:
    error_of(await jira.finish(await jira.start(), "nora"), 409, "conflict")


async def test_each_site_is_an_account_with_a_grant_of_its_own(jira: AtlassianHost) -> None:
    first, second = await jira.connect("mia"), await jira.connect("mia")
    data_of(await jira.choose(first["connectionId"], ACME.id))
    taken = await jira.choose(second["connectionId"], ACME.id)
    details = error_of(taken, 409, "connection_exists")["details"]
    assert details == {"connectionId": first["connectionId"]}
    other = data_of(await jira.choose(second["connectionId"], UMBRELLA.id))
    assert other["account"]["id"].startswith(UMBRELLA.id)
    # The same project number means another project there.
    for connection_id, key in ((first["connectionId"], "EX"), (second["connectionId"], "UMB")):
        listed = items_of(await jira.ask("items", connection_id, containerId="10000", limit="1"))
        assert listed[0]["fields"]["key"].startswith(f"{key}-")
    grants = (await jira.atlassian.get("/_sandbox/oauth/grants")).json()
    assert [grant["account"] for grant in grants] == ["mia", "mia"]


async def test_a_reconnect_as_somebody_else_is_refused(jira: AtlassianHost) -> None:
    connected = await jira.connect("ben")
    started = await jira.start(connectionId=connected["connectionId"])
    error_of(await jira.finish(started, "mia"), 409, "account_mismatch")


async def test_another_tenant_neither_chooses_nor_browses_nor_acts(jira: AtlassianHost) -> None:
    held, connected = await jira.connect("mia"), await jira.connect("ben")
    jira.client.headers["X-Tenant-Id"] = "globex"
    error_of(await jira.choose(held["connectionId"], ACME.id), 404, "not_found")
    connection_id = connected["connectionId"]
    error_of(await jira.ask("containers", connection_id), 404, "not_found")
    error_of(await jira.ask("resources/jira_project", connection_id), 404, "not_found")
    run = await jira.tool("jira_search_issues", connection_id, jql="project = EX")
    error_of(run, 404, "not_found")


async def test_the_user_says_no(jira: AtlassianHost) -> None:
    started = await jira.start()
    came = await approve(jira.atlassian, started["authUrl"], "Cancel")
    answer = await jira.client.get(CALLBACK, params=came, follow_redirects=False)
    assert answer.status_code == 400
    assert "access_denied" not in answer.text


async def test_a_wrong_secret_is_the_operators_fault_and_ends_no_grant(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    switch = f"/_sandbox/oauth/apps/{APP.client_id}"
    await jira.atlassian.put(switch, json={"client_secret": "another"})
    await jira.atlassian.delete("/_sandbox/oauth/access-tokens")
    answer = await jira.ask("containers", connection_id)
    details = error_of(answer, 409, "connector_not_configured")["details"]
    assert details["reason"] == "app_refused"
    assert (await found(jira, connection_id))["status"] == "connected"


async def test_a_lost_refresh_is_made_good_inside_the_window(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    await jira.atlassian.delete("/_sandbox/oauth/access-tokens")
    await jira.fault(kind="cut", path="/oauth/token", times=1)
    await jira.ask("containers", connection_id)
    assert items_of(await jira.ask("containers", connection_id))
    assert (await found(jira, connection_id))["status"] == "connected"


async def test_disconnecting_drops_the_grant_here_since_nothing_revokes_it_there(
    jira: AtlassianHost,
) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    gone = data_of(await jira.client.delete(f"/api/connections/{connection_id}"))
    assert gone["revokedAtProvider"] == "unsupported"
    grants = (await jira.atlassian.get("/_sandbox/oauth/grants")).json()
    assert [grant["alive"] for grant in grants] == [True]


@pytest.mark.parametrize(
    ("body", "account"),
    [
        (
            {"method": "apiToken", "apiKey": "ATATT-sandbox-mia", "config": OF_SITE},
            (f"{ACME.id}:5b10a2844c20165700ede21g", "Mia Krystof @ acme.atlassian.net"),
        ),
        (
            {
                "method": "scopedToken",
                "apiKey": "ATSTT-sandbox-mia",
                "config": {"email": "mia@example.com", "cloudId": ACME.id},
            },
            (f"{ACME.id}:5b10a2844c20165700ede21g", "Mia Krystof @ acme.atlassian.net"),
        ),
        (
            {
                "method": "pat",
                "apiKey": "PAT-sandbox-mia",
                "config": {"serverUrl": "https://jira.example.com/jira/"},
            },
            ("jira.example.com/jira:JIRAUSER00311", "Mia Krystof @ jira.example.com/jira"),
        ),
    ],
    ids=lambda value: value["method"] if isinstance(value, dict) else "",
)
async def test_keys(jira: AtlassianHost, body: dict[str, Any], account: tuple[str, str]) -> None:
    connected = data_of(await jira.client.post(CALLBACK, json=body), 201)
    assert (connected["account"]["id"], connected["account"]["name"]) == account
    connection_id = connected["connectionId"]
    projects = items_of(await jira.ask("containers", connection_id))
    assert "Example" in {project["name"] for project in projects}
    issue = data_of(await jira.ask("items/EX-3", connection_id))
    assert issue["url"].endswith("/browse/EX-3")
    assert "> **Note**" in issue["body"] or "Everything" in issue["body"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"method": "apiToken", "config": {"siteUrl": OF_SITE["siteUrl"]}}, ["config.email"]),
        ({"method": "apiToken", "config": {"email": "a@b.example"}}, ["config.siteUrl"]),
        (
            {"method": "apiToken", "config": {**OF_SITE, "siteUrl": "http://acme.atlassian.net"}},
            ["config.siteUrl"],
        ),
        (
            {"method": "apiToken", "config": {**OF_SITE, "server_url": "https://a.example"}},
            ["config.server_url"],
        ),
        (
            {"method": "apiToken", "config": {**OF_SITE, "email": "a:b@c.example"}},
            ["config.email"],
        ),
        ({"method": "scopedToken", "config": {"email": "a@b.example"}}, ["config.cloudId"]),
        (
            {"method": "scopedToken", "config": {"email": "a@b.example", "cloudId": "../x"}},
            ["config.cloudId"],
        ),
        ({"method": "pat", "config": {}}, ["config.serverUrl"]),
        (
            {"method": "pat", "config": {"serverUrl": "https://jira.example.com/a/../b"}},
            ["config.serverUrl"],
        ),
    ],
    ids=str,
)
async def test_what_a_key_needs_beside_it(
    jira: AtlassianHost, body: dict[str, Any], fields: list[str]
) -> None:
    answer = await jira.client.post(CALLBACK, json={"apiKey": "x", **body})
    assert wrong_fields(answer) == fields
    assert "Value error" not in answer.text
    assert await jira.requests() == {}


async def test_a_key_that_is_refused_is_sent_once(jira: AtlassianHost) -> None:
    body = {"method": "apiToken", "apiKey": "wrong", "config": OF_SITE}
    error_of(await jira.client.post(CALLBACK, json=body), 422, "provider_rejected")
    # More of them would bring a CAPTCHA.
    assert await jira.requests() == {"GET /rest/api/3/myself": 1}


async def test_settings_name_fields_of_the_site_for_lists(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    url = f"/api/connections/{connection_id}"
    bad = await jira.client.patch(url, json={"settings": {"listFields": ["summary, *all"]}})
    assert bad.status_code == 422
    unknown = await jira.client.patch(url, json={"settings": {"list_fields": []}})
    assert wrong_fields(unknown) == ["settings.list_fields"]
    settings = {"settings": {"listFields": ["customfield_10016"]}}
    data_of(await jira.client.patch(url, json=settings))
    listed = items_of(await jira.ask("items", connection_id, containerId="EX", parentId="EX-1"))
    assert [item["fields"].get("Story Points") for item in listed] == [None, 5.0]


async def test_a_tool_without_its_scope_is_not_run(jira: AtlassianHost) -> None:
    connected = await jira.connect("ben", scopes=["read:jira-work"])
    connection_id = connected["connectionId"]
    await jira.requests()
    run = await jira.tool("jira_add_comment", connection_id, issue="EX-1", body="x")
    details = error_of(run, 403, "insufficient_scope")["details"]
    assert details["missingScopes"] == ["write:jira-work"]
    assert "write" in details["reauthorizeUrl"]
    assert await jira.requests() == {}
    read = await jira.tool("jira_search_issues", connection_id, jql="project = EX", limit=5)
    page = data_of(read)
    assert len(str(page)) > 100


async def test_a_tool_changes_what_browsing_shows(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    made = data_of(
        await jira.tool("jira_create_issue", connection_id, project="EX", summary="Brand new")
    )
    text = json.dumps(made)
    assert "EX-9001" in text
    listed = items_of(await jira.ask("items", connection_id, containerId="10000", limit="1"))
    assert listed[0]["title"] == "Brand new"


async def test_the_pages_of_a_tool(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    asked: dict[str, Any] = {"jql": "project = EX ORDER BY created ASC", "limit": 40}
    first = await jira.tool("jira_search_issues", connection_id, **asked)
    page = data_of(first)
    keys = [item["fields"]["key"] for item in page["items"]]
    second = await jira.tool(
        "jira_search_issues", connection_id, **asked, cursor=page["nextCursor"]
    )
    rest = data_of(second)
    keys += [item["fields"]["key"] for item in rest["items"]]
    assert keys == [f"EX-{number}" for number in range(1, 61)]
    assert rest["nextCursor"] is None


async def test_boards_need_a_scope_that_is_asked_for_by_name(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    answer = await jira.ask("resources/jira_board", connection_id)
    missing = error_of(answer, 403, "insufficient_scope")["details"]["missingScopes"]
    assert missing == ["read:board-scope:jira-software", "read:project:jira"]


async def test_what_is_left_of_the_limit_is_told(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    answer: httpx.Response = await jira.ask("containers", connection_id)
    assert answer.headers["X-Provider-RateLimit-Limit"] == "65000"
    assert int(answer.headers["X-Provider-RateLimit-Remaining"]) < 65_000
    assert int(answer.headers["X-Provider-RateLimit-Reset"]) > 0


async def test_points_that_are_spent_hold_the_connection_until_the_reset(
    start: StartService, github: GitHub
) -> None:
    jira = await jira_host(start, github.network, points=2)
    connection_id = (await jira.connect("ben"))["connectionId"]
    assert items_of(await jira.ask("containers", connection_id))
    limited = await jira.ask("containers", connection_id)
    details = error_of(limited, 429, "rate_limited")["details"]
    assert details["reason"] == "jira-quota-global-based"
    assert int(limited.headers["Retry-After"]) > 0
    await jira.requests()
    error_of(await jira.ask("items", connection_id, containerId="10000"), 429, "rate_limited")
    assert await jira.requests() == {}


async def test_a_type_is_looked_for_whatever_the_site_calls_it(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    for kind in ("New Feature", "Größe", 'Bug" OR project = "BIG'):
        answer = await jira.ask("items", connection_id, containerId="EX", type=kind)
        told = error_of(answer, 422, "provider_rejected")["details"]["message"]
        assert "does not exist for the field 'issuetype'" in told


async def test_an_argument_that_is_no_id_is_named_as_an_argument(jira: AtlassianHost) -> None:
    connection_id = (await jira.connect("ben"))["connectionId"]
    comment = await jira.tool("jira_add_comment", connection_id, issue="../x", body="x")
    assert wrong_fields(comment) == ["arguments.issue"]
    nothing = await jira.tool("jira_update_issue", connection_id, issue="EX-1")
    assert wrong_fields(nothing) == ["arguments"]


async def test_a_site_that_is_not_there_is_the_verdict(jira: AtlassianHost) -> None:
    body = {
        "config": {"email": "mia@example.com", "cloudId": "00000000-0000-0000-0000-000000000000"},
        "credentials": {"method": "scopedToken", "apiKey": "ATSTT-sandbox-mia"},
    }
    verdict = data_of(await jira.client.post("/api/connectors/jira/validate", json=body))
    assert (verdict["valid"], verdict["account"]) == (False, None)
    assert [problem["field"] for problem in verdict["errors"]] == ["config"]


async def test_a_new_key_for_a_connection_is_of_its_method(jira: AtlassianHost) -> None:
    key = {"apiKey": "ATATT-sandbox-mia"}
    assert wrong_fields(await jira.client.post(CALLBACK, json={**key, "config": OF_SITE})) == [
        "method"
    ]
    draft = {"connectorId": "jira", "authMethod": "apiToken", "config": OF_SITE}
    made = data_of(await jira.client.post("/api/connections", json=draft), 201)
    body = {**key, "connectionId": made["id"]}
    assert data_of(await jira.client.post(CALLBACK, json=body))["status"] == "connected"
    foreign = {"connectionId": made["id"], "token": {"accessToken": "x"}}
    assert wrong_fields(await jira.client.post(CALLBACK, json=foreign)) == ["method"]
