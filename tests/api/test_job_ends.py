"""Jobs that are cancelled, held, retried, and those that end with their connection."""

import pytest

from src.db.client import Mongo
from src.db.tenant import TenantScope
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.books import Books, Gate


async def cancel(books: Books, job_id: str) -> dict[str, object]:
    answer: dict[str, object] = data_of(await books.client.post(f"/api/jobs/{job_id}/cancel"))
    return answer


async def test_a_job_that_nobody_works_on_is_cancelled_at_once(idle_books: Books) -> None:
    job_id = await idle_books.job()

    cancelled = await cancel(idle_books, job_id)

    assert (cancelled["status"], cancelled["cancelling"]) == ("cancelled", False)
    assert cancelled["finishedAt"] is not None
    assert cancelled["dueAt"] is None
    assert await cancel(idle_books, job_id) == cancelled
    (entry,) = await idle_books.deeds("job.cancelled")
    assert entry["details"]["jobId"] == job_id
    path = f"/api/connections/{idle_books.connection_id}/sync-state?stream=entries"
    state = data_of(await idle_books.client.get(path))
    assert (state["lastStatus"], state["checkpoint"], state["version"]) == ("cancelled", None, 0)
    assert await idle_books.job() != job_id


async def test_a_job_that_is_worked_on_ends_with_its_batch(books: Books) -> None:
    books.ledger.fill(30)
    gate = Gate()
    books.ledger.hooks.append(gate)
    job_id = await books.job()
    await gate.reached.wait()

    answer = await cancel(books, job_id)
    assert (answer["status"], answer["cancelling"]) == ("running", True)
    assert answer["dueAt"] is None, "somebody works on it: it waits for nothing"
    assert (await cancel(books, job_id))["cancelling"] is True
    gate.opened.set()

    job = await books.over(job_id)
    assert (job["status"], job["cancelling"]) == ("cancelled", False)
    assert len(await books.deeds("job.cancelled")) == 1


async def test_a_job_that_is_over_is_cancelled_no_more(books: Books) -> None:
    job = await books.run()
    answer = await books.client.post(f"/api/jobs/{job['id']}/cancel")
    details = error_of(answer, 409, "conflict")["details"]
    assert details == {"jobId": job["id"], "status": "succeeded"}


async def held(books: Books) -> str:
    """A job that would delete most of the stream."""
    ids = books.ledger.fill(80)
    await books.run()
    books.ledger.drop(*ids[:60])
    job_id = await books.job(mode="full")
    job = await books.until(job_id, lambda job: job["status"] == "held")
    assert job["wouldDelete"] == 60
    return job_id


async def test_a_held_job_deletes_once_it_is_confirmed(books: Books) -> None:
    job_id = await held(books)
    assert await books.job() == job_id

    confirmed = data_of(await books.client.post(f"/api/jobs/{job_id}/confirm"))

    assert confirmed["status"] == "running"
    job = await books.over(job_id)
    assert (job["status"], job["counts"]["deleted"]) == ("succeeded", 60)
    (entry,) = await books.deeds("job.confirmed")
    assert entry["details"]["jobId"] == job_id


async def test_a_held_job_that_is_cancelled_deletes_nothing(books: Books) -> None:
    job_id = await held(books)
    assert (await cancel(books, job_id))["status"] == "cancelled"
    answer = await books.client.post(f"/api/jobs/{job_id}/confirm")
    details = error_of(answer, 409, "conflict")["details"]
    assert details == {"jobId": job_id, "status": "cancelled"}
    path = f"/api/connections/{books.connection_id}/records"
    query = {"stream": "entries", "limit": "100"}
    records = data_of(await books.client.get(path, params=query))["items"]
    assert len(records) == 80


async def test_only_a_held_job_is_confirmed(idle_books: Books) -> None:
    job_id = await idle_books.job()
    answer = await idle_books.client.post(f"/api/jobs/{job_id}/confirm")
    assert error_of(answer, 409, "conflict")["details"]["status"] == "queued"
    assert await idle_books.deeds("job.confirmed") == []


async def with_failures(books: Books) -> tuple[str, list[str]]:
    """A job that could not read three of the ledger's entries."""
    ids = books.ledger.fill(12)
    for id_ in ids[:3]:
        books.ledger.lock(id_)
    job = await books.run()
    assert (job["status"], job["failures"], job["counts"]["added"]) == ("succeeded", 3, 9)
    return job["id"], ids[:3]


