"""The one connection pool to MongoDB."""

from __future__ import annotations

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from src.db.errors import translated

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]

_SELECTION_TIMEOUT_MS = 2000
_OPERATION_TIMEOUT_MS = 5000


class Mongo:
    """A client and its database. Opens no connection until it is used."""

    def __init__(self, url: str, name: str) -> None:
        self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            url,
            tz_aware=True,
            serverSelectionTimeoutMS=_SELECTION_TIMEOUT_MS,
            connectTimeoutMS=_SELECTION_TIMEOUT_MS,
            timeoutMS=_OPERATION_TIMEOUT_MS,
            w="majority",
            appname="connectors",
        )
        self.database: Database = self._client[name]

    async def replica_set(self) -> str | None:
        """Name of the replica set that answers, None for a stand-alone server.

        Raises:
            ServiceUnavailable: No server, or none that takes writes.
        """
        with translated():
            hello = await self._client.admin.command("hello")
        name: str | None = hello.get("setName")
        return name

    async def close(self) -> None:
        """Close every connection."""
        self._client.close()
