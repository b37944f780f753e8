"""What a caller may ask of a connection's token: its metadata, a refresh, the token itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from src.core.errors import Forbidden, UnsupportedCapability
from src.models.audit import AuditAction
from src.models.connection import Connection
from src.models.credential import StoredToken
from src.models.principal import Caller, Permission, Via
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import Connections
from src.services.credentials import Credentials
from src.services.refreshes import Refreshes

_REVEALED_TO = frozenset({Via.API_KEY, Via.PLATFORM})


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Whether there is a new token, and what may be known of the present one."""

    refreshed: bool
    expires_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Revealed:
    """A token in the clear, with what may be known of it. Its ``repr`` shows no secret."""

    stored: StoredToken
    access_token: SecretStr


class Tokens:
    """Describes, refreshes and reveals."""

    def __init__(
        self,
        scope_of: ScopeOf,
        connections: Connections,
        calls: Calls,
        credentials: Credentials,
        refreshes: Refreshes,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._connections = connections
        self._calls = calls
        self._credentials = credentials
        self._refreshes = refreshes
        self._audit = audit

    async def describe(self, caller: Caller, connection_id: str) -> StoredToken | None:
        """What may be known of a connection's credential, if it has one.

        Raises:
            NotFound: There is no such connection.
        """
        connection = await self._connections.get(caller, connection_id)
        return await self._scope_of(caller.tenant_id).tokens.get(connection.id)

    async def refresh(self, caller: Caller, connection_id: str, *, force: bool) -> Refreshed:
        """Get a new token if the present one is due, or in any case.

        Raises:
            NotFound: There is no such connection.
            Forbidden: It is shared, and the caller is one user.
            UnsupportedCapability: A refresh is forced, and there is no refresh token.
            AppError: There is none to be had, see ``Renewer.renew``.
        """
        connection, stored = await self._usable(caller, connection_id)
        if not (force or stored.is_due(self._refreshes.clock())):
            return Refreshed(refreshed=False, expires_at=stored.expires_at, version=stored.version)
        if not stored.has_refresh_token:
            raise UnsupportedCapability("This connection has no refresh token.")
        newer = await self._refreshes.renew(connection, stored)
        await self._audit.record(caller, AuditAction.TOKEN_REFRESHED, connection.id, forced=force)
        return Refreshed(refreshed=True, expires_at=newer.expires_at, version=newer.version)

    async def reveal(self, caller: Caller, connection_id: str) -> Revealed:
        """The access token itself, refreshed first when it is due; noted before it is shown.

        Raises:
            Forbidden: The caller may not read tokens, or not in this way.
            ServiceUnavailable: The audit entry cannot be written.
            AppError: There is no token that works.
        """
        if not caller.principal.may(Permission.TOKENS_READ):
            raise Forbidden(
                f"This needs the permission {Permission.TOKENS_READ.value}.",
                details={"permission": Permission.TOKENS_READ.value},
            )
        if caller.principal.via not in _REVEALED_TO:
            raise Forbidden("A token is shown to holders of an API key only.")
        connection, stored = await self._usable(caller, connection_id)
        if stored.is_due(self._refreshes.clock()):
            stored = await self._refreshes.when_due(connection, stored)
        credential = self._credentials.open(stored, connection)
        await self._audit.record(
            caller, AuditAction.TOKEN_REVEALED, connection.id, version=stored.version
        )
        return Revealed(stored, credential.access_token)

    async def _usable(self, caller: Caller, connection_id: str) -> tuple[Connection, StoredToken]:
        own = await self._connections.get_own(caller, connection_id)
        opened = await self._calls.open(caller, own.connector_id, own.id)
        stored = await self._credentials.find(self._scope_of(caller.tenant_id), opened.connection)
        return opened.connection, stored
