"""What goes into the records of a stream and what comes out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from src.db.client import Document
from src.models.record import RecordAction, RecordKind

READ_FIELDS = (
    "recordId",
    "stream",
    "kind",
    "data",
    "firstSeenAt",
    "lastModifiedAt",
    "lastAction",
    "deletedAt",
    "seq",
)
KNOWN_FIELDS = (
    "recordId",
    "kind",
    "hash",
    "containerId",
    "homeId",
    "live",
    "sweep",
    "fetchedAt",
    "firstSeenAt",
)


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """One stream of one connection."""

    connection_id: str
    stream: str

    @property
    def filter(self) -> Document:
        """The condition on documents."""
        return {"connectionId": self.connection_id, "stream": self.stream}


class KnownRecord(Struct, frozen=True):
    """What decides whether a record has changed."""

    kind: RecordKind
    hash: bytes
    container_id: str | None
    home_id: str | None
    is_live: bool
    sweep: int
    fetched_at: datetime
    first_seen_at: datetime


class RecordChange(Struct, frozen=True, kw_only=True):
    """A record as it is from now on; ``data`` None = it is gone."""

    record_id: str
    kind: RecordKind
    container_id: str | None
    """The part of a run that it belongs to."""
    home_id: str | None
    """Its own container, as browsing gives it; most often the same."""
    data: bytes | None
    """JSON as UTF-8: as text, one foreign character makes it take four times the memory."""
    hash: bytes
    action: RecordAction
    fetched_at: datetime
    known: KnownRecord | None = None
    """As it was before; None = it is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChanges:
    """What a batch changes."""

    changed: Sequence[RecordChange] = ()
    """In the order in which they are numbered."""
    met: Sequence[str] = ()
    """Ids of those that are as they were, and that the present full run has not met before."""
    live: int = 0
    """How many more are live now, or less."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it is read."""

    record_id: str
    stream: str
    kind: str
    data: str | None
    first_seen_at: datetime
    last_modified_at: datetime
    last_action: str
    deleted_at: datetime | None
    seq: int


def known_record(document: Mapping[str, Any]) -> KnownRecord:
    """What ``KNOWN_FIELDS`` brought."""
    return KnownRecord(
        kind=RecordKind(document["kind"]),
        hash=document["hash"],
        container_id=document["containerId"],
        home_id=document["homeId"],
        is_live=document["live"],
        sweep=document["sweep"],
        fetched_at=document["fetchedAt"],
        first_seen_at=document["firstSeenAt"],
    )


def stored_record(document: Mapping[str, Any]) -> StoredRecord:
    """What ``READ_FIELDS`` brought."""
    return StoredRecord(
        record_id=document["recordId"],
        stream=document["stream"],
        kind=document["kind"],
        data=document["data"],
        first_seen_at=document["firstSeenAt"],
        last_modified_at=document["lastModifiedAt"],
        last_action=document["lastAction"],
        deleted_at=document.get("deletedAt"),
        seq=document["seq"],
    )
