"""Is it well? Probing and validating connections, and credentials before they are stored."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.core.errors import (
    AskUser,
    CredentialRefused,
    OurBug,
    ProviderNotFound,
    ProviderRejected,
    RateLimited,
    ServiceUnavailable,
    SkipThis,
    TryLater,
    UnreadableAnswer,
    ValidationFailed,
)
from src.db.errors import Duplicate
from src.models.base import now
from src.models.connection import Account, Connection, ConnectionStatus
from src.models.principal import Caller
from src.models.rate_limit import RateLimit
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.connect import Authorization, Connect
from src.services.connections import Connections, checked

_WITH_CREDENTIAL = frozenset(
    {
        ConnectionStatus.CONNECTED,
        ConnectionStatus.EXPIRED,
        ConnectionStatus.REAUTH_REQUIRED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How the provider answers right now; ``latency_ms`` in milliseconds."""

    reachable: bool
    authenticated: bool
    latency_ms: int
    account: Account | None = None
    rate_limit: RateLimit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a credential works, and if not, why."""

    valid: bool
    errors: list[tuple[str, str]] = field(default_factory=list)
    account: Account | None = None
    missing_scopes: tuple[str, ...] = ()


class Checks:
    """Asks the provider whether a credential works."""

    def __init__(
        self, scope_of: ScopeOf, calls: Calls, connections: Connections, connect: Connect
    ) -> None:
        self._scope_of = scope_of
        self._calls = calls
        self._connections = connections
        self._connect = connect

    async def probe(self, caller: Caller, connector_id: str, connection_id: str) -> Probe:
        """Call the provider once; its faults are the answer.

        Raises:
            NotFound: No such connection.
            ConnectionNotReady: The connection has no credential to probe with.
            ReauthorizationRequired: Its credential is known not to work.
        """
        opened = await self._calls.open(caller, connector_id, connection_id)
        connector = opened.connector
        started = time.perf_counter()
        account: Account | None = None
        reachable = authenticated = True
        try:
            result = await self._calls.run(caller, opened, connector.identify)
            account = result.value.account
        except AskUser as error:
            if not isinstance(error.__cause__, CredentialRefused):
                raise
            authenticated = False
        except (RateLimited, SkipThis):
            authenticated = True
        except (TryLater, OurBug) as error:
            if isinstance(error, ServiceUnavailable):
                raise
            authenticated = False
            reachable = isinstance(error, UnreadableAnswer | ProviderRejected)
        return Probe(
            reachable=reachable,
            authenticated=authenticated,
            latency_ms=round((time.perf_counter() - started) * 1000),
            account=account,
            rate_limit=connector.rate_limit,
        )

    async def validate(self, caller: Caller, connection_id: str) -> Verdict:
        """Check a connection's credential; one that works again reconnects it.

        Raises:
            NotFound: No such connection.
            TryLater: The provider cannot be asked now.
        """
        connection = await self._connections.get(caller, connection_id, fresh=True)
        if connection.status in {ConnectionStatus.PENDING, ConnectionStatus.DISCONNECTED}:
            reason = f"the connection is {connection.status.value}"
            return Verdict(valid=False, errors=[("connectionId", reason)])
        await self._calls.enabled(caller, connection.connector_id)
        try:
            opened = self._calls.attach(connection)
            result = await self._calls.run(caller, opened, opened.connector.identify)
        except AskUser as error:
            return Verdict(valid=False, errors=[("credentials", error.message)])
        identity = result.value
        if connection.account is not None and connection.account.id != identity.account.id:
            return Verdict(
                valid=False, errors=[("credentials", "the credential is another account's")]
            )
        refreshed = await self._reconnect(connection, identity.granted_scopes)
        report = self._connections.report(refreshed)
        return Verdict(valid=True, account=identity.account, missing_scopes=report.missing)

    async def _reconnect(
        self, connection: Connection, scopes: tuple[str, ...] | None
    ) -> Connection:
        """Keep what the provider told; a connection that waited for its user need not any more."""
        fields: dict[str, Any] = {} if scopes is None else {"grantedScopes": scopes}
        if connection.token_expires_at is not None and connection.token_expires_at <= now():
            # The provider has just accepted it, so the time that came with it was wrong.
            fields["tokenExpiresAt"] = None
        repository = self._scope_of(connection.tenant_id).connections
        try:
            # Only while it is the same authorization: a disconnect in between stays one.
            moved = await repository.move(
                connection.id,
                ConnectionStatus.CONNECTED,
                fields,
                seen=connection,
                sources=_WITH_CREDENTIAL,
            )
        except Duplicate:
            # The account has been connected anew in another record, which stays the living one.
            return connection
        return moved or connection

    async def validate_config(
        self, caller: Caller, connector_id: str, config: Mapping[str, Any] | None
    ) -> Verdict:
        """Check the form of a config; which fields a method needs is asked with its credential."""
        loaded = await self._calls.enabled(caller, connector_id)
        try:
            checked("config", loaded.manifest.config_model, config)
        except ValidationFailed as error:
            return _invalid(error)
        return Verdict(valid=True)

    async def validate_given(
        self, caller: Caller, connector_id: str, authorization: Authorization
    ) -> Verdict:
        """Check a credential and config that are not stored.

        Raises:
            TryLater: The provider cannot be asked now.
        """
        try:
            accepted = await self._connect.check(caller, connector_id, authorization)
        except (ValidationFailed, ProviderRejected) as error:
            return _invalid(error)
        except ProviderNotFound as error:
            # Whose account it is stands where the config leads, so it leads nowhere.
            return Verdict(valid=False, errors=[("config", error.message)])
        return Verdict(valid=True, account=accepted.account)


def _invalid(error: ValidationFailed | ProviderRejected) -> Verdict:
    problems = error.details.get("errors") or [{"field": "credentials", "message": error.message}]
    return Verdict(
        valid=False, errors=[(problem["field"], problem["message"]) for problem in problems]
    )
