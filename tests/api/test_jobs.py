"""Jobs over HTTP: asked for, looked at, listed; who may."""

import asyncio
from typing import Any

import pytest

from src.db.client import Mongo
from tests.api.answers import TIME, data_of, error_of, items_of, wrong_fields
from tests.api.books import JOBS, Books, connect
from tests.api.callers import bearer, make_key
from tests.conftest import Service

ADA = {"X-User-Id": "ada"}
BOB = {"X-User-Id": "bob"}
NO_JOB = "job_0123456789abcdef01234567"


async def test_a_job_runs_to_its_end_and_the_state_of_its_stream_tells_of_it(books: Books) -> None:
    books.ledger.fill(12)

    job = await books.run()

    assert job["status"] == "succeeded"
    assert job["counts"] == {
        "added": 12,
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "failed": 0,
    }
    assert job["progress"]["records"] == 12
    assert (job["error"], job["dueAt"], job["cancelling"]) == (None, None, False)
    assert all(TIME.fullmatch(job[name]) for name in ("createdAt", "startedAt", "finishedAt"))
    path = f"/api/connections/{books.connection_id}/sync-state"
    state = data_of(await books.client.get(path, params={"stream": "entries"}))
    assert state == {
        "stream": "entries",
        "checkpoint": {"revision": 12},
        "version": 1,
        "lastRunAt": state["lastRunAt"],
        "lastStatus": "succeeded",
        "counts": job["counts"],
    }
    assert TIME.fullmatch(state["lastRunAt"])


async def test_there_is_one_job_for_each_stream_in_the_order_asked_for(idle_books: Books) -> None:
    made = data_of(await idle_books.ask(streams=["feed", "entries"]), 202)
    assert [job["stream"] for job in made["jobs"]] == ["feed", "entries"]
    assert {job["status"] for job in made["jobs"]} == {"queued"}
    assert made["schedule"] is None


async def test_all_streams_are_meant_where_none_is_named(idle_books: Books) -> None:
    body = {"connectionId": idle_books.connection_id, "type": "sync"}
    made = data_of(await idle_books.client.post(JOBS, json=body), 202)
    assert {job["stream"] for job in made["jobs"]} == {"entries", "feed"}


async def test_a_job_that_is_not_over_is_answered_as_it_is(idle_books: Books) -> None:
    first = await idle_books.job()
    assert await idle_books.job(mode="full") == first
    assert (await idle_books.look(first))["mode"] == "incremental"
    assert len(await idle_books.deeds("job.created")) == 1


async def test_of_many_who_ask_at_once_one_makes_the_job(idle_books: Books) -> None:
    made = await asyncio.gather(*(idle_books.job() for _ in range(8)))
    assert len(set(made)) == 1
    assert await idle_books.jobs() == [made[0]]


async def test_a_job_is_shown_as_it_was_asked_for(idle_books: Books) -> None:
    job_id = await idle_books.job(mode="full", containerIds=["main", "other", "main"])
    job = await idle_books.look(job_id)
    assert job["id"] == job_id
    assert job["containerIds"] == ["main", "other"]
    told = {name: job[name] for name in ("connectorId", "type", "stream", "mode", "status")}
    assert told == {
        "connectorId": "ledger",
        "type": "sync",
        "stream": "entries",
        "mode": "full",
        "status": "queued",
    }
    (entry,) = await idle_books.deeds("job.created")
    assert entry["target"] == idle_books.connection_id
    assert entry["details"] == {"connectorId": "ledger", "jobId": job_id, "stream": "entries"}


async def test_jobs_are_listed_newest_first_and_narrowed(idle_books: Books) -> None:
    entries, feed = await idle_books.job(), await idle_books.job(streams=["feed"])
    await idle_books.client.post(f"/api/jobs/{entries}/cancel")
    again = await idle_books.job()
    assert await idle_books.jobs() == [again, feed, entries]
    assert await idle_books.jobs(stream="entries") == [again, entries]
    assert await idle_books.jobs(status="cancelled") == [entries]
    assert await idle_books.jobs(connectionId=idle_books.connection_id, status="queued") == [
        again,
        feed,
    ]
    assert await idle_books.jobs(connectionId="con_0123456789abcdef01234567") == []


async def test_the_list_comes_in_pages(idle_books: Books) -> None:
    made = []
    for _ in range(3):
        made.append(await idle_books.job())
        await idle_books.client.post(f"/api/jobs/{made[-1]}/cancel")
    seen, query = [], {"limit": "2"}
    while True:
        page = data_of(await idle_books.client.get("/api/jobs", params=query))
        seen += [job["id"] for job in page["items"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"streams": ["wikis"]}, "streams"),
        ({"streams": []}, "streams"),
        ({"containerIds": []}, "containerIds"),
        ({"containerIds": ["../x"]}, "containerIds.0"),
        ({"mode": "sometimes"}, "mode"),
        ({"type": "copy"}, "type"),
        ({"connectionId": "con_1"}, "connectionId"),
        ({"schedule": "hourly"}, "schedule"),
        ({"schedule": "* * * * * *"}, "schedule"),
        ({"schedule": "60 * * * *"}, "schedule"),
        ({"schedule": "0 0 30 2 *"}, "schedule"),
        ({"schedule": "0 0 31 4,6 *"}, "schedule"),
    ],
)
async def test_a_bad_field_is_named(idle_books: Books, body: dict[str, Any], field: str) -> None:
    assert wrong_fields(await idle_books.ask(**body)) == [field]
    assert await idle_books.jobs() == []


