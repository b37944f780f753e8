"""The end of a connection: nothing that can be decrypted is left."""

from __future__ import annotations

from dataclasses import dataclass

from src.core.errors import AppError, ServiceUnavailable
from src.core.logging import get_logger
from src.core.oauth import OAuth2Client
from src.models.audit import AuditAction
from src.models.connection import Connection, ConnectionStatus
from src.models.credential import Credential
from src.models.principal import Caller
from src.services.apps import OAuthApps
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connection_news import ConnectionNews
from src.services.connections import Connections, require_owner
from src.services.credentials import Credentials
from src.services.giving_back import GivingBack, RevokedAtProvider
from src.services.jobs import end_all
from src.services.oauth.states import FlowStates
from src.services.webhooks.ending import Endings

log = get_logger(__name__)


_NEVER_OR_NO_MORE = frozenset({ConnectionStatus.PENDING, ConnectionStatus.DISCONNECTED})

NOTHING_LEFT = {
    "reserved": False,
    "clientId": None,
    "sealedClientSecret": None,
    "grantedTo": None,
    "grantHash": None,
    "selection": None,
    "selectionUntil": None,
    "tokenExpiresAt": None,
    "failures": 0,
    "refreshFailures": 0,
    "lastError": None,
}


@dataclass(frozen=True, slots=True)
class _GivingBack:
    """What is needed to end a token at its provider, taken out before it is destroyed."""

    client: OAuth2Client
    credential: Credential


class Revocation:
    """Disconnects."""

    def __init__(
        self,
        scope_of: ScopeOf,
        connections: Connections,
        calls: Calls,
        *,
        apps: OAuthApps,
        credentials: Credentials,
        giving_back: GivingBack,
        states: FlowStates,
        webhooks: Endings,
        audit: Audit,
        news: ConnectionNews,
    ) -> None:
        self._scope_of = scope_of
        self._connections = connections
        self._calls = calls
        self._apps = apps
        self._credentials = credentials
        self._ends = giving_back
        self._states = states
        self._webhooks = webhooks
        self._audit = audit
        self._news = news

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
        giving: _GivingBack | None = None
        # The provider is told while there still is a credential to do so.
        await self._webhooks.end_all(connection)

        async def write() -> bool:
            nonlocal giving
            # What is given back is what is destroyed, even if it was renewed a moment ago.
            await scope.tokens.get_fresh(connection.id)
            before = await scope.connections.get_fresh(connection.id)
            giving = await self._giving_back(connection)
            await scope.connections.move(
                connection.id, ConnectionStatus.DISCONNECTED, NOTHING_LEFT, renews=True
            )
            await end_all(scope, connection.id)
            if before is not None and before.status not in _NEVER_OR_NO_MORE:
                await self._news.disconnected(before)
            return await scope.tokens.delete(connection.id)

        had_credential = await scope.transaction(connection.id, write)
        await self._states.drop(connection)
        answer = RevokedAtProvider.NOT_NEEDED
        if had_credential:
            answer = await self._give_back(connection, giving)
        if connection.status is not ConnectionStatus.DISCONNECTED or had_credential:
            await self._audit.record(
                caller,
                AuditAction.CONNECTION_REVOKED,
                connection.id,
                connectorId=connection.connector_id,
                revokedAtProvider=answer.value,
            )
        return answer

    async def _giving_back(self, connection: Connection) -> _GivingBack | None:
        """Client and credential of a grant; None when they cannot be had any more."""
        if connection.granted_to is None:
            return None
        scope = self._scope_of(connection.tenant_id)
        try:
            client = await self._apps.client_of(connection)
            credential = await self._credentials.load(scope, connection)
        except ServiceUnavailable:
            raise
        except AppError as error:
            log.warning("grant.kept", reason=error.message)
            return None
        return _GivingBack(client, credential)

    async def _give_back(
        self, connection: Connection, giving: _GivingBack | None
    ) -> RevokedAtProvider:
        """End the token at the provider, unless somebody else lives on the same grant."""
        if connection.granted_to is None:
            # A key, or a token that somebody else got, is its owner's to end.
            return RevokedAtProvider.UNSUPPORTED
        if await self._ends.is_shared(connection.id, connection.grant_hash):
            return RevokedAtProvider.SKIPPED_SHARED
        if giving is None:
            return RevokedAtProvider.FAILED
        return await self._ends.end(giving.client, giving.credential)
