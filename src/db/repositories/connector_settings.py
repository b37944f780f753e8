"""What a tenant set for a connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.db.cache import Held
from src.db.collection import ASCENDING, Collection, to_model
from src.models.base import now
from src.models.connector_settings import ConnectorSettings

_MOST_CONNECTORS = 1000


class ConnectorSettingsRepository:
    """One tenant's settings of connectors."""

    def __init__(self, collection: Collection, held: Held) -> None:
        self._collection = collection
        self._held = held

    async def get(self, connector_id: str) -> ConnectorSettings | None:
        """The settings of one connector; held for a moment."""
        return await self._held.get(connector_id, lambda: self._read(connector_id))

    async def get_fresh(self, connector_id: str) -> ConnectorSettings | None:
        """The same, read now: for those who will write what they decide by it."""
        self._held.drop(connector_id)
        return await self.get(connector_id)

    async def _read(self, connector_id: str) -> ConnectorSettings | None:
        found = await self._collection.find_one({"connectorId": connector_id})
        return None if found is None else to_model(ConnectorSettings, found)

    async def list(self) -> list[ConnectorSettings]:
        """The settings of every connector that has some."""
        found = await self._collection.find(
            {}, order=[("connectorId", ASCENDING)], limit=_MOST_CONNECTORS
        )
        return [to_model(ConnectorSettings, document) for document in found]

    async def put(self, connector_id: str, fields: Mapping[str, Any]) -> ConnectorSettings:
        """Set some fields and keep the others."""
        update = {"$set": {**fields, "updatedAt": now()}}
        try:
            stored = await self._collection.update_one(
                {"connectorId": connector_id}, update, upsert=True
            )
        finally:
            self._held.drop(connector_id)
        return to_model(ConnectorSettings, stored or {})
