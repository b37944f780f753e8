"""The store of records: written by runs and webhooks, read by callers in the order of change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TypeVar

from src.core.logging import get_logger
from src.db.errors import Duplicate
from src.db.repositories.record_values import StreamPlace
from src.db.tenant import TenantScope
from src.models.connection import Connection
from src.models.event import EventType
from src.models.record import RecordCounts
from src.models.record_head import RecordHead
from src.services.audit import ScopeOf
from src.services.events import Events
from src.services.record_batches import (
    LARGEST_RECORD_BYTES,
    Batch,
    Decided,
    Version,
    decide,
    gone_now,
    latest,
    versions,
)

T = TypeVar("T")
REMEMBERED = timedelta(days=7)
"""How long it is known that a record which was never there is gone: longer than a run takes."""

Beside = Callable[[RecordCounts], Awaitable[None]]
"""Writes what must be kept together with a batch, within its transaction."""

log = get_logger(__name__)


class Records:
    """What is kept of connections' content."""

    def __init__(self, scope_of: ScopeOf, events: Events, *, deleted_retention_days: int) -> None:
        """Keep it for so many days of a record that it is gone; 0 = for ever."""
        self._scope_of = scope_of
        self._events = events
        self._retention = timedelta(days=deleted_retention_days) if deleted_retention_days else None

    async def store(self, connection: Connection, stream: str, batch: Batch) -> RecordCounts:
        """Keep what was read of a stream, as a whole or not at all.

        What was asked for earlier than what is stored does not overwrite it.

        Raises:
            ServiceUnavailable: The database is away.
        """
        read = [version for version in versions(batch) if version.size <= LARGEST_RECORD_BYTES]
        if missed := len(batch.records) + len(batch.deleted) - len(read):
            log.warning("record.missed", stream=stream, count=missed, reason="too large")
        return await self.keep(connection, stream, latest(read), remembers=True)

    async def keep(
        self,
        connection: Connection,
        stream: str,
        read: Mapping[str, Version],
        beside: Beside | None = None,
        *,
        unread: Sequence[str] = (),
        remembers: bool = False,
        alone_at: int | None = None,
    ) -> RecordCounts:
        """The same for what has been written and hashed already.

        Args:
            connection: Whose records.
            stream: The stream.
            read: What was read last of each record.
            beside: Is carried out in the same transaction, behind the records.
            unread: Ids of records that are there and could not be read.
            remembers: Write down, too, that unknown records are gone, while there is a run that
                may have read them before.
            alone_at: So many records the run that asks has added, and done nothing else; while
                the stream has no others, nothing has to be looked up.
        """
        scope = self._scope_of(connection.tenant_id)
        place = StreamPlace(connection.id, stream)

        async def write(*, looks_up: bool) -> RecordCounts:
            counts = None
            if alone_at is not None and not looks_up:
                counts = await self._add_all(scope, place, read, alone_at)
            if counts is None:
                counts = await self._compare(scope, place, read, unread, remembers=remembers)
            if beside is not None:
                await beside(counts)
            await self._tell(connection, stream, counts)
            return counts

        # A provider may give again what it gave before; only looking it up tells.
        with suppress(Duplicate):
            return await scope.together(partial(write, looks_up=False))
        return await scope.together(partial(write, looks_up=True))

    async def _add_all(
        self, scope: TenantScope, place: StreamPlace, read: Mapping[str, Version], alone_at: int
    ) -> RecordCounts | None:
        """Keep records as new ones; None = the stream has others."""
        if not read or any(version.data is None for version in read.values()):
            return None
        head = await scope.records.lock_alone(place, alone_at, len(read))
        if head is None:
            return None
        decided = decide(read, {}, head.sweep)
        await scope.records.add_all(place, head, decided.changes.changed)
        return decided.counts

    async def _compare(
        self,
        scope: TenantScope,
        place: StreamPlace,
        read: Mapping[str, Version],
        unread: Sequence[str],
        *,
        remembers: bool,
    ) -> RecordCounts:
        """Keep what is not as it was."""
        if not read and not unread:
            return RecordCounts()
        head = await scope.records.lock(place)
        known = await scope.records.known(place, [*read, *unread])
        is_beside_a_run = (
            remembers
            and any(one.data is None for id_, one in read.items() if id_ not in known)
            and await scope.jobs.find_live(place.connection_id, place.stream) is not None
        )
        decided = decide(read, known, head.sweep, unread, remembers=is_beside_a_run)
        return await self._apply(scope, place, head, decided)

    async def sweep(
        self,
        connection: Connection,
        stream: str,
        record_ids: Sequence[str],
        beside: Beside,
        *,
        sweep: int,
    ) -> RecordCounts:
        """Note that these are gone, but for those that were met since the full run ``sweep`` began.

        It may have been held since, and others may have met them: under its number, or a later one.
        """
        scope = self._scope_of(connection.tenant_id)
        place = StreamPlace(connection.id, stream)

        async def write() -> RecordCounts:
            head = await scope.records.lock(place)
            known = await scope.records.known(place, record_ids)
            unmet = {id_: one for id_, one in known.items() if one.sweep < sweep}
            # Nothing that was read later can be unmet, so no time decides here.
            gone = {id_: gone_now(id_, one) for id_, one in unmet.items()}
            counts = await self._apply(scope, place, head, decide(gone, unmet, head.sweep))
            await beside(counts)
            await self._tell(connection, stream, counts)
            return counts

        return await _together(scope, write)

    async def begin_sweep(
        self, connection: Connection, stream: str, beside: Callable[[int], Awaitable[None]]
    ) -> None:
        """Give a full run its number; ``beside`` keeps it, in the same transaction."""
        scope = self._scope_of(connection.tenant_id)

        async def write() -> None:
            head = await scope.records.lock(StreamPlace(connection.id, stream), begins_sweep=True)
            await beside(head.sweep)

        await _together(scope, write)

    async def _apply(
        self, scope: TenantScope, place: StreamPlace, head: RecordHead, decided: Decided
    ) -> RecordCounts:
        until = None if self._retention is None else head.now + self._retention
        await scope.records.apply(
            place,
            head,
            decided.changes,
            gone_until=until,
            unknown_until=head.now + REMEMBERED,
        )
        return decided.counts

    async def _tell(self, connection: Connection, stream: str, counts: RecordCounts) -> None:
        if not (counts.added or counts.updated or counts.deleted):
            return
        await self._events.emit(
            connection.tenant_id,
            EventType.RECORD_CHANGED,
            {
                "connectionId": connection.id,
                "connectorId": connection.connector_id,
                "stream": stream,
                "added": counts.added,
                "updated": counts.updated,
                "deleted": counts.deleted,
            },
        )


async def _together(scope: TenantScope, write: Callable[[], Awaitable[T]]) -> T:
    """One transaction; of two that make a head at once one fails, and is tried again."""
    try:
        return await scope.together(write)
    except Duplicate:
        return await scope.together(write)
