"""Making jobs: one for each stream of a connection, and only one that is not over.

A job is a document; whoever works on it is told by a hint, which may be lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from src.connectors.base import Syncs
from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Capability, Stream
from src.connectors.registry import LoadedConnector
from src.core.errors import Conflict, UnsupportedCapability, ValidationFailed
from src.db.errors import Duplicate
from src.db.transaction import afterwards
from src.models.base import now
from src.models.connection import Connection
from src.models.ids import IdPrefix, new_id
from src.models.job import Job, JobStatus, SyncMode
from src.models.principal import Caller
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.connections import require_owner
from src.services.queue import Hint, JobQueue, Work

_TURNS = 5

Witness = Callable[[Job], Awaitable[None]]
"""Writes down that a job was made, within the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a caller wants synchronized."""

    connection_id: str
    streams: tuple[str, ...] | None = None
    """None = all that the connector has."""
    container_ids: tuple[str, ...] | None = None
    """None = all that the account lists."""
    mode: SyncMode = SyncMode.INCREMENTAL


@dataclass(frozen=True, slots=True)
class Ready:
    """A connection that can be synchronized now, and the streams that are meant."""

    connection: Connection
    streams: tuple[Stream, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The streams by name."""
        return tuple(stream.name for stream in self.streams)


class JobMaker:
    """Makes jobs and tells of them."""

    def __init__(
        self, scope_of: ScopeOf, manager: ConnectorManager, calls: Calls, queue: JobQueue
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._queue = queue

    async def ready(self, caller: Caller, connector_id: str, wanted: Wanted) -> Ready:
        """A connection of the caller's own that is connected, and its streams.

        Raises:
            NotFound: No such connector or connection.
            Forbidden: The connection is shared, and the caller is one user.
            UnsupportedCapability: The connector has no streams, or not for connections by this
                auth method.
            ValidationFailed: It has no such stream, one of the containers can be none of a stream,
                or the connection is another connector's.
            InsufficientScope: The grant surely lacks what a stream needs.
            ConnectorNotConfigured: The connector is switched off.
            ConnectionNotReady: The connection is pending or disconnected.
            ReauthorizationRequired: Its credential no longer works.
        """
        loaded = self._manager.registry.find(connector_id)
        chosen = _chosen(loaded, wanted.streams)
        opened = await self._calls.open(caller, connector_id, wanted.connection_id, fresh=True)
        require_owner(caller, opened.connection)
        streams = _possible(loaded, chosen, opened.connection, is_all=wanted.streams is None)
        _check_containers(loaded, streams, wanted.container_ids or ())
        general = loaded.manifest.scopes.by_capability.get(Capability.SYNC.value, ())
        for stream in streams:
            opened.connector.need_scopes(*general, *stream.scopes)
        return Ready(opened.connection, streams)

    async def make(self, job: Job, witness: Witness | None = None) -> Job:
        """Store a job, or answer the one of its stream that is not over.

        Raises:
            Conflict: Jobs of this stream come and go at such a pace that none was seen.
        """
        scope = self._scope_of(job.tenant_id)

        async def write() -> Job:
            added = await scope.jobs.add(job)
            if witness is not None:
                await witness(added)
            await self.tell(added)
            return added

        for _ in range(_TURNS):
            live = await scope.jobs.find_live(job.connection_id, job.stream)
            if live is not None:
                return live
            try:
                return await scope.together(write)
            except Duplicate:
                continue
        raise Conflict("Other jobs of this stream come and go. Try again.")

    async def tell(self, job: Job) -> None:
        """Let somebody work on it, once what is written now has been kept."""
        hint = Hint(Work.SLICE, job.tenant_id, job.id)
        await afterwards(lambda: self._queue.send(hint))


def new_job(
    connection: Connection,
    stream: str,
    mode: SyncMode,
    *,
    container_ids: Sequence[str] | None = None,
    schedule_id: str | None = None,
) -> Job:
    """A job that nobody has worked on."""
    moment = now()
    return Job(
        id=new_id(IdPrefix.JOB),
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        connector_id=connection.connector_id,
        user_id=connection.user_id,
        stream=stream,
        mode=mode,
        container_ids=None if container_ids is None else tuple(container_ids),
        schedule_id=schedule_id,
        status=JobStatus.QUEUED,
        live=True,
        due_at=moment,
        created_at=moment,
    )


def _chosen(loaded: LoadedConnector, names: Sequence[str] | None) -> tuple[Stream, ...]:
    """The connector's streams with these names; None = all."""
    manifest = loaded.manifest
    if not issubclass(loaded.connector_class, Syncs) or not manifest.streams:
        raise UnsupportedCapability(
            f"{manifest.name} has no streams.", details={"capability": Capability.SYNC.value}
        )
    by_name = {stream.name: stream for stream in manifest.streams}
    chosen = by_name if names is None else dict.fromkeys(names)
    if unknown := chosen.keys() - by_name.keys():
        raise ValidationFailed([("streams", f"{min(unknown)} is none of: {', '.join(by_name)}")])
    return tuple(by_name[name] for name in chosen)


def _possible(
    loaded: LoadedConnector, chosen: tuple[Stream, ...], connection: Connection, *, is_all: bool
) -> tuple[Stream, ...]:
    """Those that connections by this auth method can be asked for; of named ones all, or none."""
    can = loaded.manifest.streams_of(connection.auth_method)
    possible = tuple(stream for stream in chosen if stream in can)
    if not possible or not (is_all or possible == chosen):
        lost = next(stream for stream in chosen if stream not in can)
        methods = ", ".join(lost.auth_methods or ())
        raise UnsupportedCapability(
            f"The stream {lost.name} is synchronized for connections by {methods} only.",
            details={"capability": Capability.SYNC.value, "stream": lost.name},
        )
    return possible


def _check_containers(
    loaded: LoadedConnector, streams: Sequence[Stream], container_ids: Sequence[str]
) -> None:
    """Refuse ids that a job would only fail over."""
    connector_class = loaded.connector_class
    assert issubclass(connector_class, Syncs)  # noqa: S101  it has streams
    problems: dict[str, str] = {}
    for place, container_id in enumerate(container_ids):
        for stream in streams:
            try:
                connector_class.check_container(stream.name, container_id)
            except ValidationFailed as error:
                problems.setdefault(f"containerIds.{place}", error.details["errors"][0]["message"])
    if problems:
        raise ValidationFailed(list(problems.items()))
