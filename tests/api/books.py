"""The ledger behind the API: jobs that are worked on for real, or wait for a worker."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import Request

from tests.api.answers import data_of, items_of
from tests.conftest import GITHUB_SETTINGS, Service, StartService
from tests.services.sync.ledger import DROPINS, KEY, URL, Ledger

JOBS = "/api/connectors/ledger/jobs"
NO_WORKERS = "redis://127.0.0.1:9/0"
"""A broker that nobody listens at: what is asked for stays queued."""
OVER = {"succeeded", "failed", "cancelled"}
PATIENCE = 60.0


@dataclass
class Books:
    """The service with a ledger, and one that tenant ``acme`` has connected."""

    service: Service
    ledger: Ledger
    connection_id: str

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def ask(self, **body: Any) -> httpx.Response:
        """Ask for jobs of the connection; for its stream of entries, if for nothing else."""
        headers = body.pop("headers", None)
        body = {"connectionId": self.connection_id, "streams": ["entries"], **body}
        return await self.client.post(JOBS, json=body, headers=headers)

    async def job(self, **body: Any) -> str:
        """The id of a new job."""
        (made,) = data_of(await self.ask(**body), 202)["jobs"]
        job_id: str = made["jobId"]
        return job_id

    async def look(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = data_of(await self.client.get(f"/api/jobs/{job_id}"))
        return found

    async def until(self, job_id: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The job, once it is so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                job = await self.look(job_id)
                if is_so(job):
                    return job
                await asyncio.sleep(0.01)

    async def over(self, job_id: str) -> dict[str, Any]:
        return await self.until(job_id, lambda job: job["status"] in OVER)

    async def run(self, **body: Any) -> dict[str, Any]:
        """A job, worked on until it is over."""
        return await self.over(await self.job(**body))

    async def jobs(self, **query: Any) -> list[str]:
        """Ids of the jobs that are listed."""
        answer = await self.client.get("/api/jobs", params=query)
        return [job["id"] for job in items_of(answer)]

    async def deeds(self, action: str) -> list[dict[str, Any]]:
        """What the audit log tells of it, newest first."""
        answer = await self.client.get("/api/audit-logs", params={"action": action})
        return items_of(answer)


class Gate:
    """Keeps a request to the ledger waiting."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, _: Request) -> None:
        self.reached.set()
        async with asyncio.timeout(PATIENCE):
            await self.opened.wait()


async def open_books(
    start: StartService, ledger: Ledger, headers: dict[str, str] | None = None, **settings: Any
) -> Books:
    """The service over this ledger, with a connection."""
    connectors = {"github": GITHUB_SETTINGS, "ledger": {"api_url": URL}}
    service = await start(connectors=connectors, connector_paths=[DROPINS], **settings)
    service.client.headers.update(headers or {})
    return Books(service, ledger, await connect(service.client))


async def connect(client: httpx.AsyncClient, **body: Any) -> str:
    """Connect the ledger and answer the connection's id."""
    answer = await client.post(
        "/api/connectors/ledger/connect/callback", json={"apiKey": KEY, **body}
    )
    assert answer.status_code in {200, 201}, answer.text
    connection_id: str = answer.json()["data"]["connectionId"]
    return connection_id
