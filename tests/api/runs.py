"""Jobs run to their end over HTTP, and the records that they leave."""

from typing import Any

import httpx

from tests.api.answers import data_of
from tests.api.hooked import until


async def run(
    client: httpx.AsyncClient, connector: str, connection: str, **body: Any
) -> dict[str, dict[str, Any]]:
    """Run streams to their end: each stream's job."""
    asked = {"connectionId": connection, "type": "sync", "mode": "incremental", **body}
    started = data_of(await client.post(f"/api/connectors/{connector}/jobs", json=asked), 202)
    jobs: dict[str, dict[str, Any]] = {}

    async def are_over() -> bool:
        for one in started["jobs"]:
            found = data_of(await client.get(f"/api/jobs/{one['jobId']}"))
            jobs[one["stream"]] = found
        return all(one["status"] in {"succeeded", "failed"} for one in jobs.values())

    await until(are_over)
    return jobs


async def records(client: httpx.AsyncClient, connection: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": "100", **query} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(f"/api/connections/{connection}/records", params=params)
        page = data_of(answer)
        found += page["items"]
        if not page["hasMore"]:
            return found
        cursor = page["nextCursor"]
