"""Addresses of OAuth apps, which all of an app's connections share.

An address is of the app that the grants were given to: the platform's, or a tenant's own. Two
tenants that name the same app at their level have two, so that neither reaches into the other's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from src.connectors.base import SubscribesWebhooks
from src.connectors.manager import ConnectorManager
from src.connectors.webhooks import Subscription, Wish
from src.core.errors import AppError, ServiceUnavailable
from src.core.logging import get_logger
from src.core.oauth import OAuth2App
from src.db.leases import Leases
from src.db.receivers import Receivers
from src.models.connection import AppLevel, Connection
from src.models.webhook import Receiver, ReceiverApp
from src.services.apps import OAuthApps
from src.services.encryption import Encryption
from src.services.pauses import Pauses, Sleep
from src.services.webhooks.app_addresses import receiver_of_app

LEASE_SECONDS = 60.0
"""Longer than the two requests that one may take over it."""

LONGEST_WAIT = 10.0

log = get_logger(__name__)


class Sharing:
    """Finds, and lets the app set up and end, what its connections share."""

    def __init__(
        self,
        receivers: Receivers,
        manager: ConnectorManager,
        apps: OAuthApps,
        encryption: Encryption,
        leases: Callable[[], Leases],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._receivers = receivers
        self._manager = manager
        self._apps = apps
        self._encryption = encryption
        self._leases = leases
        self._sleep = sleep

    async def receiver_of(self, connection: Connection) -> Receiver:
        """The address of the app that a connection's grant was given to.

        Raises:
            AppError: There is no such app any more.
        """
        unit = await self._apps.unit_of(connection)
        owner = "" if unit.level is AppLevel.PLATFORM else connection.tenant_id
        app = ReceiverApp(
            owner=owner,
            client_id=unit.app.client_id,
            token_origin=unit.granted_to.token_origin,
        )
        return await receiver_of_app(
            self._receivers, self._encryption, connection.connector_id, app
        )

    async def join(self, receiver: Receiver, wish: Wish, connection: Connection) -> None:
        """See to it that the app has its subscription.

        Raises:
            ServiceUnavailable: Somebody else is over it for long.
            AppError: Whatever the provider does.
        """
        unit = await self._apps.unit_of(connection)
        async with self._alone(receiver.id):
            present = await self._receivers.find(receiver.id)
            if present is None or present.handle is not None:
                return
            connector = self._as_app(receiver.connector_id, unit.app, connection.config)
            made = await connector.subscribe(wish)
            await self._receivers.set_handle(receiver.id, dict(made.handle))
            log.info("hook.shared", receiver=receiver.id)

    async def leave(
        self, receiver_id: str, app: OAuth2App | None, config: Mapping[str, Any]
    ) -> bool:
        """End the app's subscription, if no webhook is left; False when others are.

        Raises:
            ServiceUnavailable: Somebody else is over it for long.
            AppError: Whatever the provider does; what was set up stays remembered.
        """
        async with self._alone(receiver_id):
            present = await self._receivers.find(receiver_id)
            if present is None or present.handle is None:
                return True
            if await self._receivers.some_members(receiver_id, 1):
                return False
            if app is None and present.app is not None and not present.app.owner:
                app = self._apps.of_platform(present.connector_id)
            if app is None or present.app is None or app.client_id != present.app.client_id:
                # Nobody can end it any more; it calls an address that is for nobody.
                log.warning("hook.left", receiver=receiver_id)
            else:
                connector = self._as_app(present.connector_id, app, config)
                await connector.unsubscribe(Subscription(handle=present.handle))
            await self._receivers.set_handle(receiver_id, None)
            return True

    async def drop_idle(self) -> None:
        """End what nobody is a member of any more: tenants were erased, or a process died."""
        for receiver in await self._receivers.idle(100):
            try:
                await self.leave(receiver.id, None, {})
            except ServiceUnavailable:
                raise
            except AppError as error:
                log.warning("hook.kept", receiver=receiver.id, reason=error.message)

    def _as_app(
        self, connector_id: str, app: OAuth2App, config: Mapping[str, Any]
    ) -> SubscribesWebhooks:
        connector = self._manager.open_as_app(connector_id, app, config)
        assert isinstance(connector, SubscribesWebhooks)  # noqa: S101  the registry has seen to it
        return connector

    @asynccontextmanager
    async def _alone(self, receiver_id: str) -> AsyncIterator[None]:
        """Nobody else sets up or ends what this app shares, in any process."""
        name, owner, pauses = f"hook_app:{receiver_id}", secrets.token_hex(8), Pauses(self._sleep)
        while not await self._leases().acquire(name, owner, LEASE_SECONDS):
            if pauses.waited > LONGEST_WAIT:
                raise ServiceUnavailable(
                    "Another request sets up the webhooks of the same app.", retry_after=5.0
                )
            await pauses.pause()
        try:
            yield
        finally:
            await self._leases().release(name, owner)
