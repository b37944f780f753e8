"""Subscriptions kept alive: renewed before they expire, whoever's they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from src.connectors.base import SubscribesWebhooks
from src.connectors.manager import ConnectorManager
from src.core.errors import AppError, InternalError, ServiceUnavailable
from src.core.logging import get_logger
from src.db.receivers import Place, Receivers
from src.models.base import now
from src.models.connection import Connection, LastError
from src.models.webhook import Webhook, WebhookStatus
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.encryption import Encryption
from src.services.jobs import Jobs
from src.services.webhooks.addresses import HookAddresses, without
from src.services.webhooks.ending import Endings
from src.services.webhooks.secrets import open_secrets
from src.services.webhooks.sharing import Sharing
from src.services.webhooks.values import nobody, present_of, subscribed

LOOK_SECONDS = 60.0
BATCH = 100
MOST_AT_ONCE = 5
HELD = timedelta(minutes=10)
"""Longer than a renewal takes."""

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
_MOST_DOUBLINGS = 10

log = get_logger(__name__)


class Renewals:
    """The work of one process at a time."""

    def __init__(
        self,
        scope_of: ScopeOf,
        receivers: Receivers,
        manager: ConnectorManager,
        calls: Calls,
        jobs: Jobs,
        *,
        sharing: Sharing,
        endings: Endings,
        addresses: HookAddresses,
        encryption: Encryption,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._scope_of = scope_of
        self._receivers = receivers
        self._manager = manager
        self._calls = calls
        self._jobs = jobs
        self._sharing = sharing
        self._endings = endings
        self._addresses = addresses
        self._encryption = encryption
        self._clock = clock

    async def tend(self) -> None:
        """Renew what is due, and end what is left of those that nobody has any more."""
        room = asyncio.Semaphore(MOST_AT_ONCE)

        async def one(place: Place) -> None:
            async with room:
                await self._tend_one(*place)

        due = await self._receivers.to_renew(self._clock(), BATCH)
        await asyncio.gather(*(one(place) for place in due))
        await self._sharing.drop_idle()

    async def _tend_one(self, tenant_id: str, webhook_id: str) -> None:
        scope, moment = self._scope_of(tenant_id), self._clock()
        webhook = await scope.webhooks.update(webhook_id, {"renewAt": moment + HELD})
        if webhook is None:
            return
        if webhook.status is WebhookStatus.PENDING:
            # Whoever asked the provider has died over it, so that nobody knows what it has set up.
            await self._endings.forget(webhook)
            return
        try:
            connection = await self._renew(webhook)
        except ServiceUnavailable:
            raise
        except AppError as error:
            await self._note(webhook, error, moment)
            return
        except Exception:
            # A bug of one connector's must not keep back the webhooks of others.
            log.exception("renewal.broken", webhook=webhook.id, connector=webhook.connector_id)
            await self._note(webhook, InternalError("Something went wrong on our side."), moment)
            return
        if webhook.expires_at is not None and webhook.expires_at <= moment:
            await self._catch_up(connection, webhook)

    async def _renew(self, webhook: Webhook) -> Connection:
        """Another subscription in the place of this one.

        Raises:
            AppError: The connection cannot be used, or whatever the provider does.
        """
        caller = nobody(webhook.tenant_id)
        opened = await self._calls.open(
            caller, webhook.connector_id, webhook.connection_id, background=True
        )
        receiver = await self._receivers.find(webhook.receiver_id)
        connector = opened.connector
        if receiver is None or not isinstance(connector, SubscribesWebhooks):
            return opened.connection
        secrets = open_secrets(self._encryption, receiver)
        wish = self._addresses.wish(webhook, receiver, secrets)
        try:
            renewed = await self._calls.run(
                caller, opened, partial(connector.renew, wish, present_of(webhook))
            )
        except AppError as error:
            raise without(error, secrets) from error
        fields = subscribed(renewed.value, self._clock())
        await self._scope_of(webhook.tenant_id).webhooks.update(webhook.id, fields)
        log.info("webhook.renewed", webhook=webhook.id, connector=webhook.connector_id)
        return opened.connection

    async def _note(self, webhook: Webhook, error: AppError, moment: datetime) -> None:
        told = LastError(code=error.code.value, message=error.message, at=now())
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(webhook.failures, _MOST_DOUBLINGS))
        wait = max(wait, timedelta(seconds=error.retry_after or 0.0))
        await self._scope_of(webhook.tenant_id).webhooks.update(
            webhook.id,
            {
                "failures": webhook.failures + 1,
                "lastError": told.model_dump(by_alias=True),
                "renewAt": moment + wait,
            },
        )
        log.warning("webhook.missed", webhook=webhook.id, code=error.code.value)

    async def _catch_up(self, connection: Connection, webhook: Webhook) -> None:
        """Read what nobody has told of while there was no subscription."""
        spec = self._manager.registry.find(webhook.connector_id).manifest.webhooks
        if spec is None:
            return
        streams = {
            stream
            for event in spec.events
            if event.name in webhook.events
            for stream in event.streams
        }
        await self._jobs.start(connection, sorted(streams))
