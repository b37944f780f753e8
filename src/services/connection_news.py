"""What tenants are told of their connections, each as part of the change itself."""

from __future__ import annotations

from typing import Any

from src.models.connection import FAILURES_UNTIL_FAILING, Connection, LastError
from src.models.event import EventType
from src.services.events import Events


class ConnectionNews:
    """Tells of moves of a connection; call it in the transaction that moves it."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def connected(self, connection: Connection, *, is_new: bool) -> None:
        """It has been authorized, for the first time or anew."""
        await self._tell(EventType.CONNECTION_CONNECTED, connection, isNew=is_new)

    async def reauth_required(self, connection: Connection, error: LastError | None) -> None:
        """It waits for its user; without an error its token has simply come to its end."""
        told = {"code": error.code, "message": error.message} if error else None
        status = connection.status.value
        await self._tell(
            EventType.CONNECTION_REAUTH_REQUIRED, connection, status=status, error=told
        )

    async def recovered(self, present: Connection) -> None:
        """Its calls go well again.

        Args:
            present: The record as it was before, read within the same transaction.
        """
        await self._tell(EventType.CONNECTION_RECOVERED, present)

    async def disconnected(self, connection: Connection) -> None:
        """It has come to its end."""
        await self._tell(EventType.CONNECTION_DISCONNECTED, connection)

    async def _tell(self, kind: EventType, connection: Connection, **more: Any) -> None:
        told = {
            "connectionId": connection.id,
            "connectorId": connection.connector_id,
            "userId": connection.user_id,
            "accountId": connection.account.id if connection.account else None,
            **more,
        }
        await self._events.emit(connection.tenant_id, kind, told)


def is_failing(failures: int) -> bool:
    """Whether so many failures in a row are what ``recovered`` is about."""
    return failures >= FAILURES_UNTIL_FAILING
