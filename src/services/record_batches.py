"""From what connectors give to what is stored: each record written once, hashed and compared.

``data`` is kept as the JSON that callers will get: the hash is over it, and nothing is built anew
when it is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct

from src.connectors.syncing import Unit
from src.db.repositories.record_values import KnownRecord, RecordChange, RecordChanges
from src.models.record import RecordAction, RecordCounts, RecordKind
from src.models.unified import Comment, Container, Item

LARGEST_RECORD_BYTES = 8 * 1024 * 1024
"""A document of the database has 16 MiB at the most."""
_HASH_BYTES = 16
_GONE = b""

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is stored at once; a thousand records or so at the most."""

    records: Sequence[Unit] = ()
    deleted: Sequence[str] = ()
    """Ids of records that are gone."""
    container_id: str | None = None
    """The part of a run that all of it belongs to; None = what the records and the store know."""
    fetched_at: datetime
    """A moment before the provider was asked: what was asked for later is not overwritten."""


class Version(Struct, frozen=True):
    """A record as it was read; ``data`` None = the provider says that it is gone."""

    record_id: str
    kind: RecordKind
    container_id: str | None
    home_id: str | None
    data: bytes | None
    hash: bytes
    fetched_at: datetime

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.data or b"") + len(self.record_id)


def versions(batch: Batch) -> list[Version]:
    """What a batch says of records, in its order."""
    read = [_version(unit, batch) for unit in batch.records]
    gone = [
        Version(id_, RecordKind.ITEM, batch.container_id, None, None, _GONE, batch.fetched_at)
        for id_ in batch.deleted
    ]
    return [*read, *gone]


def _version(unit: Unit, batch: Batch) -> Version:
    data = _encoder.encode(unit)
    kind, home = _place(unit)
    return Version(
        unit.id,
        kind,
        batch.container_id,
        home,
        data,
        hashlib.blake2b(data, digest_size=_HASH_BYTES).digest(),
        batch.fetched_at,
    )


def _place(unit: Unit) -> tuple[RecordKind, str | None]:
    match unit:
        case Item():
            return RecordKind.ITEM, unit.container_id
        case Comment():
            return RecordKind.COMMENT, None
        case Container():
            return RecordKind.CONTAINER, unit.parent_id


def gone_now(record_id: str, known: KnownRecord) -> Version:
    """A record that turned out to be gone."""
    return Version(
        record_id, known.kind, known.container_id, known.home_id, None, _GONE, known.fetched_at
    )


def latest(found: Iterable[Version]) -> dict[str, Version]:
    """The last thing that is said of each record, by its id."""
    return {version.record_id: version for version in found}


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be written, and what callers are told of it."""

    changes: RecordChanges
    counts: RecordCounts


def decide(
    read: Mapping[str, Version],
    known: Mapping[str, KnownRecord],
    sweep: int,
    unread: Sequence[str] = (),
    *,
    remembers: bool = False,
) -> Decided:
    """Compare what was read with what is stored.

    Args:
        read: Each record once.
        known: Those of them, and of ``unread``, that are stored, or were.
        sweep: The number of the latest full run.
        unread: Ids of records that are there at the provider and could not be read.
        remembers: Write down that unknown records are gone: somebody may have read them before.
    """
    changed: list[RecordChange] = []
    met = [id_ for id_ in unread if id_ in known and known[id_].sweep < sweep]
    tally = dict.fromkeys(RecordAction, 0)
    unchanged = live = 0
    for version in read.values():
        before = known.get(version.record_id)
        action = _action(version, before)
        if action is None and remembers and before is None:
            changed.append(_change(version, before, RecordAction.DELETED))
        elif action is not None:
            changed.append(_change(version, before, action))
            tally[action] += 1
            live += (version.data is not None) - (before is not None and before.is_live)
        else:
            unchanged += version.data is not None
            if before is not None and before.is_live and before.sweep < sweep:
                met.append(version.record_id)
    counts = RecordCounts(
        added=tally[RecordAction.ADDED],
        updated=tally[RecordAction.UPDATED],
        unchanged=unchanged,
        deleted=tally[RecordAction.DELETED],
    )
    return Decided(RecordChanges(changed=changed, met=met, live=live), counts)


def _action(version: Version, before: KnownRecord | None) -> RecordAction | None:
    """What has happened to a record; None = nothing that is to be written."""
    if before is None or not before.is_live:
        is_newer = before is None or version.fetched_at >= before.fetched_at
        return RecordAction.ADDED if version.data is not None and is_newer else None
    if version.fetched_at < before.fetched_at:
        return None
    if version.data is None:
        return RecordAction.DELETED
    is_same = version.hash == before.hash and _container(version, before) == before.container_id
    return None if is_same else RecordAction.UPDATED


def _container(version: Version, before: KnownRecord | None) -> str | None:
    """Which part a record belongs to: as the run says, as it was, or by its own container.

    A run over the whole account does not name parts, and those of a feed are no containers.
    """
    if version.container_id is not None:
        return version.container_id
    if before is not None and before.home_id == version.home_id:
        return before.container_id
    return version.home_id


def _change(version: Version, before: KnownRecord | None, action: RecordAction) -> RecordChange:
    gone = version.data is None
    return RecordChange(
        record_id=version.record_id,
        kind=before.kind if before is not None and gone else version.kind,
        container_id=before.container_id if before and gone else _container(version, before),
        home_id=before.home_id if before and gone else version.home_id,
        data=version.data,
        hash=version.hash,
        action=action,
        fetched_at=version.fetched_at,
        known=before,
    )
