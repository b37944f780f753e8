"""The token ends in the middle of a run."""

import httpx

from tests.api.runs import records, run
from tests.api.test_token_refreshes import asked, imported, service
from tests.conftest import GitHub

__all__ = ["service"]


async def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed_and_costs_nothing(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    connection_id = await imported(client, github)
    await github.fault({"kind": "unauthorized", "path": "/repositories/", "after": 2, "times": 1})

    jobs = await run(client, "github", connection_id, streams=["issues"])

    job = jobs["issues"]
    assert (job["status"], job["error"], job["failures"]) == ("succeeded", None, 0)
    assert await asked(github) == 1
    found = await records(client, connection_id)
    whole = await run(client, "github", connection_id, streams=["issues"], mode="full")
    counts = whole["issues"]["counts"]
    assert (counts["unchanged"], counts["added"], counts["deleted"]) == (len(found), 0, 0)
    assert found
