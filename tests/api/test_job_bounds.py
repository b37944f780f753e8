"""How many jobs are worked on at once: a job that finds no room waits, and has its turn soon."""

import httpx
import pytest

from tests.api.answers import data_of
from tests.api.books import Books, Gate, open_books
from tests.conftest import StartService
from tests.services.sync.ledger import KEY, Ledger

SLICES_OF_ONE_BATCH = 0.001


@pytest.mark.parametrize(
    "setting",
    [
        "jobs_per_process",
        "jobs_at_once",
        "jobs_at_once_per_tenant",
        "jobs_at_once_per_connector",
    ],
)
async def test_a_job_waits_for_room_and_then_is_worked_on(
    start: StartService, ledger: Ledger, setting: str
) -> None:
    books = await open_books(start, ledger, **{setting: 1})
    ledger.fill(12)
    gate = Gate()
    ledger.hooks.append(gate)
    first = await books.job(streams=["entries"])
    await gate.reached.wait()
    second = await books.job(streams=["feed"])
    # The sweep calls it, too, and finds no room for it either.
    assert (await books.look(second))["status"] == "queued"
    gate.opened.set()
    for job_id in (first, second):
        assert (await books.over(job_id))["status"] == "succeeded"


async def test_a_long_job_makes_way_for_another_tenant_s(
    start: StartService, ledger: Ledger
) -> None:
    """With room for one, the other is begun before the one that came first is over."""
    books = await open_books(start, ledger, jobs_at_once=1, jobs_slice_seconds=SLICES_OF_ONE_BATCH)
    globex = Books(books.service, ledger, await _connect_globex(books.client))
    ledger.fill(600)
    gate = Gate()
    ledger.hooks.append(gate)
    long = await books.job()
    await gate.reached.wait()
    headers = {"X-Tenant-Id": "globex"}
    (other,) = data_of(await globex.ask(headers=headers), 202)["jobs"]
    gate.opened.set()
    ended = await books.over(long)
    others = await books.client.get(f"/api/jobs/{other['jobId']}", headers=headers)
    assert data_of(others)["startedAt"] < ended["finishedAt"]


async def _connect_globex(client: httpx.AsyncClient) -> str:
    answer = await client.post(
        "/api/connectors/ledger/connect/callback",
        json={"apiKey": KEY},
        headers={"X-Tenant-Id": "globex"},
    )
    connection_id: str = data_of(answer, 201)["connectionId"]
    return connection_id
