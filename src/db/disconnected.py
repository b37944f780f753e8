"""Finds connections that have been disconnected for long, and still have records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from src.db.client import Database
from src.db.collection import ASCENDING, Collection


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Where there is work; the work itself runs in the tenant's scope."""

    tenant_id: str
    connection_id: str
    generation: int
    """Which end of the connection is meant: another may follow a reconnect."""


class DisconnectedConnections:
    """Those of all tenants whose records have not been dropped since they ended."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def list(self, moment: datetime, limit: int) -> list[Disconnected]:
        """Those that were last changed before a moment, oldest first."""
        found = await Collection(self._database(), "connections", {}).find(
            {
                "status": "disconnected",
                "updatedAt": {"$lte": moment},
                "$expr": {"$ne": ["$recordsDropped", "$generation"]},
            },
            order=[("updatedAt", ASCENDING)],
            limit=limit,
            only=["tenantId", "generation"],
        )
        return [Disconnected(one["tenantId"], one["_id"], one["generation"]) for one in found]

    async def mark(self, one: Disconnected) -> None:
        """Its records are gone; it is not found again until it is disconnected once more."""
        within = Collection(self._database(), "connections", {"tenantId": one.tenant_id})
        await within.update_one(
            {"_id": one.connection_id, "generation": one.generation},
            {"$set": {"recordsDropped": one.generation}},
        )
