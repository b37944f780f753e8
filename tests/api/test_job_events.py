"""Watching a job: server-sent events until it is over, or the caller may see it no more."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from src.core.errors import RateLimited
from src.models.job import Job
from src.models.principal import ALL_PERMISSIONS, Caller, Principal, Via
from src.services.watches import Watches
from tests.api.answers import data_of
from tests.api.books import Books, Gate
from tests.api.callers import bearer, id_of, make_key
from tests.api.listening import listening

ACME = Caller(Principal("acme", Via.PLATFORM, ALL_PERMISSIONS))
GLOBEX = Caller(Principal("globex", Via.PLATFORM, ALL_PERMISSIONS))


async def test_a_job_is_told_as_it_goes_on_until_it_is_over(books: Books) -> None:
    books.ledger.fill(30)
    gate = Gate()
    books.ledger.hooks.append(gate)
    job_id = await books.job()
    await gate.reached.wait()

    async with listening(books.service.app, f"/api/jobs/{job_id}/events") as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        first = await stream.job()
        assert first is not None
        assert first["status"] == "running"
        gate.opened.set()
        last = first
        while (told := await stream.job()) is not None:
            assert told != last
            last = told
    assert last == await books.look(job_id)
    assert last["status"] == "succeeded"


async def test_a_job_that_is_over_is_told_once(books: Books) -> None:
    job = await books.run()
    answer = await books.client.get(f"/api/jobs/{job['id']}/events")
    assert answer.text.count("event: job") == 1
    assert '"status":"succeeded"' in answer.text


async def test_a_watch_ends_with_the_key_of_who_watches(locked_books: Books) -> None:
    client = locked_books.client
    job_id = await locked_books.job()
    key = await make_key(client, permissions=["jobs:read"])
    path = f"/api/jobs/{job_id}/events"
    async with listening(locked_books.service.app, path, bearer(key)) as stream:
        assert await stream.job() is not None
        data_of(await client.delete(f"/api/auth/api-keys/{id_of(key)}"))
        data_of(await client.post(f"/api/jobs/{job_id}/cancel"))
        assert await stream.job() is None


async def test_a_watch_ends_when_the_process_does(idle_books: Books) -> None:
    path = f"/api/jobs/{await idle_books.job()}/events"
    async with listening(idle_books.service.app, path) as stream:
        assert await stream.job() is not None
        idle_books.service.container.stopping.set()
        assert await stream.job() is None


async def test_the_tenant_may_be_named_in_the_query_for_as_long_as_it_lasts(
    idle_books: Books,
) -> None:
    job_id = await idle_books.job()
    await idle_books.client.post(f"/api/jobs/{job_id}/cancel")
    del idle_books.client.headers["X-Tenant-Id"]
    answer = await idle_books.client.get(f"/api/jobs/{job_id}/events?workspaceId=acme")
    assert '"status":"cancelled"' in answer.text


async def test_so_many_may_watch_and_no_more(idle_books: Books) -> None:
    container = idle_books.service.container
    job = await container.jobs.get(ACME, await idle_books.job())
    watches = Watches(container.jobs, most=2, most_of_a_tenant=1)
    stopping = asyncio.Event()

    async def fine() -> None:
        """Nobody has lost a right."""

    def watch(caller: Caller = ACME) -> AsyncGenerator[Job | None, None]:
        return watches.open(caller, job, fine, stopping)

    first = watch()
    assert await anext(first) == job
    with pytest.raises(RateLimited) as refusal:
        watch()
    assert refusal.value.retry_after
    other = watch(GLOBEX)
    assert await anext(other) == job
    with pytest.raises(RateLimited):
        watch(Caller(Principal("initech", Via.PLATFORM, ALL_PERMISSIONS)))
    await first.aclose()
    again = watch()
    assert await anext(again) == job
    for one in (other, again):
        await one.aclose()


async def test_whoever_hangs_up_watches_no_more(idle_books: Books) -> None:
    path = f"/api/jobs/{await idle_books.job()}/events"
    for _ in range(3):
        async with listening(idle_books.service.app, path) as stream:
            assert await stream.job() is not None
    watches = idle_books.service.container.watches
    assert watches.count == 0
