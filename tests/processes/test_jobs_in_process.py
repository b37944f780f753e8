"""Jobs where no broker is set: the API's own processes do them, and hand over when they end."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.processes.conftest import ROOT, Starter, free_port, until
from tests.redis.conftest import DROPINS, connect, enqueue, job_of

MANY = 1500


@pytest.fixture
def provider() -> Iterator[str]:
    """Fifteen pages, a tenth of a second each."""
    port = free_port()
    command = [sys.executable, "-m", "tests.redis.upstream", str(port), str(MANY), "0.1"]
    process = subprocess.Popen(command, cwd=ROOT)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_a_job_goes_on_where_it_was_when_the_service_is_started_again(
    servers: Starter, provider: str
) -> None:
    """Long before the lease of the first process would have ended."""
    settings = {
        "CONNECTOR_PATHS": str(DROPINS),
        "CONNECTORS__LEDGER__API_URL": provider,
        "JOBS_LEASE_SECONDS": "300",
        "JOBS_SLICE_SECONDS": "300",
    }
    first = servers.start(**settings)
    with first.client() as client:
        job_id = enqueue(client, connect(client))
        until(lambda: job_of(client, job_id)["progress"]["records"] > 0)
    first.stop()
    assert "Application shutdown complete" in first.log.read_text()
    second = servers.start(**settings)
    with second.client() as client:
        until(lambda: job_of(client, job_id)["status"] == "succeeded")
        job = job_of(client, job_id)
    assert job["counts"]["added"] == MANY
    # What had been stored was not asked for again.
    assert job["progress"]["pages"] < 2 * (MANY // 100)


def test_a_start_does_not_wait_for_the_task_queue() -> None:
    """It takes longer to import than the database takes to answer."""
    told = "import src.api.assembly, sys; sys.exit('taskiq' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=False).returncode == 0
