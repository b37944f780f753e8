"""Schedules: what is synchronized again and again, by the clock of the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from src.connectors.manager import ConnectorManager
from src.core.errors import AppError, Conflict, NotFound, ServiceUnavailable, ValidationFailed
from src.core.logging import get_logger
from src.db.collection import Position
from src.db.due_schedules import DueSchedule, DueSchedules
from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.audit import AuditAction
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus
from src.models.ids import IdPrefix
from src.models.job import Job, Schedule
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.connections import Connections, visibility
from src.services.job_making import JobMaker, Ready, Wanted
from src.services.jobs import Jobs

SCHEDULES_SECONDS = 5.0
MOST_OF_A_CONNECTION = 20
BATCH = 100
PUT_OFF = timedelta(minutes=10)
"""How long a schedule is left alone that a bug of ours has kept from being run."""
FIVE_FIELDS = "five fields: minute hour day month weekday, as in */15 * * * *"
_CRON_FIELDS = 5

log = get_logger(__name__)


class Schedules:
    """Schedules of connections."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        connections: Connections,
        *,
        maker: JobMaker,
        jobs: Jobs,
        audit: Audit,
        due: DueSchedules,
        clock: Callable[[], Awaitable[datetime]],
    ) -> None:
        """Look at ``due`` by ``clock``, the database's."""
        self._scope_of = scope_of
        self._manager = manager
        self._connections = connections
        self._maker = maker
        self._jobs = jobs
        self._audit = audit
        self._due = due
        self._clock = clock
        self._put_off: dict[str, datetime] = {}

    async def create(
        self, caller: Caller, connector_id: str, wanted: Wanted, cron: str
    ) -> tuple[Schedule, list[Job]]:
        """A schedule, and its first jobs at once; the same one a second time is answered as it is.

        Raises:
            ValidationFailed: The cron expression is none, or never comes to pass.
            Conflict: The connection has as many schedules as it may.
            AppError: The connection cannot be synchronized now: see ``JobMaker.ready``.
        """
        next_run_at = next_run(cron, await self._clock())
        ready = await self._maker.ready(caller, connector_id, wanted)
        schedule = await self._kept(caller, _new(caller, ready, wanted, cron, next_run_at))
        return schedule, await self._jobs.begin(caller, ready, wanted, schedule.id)

    async def delete(self, caller: Caller, schedule_id: str) -> None:
        """End a schedule; jobs that it has made go on.

        Raises:
            NotFound: There is none, or it is of somebody else's connection.
            Forbidden: It is of a shared connection, and the caller is one user.
        """
        scope = self._scope_of(caller.tenant_id)
        schedule = await scope.schedules.get(schedule_id, visibility(caller))
        if schedule is None:
            raise _absent()
        await self._connections.get_own(caller, schedule.connection_id)

        async def write() -> None:
            if not await scope.schedules.delete(schedule.id):
                raise _absent()
            await self._note(caller, AuditAction.SCHEDULE_DELETED, schedule)

        await scope.together(write)

    async def run_due(self) -> None:
        """Start the jobs of what is due, each schedule once however often it was missed."""
        moment = await self._clock()
        self._put_off = {one: until for one, until in self._put_off.items() if until > moment}
        while True:
            # Those that are put off are the first again, and must not take the others' places.
            most = BATCH + len(self._put_off)
            due = await self._due.list(moment, most)
            for one in due:
                if one.schedule_id not in self._put_off:
                    await self._guarded(one, moment)
            if len(due) < most:
                return

    async def _guarded(self, one: DueSchedule, moment: datetime) -> None:
        try:
            await self._run(self._scope_of(one.tenant_id), one.schedule_id, moment)
        except ServiceUnavailable:
            raise
        except Exception as error:
            # It must not end the round: others stand behind.
            log.exception("schedule.broken", schedule=one.schedule_id, error=type(error).__name__)
            self._put_off[one.schedule_id] = moment + PUT_OFF

    async def _run(self, scope: TenantScope, schedule_id: str, moment: datetime) -> None:
        schedule = await scope.schedules.get(schedule_id)
        if schedule is None or schedule.next_run_at > moment:
            return
        connection = await scope.connections.get_fresh(schedule.connection_id)
        if connection is not None and connection.status is ConnectionStatus.CONNECTED:
            await self._start(connection, schedule)
        else:
            log.info(
                "schedule.passed_over", schedule=schedule.id, connection=schedule.connection_id
            )
        # Only now: a process that dies before comes to it again, and the jobs are there already.
        await scope.schedules.advance(schedule, _following(schedule, moment))

    async def _start(self, connection: Connection, schedule: Schedule) -> None:
        loaded = self._manager.registry.get(connection.connector_id)
        known = {stream.name for stream in loaded.manifest.streams} if loaded else set()
        try:
            await self._jobs.start(
                connection,
                [name for name in schedule.streams if name in known],
                schedule.mode,
                container_ids=schedule.container_ids,
                schedule_id=schedule.id,
            )
        except ServiceUnavailable:
            raise
        except AppError as error:
            log.warning("schedule.failed", schedule=schedule.id, code=error.code.value)

    async def _kept(self, caller: Caller, schedule: Schedule) -> Schedule:
        """The schedule, stored unless it was there before."""
        scope = self._scope_of(caller.tenant_id)

        async def write() -> Schedule:
            present = await scope.schedules.get(schedule.id)
            if present is not None:
                return present
            others = await scope.schedules.list(
                schedule.connection_id, visibility(caller), limit=MOST_OF_A_CONNECTION
            )
            if len(others) == MOST_OF_A_CONNECTION:
                raise Conflict(
                    f"A connection has at most {MOST_OF_A_CONNECTION} schedules. Delete one first.",
                    details={"connectionId": schedule.connection_id},
                )
            await scope.schedules.add(schedule)
            await self._note(caller, AuditAction.SCHEDULE_CREATED, schedule)
            return schedule

        try:
            return await scope.together(write)
        except Duplicate:
            return await scope.together(write)

    async def _note(self, caller: Caller, action: AuditAction, schedule: Schedule) -> None:
        await self._audit.record(
            caller,
            action,
            schedule.connection_id,
            connectorId=schedule.connector_id,
            scheduleId=schedule.id,
            streams=list(schedule.streams),
            cron=schedule.cron,
        )

    async def list(
        self, caller: Caller, connection_id: str | None, *, limit: int, after: Position | None
    ) -> list[Schedule]:
        """Schedules of connections that the caller may see, newest first."""
        return await self._scope_of(caller.tenant_id).schedules.list(
            connection_id, visibility(caller), limit=limit, after=after
        )


