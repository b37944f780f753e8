"""Jira kept as records: all of it, then what has changed, then what has gone."""

import pytest

from src.sandbox.atlassian.people import ACME
from tests.api.atlassian import AtlassianHost
from tests.api.jira import jira_host
from tests.api.runs import records, run
from tests.conftest import GitHub, StartService

PROJECT = "10003"
SIGNED = {"Authorization": "Bearer eyJ-sandbox-ben"}
API = f"/ex/jira/{ACME.id}/rest/api/3"
SEARCH = "GET /ex/jira/{cloud}/rest/api/3/search/jql"


@pytest.fixture
async def jira(start: StartService, github: GitHub) -> AtlassianHost:
    return await jira_host(start, github.network)


async def test_issues_and_comments_are_kept_up(jira: AtlassianHost) -> None:
    connection = (await jira.connect())["connectionId"]
    jobs = await run(jira.client, "jira", connection, containerIds=[PROJECT])
    assert {name: job["status"] for name, job in jobs.items()} == {
        "issues": "succeeded",
        "comments": "succeeded",
    }
    assert jobs["issues"]["counts"]["added"] == 222
    assert jobs["comments"]["counts"]["added"] == len(
        await records(jira.client, connection, stream="comments")
    )

    change = {"fields": {"summary": "Changed at Jira"}}
    await jira.provider.put(f"{API}/issue/21050", json=change, headers=SIGNED)
    await jira.requests()
    jobs = await run(jira.client, "jira", connection, containerIds=[PROJECT], streams=["issues"])
    assert await jira.requests() == {SEARCH: 1}
    assert jobs["issues"]["counts"]["updated"] == 1
    last = (await records(jira.client, connection, stream="issues"))[-1]
    assert (last["id"], last["data"]["title"]) == ("21050", "Changed at Jira")

    for path in ("21060", f"21001/comment/{21_001_001}"):
        answer = await jira.provider.delete(f"{API}/issue/{path}", headers=SIGNED)
        assert answer.status_code == 204
    jobs = await run(jira.client, "jira", connection, containerIds=[PROJECT], mode="full")
    assert jobs["issues"]["counts"]["deleted"] == jobs["comments"]["counts"]["deleted"] == 1
    gone = {
        one["id"]
        for one in await records(jira.client, connection, includeDeleted="true")
        if one["lastAction"] == "deleted"
    }
    assert gone == {"21060", "21001:21001001"}
