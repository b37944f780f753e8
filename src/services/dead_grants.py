"""The end of a grant: its connection waits for the user."""

from __future__ import annotations

from src.core.errors import ErrorCode
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, LastError
from src.models.credential import StoredToken
from src.models.principal import Caller, Principal, Via
from src.services.audit import Audit
from src.services.connection_news import ConnectionNews

_IN_USE = frozenset({ConnectionStatus.CONNECTED, ConnectionStatus.EXPIRED})


async def end_grant(
    scope: TenantScope,
    tellers: tuple[Audit, ConnectionNews],
    connection: Connection,
    token: StoredToken,
    reason: str,
) -> None:
    """Let a connection wait for its user, unless there is a newer token; one audit entry."""
    audit, news = tellers
    failed = LastError(code=ErrorCode.REAUTHORIZATION_REQUIRED.value, message=reason, at=now())
    nobody = Caller(Principal(connection.tenant_id, Via.PLATFORM, frozenset()))

    async def write() -> None:
        if not await scope.tokens.postpone(token, None):
            return
        moved = await scope.connections.move(
            connection.id,
            ConnectionStatus.REAUTH_REQUIRED,
            {"lastError": failed.model_dump(by_alias=True), "refreshFailures": 0},
            seen=connection,
            sources=_IN_USE,
        )
        if moved is not None:
            await audit.record(
                nobody,
                AuditAction.CONNECTION_REAUTH_REQUIRED,
                connection.id,
                outcome=Outcome.FAILURE,
                message=reason,
            )
            await news.reauth_required(moved, failed)

    await scope.transaction(connection.id, write)
