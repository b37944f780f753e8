"""``worker`` and what ``doctor`` says of the broker; workers at work stand in tests/redis."""

import socket
from datetime import timedelta

import pytest

from src.db.client import Mongo
from src.db.tenant import TenantScope
from src.models.base import now
from tests.cli.conftest import Run
from tests.db.records import job
from tests.processes.conftest import free_port


async def test_without_a_broker_a_worker_has_nothing_to_do_and_says_so(run: Run) -> None:
    ended = await run("worker")
    assert ended.code == 2
    assert ended.complained.startswith("JOBS_BROKER_URL is empty: ")


async def test_a_broken_connector_stops_it_with_a_sentence(run: Run) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    ended = await run("worker", JOBS_BROKER_URL=url, CONNECTOR_PATHS="/nowhere/at/all")
    assert ended.code == 2
    assert "/nowhere/at/all" in ended.complained


async def test_a_port_for_metrics_that_is_taken_stops_it_with_a_sentence(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = str(other.getsockname()[1])
        url = f"redis://127.0.0.1:{free_port()}/0"
        settings = {"METRICS_ENABLED": "true", "WORKER_METRICS_PORT": port}
        ended = await run("worker", JOBS_BROKER_URL=url, **settings)
    assert ended.code == 2
    assert ended.complained.startswith(f"WORKER_METRICS_PORT: port {port} cannot be used (")


async def test_the_doctor_says_where_jobs_are_done(run: Run) -> None:
    findings = {one["subject"]: one for one in (await run("doctor", "--json")).json}
    assert findings["broker"]["level"] == "note"


async def test_the_doctor_finds_a_broker_that_is_away_and_names_no_password(run: Run) -> None:
    url = f"redis://somebody:hidden-word@127.0.0.1:{free_port()}/0"
    ended = await run("doctor", "--json", JOBS_BROKER_URL=url)
    assert ended.code == 1
    findings = {one["subject"]: one for one in ended.json}
    assert findings["broker"]["level"] == "problem"
    assert "cannot be reached" in findings["broker"]["text"]
    assert "hidden-word" not in ended.said + ended.complained


@pytest.mark.parametrize(("minutes", "is_told"), [(4, False), (6, True)])
async def test_the_doctor_finds_jobs_that_nobody_works_on(
    run: Run, mongo: Mongo, minutes: int, *, is_told: bool
) -> None:
    waiting = await TenantScope(mongo.database, "acme").jobs.add(job())
    since = {"$set": {"dueAt": now() - timedelta(minutes=minutes)}}
    await mongo.database["jobs"].update_one({"_id": waiting.id}, since)
    findings = {one["subject"]: one for one in (await run("doctor", "--json")).json}
    assert ("jobs" in findings) is is_told
    if is_told:
        assert findings["jobs"]["level"] == "warning"
        assert "src.cli worker" in findings["jobs"]["remedy"]
        assert "acme" not in str(findings["jobs"])
