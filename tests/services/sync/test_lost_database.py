"""The database is killed in the middle of a run."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path

from starlette.requests import Request

from src.core.errors import ServiceUnavailable
from src.models.job import JobStatus
from src.services.sync.slices import SliceEnd
from tests.services.sync.conftest import Build


async def test_a_database_that_is_killed_in_the_middle_costs_no_record(
    build: Build, tmp_path: Path
) -> None:
    world = await build(mongodb_url="", data_dir=tmp_path, jobs_lease_seconds=1.0)
    world.ledger.fill(300)
    job_id = await world.job()

    def process() -> int:
        found: int = json.loads((tmp_path / "mongod.json").read_text())["pid"]
        return found

    async def kill(_: Request) -> None:
        while not (await world.look(job_id)).progress.pages:  # noqa: ASYNC110  it is in the database
            await asyncio.sleep(0)
        os.kill(process(), signal.SIGKILL)

    async def let_pass(_: Request) -> None:
        return

    world.ledger.hooks = [*[let_pass] * 12, kill]
    killed = process()
    end = SliceEnd.NOT_DUE
    while end is not SliceEnd.OVER:
        with suppress(ServiceUnavailable):
            end = await world.slice(job_id)

    assert process() != killed
    job = await world.look(job_id)
    assert (job.status, job.counts.added, job.progress.records) == (JobStatus.SUCCEEDED, 300, 300)
    assert await world.copy() == world.ledger.texts()
    records = await world.records()
    assert [one.seq for one in records] == list(range(1, 301))
