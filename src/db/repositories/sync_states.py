"""How far the streams of connections have been read."""

from __future__ import annotations

from typing import Any

from src.db.collection import ASCENDING, Collection, to_model
from src.db.errors import Duplicate
from src.models.base import now
from src.models.sync_state import SyncState

_MOST_STREAMS = 200


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
            where["version"] = expected_version or {"$exists": False}
        update = {"$set": {"checkpoint": checkpoint, "updatedAt": now()}, "$inc": {"version": 1}}
        try:
            stored = await self._collection.update_one(where, update, upsert=not expected_version)
        except Duplicate:
            return None
        return None if stored is None else to_model(SyncState, stored)
