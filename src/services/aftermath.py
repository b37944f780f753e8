"""What a call leaves behind: health, use, and a connection that must be authorized again.

Nothing is written for a call that goes as the last one did: a healthy connection costs no write per
request. What tenants are told of goes with the change itself.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta

from src.core.errors import (
    AppError,
    CredentialRefused,
    InsufficientScope,
    ProviderRejected,
    ServiceUnavailable,
    SkipThis,
    TryLater,
    UnreadableAnswer,
)
from src.core.logging import get_logger
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, LastError
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.connection_news import ConnectionNews, is_failing

USED_PRECISION = timedelta(minutes=1)
"""``lastUsedAt`` is this coarse, so that it is not a write per call."""

log = get_logger(__name__)


class Aftermath:
    """Remembers how calls went."""

    def __init__(self, scope_of: ScopeOf, audit: Audit, news: ConnectionNews) -> None:
        self._scope_of = scope_of
        self._audit = audit
        self._news = news

    async def succeeded(self, connection: Connection) -> None:
        """A call went well."""
        await self._note(self._remember_success(connection))

    async def failed(self, caller: Caller, connection: Connection, error: AppError) -> None:
        """What an error says of the connection: ask its user, an outage, or nothing bad."""
        match error:
            case CredentialRefused():
                await self._refused(caller, connection, error)
            case TryLater() | UnreadableAnswer():
                await self._note(self._remember_failure(connection, error))
            case SkipThis() | InsufficientScope() | ProviderRejected():
                # The provider answered, and knows who we are.
                await self._note(self._remember_success(connection))
            case _:
                pass

    async def expired(self, present: Connection) -> None:
        """Its access token is over, and there is no other to be had."""
        scope = self._scope(present)

        async def write() -> None:
            moved = await scope.connections.move(
                present.id,
                ConnectionStatus.EXPIRED,
                {},
                seen=present,
                sources={ConnectionStatus.CONNECTED},
            )
            if moved is not None:
                await self._news.reauth_required(moved, None)

        await scope.transaction(present.id, write)

    @staticmethod
    async def _note(write: Awaitable[None]) -> None:
        """Write down how a call went; that this fails does not change how it went."""
        try:
            await write
        except ServiceUnavailable:
            log.warning("connection.missed", reason="the database is away")

    async def _refused(self, caller: Caller, connection: Connection, error: AppError) -> None:
        """Let the connection wait for its user; one audit entry, however often it is refused."""
        scope = self._scope(connection)
        failed = _last_error(error)

        async def write() -> Connection | None:
            moved = await scope.connections.move(
                connection.id,
                ConnectionStatus.REAUTH_REQUIRED,
                {"lastError": failed.model_dump(by_alias=True)},
                seen=connection,
                sources={ConnectionStatus.CONNECTED, ConnectionStatus.EXPIRED},
            )
            if moved is not None:
                await self._news.reauth_required(moved, failed)
            return moved

        if await scope.transaction(connection.id, write) is None:
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
        failed = _last_error(error).model_dump(by_alias=True)
        await self._scope(connection).connections.count_failure(connection.id, failed)

    async def _remember_success(self, connection: Connection) -> None:
        moment = now()
        used = connection.last_used_at
        if connection.failures == 0 and used is not None and moment - used < USED_PRECISION:
            return
        scope = self._scope(connection)

        async def write() -> None:
            await scope.connections.note_success(
                connection.id, moment, keeps_error=connection.refresh_failures > 0
            )

        async def recover() -> None:
            before = await scope.connections.get_fresh(connection.id)
            await write()
            if before is None or is_failing(before.refresh_failures):
                return
            if is_failing(before.failures):
                await self._news.recovered(before)

        if is_failing(connection.failures):
            await scope.transaction(connection.id, recover)
        else:
            await write()

    def _scope(self, connection: Connection) -> TenantScope:
        return self._scope_of(connection.tenant_id)


def _last_error(error: AppError) -> LastError:
    return LastError(code=error.code.value, message=error.message, at=now())