@pytest.mark.parametrize("cron", ["hourly", "* * * * * *", "@daily", ""])
async def test_a_bad_schedule_is_told_what_one_is(idle_books: Books, cron: str) -> None:
    error = error_of(await idle_books.ask(schedule=cron), 422, "validation_error")
    (wrong,) = error["details"]["errors"]
    assert "five fields: minute hour day month weekday" in wrong["message"]


async def test_what_cannot_be_synchronized_says_why(idle_books: Books) -> None:
    client = idle_books.client
    github = "/api/connectors/github/jobs"
    body = {"connectionId": idle_books.connection_id, "streams": ["issues"]}
    assert (await client.post(github, json=body)).status_code == 422
    error_of(await client.post("/api/connectors/nobody/jobs", json=body), 404, "not_found")
    await client.patch("/api/connectors/ledger", json={"enabled": False})
    error_of(await idle_books.ask(), 409, "connector_not_configured")
    await client.patch("/api/connectors/ledger", json={"enabled": True})
    await client.delete(f"/api/connections/{idle_books.connection_id}")
    error_of(await idle_books.ask(), 409, "connection_not_ready")
    assert await idle_books.jobs() == []


async def test_a_grant_that_surely_lacks_a_scope_is_told_before_any_call(
    idle_books: Books, mongo: Mongo
) -> None:
    await mongo.database["connections"].update_one(
        {"_id": idle_books.connection_id}, {"$set": {"grantedScopes": ["entries:read"]}}
    )
    idle_books.ledger.asked.clear()
    answer = await idle_books.ask(streams=["entries", "feed"])
    details = error_of(answer, 403, "insufficient_scope")["details"]
    assert details["missingScopes"] == ["feed:read"]
    assert idle_books.ledger.asked == []
    assert await idle_books.jobs() == []
    await idle_books.job(streams=["entries"])


async def test_a_connector_without_streams_says_so(notes_service: Service) -> None:
    body = {"connectionId": "con_0123456789abcdef01234567"}
    answer = await notes_service.client.post("/api/connectors/notes/jobs", json=body)
    details = error_of(answer, 422, "unsupported_capability")["details"]
    assert details == {"capability": "sync"}


def each_route(job_id: str) -> list[tuple[str, str]]:
    """Every route of one job."""
    path = f"/api/jobs/{job_id}"
    return [
        ("GET", path),
        ("GET", f"{path}/failures"),
        ("GET", f"{path}/events"),
        ("POST", f"{path}/cancel"),
        ("POST", f"{path}/confirm"),
        ("POST", f"{path}/retry"),
    ]


@pytest.mark.parametrize("job_id", [NO_JOB, "job_1", "con_0123456789abcdef01234567"])
async def test_there_is_no_such_job(idle_books: Books, job_id: str) -> None:
    for method, path in each_route(job_id):
        error_of(await idle_books.client.request(method, path), 404, "not_found")


async def test_another_tenant_learns_nothing_of_a_job(idle_books: Books) -> None:
    job_id = await idle_books.job()
    globex = {"X-Tenant-Id": "globex"}
    for method, path in each_route(job_id):
        answer = await idle_books.client.request(method, path, headers=globex)
        error_of(answer, 404, "not_found")
    assert items_of(await idle_books.client.get("/api/jobs", headers=globex)) == []
    error_of(await idle_books.ask(headers=globex), 404, "not_found")
    assert (await idle_books.look(job_id))["status"] == "queued"


async def test_a_user_sees_jobs_of_its_own_and_of_shared_connections(idle_books: Books) -> None:
    client = idle_books.client
    shared = await idle_books.job()
    own = await idle_books.job(connectionId=await connect(client, userId="ada"))

    async def seen(headers: dict[str, str]) -> set[str]:
        return {job["id"] for job in items_of(await client.get("/api/jobs", headers=headers))}

    assert await seen({}) == {shared, own}
    assert await seen(ADA) == {shared, own}
    assert await seen(BOB) == {shared}
    for method, path in each_route(own):
        error_of(await client.request(method, path, headers=BOB), 404, "not_found")
    assert data_of(await client.get(f"/api/jobs/{own}", headers=ADA))["id"] == own


async def test_a_user_changes_nothing_of_a_shared_connection(idle_books: Books) -> None:
    job_id = await idle_books.job()
    error_of(await idle_books.ask(streams=["feed"], headers=ADA), 403, "forbidden")
    for method, path in each_route(job_id):
        if method == "POST":
            answer = await idle_books.client.request(method, path, headers=ADA)
            error_of(answer, 403, "forbidden")
    assert await idle_books.jobs() == [job_id]
    assert (await idle_books.look(job_id))["status"] == "queued"


async def test_a_user_with_admin_may(locked_books: Books) -> None:
    client = locked_books.client
    plain = await make_key(client, userId="ada", permissions=["jobs:write", "jobs:read"])
    chief = await make_key(client, userId="bob", permissions=["admin"])
    error_of(await locked_books.ask(headers=bearer(plain)), 403, "forbidden")
    (made,) = data_of(await locked_books.ask(headers=bearer(chief)), 202)["jobs"]
    path = f"/api/jobs/{made['jobId']}/cancel"
    error_of(await client.post(path, headers=bearer(plain)), 403, "forbidden")
    assert data_of(await client.post(path, headers=bearer(chief)))["status"] == "cancelled"
