"""A grant over several things waits for its user's choice, for a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from src.connectors.manager import ConnectorManager
from src.core.errors import Conflict, ConnectionNotReady, ValidationFailed
from src.db.flows import Grants
from src.models.audit import AuditAction
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import Connections, require_owner
from src.services.credentials import Credentials
from src.services.oauth.end import with_choice
from src.services.offers import Connected, Offer
from src.services.revocation import NOTHING_LEFT
from src.services.settlement import Settlement, overdue

_AT_ONCE = 100


class Selections:
    """Completes connections that wait for a choice, and drops those that waited too long."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        calls: Calls,
        connections: Connections,
        *,
        credentials: Credentials,
        settlement: Settlement,
        grants: Grants,
        audit: Audit,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._connections = connections
        self._credentials = credentials
        self._settlement = settlement
        self._grants = grants
        self._audit = audit
        self._clock = clock

    async def choose(self, caller: Caller, connection_id: str, value: str) -> Connected:
        """Connect what was chosen.

        Raises:
            NotFound: No such connection.
            Conflict: Nothing is to be chosen.
            ConnectionNotReady: The choice came too late; the grant has been dropped.
            ValidationFailed: It was not offered.
            ConnectionExists: It is connected already.
        """
        connection = await self._connections.get(caller, connection_id, fresh=True)
        require_owner(caller, connection)
        selection = connection.selection
        if selection is None or connection.status is not ConnectionStatus.PENDING:
            raise Conflict("This connection waits for no choice.")
        if overdue(connection, self._clock()):
            await self._drop(connection.tenant_id, connection.id)
            raise ConnectionNotReady(
                "The choice came too late. Connect again.",
                details={"status": "disconnected", "reauthorizeUrl": None},
            )
        if value not in {option.value for option in selection.options}:
            raise ValidationFailed([("value", "is not one of the options")])
        loaded = await self._calls.enabled(caller, connection.connector_id)
        scope = self._scope_of(caller.tenant_id)
        offer = with_choice(loaded, await self._offer(connection), selection, value)
        accepted = await self._settlement.check(caller, loaded, offer, "value")
        connected = await self._settlement.settle(scope, loaded, accepted)
        await self._audit.record(
            caller,
            AuditAction.CONNECTION_CONNECTED,
            connection.id,
            connectorId=connection.connector_id,
            method=connection.auth_method,
            account=accepted.account.id,
        )
        return connected

    async def drop_overdue(self) -> None:
        """Disconnect what has waited for more than a day; its grant is dropped, not revoked."""
        for tenant_id, connection_id in await self._grants.overdue_selections(
            self._clock(), _AT_ONCE
        ):
            await self._drop(tenant_id, connection_id)

    async def _offer(self, connection: Connection) -> Offer:
        loaded = self._manager.registry.find(connection.connector_id)
        scope = self._scope_of(connection.tenant_id)
        return Offer(
            method=self._calls.method(loaded, connection),
            credential=await self._credentials.load(scope, connection),
            config=connection.config,
            user_id=connection.user_id,
            present=connection,
            granted_to=connection.granted_to,
            requested_scopes=connection.requested_scopes,
        )

    async def _drop(self, tenant_id: str, connection_id: str) -> None:
        scope = self._scope_of(tenant_id)

        async def write() -> None:
            moved = await scope.connections.move(
                connection_id,
                ConnectionStatus.DISCONNECTED,
                NOTHING_LEFT,
                sources={ConnectionStatus.PENDING},
                renews=True,
            )
            if moved is not None:
                await scope.tokens.delete(connection_id)

        await scope.transaction(connection_id, write)
