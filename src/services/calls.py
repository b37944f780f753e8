"""Calls to a provider with a connection: opened by tenant, and each outcome remembered.

A refused credential ends in ``reauth_required``; an outage only changes the health. Nothing is
written for a call that goes as the last one did: a healthy connection costs no write per request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
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
    InsufficientScope,
    ProviderRejected,
    ServiceUnavailable,
    SkipThis,
    TryLater,
    UnreadableAnswer,
    ValidationFailed,
)
from src.core.logging import bind_log_context, get_logger
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, LastError
from src.models.principal import Caller
from src.models.rate_limit import RateLimit
from src.services.app_budgets import AppBudgets
from src.services.audit import Audit, ScopeOf
from src.services.connections import Connections
from src.services.credentials import reauthorization_required
from src.services.refreshes import Refreshes

T = TypeVar("T")
USED_PRECISION = timedelta(minutes=1)
"""``lastUsedAt`` is this coarse, so that it is not a write per call."""

log = get_logger(__name__)


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
        audit: Audit,
        budgets: AppBudgets,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._connections = connections
        self._refreshes = refreshes
        self._audit = audit
        self._budgets = budgets

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
        self, caller: Caller, connector_id: str, connection_id: str, *, fresh: bool = False
    ) -> Opened:
        """A connected connection, ready for calls; ``fresh`` for those that change something.

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
        return self.attach(connection)

    async def _expire(self, caller: Caller, connection: Connection) -> Connection:
        """The connection, which ends with its access token unless another can be had for it."""
        scope = self._scope(connection)
        present = await self._connections.get(caller, connection.id, fresh=True)
        token = await scope.tokens.get_fresh(present.id)
        if not _is_over(present) or (token is not None and token.has_refresh_token):
            return present
        await scope.connections.move(present.id, ConnectionStatus.EXPIRED, {}, seen=present)
        return await self._connections.get(caller, connection.id, fresh=True)

    def attach(self, connection: Connection, *, background: bool = False) -> Opened:
        """The connector of a connection, whatever its status.

        Args:
            connection: The record.
            background: Nobody waits for it: it leaves the reserve of the OAuth app's limit alone.

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
            error.rate_limit = opened.connector.rest.rate_limit
            await self._remember_error(caller, opened.connection, error)
            if isinstance(error, CredentialRefused):
                raise reauthorization_required(
                    "The provider no longer accepts this connection's credential. Connect again."
                ) from error
            raise
        await self._note(self._remember_success(opened.connection))
        return Result(value, opened.connector.rest.rate_limit)

    async def _remember_error(
        self, caller: Caller, connection: Connection, error: AppError
    ) -> None:
        """What an error says of the connection: ask its user, an outage, or nothing bad."""
        match error:
            case CredentialRefused():
                await self.mark_refused(caller, connection, error)
            case TryLater() | UnreadableAnswer():
                await self._note(self._remember_failure(connection, error))
            case SkipThis() | InsufficientScope() | ProviderRejected():
                # The provider answered, and knows who we are.
                await self._note(self._remember_success(connection))
            case _:
                pass

    @staticmethod
    async def _note(write: Awaitable[None]) -> None:
        """Write down how a call went; that this fails does not change how it went."""
        try:
            await write
        except ServiceUnavailable:
            log.warning("connection.missed", reason="the database is away")

    async def mark_refused(self, caller: Caller, connection: Connection, error: AppError) -> None:
        """Let the connection wait for its user; one audit entry, however often it is refused."""
        moved = await self._scope(connection).connections.move(
            connection.id,
            ConnectionStatus.REAUTH_REQUIRED,
            {"lastError": _last_error(error)},
            seen=connection,
            sources={ConnectionStatus.CONNECTED, ConnectionStatus.EXPIRED},
        )
        if moved is None:
            # Somebody else was first, or the credential has been replaced meanwhile.
            return
        await self._audit.record(
            caller,
            AuditAction.CONNECTION_REAUTH_REQUIRED,
            connection.id,
            outcome=Outcome.FAILURE,
            message=error.details.get("message"),
        )

    async def _remember_failure(self, connection: Connection, error: AppError) -> None:
        log.warning("provider.failed", code=error.code.value, reason=error.message)
        await self._scope(connection).connections.count_failure(connection.id, _last_error(error))

    async def _remember_success(self, connection: Connection) -> None:
        moment = now()
        used = connection.last_used_at
        if connection.failures == 0 and used is not None and moment - used < USED_PRECISION:
            return
        await self._scope(connection).connections.note_success(
            connection.id, moment, keeps_error=connection.refresh_failures > 0
        )

    def _scope(self, connection: Connection) -> TenantScope:
        return self._scope_of(connection.tenant_id)


def _last_error(error: AppError) -> dict[str, object]:
    record = LastError(code=error.code.value, message=error.message, at=now())
    return record.model_dump(by_alias=True)


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
