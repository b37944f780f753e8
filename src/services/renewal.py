"""One refresh under its lease: send, store, and only then use.

The lease is the journal, too. A refresh token is noted in it before it leaves, so that whoever
finds the note later knows of an answer that never came to be stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from pydantic import SecretStr

from src.core.errors import ProviderTimeout, ReauthorizationRequired, ServiceUnavailable
from src.core.logging import get_logger
from src.core.oauth import (
    GrantDead,
    LostReply,
    OAuth2Client,
    OAuthError,
    ProviderOutage,
    TokenGrant,
)
from src.db.errors import Duplicate
from src.db.repositories.refresh_leases import RefreshLeaseRepository
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, LastError
from src.models.credential import Credential, StoredToken
from src.models.refresh import RefreshLease, Trouble, TroubleKind
from src.services.audit import Audit, ScopeOf
from src.services.connection_news import ConnectionNews, is_failing
from src.services.credentials import Credentials, reauthorization_required
from src.services.dead_grants import end_grant
from src.services.giving_back import GivingBack
from src.services.pauses import Pauses, Sleep
from src.services.troubles import error_of, failures_after, rest_after, trouble_of

LEASE_MARGIN = 10.0
"""How much longer than a token request the lease lasts: time to store the answer."""
STORE_SECONDS = 60.0
"""How long an answer waits for a database that is away."""

_WITH_TOKEN = frozenset(
    {ConnectionStatus.CONNECTED, ConnectionStatus.EXPIRED, ConnectionStatus.REAUTH_REQUIRED}
)

_WAITING = frozenset({ConnectionStatus.EXPIRED, ConnectionStatus.REAUTH_REQUIRED})

log = get_logger(__name__)


class OAuthClients(Protocol):
    """Finds the client that may renew a connection's grant."""

    async def client_of(self, connection: Connection) -> OAuth2Client:
        """The client of the app that the grant was given to.

        Raises:
            ConnectorNotConfigured: There is no app.
            ReauthorizationRequired: The app that it was given to is gone.
        """


def is_newer(token: StoredToken, seen: StoredToken) -> bool:
    """Whether a token was stored after another of the same connection."""
    return (token.generation, token.version) > (seen.generation, seen.version)


@dataclass(frozen=True, slots=True)
class Renewer:
    """Renews tokens: one at a time per connection, whatever the number of processes."""

    scope_of: ScopeOf
    credentials: Credentials
    clients: OAuthClients
    audit: Audit
    giving_back: GivingBack
    news: ConnectionNews
    sleep: Sleep = asyncio.sleep
    count: Callable[[str, str], None] = lambda _connector_id, _outcome: None
    """Told of each attempt's outcome."""

    async def renew(self, connection: Connection, seen: StoredToken) -> StoredToken:
        """A token newer than ``seen``: our own, or that of somebody who was faster.

        Raises:
            ReauthorizationRequired: The grant is dead; the connection waits for its user now.
            ConnectorNotConfigured: There is no app, or the provider does not accept it.
            ProviderUnavailable: The provider has an outage, and is not to be asked too often.
            RateLimited: The same, in its own words.
            UnreadableAnswer: It refuses in words that nobody knows.
        """
        scope = self.scope_of(connection.tenant_id)
        present = await scope.connections.get_fresh(connection.id) or connection
        try:
            client = await self.clients.client_of(present)
        except ReauthorizationRequired as error:
            stored = await scope.tokens.get_fresh(connection.id)
            if stored is not None and is_newer(stored, seen):
                return stored
            await end_grant(scope, (self.audit, self.news), present, seen, error.message)
            raise
        return await _Attempt(self, scope, present, client).run(seen)


