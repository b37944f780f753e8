"""As many worker processes as are wanted: Taskiq starts them, and starts a dead one again."""

from __future__ import annotations

from taskiq.acks import AcknowledgeType
from taskiq.cli.common_args import LogLevel
from taskiq.cli.worker.args import WorkerArgs
from taskiq.cli.worker.run import run_worker

# Imported before Taskiq forks, so that a process which takes the place of a dead one is there soon.
import src.jobs.worker
from src.core.config import Settings
from src.jobs.measuring import measured
from src.jobs.stream import AT_A_TIME
from src.services.workshop import most_in_hand

BROKER = f"{src.jobs.worker.__name__}:{src.jobs.worker.create_broker.__name__}"
_CLOSING_SECONDS = 30.0


def places(settings: Settings) -> int:
    """How many hints Taskiq holds in a process: the bounds are ours, and leave room to read on."""
    return most_in_hand(settings) + AT_A_TIME


def run_workers(settings: Settings, processes: int) -> int:
    """Work until told to end; answer how that went, as a process does.

    Raises:
        StartError: The page of metrics cannot be served.
    """
    arguments = WorkerArgs(
        broker=BROKER,
        modules=[],
        workers=processes,
        configure_logging=False,
        log_level=LogLevel.WARNING,
        max_async_tasks=places(settings),
        ack_type=AcknowledgeType.WHEN_EXECUTED,
        wait_tasks_timeout=settings.shutdown_timeout_seconds,
        shutdown_timeout=_CLOSING_SECONDS,
    )
    with measured(settings):
        return run_worker(arguments) or 0