async def test_failures_are_listed_in_pages(books: Books) -> None:
    job_id, locked = await with_failures(books)
    seen, query = [], {"limit": "2"}
    while True:
        page = data_of(await books.client.get(f"/api/jobs/{job_id}/failures", params=query))
        seen += page["items"]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert sorted(failure["recordId"] for failure in seen) == locked
    assert {(failure["kind"], failure["code"]) for failure in seen} == {("item", "forbidden")}
    foreign = f"/api/jobs/{(await books.run())['id']}/failures"
    answer = await books.client.get(foreign, params={"limit": "2", "cursor": query["cursor"]})
    error_of(answer, 400, "invalid_cursor")


async def test_failures_alone_are_retried(books: Books) -> None:
    job_id, locked = await with_failures(books)
    for id_ in locked:
        books.ledger.lock(id_, is_locked=False)
    books.ledger.asked.clear()

    made = data_of(await books.client.post(f"/api/jobs/{job_id}/retry"), 202)

    job = await books.over(made["jobId"])
    assert (job["status"], job["retries"], job["failures"]) == ("succeeded", job_id, 0)
    assert job["counts"]["added"] == 3
    asked = [path for path in books.ledger.asked if path != "/me"]
    assert sorted(asked) == [f"/entries/{id_}" for id_ in locked]
    assert (await books.deeds("job.created"))[0]["details"]["retries"] == job_id
    failures = items_of(await books.client.get(f"/api/jobs/{job_id}/failures"))
    assert sorted(one["recordId"] for one in failures if one["mendedAt"]) == locked
    for again in ({}, {"recordIds": locked[:1]}):
        answer = await books.client.post(f"/api/jobs/{job_id}/retry", json=again)
        assert "read since" in error_of(answer, 409, "conflict")["message"]


async def test_some_failures_are_retried(books: Books) -> None:
    job_id, (first, *_) = await with_failures(books)
    path = f"/api/jobs/{job_id}/retry"
    made = data_of(await books.client.post(path, json={"recordIds": [first]}), 202)
    job = await books.over(made["jobId"])
    assert (job["failures"], job["counts"]["added"]) == (1, 0)
    again = items_of(await books.client.get(f"/api/jobs/{job['id']}/failures"))
    assert [failure["recordId"] for failure in again] == [first]


async def test_what_cannot_be_retried_says_why(books: Books) -> None:
    job_id, _ = await with_failures(books)
    path = f"/api/jobs/{job_id}/retry"
    answer = await books.client.post(path, json={"recordIds": ["main-00011"]})
    assert wrong_fields(answer) == ["recordIds"]
    fine = (await books.run(streams=["feed"]))["id"]
    error_of(await books.client.post(f"/api/jobs/{fine}/retry"), 409, "conflict")

    gate = Gate()
    books.ledger.hooks.append(gate)
    running = await books.job()
    await gate.reached.wait()
    details = error_of(await books.client.post(path), 409, "conflict")["details"]
    assert details == {"jobId": running, "status": "running"}
    answer = await books.client.post(f"/api/jobs/{running}/retry")
    assert error_of(answer, 409, "conflict")["message"] == "The job is not over yet."
    gate.opened.set()
    await books.over(running)


@pytest.mark.parametrize("by", ["DELETE", "POST"])
async def test_jobs_and_schedules_end_with_their_connection(
    idle_books: Books, mongo: Mongo, by: str
) -> None:
    queued = await idle_books.job(schedule="0 * * * *")
    running = await idle_books.job(streams=["feed"])
    scope = TenantScope(mongo.database, "acme")
    assert await scope.job_runs.acquire(running, "somebody", 60) is not None
    path = "/api/connections"
    if by == "DELETE":
        await idle_books.client.delete(f"{path}/{idle_books.connection_id}")
    else:
        body = {"connectionId": idle_books.connection_id}
        await idle_books.client.post(f"{path}/revoke", json=body)
    assert (await idle_books.look(queued))["status"] == "cancelled"
    assert (await idle_books.look(running))["cancelling"] is True
    assert items_of(await idle_books.client.get("/api/schedules")) == []