class _Attempt:
    """One caller's way to a newer token."""

    def __init__(
        self, renewer: Renewer, scope: TenantScope, connection: Connection, client: OAuth2Client
    ) -> None:
        self._renewer = renewer
        self._scope = scope
        self._connection = connection
        self._client = client
        self._owner = secrets.token_hex(8)
        self._seconds = client.deadline + LEASE_MARGIN
        self._lost = False
        """Whether the refresh token was sent before, to an answer that nobody has seen."""

    @property
    def _leases(self) -> RefreshLeaseRepository:
        return self._scope.refresh_leases

    async def run(self, seen: StoredToken) -> StoredToken:
        """Wait for the lease or for somebody else's success, whichever comes first."""
        pauses = Pauses(self._renewer.sleep)
        while pauses.waited <= 2 * self._seconds:
            stored = await self._read()
            if is_newer(stored, seen):
                return stored
            lease = await self._leases.acquire(self._connection.id, self._owner, self._seconds)
            if lease.owner == self._owner:
                return await self._hold(lease, stored)
            if lease.owner is None and lease.trouble is not None:
                raise error_of(lease.trouble, lease.rest)
            await pauses.pause()
        raise ProviderTimeout(
            "The token is being refreshed, and that takes too long.", details={"at": "provider"}
        )

    async def _read(self) -> StoredToken:
        stored = await self._scope.tokens.get_fresh(self._connection.id)
        if stored is None:
            raise reauthorization_required("This connection has no credential.")
        return stored

    async def _hold(self, lease: RefreshLease, seen: StoredToken) -> StoredToken:
        """Renew under the lease, and give it back however that goes."""
        try:
            # Between the reading and the lease somebody may have come to an end.
            stored = await self._read()
            renewed = stored if is_newer(stored, seen) else await self._renew(lease, stored)
            await self._leases.finish(self._connection.id, self._owner)
        except Exception:
            # Nothing when a failure has been written down: then it is given back already.
            with contextlib.suppress(ServiceUnavailable):
                await self._leave(keeps_sent=True)
            raise
        return renewed

    async def _renew(self, lease: RefreshLease, stored: StoredToken) -> StoredToken:
        last = lease.trouble
        if last is not None and last.kind is TroubleKind.DEAD and last.is_about(stored):
            raise error_of(last, 0.0)
        credential = self._renewer.credentials.open(stored, self._connection)
        if credential.refresh_token is None:
            raise reauthorization_required("This connection has no refresh token. Connect again.")
        rotates = self._client.spec.rotates
        self._lost = rotates and lease.sent is not None and lease.sent.is_of(stored)
        try:
            grant = await self._ask(stored, credential.refresh_token)
        except OAuthError as error:
            return await self._fail(error, lease, stored)
        renewed = await self._store(stored, grant)
        log.info("token.refreshed", connection=self._connection.id, version=renewed.version)
        self._renewer.count(self._connection.connector_id, "refreshed")
        return renewed

    async def _ask(self, stored: StoredToken, refresh_token: SecretStr) -> TokenGrant:
        """Ask, and once more at once if the answer is lost early."""
        started = time.monotonic()
        await self._note_sent(stored)
        try:
            return await self._client.refresh(refresh_token)
        except LostReply:
            late = time.monotonic() - started > self._client.deadline / 2
            if self._lost or late or not self._client.spec.rotates:
                raise
        self._lost = True
        await self._note_sent(stored)
        return await self._client.refresh(refresh_token)

    async def _note_sent(self, stored: StoredToken) -> None:
        noted = await self._leases.note_sent(
            self._connection.id, self._owner, stored, self._seconds
        )
        if noted is None:
            raise ProviderTimeout(
                "The token is being refreshed by another request.", details={"at": "provider"}
            )

    async def _fail(
        self, error: OAuthError, lease: RefreshLease, stored: StoredToken
    ) -> StoredToken:
        """Write down what happened and raise it; or answer with what somebody else got.

        Raises:
            AppError: What the failure means for the caller.
        """
        connection_id = self._connection.id
        unknown = isinstance(error, ProviderOutage) and error.may_have_happened
        trouble = trouble_of(
            error, stored, lost=self._lost, explained_end=self._client.spec.explained_end
        )
        log.warning(
            "token.refresh_failed",
            connection=connection_id,
            outcome=trouble.kind.value,
            status=error.status,
            word=error.word,
        )
        self._renewer.count(self._connection.connector_id, trouble.kind.value)
        if isinstance(error, GrantDead):
            present = await self._read()
            if is_newer(present, stored):
                return present
            tellers = (self._renewer.audit, self._renewer.news)
            await end_grant(self._scope, tellers, self._connection, stored, trouble.message)
            await self._leave(trouble, keeps_sent=False)
            raise error_of(trouble, 0.0) from error
        rest = self._rest(error, lease)
        await self._leave(trouble, rest_seconds=rest, keeps_sent=unknown or self._lost)
        problem = error_of(trouble, rest)
        failed = LastError(code=problem.code.value, message=trouble.message, at=now())
        await self._scope.connections.note_refresh_failure(
            connection_id, failed.model_dump(by_alias=True), failures_after(trouble, lease)
        )
        raise problem from error

    def _rest(self, error: OAuthError, lease: RefreshLease) -> float:
        """How long nobody asks; after a lost answer not beyond the time in which it can be had."""
        rest = rest_after(error, lease)
        left = self._client.spec.reuse_window.total_seconds() - lease.since_sent
        asked = isinstance(error, ProviderOutage) and error.retry_after is not None
        return rest if left <= 0 or asked else min(rest, left / 2)

    async def _leave(
        self, trouble: Trouble | None = None, *, rest_seconds: float = 0.0, keeps_sent: bool
    ) -> None:
        await self._leases.leave(
            self._connection.id,
            self._owner,
            trouble,
            rest_seconds=rest_seconds,
            keeps_sent=keeps_sent,
        )

    async def _store(self, seen: StoredToken, grant: TokenGrant) -> StoredToken:
        """Keep the answer, whatever the database does: there may be no other."""
        pauses = Pauses(self._renewer.sleep)
        while True:
            try:
                return await self._write(seen, grant) or await self._unwanted(grant)
            except ServiceUnavailable:
                log.warning("token.unstored", connection=self._connection.id)
                if pauses.waited > STORE_SECONDS:
                    raise
            await pauses.pause()

    async def _unwanted(self, grant: TokenGrant) -> StoredToken:
        """Another credential that is there in place of ours; without one, ours is given back."""
        connection = self._connection
        stored = await self._scope.tokens.get_fresh(connection.id)
        if stored is None and connection.granted_to is not None:
            credential = Credential(
                access_token=grant.access_token, refresh_token=grant.refresh_token
            )
            await self._renewer.giving_back.end_late(
                self._scope, connection, self._client, credential, connection.grant_hash
            )
        return stored or await self._read()

    async def _write(self, seen: StoredToken, grant: TokenGrant) -> StoredToken | None:
        """Token and record as one; None when there is a newer credential, or none any more."""
        present = self._connection

        async def write(*, revives: bool) -> StoredToken | None:
            before = await self._scope.connections.get_fresh(present.id)
            renewed = await self._renewer.credentials.renew(self._scope, present, seen, grant)
            if renewed is None:
                return None
            fields: dict[str, Any] = {"tokenExpiresAt": renewed.expires_at, "refreshFailures": 0}
            if present.refresh_failures:
                fields["lastError"] = None
            if grant.scopes:
                fields["grantedScopes"] = renewed.scopes
            connections = self._scope.connections
            if not revives or present.status is ConnectionStatus.PENDING:
                await connections.update(present.id, fields)
            else:
                # Somebody may have given it up while this answer was on its way.
                await connections.move(
                    present.id,
                    ConnectionStatus.CONNECTED,
                    fields,
                    seen=present,
                    sources=_WITH_TOKEN,
                )
            await self._tell(before)
            return renewed

        try:
            return await self._scope.transaction(present.id, partial(write, revives=True))
        except Duplicate:
            # The account has been connected anew in another record, which stays the living one.
            return await self._scope.transaction(present.id, partial(write, revives=False))

    async def _tell(self, before: Connection | None) -> None:
        """What a new token changes for those who look on from outside."""
        after = await self._scope.connections.get_fresh(self._connection.id)
        if before is None or after is None:
            return
        if before.status in _WAITING and after.status is ConnectionStatus.CONNECTED:
            await self._renewer.news.connected(after, is_new=False)
        if is_failing(before.refresh_failures) and not is_failing(after.failures):
            await self._renewer.news.recovered(after)
