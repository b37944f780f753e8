"""GitHub's streams over HTTP: a copy that keeps itself up to date."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, items_of, wrong_fields
from tests.api.hooked import until
from tests.conftest import REPOSITORY, TOKEN, GitHub, Service, StartService, connect

STREAMS = {"repositories": 8, "issues": 330, "pulls": 150, "comments": 800}
"""At least so many records."""


class Copy:
    """One connection, and the runs of its streams."""

    def __init__(self, service: Service, github: GitHub, connection_id: str) -> None:
        self.client = service.client
        self.github = github
        self.connection_id = connection_id

    async def run(self, mode: str, **body: Any) -> dict[str, dict[str, Any]]:
        """A run of every stream, to its end; the jobs by stream."""
        asked = {"connectionId": self.connection_id, "type": "sync", "mode": mode, **body}
        made = data_of(await self.client.post("/api/connectors/github/jobs", json=asked), 202)
        jobs: dict[str, dict[str, Any]] = {}

        async def are_over() -> bool:
            for job in made["jobs"]:
                found = data_of(await self.client.get(f"/api/jobs/{job['jobId']}"))
                jobs[job["stream"]] = found
            return not {job["status"] for job in jobs.values()} & {"queued", "running"}

        await until(are_over)
        return jobs

    async def write(self, method: str, path: str, **body: Any) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "octocat"}
        answer = await self.github.client.request(method, path, json=body, headers=headers)
        answer.raise_for_status()


@pytest.fixture
async def copy(start: StartService, github: GitHub) -> Copy:
    service = await start()
    return Copy(service, github, await connect(service.client))


async def test_a_copy_is_made_and_kept(copy: Copy) -> None:
    jobs = await copy.run("full")
    assert {stream: job["status"] for stream, job in jobs.items()} == dict.fromkeys(
        STREAMS, "succeeded"
    )
    for stream, least in STREAMS.items():
        assert jobs[stream]["counts"]["added"] >= least
        assert jobs[stream]["failures"] == 0
    copy.github.network.requests.clear()
    again = await copy.run("incremental")
    assert {job["counts"]["added"] + job["counts"]["updated"] for job in again.values()} == {0}
    asked = [request.url.path for request in copy.github.network.requests]
    assert asked.count("/issues") == 2
    await copy.write("PATCH", "/repositories/1296273/issues/3", state="closed")
    await copy.write("POST", "/repositories/1296273/issues/3/comments", body="Done.")
    changed = await copy.run("incremental", streams=["issues", "comments"])
    assert changed["issues"]["counts"]["updated"] == 1
    assert changed["comments"]["counts"]["added"] == 1
    gone = {"type": "Removed", "repository": 1296273, "number": 3}
    (await copy.github.client.post("/_sandbox/written", json=gone)).raise_for_status()
    swept = await copy.run("full", streams=["issues"])
    assert swept["issues"]["counts"]["deleted"] == 1


async def test_what_is_no_repository_is_refused_before_there_is_a_job(
    client: httpx.AsyncClient,
) -> None:
    asked = {
        "connectionId": await connect(client),
        "streams": ["issues", "repositories"],
        "containerIds": [REPOSITORY, "1296269:issue:1", "org:octo-org"],
    }
    for more in ({}, {"schedule": "0 * * * *"}):
        answer = await client.post("/api/connectors/github/jobs", json={**asked, **more})
        assert wrong_fields(answer) == ["containerIds.1", "containerIds.2"]
    assert items_of(await client.get("/api/jobs")) == []
    assert items_of(await client.get("/api/schedules")) == []
