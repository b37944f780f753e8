"""The end of a connection: nothing that can be decrypted is left."""

from __future__ import annotations

from enum import StrEnum

from src.models.audit import AuditAction
from src.models.connection import Connection, ConnectionStatus
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import Connections, require_owner


class RevokedAtProvider(StrEnum):
    """What became of the grant at the provider."""

    UNSUPPORTED = "unsupported"
    NOT_NEEDED = "not_needed"


_NOTHING_LEFT = {
    "reserved": False,
    "clientId": None,
    "sealedClientSecret": None,
    "tokenExpiresAt": None,
    "failures": 0,
    "lastError": None,
}


class Revocation:
    """Disconnects."""

    def __init__(
        self, scope_of: ScopeOf, connections: Connections, calls: Calls, audit: Audit
    ) -> None:
        self._scope_of = scope_of
        self._connections = connections
        self._calls = calls
        self._audit = audit

    async def disconnect(self, caller: Caller, connection_id: str) -> RevokedAtProvider:
        """Destroy credential and own app of a connection; keep its record. Twice is once.

        Raises:
            NotFound: No such connection.
            Forbidden: It is shared, and the caller is one user.
        """
        connection = await self._connections.get(caller, connection_id, fresh=True)
        return await self._disconnect(caller, connection)

    async def revoke(
        self, caller: Caller, connector_id: str, connection_id: str
    ) -> RevokedAtProvider:
        """The same for a connection of one connector."""
        connection = await self._calls.find(caller, connector_id, connection_id, fresh=True)
        return await self._disconnect(caller, connection)

    async def _disconnect(self, caller: Caller, connection: Connection) -> RevokedAtProvider:
        require_owner(caller, connection)
        scope = self._scope_of(connection.tenant_id)

        async def write() -> bool:
            await scope.connections.move(
                connection.id, ConnectionStatus.DISCONNECTED, _NOTHING_LEFT, renews=True
            )
            return await scope.tokens.delete(connection.id)

        had_credential = await scope.transaction(connection.id, write)
        # A key is its owner's, and the provider has no call to end it.
        answer = RevokedAtProvider.UNSUPPORTED if had_credential else RevokedAtProvider.NOT_NEEDED
        if connection.status is not ConnectionStatus.DISCONNECTED or had_credential:
            await self._audit.record(
                caller,
                AuditAction.CONNECTION_REVOKED,
                connection.id,
                connectorId=connection.connector_id,
                revokedAtProvider=answer.value,
            )
        return answer
