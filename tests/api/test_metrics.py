"""What Prometheus reads."""

import re
from datetime import timedelta

import httpx
import pytest

from src.db.client import Mongo
from src.models.base import now
from tests.api.answers import error_of
from tests.conftest import GitHub, Service, StartService, connect
from tests.processes.conftest import free_port


@pytest.fixture
async def counted(start: StartService) -> Service:
    return await start(metrics_enabled=True)


def value(page: str, name: str, **labels: str) -> float:
    """One number of the page; the labels are those of the line, all of them."""
    inner = ",".join(f'{label}="{text}"' for label, text in labels.items())
    found = re.search(rf"^{re.escape(f'{name}{{{inner}}}')} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def read(client: httpx.AsyncClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return answer.text


async def test_there_are_none_unless_they_are_wanted(client: httpx.AsyncClient) -> None:
    error_of(await client.get("/metrics"), 404, "not_found")


async def test_requests_are_counted_by_template_and_status(counted: Service) -> None:
    client = counted.client
    connection_id = await connect(client)
    for _ in range(2):
        await client.get(f"/api/connections/{connection_id}")
    await client.get("/api/connections/con_1")
    await client.get("/api/nowhere/secret-path")
    await client.request("BREW", "/api/connections")
    page = await read(client)
    route = {"method": "GET", "route": "/api/connections/{connection_id}"}
    assert value(page, "http_requests_total", **route, status="200") == 2
    assert value(page, "http_requests_total", **route, status="404") == 1
    assert value(page, "http_request_seconds_count", **route) == 3
    assert value(page, "http_requests_total", method="GET", route="unmatched", status="404") == 1
    assert "BREW" not in page
    for unwanted in (connection_id, "acme", "secret-path", "octocat", "ghp_"):
        assert unwanted not in page


async def test_provider_calls_are_counted_by_outcome(counted: Service, github: GitHub) -> None:
    await connect(counted.client)
    before = value(
        await read(counted.client), "provider_calls_total", connector="github", outcome="2xx"
    )
    assert before > 0
    await github.fault({"kind": "unauthorized"})
    body = {"apiKey": "ghp_sandbox_octocat"}
    await counted.client.post("/api/connectors/github/connect/callback", json=body)
    await github.fault({"kind": "cut"})
    await counted.client.post("/api/connectors/github/connect/callback", json=body)
    page = await read(counted.client)
    assert value(page, "provider_calls_total", connector="github", outcome="4xx") == 1
    assert value(page, "provider_calls_total", connector="github", outcome="unreachable") >= 1


async def test_connections_are_counted_by_status(counted: Service) -> None:
    first = await connect(counted.client)
    await connect(counted.client, token="ghp_sandbox_hubot")
    globex = {"X-Tenant-Id": "globex"}
    new = {"connectorId": "github", "authMethod": "pat"}
    await counted.client.post("/api/connections", json=new, headers=globex)
    await counted.client.delete(f"/api/connections/{first}")
    page = await read(counted.client)
    for status in ("connected", "disconnected", "pending"):
        assert value(page, "connections", connector="github", status=status) == 1
    assert "globex" not in page


async def test_refreshes_are_counted(counted: Service) -> None:
    counted.container.metrics.count_refresh("github", "renewed")
    page = await read(counted.client)
    assert value(page, "refreshes_total", connector="github", outcome="renewed") == 1


async def test_jobs_and_their_waiting_are_counted_without_tenants(
    start: StartService, mongo: Mongo
) -> None:
    # A process that does not work itself leaves them where they are.
    service = await start(metrics_enabled=True, jobs_broker_url=f"redis://127.0.0.1:{free_port()}")
    for number, (status, due_at) in enumerate(
        [("queued", now() - timedelta(hours=1)), ("queued", now()), ("held", None)]
    ):
        await mongo.database["jobs"].insert_one(
            {
                "_id": f"job_{number}",
                "tenantId": "acme",
                "connectionId": f"con_{number}",
                "connectorId": "github",
                "stream": "issues",
                "status": status,
                "live": True,
                "dueAt": due_at,
                "lease": None,
            }
        )
    page = await read(service.client)
    assert value(page, "jobs", connector="github", status="queued") == 2
    assert value(page, "jobs", connector="github", status="held") == 1
    assert value(page, "jobs", connector="github", status="running") == 0
    (age,) = re.findall(r"^job_queue_age_seconds (\S+)$", page, re.MULTILINE)
    assert 3600 <= float(age) < 3700
    assert "acme" not in page
