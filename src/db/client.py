"""The one connection pool to MongoDB."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from src.core.errors import StartError
from src.db.errors import translated

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]

# Not ``timeoutMS``: with it the driver waits for a server as long as for an answer, and the server
# gives up an index build that takes longer.
_TIMEOUTS_MS = {
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 2000,
    "waitQueueTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
}


class DatabaseAddressError(StartError):
    """MONGODB_URL is no address."""


class Mongo:
    """A client and its database. Opens no connection until it is used.

    Timeouts that the address carries win over ours.
    """

    def __init__(self, url: str, name: str) -> None:
        """Take an address of a server or replica set.

        Raises:
            DatabaseAddressError: It is none.
        """
        try:
            self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
                url,
                tz_aware=True,
                w="majority",
                appname="connectors",
                **_timeouts(url),
            )
        except (PyMongoError, ValueError) as error:
            # The driver's words may quote a part of the password.
            raise DatabaseAddressError(
                "MONGODB_URL cannot be used: it must look like "
                "mongodb://user:password@host:27017/?replicaSet=name, with special characters in "
                "name and password percent-encoded."
            ) from error
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


def _timeouts(url: str) -> dict[str, Any]:
    given = {name.lower() for name in parse_qs(url.partition("?")[2])}
    return {name: value for name, value in _TIMEOUTS_MS.items() if name.lower() not in given}
