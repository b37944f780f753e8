"""Calls to a provider with a connection: opened by tenant, and each outcome remembered.

A refused credential ends in ``reauth_required``; an outage only changes the health.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from src.connectors.base import BaseConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import (
    AppError,
    ConnectionNotReady,
    ConnectorNotConfigured,
    CredentialRefused,
    ValidationFailed,
)
from src.core.logging import bind_log_context
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus
from src.models.principal import Caller
from src.models.rate_limit import RateLimit
from src.services.aftermath import Aftermath
from src.services.app_budgets import AppBudgets
from src.services.audit import ScopeOf
from src.services.connections import Connections
from src.services.credentials import reauthorization_required
from src.services.refreshes import Refreshes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection with its connector at work."""

    connection: Connection
    connector: BaseConnector
    loaded: LoadedConnector


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What a call gave, and what the provider told of its limit."""

    value: T
    rate_limit: RateLimit | None


class Calls:
    """Opens connections for calls and remembers how they went."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        connections: Connections,
        refreshes: Refreshes,
        budgets: AppBudgets,
        aftermath: Aftermath,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._connections = connections
        self._refreshes = refreshes
        self._budgets = budgets
        self._aftermath = aftermath

    async def enabled(self, caller: Caller, connector_id: str) -> LoadedConnector:
        """A connector that the tenant may use.

        Raises:
            NotFound: There is no such connector.
            ConnectorNotConfigured: The operator or the tenant switched it off.
        """
        loaded = self._manager.registry.find(connector_id)
        settings = await self._scope_of(caller.tenant_id).connector_settings.get(connector_id)
        on = self._manager.is_enabled(connector_id) and (settings is None or settings.enabled)
        if not on:
            raise ConnectorNotConfigured(
                f"{loaded.manifest.name} is switched off for this tenant.",
                details={"reason": "disabled"},
            )
        return loaded

    async def find(
        self, caller: Caller, connector_id: str, connection_id: str, *, fresh: bool = False
    ) -> Connection:
        """A visible connection of this connector; ``fresh`` for those who will write by it.

        Raises:
            NotFound: No such connector or connection.
            ValidationFailed: The connection belongs to another connector.
        """
        self._manager.registry.find(connector_id)
        connection = await self._connections.get(caller, connection_id, fresh=fresh)
        if connection.connector_id != connector_id:
            raise ValidationFailed(
                [("connectionId", f"is a connection of {connection.connector_id}")]
            )
        bind_log_context(connector=connector_id, connection=connection_id)
        return connection

    async def open(
        self,
        caller: Caller,
        connector_id: str,
        connection_id: str,
        *,
        fresh: bool = False,
        background: bool = False,
    ) -> Opened:
        """A connected connection, ready for calls; ``fresh`` for those that change something.

        With ``background`` nobody waits for it (``attach``).

        Raises:
            NotFound: No such connector or connection.
            ValidationFailed: The connection belongs to another connector.
            ConnectorNotConfigured: The connector is switched off.
            ConnectionNotReady: The connection is pending or disconnected.
            ReauthorizationRequired: Its credential no longer works, or belongs to another address.
        """
        connection = await self.find(caller, connector_id, connection_id, fresh=fresh)
        await self.enabled(caller, connector_id)
        if _is_over(connection):
            connection = await self._expire(caller, connection)
        _require_connected(connection)
        return self.attach(connection, background=background)

    async def _expire(self, caller: Caller, connection: Connection) -> Connection:
        """The connection, which ends with its access token unless another can be had for it."""
        scope = self._scope(connection)
        present = await self._connections.get(caller, connection.id, fresh=True)
        token = await scope.tokens.get_fresh(present.id)
        if not _is_over(present) or (token is not None and token.has_refresh_token):
            return present
        await self._aftermath.expired(present)
        return await self._connections.get(caller, connection.id, fresh=True)

    def attach(self, connection: Connection, *, background: bool = False) -> Opened:
        """The connector of a connection, whatever its status.

        Args:
            connection: The record.
            background: Nobody waits for it: it leaves alone what limits keep for those who do wait.

        Raises:
            ReauthorizationRequired: The provider's address is another than the authorized one.
        """
        loaded = self._manager.registry.find(connection.connector_id)
        method = self.method(loaded, connection)
        address = self._manager.address(connection.connector_id, connection.config, method)
        if address.origin != connection.origin:
            raise reauthorization_required(
                "The provider's address has changed since this connection was authorized."
            )
        use = Use(
            method=method,
            tokens=self._refreshes.provider(self._scope(connection), connection),
            config=connection.config,
            settings=connection.settings,
            granted_scopes=connection.granted_scopes,
            account=connection.account,
            budget=self._budgets.of(
                connection.connector_id, connection.granted_to, background=background
            ),
            owner=connection.id,
            background=background,
        )
        return Opened(connection, self._manager.open(connection.connector_id, use), loaded)

    def method(self, loaded: LoadedConnector, connection: Connection) -> AuthMethod:
        """How a connection was authorized.

        Raises:
            ReauthorizationRequired: The connector has given up this way.
        """
        method = loaded.manifest.auth_method(connection.auth_method)
        if method is None:
            raise reauthorization_required(
                f"{loaded.manifest.name} no longer connects in this way. Connect again."
            )
        return method

    async def run(
        self, caller: Caller, opened: Opened, verb: Callable[[], Awaitable[T]]
    ) -> Result[T]:
        """Run one verb of the connector and remember how it went.

        Raises:
            ReauthorizationRequired: The provider refused the credential; the connection now waits
                for its user.
            AppError: Whatever else the verb raises.
        """
        try:
            value = await verb()
        except AppError as error:
            error.rate_limit = opened.connector.rate_limit
            await self._aftermath.failed(caller, opened.connection, error)
            if isinstance(error, CredentialRefused):
                raise reauthorization_required(
                    "The provider no longer accepts this connection's credential. Connect again."
                ) from error
            raise
        await self._aftermath.succeeded(opened.connection)
        return Result(value, opened.connector.rate_limit)

    def _scope(self, connection: Connection) -> TenantScope:
        return self._scope_of(connection.tenant_id)


def _is_over(connection: Connection) -> bool:
    end = connection.token_expires_at
    return connection.status is ConnectionStatus.CONNECTED and end is not None and end <= now()


def _require_connected(connection: Connection) -> None:
    match connection.status:
        case ConnectionStatus.CONNECTED:
            return
        case ConnectionStatus.EXPIRED | ConnectionStatus.REAUTH_REQUIRED:
            raise reauthorization_required(
                "The provider no longer accepts this connection's credential. Connect again."
            )
        case ConnectionStatus.PENDING | ConnectionStatus.DISCONNECTED:
            raise ConnectionNotReady(
                f"The connection is {connection.status.value}. Connect it first.",
                details={"status": connection.status.value, "reauthorizeUrl": None},
            )
