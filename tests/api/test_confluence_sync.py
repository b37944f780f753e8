"""Confluence kept as records: its streams come from lists of the whole site."""

from src.sandbox.atlassian.people import ACME
from tests.api.confluence import confluence_host
from tests.api.runs import records, run
from tests.conftest import GitHub, StartService

SIGNED = {"Authorization": "Bearer eyJ-sandbox-ben"}
API = f"/ex/confluence/{ACME.id}/wiki/api/v2"


async def test_comments_are_kept_up(start: StartService, github: GitHub) -> None:
    confluence = await confluence_host(start, github.network)
    client, connection = confluence.client, (await confluence.connect())["connectionId"]
    spaces = ["space:98305", "space:98306"]
    jobs = await run(client, "confluence", connection, streams=["pages"], containerIds=spaces)
    assert jobs["pages"]["status"] == "succeeded"
    assert jobs["pages"]["counts"]["added"] == 64
    jobs = await run(client, "confluence", connection, streams=["comments"])
    assert jobs["comments"]["counts"]["added"] == 301

    said = {"pageId": "98491", "body": {"representation": "storage", "value": "<p>New</p>"}}
    await confluence.provider.post(f"{API}/footer-comments", json=said, headers=SIGNED)
    await confluence.provider.delete(f"{API}/inline-comments/444171", headers=SIGNED)
    jobs = await run(client, "confluence", connection, streams=["comments"])
    assert jobs["comments"]["counts"]["added"] == 1
    jobs = await run(client, "confluence", connection, streams=["comments"], mode="full")
    assert (jobs["comments"]["counts"]["deleted"], jobs["comments"]["failures"]) == (1, 0)
    last = (await records(client, connection, stream="comments", includeDeleted="true"))[-1]
    assert (last["id"], last["lastAction"]) == ("inline:444171", "deleted")