def next_run(cron: str, after: datetime) -> datetime:
    """When a cron expression comes to pass next, in UTC.

    Raises:
        ValidationFailed: It is no expression of five fields, or never comes to pass.
    """
    try:
        if len(cron.split()) != _CRON_FIELDS:
            raise ValidationFailed([("schedule", f"must be {FIVE_FIELDS}")])
        return next(CronSim(cron, after.astimezone(UTC)))
    except CronSimError as error:
        raise ValidationFailed([("schedule", f"is no cron expression: {error}")]) from None
    except StopIteration:
        raise ValidationFailed([("schedule", "never comes to pass")]) from None


def _following(schedule: Schedule, moment: datetime) -> datetime:
    """When it runs next; one that cannot be read any more must not keep others waiting."""
    try:
        return next_run(schedule.cron, moment)
    except ValidationFailed as error:
        log.warning("schedule.unreadable", schedule=schedule.id, reason=error.message)
        return moment + timedelta(days=1)


def _new(
    caller: Caller, ready: Ready, wanted: Wanted, cron: str, next_run_at: datetime
) -> Schedule:
    connection = ready.connection
    return Schedule(
        id=_id(connection, ready.names, wanted, cron),
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        connector_id=connection.connector_id,
        user_id=connection.user_id,
        streams=ready.names,
        container_ids=wanted.container_ids,
        mode=wanted.mode,
        cron=cron,
        next_run_at=next_run_at,
        created_at=now(),
        created_by=caller.principal.actor,
    )


def _id(connection: Connection, streams: tuple[str, ...], wanted: Wanted, cron: str) -> str:
    """Made of what is scheduled: asked for twice, it is one."""
    parts = [connection.id, sorted(streams), wanted.container_ids, wanted.mode, cron]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"{IdPrefix.SCHEDULE}_{digest[:24]}"


def _absent() -> NotFound:
    return NotFound("There is no such schedule.")
