"""When a token is refreshed: before its end, when the provider calls it stale, when asked to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from src.core.errors import AppError, ReauthorizationRequired
from src.core.logging import get_logger
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection
from src.models.credential import Credential, StoredToken
from src.services.credentials import Credentials
from src.services.renewal import Renewer, is_newer

PATIENCE = 2.0
"""How long a caller whose token is still good waits for a newer one."""
REST_SECONDS = 1.0
"""How long a process leaves a refresh alone that has just failed; then it asks the lease again."""

_Key = tuple[str, str]

log = get_logger(__name__)


class StoredCredential:
    """A ``TokenProvider`` over a connection's stored credential; opened once per request."""

    def __init__(
        self,
        refreshes: Refreshes,
        credentials: Credentials,
        scope: TenantScope,
        connection: Connection,
    ) -> None:
        self._refreshes = refreshes
        self._credentials = credentials
        self._scope = scope
        self._connection = connection
        self._stored: StoredToken | None = None
        self._opened: Credential | None = None

    async def credential(self) -> Credential:
        """The stored credential, decrypted; refreshed first when it is due."""
        if self._opened is None:
            stored = await self._credentials.find(self._scope, self._connection)
            if stored.is_due(self._refreshes.clock()):
                stored = await self._refreshes.when_due(self._connection, stored)
            self._use(stored)
        assert self._opened is not None  # noqa: S101  for the type checker
        return self._opened

    async def renew(self) -> bool:
        """Go on with a newer token, stored by others or got now; once per call."""
        if self._stored is None:
            return False
        newer = await self._refreshes.after_refusal(self._connection, self._stored)
        if newer is None:
            return False
        self._use(newer)
        return True

    def _use(self, stored: StoredToken) -> None:
        self._opened = self._credentials.open(stored, self._connection)
        self._stored = stored


@dataclass(frozen=True, slots=True)
class _Running:
    """A refresh of this process, and the token that it began with."""

    seen: StoredToken
    task: asyncio.Task[StoredToken]


class Refreshes:
    """Decides when to refresh; within a process all callers share one attempt.

    An attempt goes on when its caller goes away: its answer may be the only one there will be.
    """

    def __init__(
        self, credentials: Credentials, renewer: Renewer, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._credentials = credentials
        self._renewer = renewer
        self.clock = clock
        self._running: dict[_Key, _Running] = {}
        self._resting: dict[_Key, float] = {}

    def provider(self, scope: TenantScope, connection: Connection) -> StoredCredential:
        """Where an authenticator finds the credential of a connection."""
        return StoredCredential(self, self._credentials, scope, connection)

    async def when_due(self, connection: Connection, seen: StoredToken) -> StoredToken:
        """A newer token; the one that is there while it still holds and no newer can be had.

        Raises:
            AppError: The token is over and there is no other.
        """
        if seen.is_over(self.clock()):
            return await self.renew(connection, seen)
        key = (connection.tenant_id, connection.id)
        if self._resting.get(key, 0.0) > time.monotonic():
            return seen
        task = self._attempt(connection, seen)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        try:
            return task.result() if done else seen
        except ReauthorizationRequired:
            raise
        except AppError:
            return seen

    async def after_refusal(self, connection: Connection, seen: StoredToken) -> StoredToken | None:
        """A newer token than the one that the provider has just refused; None if none is to be.

        Raises:
            AppError: There should be one, and it cannot be had.
        """
        scope = self._renewer.scope_of(connection.tenant_id)
        stored = await scope.tokens.get_fresh(connection.id)
        if stored is None or is_newer(stored, seen):
            return stored
        return await self.renew(connection, stored) if stored.has_refresh_token else None

    async def renew(self, connection: Connection, seen: StoredToken) -> StoredToken:
        """A token newer than ``seen``.

        Raises:
            AppError: See ``Renewer.renew``.
        """
        while True:
            newer = await asyncio.shield(self._attempt(connection, seen))
            if is_newer(newer, seen):
                return newer

    def _attempt(self, connection: Connection, seen: StoredToken) -> asyncio.Task[StoredToken]:
        key = (connection.tenant_id, connection.id)
        running = self._running.get(key)
        if running is None:
            task = asyncio.create_task(self._renewer.renew(connection, seen))
            running = self._running[key] = _Running(seen, task)
            task.add_done_callback(lambda ended: self._settle(key, ended))
        return running.task

    def _settle(self, key: _Key, ended: asyncio.Task[StoredToken]) -> None:
        del self._running[key]
        self._resting = {
            one: until for one, until in self._resting.items() if until > time.monotonic()
        }
        error = None if ended.cancelled() else ended.exception()
        if isinstance(error, AppError):
            self._resting[key] = time.monotonic() + REST_SECONDS
        elif error is not None:
            log.error("token.refresh_broken", exc_info=error)

    async def close(self, seconds: float) -> None:
        """Let what is under way come to its end, so that no answer is lost with the process."""
        tasks = {running.task for running in self._running.values()}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
