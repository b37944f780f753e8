"""Renews the tokens of unused connections before their refresh tokens die of neglect."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from src.core.errors import AppError, ServiceUnavailable
from src.core.logging import get_logger
from src.db.leases import Leases
from src.db.platform import DueRefresh, DueRefreshes
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus
from src.models.credential import StoredToken
from src.services.app_budgets import AppBudgets
from src.services.audit import ScopeOf
from src.services.pauses import Sleep
from src.services.refreshes import Refreshes

LEASE = "keep_alive"
LOOK_SECONDS = 30.0
MOST_AT_ONCE = 10
BATCH = 100
_MINUTE = 60.0
_LATER = timedelta(hours=1)
_MUCH_LATER = timedelta(days=1)
_SOON = timedelta(minutes=1)

log = get_logger(__name__)


class KeepAlive:
    """The work of one process at a time, at a set pace."""

    def __init__(
        self,
        due: DueRefreshes,
        leases: Callable[[], Leases],
        scope_of: ScopeOf,
        refreshes: Refreshes,
        budgets: AppBudgets,
        *,
        per_minute: int,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Refresh at most ``per_minute`` tokens in a minute; 0 = none."""
        self._due = due
        self._leases = leases
        self._scope_of = scope_of
        self._refreshes = refreshes
        self._budgets = budgets
        self._interval = _MINUTE / per_minute if per_minute else 0.0
        self._sleep = sleep
        self._clock = clock
        self._owner = secrets.token_hex(8)

    async def catch_up(self) -> None:
        """Renew everything that is due."""
        while self._interval and await self.look() == BATCH:
            pass

    async def look(self) -> int:
        """Renew what is due, ``BATCH`` at the most, if no other process does; say how many."""
        if not await self._is_ours():
            return 0
        due = await self._due.list(self._clock(), BATCH)
        places = asyncio.Semaphore(MOST_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for index, one in enumerate(due):
                if index:
                    await self._sleep(self._interval)
                if not await self._is_ours():
                    return index
                await places.acquire()
                group.create_task(self._keep(one)).add_done_callback(lambda _: places.release())
        return len(due)

    async def _is_ours(self) -> bool:
        seconds = 2 * max(LOOK_SECONDS, self._interval)
        return await self._leases().acquire(LEASE, self._owner, seconds)

    async def _keep(self, one: DueRefresh) -> None:
        scope = self._scope_of(one.tenant_id)
        moment = self._clock()
        try:
            token = await scope.tokens.get_fresh(one.connection_id)
            if token is None or token.keep_alive_at is None or token.keep_alive_at > moment:
                return
            connection = await scope.connections.get_fresh(one.connection_id)
            if connection is None or connection.status is not ConnectionStatus.CONNECTED:
                await scope.tokens.postpone(token, moment + _MUCH_LATER)
                return
            if pause := self._pause(connection):
                await scope.tokens.postpone(token, moment + pause)
                return
            try:
                await self._refreshes.renew(connection, token)
            except AppError as error:
                await scope.tokens.postpone(token, moment + _wait(error, token, moment))
        except ServiceUnavailable:
            log.warning("keep_alive.missed", connection=one.connection_id)

    def _pause(self, connection: Connection) -> timedelta | None:
        """How long the app's limit is left to those who wait for an answer; None = it need not."""
        budget = self._budgets.of(connection.connector_id, connection.granted_to, background=True)
        wait = budget.wait() if budget else 0.0
        return timedelta(seconds=wait) if wait else None


def _wait(error: AppError, token: StoredToken, moment: datetime) -> timedelta:
    """How long after a failure to try again: an hour or as told, but before the end is near."""
    wait = max(_LATER, timedelta(seconds=error.retry_after or 0.0))
    if token.refresh_expires_at is None:
        return wait
    return max(min(wait, (token.refresh_expires_at - moment) / 4), _SOON)
