"""Workers behind Redis: what is done, is done once, whoever dies in the middle of it."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.test_metrics import value
from tests.processes.conftest import Starter, free_port, until
from tests.redis.conftest import (
    ENTRIES,
    Office,
    Redis,
    connect,
    enqueue,
    job_of,
    office_of,
)
from tests.secrecy import SECRETS

MANY = 20_000
DEATHS = 20
STANDING_BY = 3
PAGE_SECONDS = 0.05


@pytest.fixture
def office(tmp_path: Path, redis: Redis, mongo_url: str) -> Iterator[Office]:
    """Twenty thousand entries, a hundred each twentieth of a second."""
    yield from office_of(Starter(tmp_path), redis, mongo_url, MANY, PAGE_SECONDS, "held")


@pytest.fixture
def brief_office(tmp_path: Path, redis: Redis, mongo_url: str) -> Iterator[Office]:
    """A thousand entries."""
    yield from office_of(Starter(tmp_path), redis, mongo_url, 1000, PAGE_SECONDS)


def read_all(client: httpx.Client, connection_id: str) -> list[str]:
    """The ids of all records, in the order of change."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(
            ENTRIES.format(connection_id), params={"stream": "entries", "limit": 100, **cursor}
        )
        assert answer.is_success, answer.text
        page = answer.json()["data"]
        ids += [record["id"] for record in page["items"]]
        if not page["hasMore"]:
            return ids
        cursor = {"cursor": page["nextCursor"]}


def is_over(client: httpx.Client, job_id: str) -> bool:
    return job_of(client, job_id)["status"] in {"succeeded", "failed", "cancelled"}


def test_twenty_deaths_in_the_middle_leave_each_entry_exactly_once(office: Office) -> None:
    """``kill -9`` of whoever works, again and again, while others stand by."""
    SECRETS.note("key-of-the-ledger")
    dice = random.Random(8)  # noqa: S311  it chooses moments, and no secrets
    worker = office.hire(STANDING_BY, JOBS_LEASE_SECONDS="1")
    until(lambda: worker.has_started)
    with office.client() as client:
        connection_id = connect(client)
        job_id = enqueue(client, connection_id)
        deaths = 0
        while deaths < DEATHS:
            until(lambda: worker.at_work(office.upstream_port) is not None)
            time.sleep(dice.uniform(0.0, 0.4))
            assert not is_over(client, job_id), f"it was over after {deaths} deaths"
            if victim := worker.at_work(office.upstream_port):
                victim.kill()
                deaths += 1
        office.release()
        until(lambda: is_over(client, job_id))
        job = job_of(client, job_id)
        ids = read_all(client, connection_id)
    assert job["status"] == "succeeded", job
    assert Counter(ids) == Counter(f"e{number}" for number in range(MANY))
    none = {"updated": 0, "unchanged": 0, "deleted": 0, "failed": 0}
    assert job["counts"] == {"added": MANY, **none}


def test_a_worker_that_is_told_to_end_hands_over_at_once(office: Office) -> None:
    """Neither the end of the slice nor that of the lease is waited for: both are too far off."""
    long = {"JOBS_SLICE_SECONDS": "600", "JOBS_LEASE_SECONDS": "600"}
    first = office.hire(**long)
    until(lambda: first.has_started)
    with office.client() as client:
        job_id = enqueue(client, connect(client))
        until(lambda: first.at_work(office.upstream_port) is not None)
        second = office.hire(**long)
        until(lambda: second.has_started)
        assert first.stop() == 0
        until(lambda: second.at_work(office.upstream_port) is not None)
        assert not is_over(client, job_id)
        assert client.post(f"/api/jobs/{job_id}/cancel").is_success
        until(lambda: is_over(client, job_id))


def test_jobs_wait_for_a_redis_that_is_away_and_nothing_else_does(brief_office: Office) -> None:
    office = brief_office
    worker = office.hire()
    until(lambda: worker.has_started)
    with office.client() as client:
        connection_id = connect(client)
        office.redis.kill()
        ready = client.get("/api/health/ready")
        assert ready.status_code == 200
        assert "cannot be reached" in ready.json()["data"]["broker"]
        job_id = enqueue(client, connection_id)
        assert job_of(client, job_id)["status"] == "queued"
        # It comes back with nothing of what it knew: no stream, and no group of workers.
        office.redis.start()
        until(lambda: is_over(client, job_id))
        assert job_of(client, job_id)["status"] == "succeeded"
        assert client.get("/api/health/ready").json()["data"]["broker"] == "ok"
    assert worker.stop() == 0


def test_one_page_tells_what_all_processes_of_a_worker_count(brief_office: Office) -> None:
    office, port = brief_office, free_port()
    worker = office.hire(2, METRICS_ENABLED="true", WORKER_METRICS_PORT=str(port))
    done = {"outcome": "over", "work": "slice"}
    with office.client() as client, httpx.Client(base_url=f"http://127.0.0.1:{port}") as page:

        def read() -> str:
            return page.get("/metrics").raise_for_status().text

        until(lambda: worker.has_started)
        until(lambda: "\nworkers 2.0" in read())
        enqueue(client, connect(client))
        until(lambda: value(read(), "work_seconds_count", **done) == 1)
        worked = worker.at_work(office.upstream_port)
        assert worked is not None
        worked.kill()
        until(lambda: worker.log.read_text().count("worker.started") == 3)
        # What the dead one has counted stays; that it is there does not.
        until(lambda: "\nworkers 2.0" in read())
        told = read()
        assert value(told, "work_seconds_count", **done) == 1
        assert value(told, "provider_calls_total", connector="ledger", outcome="2xx") >= 10
        assert "job_queue_age_seconds" not in told, "it would say that none waits"
    assert worker.stop() == 0
