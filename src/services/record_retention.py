"""Dropping the records of connections that were disconnected long ago."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from src.core.logging import get_logger
from src.db.disconnected import Disconnected, DisconnectedConnections
from src.db.repositories.record_values import StreamPlace
from src.db.tenant import TenantScope
from src.models.connection import ConnectionStatus
from src.services.audit import ScopeOf

LOOK_SECONDS = 600.0
_AT_ONCE = 100
_RECORDS_AT_ONCE = 500

log = get_logger(__name__)


class RecordRetention:
    """The work of one process at a time."""

    def __init__(
        self,
        due: DisconnectedConnections,
        scope_of: ScopeOf,
        clock: Callable[[], Awaitable[datetime]],
        *,
        days: int,
    ) -> None:
        """Drop them after so many days; 0 = never."""
        self._due = due
        self._scope_of = scope_of
        self._clock = clock
        self._age = timedelta(days=days)

    async def tend(self) -> None:
        """Drop what is due."""
        while self._age and (
            due := await self._due.list(await self._clock() - self._age, _AT_ONCE)
        ):
            for one in due:
                await self._drop(one)

    async def _drop(self, one: Disconnected) -> None:
        scope = self._scope_of(one.tenant_id)
        # First, so that whoever connects again in the middle reads everything.
        await scope.sync_states.forget(one.connection_id)
        for head in await scope.records.heads(one.connection_id):
            place = StreamPlace(one.connection_id, head.stream)
            while await self._drop_some(scope, place, one):
                pass
        await self._due.mark(one)
        log.info("records.dropped", connection=one.connection_id)

    async def _drop_some(self, scope: TenantScope, place: StreamPlace, one: Disconnected) -> int:
        async def write() -> int:
            # The lock comes first: who connects again afterwards writes after us.
            await scope.records.lock(place)
            connection = await scope.connections.get_fresh(one.connection_id)
            if (
                connection is None
                or connection.status is not ConnectionStatus.DISCONNECTED
                or connection.generation != one.generation
            ):
                return 0
            return await scope.records.drop(place, limit=_RECORDS_AT_ONCE)

        return await scope.together(write)
