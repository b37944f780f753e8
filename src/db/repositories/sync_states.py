"""How far the streams of connections have been read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.db.collection import ASCENDING, Collection, to_model
from src.db.errors import Duplicate
from src.models.base import now
from src.models.sync_state import SyncState

_MOST_STREAMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """How a run ended; ``counts`` by the names that callers see."""

    at: datetime
    status: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a run came that read to the end."""

    checkpoint: dict[str, Any]
    container_ids: tuple[str, ...] | None
    """Which containers it read; None = all."""
    seen_version: int
    """The version of the state when the run began."""


class SyncStateRepository:
    """One tenant's sync states."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def get(self, connection_id: str, stream: str) -> SyncState | None:
        """The state of one stream."""
        found = await self._collection.find_one({"connectionId": connection_id, "stream": stream})
        return None if found is None else to_model(SyncState, found)

    async def list(self, connection_id: str) -> list[SyncState]:
        """The states of all streams of a connection."""
        found = await self._collection.find(
            {"connectionId": connection_id}, order=[("stream", ASCENDING)], limit=_MOST_STREAMS
        )
        return [to_model(SyncState, document) for document in found]

    async def put(
        self, connection_id: str, stream: str, checkpoint: Any, expected_version: int | None
    ) -> SyncState | None:
        """Write a checkpoint; None when the stored version is not the expected one.

        ``expected_version`` 0 means that there must be none yet, None that it does not matter.
        """
        where: dict[str, Any] = {"connectionId": connection_id, "stream": stream}
        if expected_version is not None:
            where["version"] = expected_version or {"$in": [0, None]}
        update = {"$set": {"checkpoint": checkpoint, "updatedAt": now()}, "$inc": {"version": 1}}
        try:
            stored = await self._collection.update_one(where, update, upsert=not expected_version)
        except Duplicate:
            return None
        return None if stored is None else to_model(SyncState, stored)

    async def forget(self, connection_id: str) -> None:
        """Let the next run of every stream of a connection begin at its beginning."""
        await self._collection.update_many(
            {"connectionId": connection_id, "checkpoint": {"$ne": None}},
            {"$set": {"checkpoint": None, "containerIds": None}, "$inc": {"version": 1}},
        )

    async def note_run(
        self, connection_id: str, stream: str, run: FinishedRun, reached: Reached | None = None
    ) -> None:
        """Write how a run ended, and where the next one begins if it came to its end.

        The checkpoint is left as it is where somebody has set it since the run began, and
        where it speaks of more containers than the run has read.
        """
        where: dict[str, Any] = {"connectionId": connection_id, "stream": stream}
        told = {"lastRunAt": run.at, "lastStatus": run.status, "counts": run.counts}
        empty = {"checkpoint": None, "version": 0, "updatedAt": run.at}
        stored = await self._collection.update_one(
            where, {"$set": told, "$setOnInsert": empty}, upsert=True
        )
        if reached is None or stored is None:
            return
        state = to_model(SyncState, stored)
        if state.version != reached.seen_version or _speaks_of_more(state, reached):
            return
        await self._collection.update_one(
            {**where, "version": state.version},
            {
                "$set": {
                    "checkpoint": reached.checkpoint,
                    "containerIds": reached.container_ids,
                    "updatedAt": run.at,
                },
                "$inc": {"version": 1},
            },
        )


def _speaks_of_more(state: SyncState, reached: Reached) -> bool:
    """Whether the stored checkpoint would be lost for containers that the run has not read."""
    is_same = state.container_ids == reached.container_ids
    return state.covers(reached.container_ids) and not is_same
