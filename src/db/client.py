"""The one connection pool to MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import ReadPreference
from pymongo.errors import PyMongoError

from src.core.errors import ServiceUnavailable, StartError
from src.db.errors import translated
from src.db.presence import Presence

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]

# Not ``timeoutMS``: with it the driver waits for a server as long as for an answer, and the server
# gives up an index build that takes longer.
_TIMES_MS = {
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 2000,
    "waitQueueTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
    # How soon a database that hangs is missed, and one that is back is noticed without a request.
    "heartbeatFrequencyMS": 2000,
}
_PATIENT_MS = {"socketTimeoutMS": 600_000}
_LONGEST_OPERATION_SECONDS = 10.0


class DatabaseAddressError(StartError):
    """MONGODB_URL is no address."""


class Mongo:
    """A client and its database. Opens no connection until it is used.

    Times that the address carries win over ours; what is read is always the primary's.
    """

    def __init__(
        self, url: str | Callable[[], str], name: str, *, is_patient: bool = False
    ) -> None:
        """Take an address of a server or replica set.

        Args:
            url: The address, or what tells it when the database may move.
            name: The database.
            is_patient: Whether an answer may take minutes, as in maintenance.

        Raises:
            DatabaseAddressError: It is none.
        """
        self._times = _TIMES_MS | (_PATIENT_MS if is_patient else {})
        self._where = url if callable(url) else lambda: url
        self._name = name
        self._url = self._where()
        self._presence = Presence(_options(self._url).get("replicaset"))
        self._client = self._connect()
        self._database: Database = self._client[name]
        self._former: list[AsyncIOMotorClient[Document]] = []

    @property
    def database(self) -> Database:
        """The database where it is now; ask again rather than keep it."""
        if (url := self._where()) != self._url:
            self._url = url
            self._leave(self._client)
            self._client = self._connect()
            self._database = self._client[self._name]
        return self._database

    def _connect(self) -> AsyncIOMotorClient[Document]:
        given = _options(self._url)
        times: dict[str, Any] = {
            name: value for name, value in self._times.items() if name.lower() not in given
        }
        try:
            return AsyncIOMotorClient(
                self._url,
                tz_aware=True,
                # Also over what the address says: a member that lags behind would take back what a
                # cursor has passed, and no transaction reads from one.
                read_preference=ReadPreference.PRIMARY,
                w="majority",
                appname="connectors",
                event_listeners=[self._presence],
                **times,
            )
        except (PyMongoError, ValueError) as error:
            # The driver's words may quote a part of the password.
            raise DatabaseAddressError(
                "MONGODB_URL cannot be used: it must look like "
                "mongodb://user:password@host:27017/?replicaSet=name, with special characters in "
                "name and password percent-encoded."
            ) from error

    def _leave(self, client: AsyncIOMotorClient[Document]) -> None:
        """Close a client once its last operation has ended; one cut off would look like a bug."""
        self._former.append(client)
        asyncio.get_running_loop().call_later(_LONGEST_OPERATION_SECONDS, client.close)

    async def replica_set(self) -> str | None:
        """Name of the replica set that answers, None for a stand-alone server.

        Raises:
            ServiceUnavailable: No server, or none that takes writes.
        """
        with translated():
            hello = await self.database.client.admin.command("hello")
        name: str | None = hello.get("setName")
        return name

    def trouble(self, outage: ServiceUnavailable) -> str:
        """What an outage comes from and what to do about it, without the address."""
        return self._presence.explain(outage.__cause__)

    async def close(self) -> None:
        """Close every connection."""
        self._presence.end()
        for client in (*self._former, self._client):
            client.close()


def _options(url: str) -> dict[str, str]:
    """The options of an address by their names in lower case."""
    given = parse_qs(url.partition("?")[2])
    return {name.lower(): values[-1] for name, values in given.items()}
