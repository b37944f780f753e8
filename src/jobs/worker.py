"""A worker: ``taskiq worker src.jobs.worker:create_broker``, or ``python -m src.cli worker``."""

from __future__ import annotations

from taskiq import TaskiqEvents, TaskiqState

from src.bootstrap import Container, build_container
from src.connectors.registry import discover
from src.core.config import Settings
from src.core.errors import StartError
from src.core.logging import configure_logging, get_logger
from src.core.memory import tune_memory
from src.jobs.queue import NO_BROKER
from src.jobs.stream import Broker, Stream
from src.services.queue import Hint

REFUSED = 2
"""How a worker ends that cannot start."""

log = get_logger(__name__)


class Worker:
    """One process that works: the same services as behind the API, and no HTTP."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._container: Container | None = None
        self.broker = Broker(settings.jobs_broker_url.get_secret_value(), settings.mongodb_db)
        self._stream = Stream(self.broker, self._do)
        self.broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._start)
        self.broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._end)
        self.broker.when_leaving(self._hand_over)

    async def _start(self, _: TaskiqState) -> None:
        try:
            await self._open()
        except StartError as refusal:
            # In one sentence; the process above tries again, as a container would.
            log.error("worker.refused", reason=str(refusal))  # noqa: TRY400
            raise SystemExit(REFUSED) from None

    async def _open(self) -> None:
        settings = self._settings
        registry = discover(settings.connector_paths)
        self._container = await build_container(settings, registry, queue=self._stream, works=True)
        await self._container.prepare()
        tune_memory()
        log.info("worker.started")

    async def _do(self, hint: Hint) -> None:
        if self._container is not None:
            await self._container.do(hint)

    def _hand_over(self) -> None:
        if self._container is not None:
            self._container.stopping.set()

    async def _end(self, _: TaskiqState) -> None:
        if self._container is not None:
            await self._container.close()
        log.info("worker.ended")


def create_broker() -> Broker:
    """The broker of a new worker, with the settings of its environment.

    Raises:
        StartError: JOBS_BROKER_URL is empty.
    """
    settings = Settings()
    configure_logging(settings.log_level, as_json=settings.log_json)
    if not settings.jobs_broker_url.get_secret_value():
        raise StartError(NO_BROKER)
    return Worker(settings).broker
