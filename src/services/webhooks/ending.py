"""The end of webhooks: at the provider where that is ours to do, and here in any case."""

from __future__ import annotations

import asyncio
from functools import partial

from src.connectors.base import SubscribesWebhooks
from src.connectors.manager import ConnectorManager
from src.connectors.webhooks import MadeBy
from src.core.errors import AppError, ServiceUnavailable
from src.core.logging import get_logger
from src.db.receivers import Receivers
from src.models.connection import Connection
from src.models.webhook import Webhook
from src.services.apps import OAuthApps
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.webhooks.doors import Doors
from src.services.webhooks.sharing import Sharing
from src.services.webhooks.values import RemovedAtProvider, nobody, present_of

END_SECONDS = 20.0
"""How long the end of a connection waits for that of its webhooks."""

log = get_logger(__name__)


class Endings:
    """Ends webhooks."""

    def __init__(
        self,
        scope_of: ScopeOf,
        receivers: Receivers,
        manager: ConnectorManager,
        calls: Calls,
        apps: OAuthApps,
        *,
        sharing: Sharing,
        doors: Doors,
    ) -> None:
        self._scope_of = scope_of
        self._receivers = receivers
        self._manager = manager
        self._calls = calls
        self._apps = apps
        self._sharing = sharing
        self._doors = doors

    async def end_all(self, connection: Connection) -> None:
        """End all of a connection that is about to end; that a provider fails changes nothing."""
        scope = self._scope_of(connection.tenant_id)
        deadline = asyncio.get_running_loop().time() + END_SECONDS
        for webhook in await scope.webhooks.list(connection.id):
            try:
                async with asyncio.timeout_at(deadline):
                    await self.end(connection, webhook)
            except TimeoutError:
                await self.forget(webhook)

    async def end(self, connection: Connection, webhook: Webhook) -> RemovedAtProvider:
        """End one; what becomes of it at the provider is the answer."""
        spec = self._manager.registry.find(webhook.connector_id).manifest.webhooks
        if spec is None or spec.made_by is MadeBy.HAND:
            await self.forget(webhook)
            return RemovedAtProvider.BY_HAND
        if spec.made_by is MadeBy.APP:
            await self.forget(webhook)
            return await self._leave(connection, webhook)
        removed = await self._unsubscribe(connection, webhook)
        await self.forget(webhook)
        return removed

    async def _unsubscribe(self, connection: Connection, webhook: Webhook) -> RemovedAtProvider:
        if webhook.handle is None:
            return RemovedAtProvider.NOT_NEEDED
        caller = nobody(connection.tenant_id)
        try:
            opened = await self._calls.open(caller, connection.connector_id, connection.id)
            connector = opened.connector
            assert isinstance(connector, SubscribesWebhooks)  # noqa: S101  the registry has seen to it
            await self._calls.run(
                caller, opened, partial(connector.unsubscribe, present_of(webhook))
            )
        except ServiceUnavailable:
            raise
        except AppError as error:
            log.warning("webhook.kept", webhook=webhook.id, code=error.code.value)
            return RemovedAtProvider.FAILED
        return RemovedAtProvider.YES

    async def _leave(self, connection: Connection, webhook: Webhook) -> RemovedAtProvider:
        try:
            unit = await self._apps.unit_of(connection)
            ended = await self._sharing.leave(webhook.receiver_id, unit.app, connection.config)
        except AppError as error:
            log.warning("webhook.kept", webhook=webhook.id, code=error.code.value)
            return RemovedAtProvider.FAILED
        return RemovedAtProvider.YES if ended else RemovedAtProvider.SKIPPED_SHARED

    async def forget(self, webhook: Webhook) -> None:
        """Take a webhook away, and the address that is its own."""
        scope = self._scope_of(webhook.tenant_id)

        async def write() -> None:
            await scope.webhooks.remove(webhook.id)
            if webhook.receiver_id == webhook.id:
                await self._receivers.remove(webhook.id)

        await scope.together(write)
        self._doors.forget(webhook.receiver_id)
