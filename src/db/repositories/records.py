"""Records of streams, numbered in the order of their changes.

A write begins with ``lock``: the head of the stream is written to within the transaction, and
another writer's fails or waits until this one is kept. So the order of ``seq`` is the order of
commits, and a reader who has seen one has seen all below it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from src.db.client import Document
from src.db.collection import ASCENDING, Collection, Filter, to_model
from src.db.repositories.record_values import (
    KNOWN_FIELDS,
    READ_FIELDS,
    KnownRecord,
    RecordChange,
    RecordChanges,
    StoredRecord,
    StreamPlace,
    known_record,
    stored_record,
)
from src.models.record_head import RecordHead

_ID_BYTES = 16
_WRITTEN_AT_ONCE = 250
"""What is on its way to the database takes several times its size."""
_LATER = {"$max": ["$now", "$$NOW"]}
_MOST_STREAMS = 200


class RecordRepository:
    """One tenant's records."""

    def __init__(self, records: Collection, heads: Collection, tenant_id: str) -> None:
        self._records = records
        self._heads = heads
        self._tenant_id = tenant_id

    async def heads(self, connection_id: str) -> list[RecordHead]:
        """The streams of a connection that have ever had a record, or a full run, by name."""
        found = await self._heads.find(
            {"connectionId": connection_id}, order=[("stream", ASCENDING)], limit=_MOST_STREAMS
        )
        return [to_model(RecordHead, document) for document in found]

    async def lock(self, place: StreamPlace, *, begins_sweep: bool = False) -> RecordHead:
        """Be the only writer of a stream until the present transaction ends.

        Args:
            place: The stream.
            begins_sweep: A full run begins: give it the next number.

        Raises:
            Duplicate: Somebody else made the head at the same moment.
        """
        zero = {"$ifNull": ["$sweep", 0]}
        fields: Document = {
            "now": _LATER,
            "seq": {"$ifNull": ["$seq", 0]},
            "live": {"$ifNull": ["$live", 0]},
            "sweep": {"$add": [zero, 1]} if begins_sweep else zero,
        }
        found = await self._heads.compute_one(place.filter, fields, upsert=True)
        return to_model(RecordHead, found or {})

    async def lock_alone(self, place: StreamPlace, seq: int, count: int) -> RecordHead | None:
        """The same for a stream whose head stands at ``seq``, and number so many new records.

        Returns:
            None if it stands elsewhere, and nothing was done; else the head behind them.
        """
        fields = {
            "now": _LATER,
            "seq": {"$literal": seq + count},
            "live": {"$add": ["$live", count]},
        }
        found = await self._heads.compute_one({**place.filter, "seq": seq}, fields)
        return None if found is None else to_model(RecordHead, found)

    async def add_all(
        self, place: StreamPlace, head: RecordHead, added: Sequence[RecordChange]
    ) -> None:
        """Write the new records that ``lock_alone`` has numbered.

        Raises:
            Duplicate: One of them was there.
        """
        first = head.seq - len(added) + 1
        for begin in range(0, len(added), _WRITTEN_AT_ONCE):
            some = enumerate(added[begin : begin + _WRITTEN_AT_ONCE], first + begin)
            await self._records.insert_many(
                [self._document(place, head, one, seq) for seq, one in some]
            )

    async def known(self, place: StreamPlace, record_ids: Sequence[str]) -> dict[str, KnownRecord]:
        """Those of these records that are there, or were once."""
        ids = [self._id(place, record_id) for record_id in record_ids]
        found = await self._records.find(
            {"_id": {"$in": ids}}, order=(), limit=len(ids), only=KNOWN_FIELDS
        )
        return {document["recordId"]: known_record(document) for document in found}

    async def apply(
        self,
        place: StreamPlace,
        head: RecordHead,
        changes: RecordChanges,
        *,
        gone_until: datetime | None = None,
        unknown_until: datetime | None = None,
    ) -> None:
        """Write what has changed, numbered after what the locked head says.

        Args:
            place: The stream.
            head: What ``lock`` gave.
            changes: At most a thousand or so.
            gone_until: How long it is kept of a record that it is gone; None = for ever.
            unknown_until: The same for one that was never there.
        """
        for begin in range(0, len(changes.changed), _WRITTEN_AT_ONCE):
            fresh: list[Document] = []
            again: list[Document] = []
            some = changes.changed[begin : begin + _WRITTEN_AT_ONCE]
            for seq, change in enumerate(some, head.seq + 1 + begin):
                document = self._document(place, head, change, seq)
                if change.data is None:
                    until = gone_until if change.known else unknown_until
                    document |= {"deletedAt": head.now, "dropAt": until}
                (fresh if change.known is None else again).append(document)
            await self._records.insert_many(fresh)
            await self._records.replace_many(again)
        if changes.met:
            ids = [self._id(place, record_id) for record_id in changes.met]
            await self._records.update_many({"_id": {"$in": ids}}, {"$set": {"sweep": head.sweep}})
        if changes.changed:
            more = {"seq": len(changes.changed), "live": changes.live}
            await self._heads.update_one(place.filter, {"$inc": more})

    async def first_after(self, place: StreamPlace, seq: int) -> tuple[int, datetime] | None:
        """Number and time of the first change behind ``seq``."""
        found = await self._records.find(
            {**place.filter, "seq": {"$gt": seq}},
            order=[("seq", ASCENDING)],
            limit=1,
            only=["seq", "lastModifiedAt"],
        )
        return (found[0]["seq"], found[0]["lastModifiedAt"]) if found else None

    async def unmet(
        self,
        place: StreamPlace,
        sweep: int,
        span: tuple[int, int],
        *,
        only_in: Sequence[str] | None,
        but_in: Sequence[str],
    ) -> list[str]:
        """Ids of live records that a full run has not met, of a span of the stream.

        Args:
            place: The stream.
            sweep: The run's number.
            span: Changes behind the first number, up to the second; it bounds what is looked at.
            only_in: Of these containers; None = of all.
            but_in: Not of these; what is of no known container is then left out, too.
        """
        after, last = span
        where: Document = {
            **place.filter,
            "seq": {"$gt": after, "$lte": last},
            "live": True,
            "sweep": {"$lt": sweep},
        }
        if containers := _containers(only_in, but_in):
            where["containerId"] = containers
        found = await self._records.find(
            where, order=[("seq", ASCENDING)], limit=last - after, only=["recordId"]
        )
        return [document["recordId"] for document in found]

    async def drop(self, place: StreamPlace, *, limit: int) -> int:
        """Take records of a locked stream away for good, so many at the most; say how many.

        The numbers go on where they were.
        """
        found = await self._records.find(place.filter, order=(), limit=limit, only=["live"])
        if not found:
            return 0
        live = sum(document["live"] for document in found)
        await self._heads.update_one(place.filter, {"$inc": {"live": -live}})
        ids = [document["_id"] for document in found]
        return await self._records.delete_many({"_id": {"$in": ids}})

    async def get(self, place: StreamPlace, record_id: str) -> StoredRecord | None:
        """One record of a stream, gone or not."""
        found = await self._records.find_one({"_id": self._id(place, record_id)})
        return None if found is None else stored_record(found)

    async def list(
        self,
        place: StreamPlace,
        after: int,
        *,
        limit: int,
        includes_deleted: bool,
    ) -> list[StoredRecord]:
        """Records of a stream in the order of their last changes."""
        where: Document = {**place.filter, "seq": {"$gt": after}}
        if not includes_deleted:
            where["live"] = True
        found = await self._records.find(
            where, order=[("seq", ASCENDING)], limit=limit, only=READ_FIELDS
        )
        return [stored_record(document) for document in found]

    def _id(self, place: StreamPlace, record_id: str) -> bytes:
        parts = (self._tenant_id, place.connection_id, place.stream, record_id)
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=_ID_BYTES).digest()

    def _document(
        self, place: StreamPlace, head: RecordHead, change: RecordChange, seq: int
    ) -> Document:
        known = change.known
        return {
            "_id": self._id(place, change.record_id),
            "connectionId": place.connection_id,
            "stream": place.stream,
            "recordId": change.record_id,
            "kind": change.kind.value,
            "containerId": change.container_id,
            "homeId": change.home_id,
            "data": None if change.data is None else change.data.decode(),
            "hash": change.hash,
            "live": change.data is not None,
            "seq": seq,
            "sweep": head.sweep,
            "fetchedAt": change.fetched_at,
            "firstSeenAt": known.first_seen_at if known else head.now,
            "lastModifiedAt": head.now,
            "lastAction": change.action.value,
        }


def _containers(only_in: Sequence[str] | None, but_in: Sequence[str]) -> Filter | None:
    if only_in is not None:
        kept = set(but_in)
        return {"$in": [one for one in only_in if one not in kept]}
    return {"$nin": [*but_in, None]} if but_in else None
