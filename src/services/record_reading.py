"""Reading records in the order of their changes: how a caller keeps a copy.

A cursor holds the number of the last change that was read of each stream. Numbers are in the order
of commits, and only what a failover cannot take back is read, so nothing is ever below a cursor
that was not there when it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from src.connectors.manager import ConnectorManager
from src.core.errors import InvalidCursor, UnsupportedCapability, ValidationFailed
from src.db.repositories.record_values import StoredRecord, StreamPlace
from src.db.repositories.records import RecordRepository
from src.models.base import now, rfc3339
from src.models.connection import Connection
from src.models.principal import Caller
from src.models.record import Record, RecordAction, RecordKind
from src.models.record_head import RecordHead
from src.services.audit import ScopeOf
from src.services.connections import Connections
from src.services.cursors import Cursors


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsQuery:
    """What a caller wants to read."""

    stream: str | None = None
    """None = all streams, one after the other."""
    cursor: str | None = None
    modified_after: datetime | None = None
    """Where to begin without a cursor."""
    includes_deleted: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records, and where to go on: now if there are more, later otherwise."""

    records: tuple[Record, ...]
    next_cursor: str
    has_more: bool
    truncated: bool
    """The cursor is so old that the store may have forgotten deletions behind it."""


class _Position(msgspec.Struct):
    """Where a reader is, and since when."""

    seqs: dict[str, int]
    at: float


class RecordReading:
    """Answers records from the store; no provider is asked."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        connections: Connections,
        cursors: Cursors,
        *,
        deleted_retention_days: int,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._connections = connections
        self._cursors = cursors
        self._retention = timedelta(days=deleted_retention_days)

    async def list(self, caller: Caller, connection_id: str, query: RecordsQuery) -> RecordPage:
        """The next records of a connection, whatever its status.

        Raises:
            NotFound: There is no such connection.
            UnsupportedCapability: Its connector has no streams.
            ValidationFailed: It has no such stream.
            InvalidCursor: The cursor is of another question.
        """
        connection = await self._connections.get(caller, connection_id)
        self._check(connection, query.stream)
        records = self._scope_of(caller.tenant_id).records
        heads = [
            head
            for head in await records.heads(connection.id)
            if query.stream in {None, head.stream}
        ]
        question = _question(caller, connection, query)
        start = self._opened(query.cursor, question)
        seqs = dict(start.seqs) if start else await _begin(records, heads, query.modified_after)
        found, has_more = await _read(records, heads, seqs, query)
        position = _Position(seqs, now().timestamp())
        cursor = self._cursors.seal(msgspec.json.encode(position).decode(), question)
        truncated = query.includes_deleted and start is not None and self._is_too_old(start)
        return RecordPage(tuple(map(_record, found)), cursor, has_more, truncated)

    def _check(self, connection: Connection, stream: str | None) -> None:
        manifest = self._manager.registry.find(connection.connector_id).manifest
        if not manifest.streams:
            raise UnsupportedCapability(
                f"{manifest.name} has no streams.", details={"capability": "sync"}
            )
        names = [one.name for one in manifest.streams]
        if stream is not None and stream not in names:
            raise ValidationFailed([("stream", f"must be one of: {', '.join(names)}")])

    def _opened(self, cursor: str | None, question: tuple[object, ...]) -> _Position | None:
        if cursor is None:
            return None
        content = self._cursors.open(cursor, question, expires=False)
        try:
            return msgspec.json.decode(content, type=_Position)
        except msgspec.DecodeError as error:
            raise InvalidCursor("The cursor is of no use here.") from error

    def _is_too_old(self, position: _Position) -> bool:
        made_at = datetime.fromtimestamp(position.at, UTC)
        has_read = any(position.seqs.values())
        return has_read and bool(self._retention) and now() - made_at > self._retention


def _question(caller: Caller, connection: Connection, query: RecordsQuery) -> tuple[object, ...]:
    """What a cursor is bound to: neither the size of pages nor where the first one began."""
    shape = (query.stream, query.includes_deleted)
    return ("records", caller.tenant_id, caller.user_id, connection.id, *shape)


async def _read(
    records: RecordRepository, heads: list[RecordHead], seqs: dict[str, int], query: RecordsQuery
) -> tuple[list[StoredRecord], bool]:
    """Records behind ``seqs``, which move on; and whether there are more now."""
    found: list[StoredRecord] = []
    for head in heads:
        after, room = seqs.get(head.stream, 0), query.limit - len(found)
        if head.seq <= after:
            continue
        if not room:
            return found, True
        more = await records.list(
            StreamPlace(head.connection_id, head.stream),
            after,
            limit=room + 1,
            includes_deleted=query.includes_deleted,
        )
        found += more[:room]
        if len(more) > room:
            seqs[head.stream] = found[-1].seq
            return found, True
        # All up to the head was there when this was read, and what has changed since is above it.
        seqs[head.stream] = max(head.seq, more[-1].seq if more else 0)
    return found, False


async def _begin(
    records: RecordRepository, heads: list[RecordHead], moment: datetime | None
) -> dict[str, int]:
    """Behind which changes to begin: those up to a moment are left out."""
    if moment is None:
        return {}
    return {head.stream: await _last_until(records, head, moment) for head in heads}


async def _last_until(records: RecordRepository, head: RecordHead, moment: datetime) -> int:
    """The last change up to a moment: times grow with numbers, so halving finds it."""
    place = StreamPlace(head.connection_id, head.stream)
    low, high = 0, head.seq
    while low < high:
        middle = (low + high) // 2
        later = await records.first_after(place, middle)
        if later is None or later[1] > moment:
            high = middle
        else:
            low = later[0]
    return low


def _record(stored: StoredRecord) -> Record:
    deleted_at = stored.deleted_at
    return Record(
        id=stored.record_id,
        stream=stored.stream,
        kind=RecordKind(stored.kind),
        data=None if stored.data is None else msgspec.Raw(stored.data.encode()),
        first_seen_at=rfc3339(stored.first_seen_at),
        last_modified_at=rfc3339(stored.last_modified_at),
        last_action=RecordAction(stored.last_action),
        deleted_at=None if deleted_at is None else rfc3339(deleted_at),
    )
