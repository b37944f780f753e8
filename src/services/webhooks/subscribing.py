"""Webhooks as tenants have them: set up, listed, ended."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from src.connectors.base import ReceivesWebhooks, SubscribesWebhooks
from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Capability
from src.connectors.webhooks import AddressOf, MadeBy, Subscription, WebhookSpec
from src.core.errors import (
    AppError,
    Conflict,
    NotFound,
    UnsupportedCapability,
)
from src.db.errors import Duplicate
from src.db.receivers import Receivers
from src.models.audit import AuditAction
from src.models.base import now
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller
from src.models.webhook import Receiver, Webhook, WebhookStatus
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls, Opened
from src.services.connections import require_owner
from src.services.encryption import Encryption
from src.services.webhooks.addresses import HookAddresses, has_own_secret, header_of, without
from src.services.webhooks.doors import Doors
from src.services.webhooks.ending import Endings
from src.services.webhooks.secrets import HookSecrets, new_receiver, open_secrets
from src.services.webhooks.sharing import Sharing
from src.services.webhooks.values import (
    MadeWebhook,
    NewWebhook,
    RemovedAtProvider,
    Setup,
    account_keys,
    chosen_events,
    require_method,
    subscribed,
)

PENDING_TIME = timedelta(minutes=30)
"""Whoever asked the provider has died by then."""


class Webhooks:
    """Sets webhooks up and ends them."""

    def __init__(
        self,
        scope_of: ScopeOf,
        receivers: Receivers,
        manager: ConnectorManager,
        calls: Calls,
        *,
        sharing: Sharing,
        endings: Endings,
        doors: Doors,
        addresses: HookAddresses,
        encryption: Encryption,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._receivers = receivers
        self._manager = manager
        self._calls = calls
        self._sharing = sharing
        self._endings = endings
        self._doors = doors
        self._addresses = addresses
        self._encryption = encryption
        self._audit = audit

    async def create(self, caller: Caller, connector_id: str, new: NewWebhook) -> MadeWebhook:
        """Set one up, at the provider too where that is ours to do.

        Raises:
            NotFound: No such connector or connection.
            UnsupportedCapability: The connector has no webhooks, or not for this auth method.
            ValidationFailed: An event is not known, or a container is missing or too many.
            Forbidden: The connection is shared, and the caller is one user.
            Conflict: The connection has one for this container.
            InsufficientScope: The grant surely lacks a scope; nothing was called.
            AppError: Whatever else the provider's answer means.
        """
        spec = self._spec(connector_id)
        opened = await self._calls.open(caller, connector_id, new.connection_id, fresh=True)
        connection = opened.connection
        require_owner(caller, connection)
        require_method(spec, connection, opened.loaded.manifest.name)
        events = chosen_events(spec, new)
        opened.connector.need_scopes(*spec.scopes)
        is_shared = spec.address is AddressOf.APP
        receiver = (
            await self._sharing.receiver_of(connection)
            if is_shared
            else new_receiver(self._encryption, connector_id, connection.tenant_id)
        )
        moment = now()
        webhook = Webhook(
            id=new_id(IdPrefix.WEBHOOK) if is_shared else receiver.id,
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            connector_id=connector_id,
            receiver_id=receiver.id,
            events=events,
            container_id=new.container_id,
            keys=account_keys(spec, connection),
            renew_at=moment + PENDING_TIME,
            created_at=moment,
        )
        await self._keep(receiver, webhook)
        secrets = open_secrets(self._encryption, receiver)
        try:
            subscription = await self._subscribe(caller, opened, (webhook, receiver, secrets))
        except AppError as error:
            await self._endings.forget(webhook)
            raise without(error, secrets) from error
        active = await self._activate(webhook, subscription)
        await self._audit.record(
            caller,
            AuditAction.WEBHOOK_CREATED,
            webhook.id,
            connectorId=connector_id,
            connectionId=connection.id,
            events=list(events),
            containerId=new.container_id,
        )
        return MadeWebhook(active, self._setup(spec, receiver, secrets))

    async def list(self, caller: Caller, connector_id: str, connection_id: str) -> list[Webhook]:
        """Those of a connection, the oldest first.

        Raises:
            NotFound: No such connector or connection.
            UnsupportedCapability: The connector has no webhooks.
        """
        self._spec(connector_id)
        connection = await self._calls.find(caller, connector_id, connection_id)
        return await self._scope_of(connection.tenant_id).webhooks.list(connection.id)

    async def delete(
        self, caller: Caller, connector_id: str, connection_id: str, webhook_id: str
    ) -> RemovedAtProvider:
        """End one: nothing comes in by it any more, whatever the provider says to it.

        Raises:
            NotFound: No such connector, connection or webhook.
            Forbidden: The connection is shared, and the caller is one user.
        """
        self._spec(connector_id)
        connection = await self._calls.find(caller, connector_id, connection_id, fresh=True)
        require_owner(caller, connection)
        webhook = await self._scope_of(connection.tenant_id).webhooks.get(webhook_id)
        if webhook is None or webhook.connection_id != connection.id:
            raise NotFound("There is no such webhook.")
        removed = await self._endings.end(connection, webhook)
        await self._audit.record(
            caller,
            AuditAction.WEBHOOK_DELETED,
            webhook.id,
            connectorId=connector_id,
            connectionId=connection.id,
            removedAtProvider=removed.value,
        )
        return removed

    def _spec(self, connector_id: str) -> WebhookSpec:
        loaded = self._manager.registry.find(connector_id)
        spec = loaded.manifest.webhooks
        if spec is None or not issubclass(loaded.connector_class, ReceivesWebhooks):
            raise UnsupportedCapability(
                f"{loaded.manifest.name} has no webhooks.",
                details={"capability": Capability.WEBHOOKS.value},
            )
        return spec

    async def _keep(self, receiver: Receiver, webhook: Webhook) -> None:
        """Let deliveries in from now on: some providers call before they have answered."""
        scope = self._scope_of(webhook.tenant_id)

        async def write() -> None:
            await scope.webhooks.add(webhook)
            if not receiver.is_shared:
                await self._receivers.add(receiver)

        try:
            await scope.together(write)
        except Duplicate:
            there = await scope.webhooks.find(webhook.connection_id, webhook.container_id)
            raise Conflict(
                "The connection has a webhook for this already.",
                details={"webhookId": there.id} if there else {},
            ) from None

    async def _subscribe(
        self, caller: Caller, opened: Opened, told: tuple[Webhook, Receiver, HookSecrets]
    ) -> Subscription | None:
        webhook, receiver, secrets = told
        wish = self._addresses.wish(webhook, receiver, secrets)
        connector, spec = opened.connector, self._spec(webhook.connector_id)
        if spec.made_by is MadeBy.HAND:
            return None
        if spec.made_by is MadeBy.APP:
            await self._sharing.join(receiver, wish, opened.connection)
            self._doors.forget(receiver.id)
            return None
        assert isinstance(connector, SubscribesWebhooks)  # noqa: S101  the registry has seen to it
        made = await self._calls.run(caller, opened, partial(connector.subscribe, wish))
        return made.value

    async def _activate(self, webhook: Webhook, subscription: Subscription | None) -> Webhook:
        fields: dict[str, Any] = {"status": WebhookStatus.ACTIVE, "renewAt": None}
        if subscription is not None:
            fields |= subscribed(subscription, now())
        scope = self._scope_of(webhook.tenant_id)
        active = await scope.webhooks.update(webhook.id, fields)
        self._doors.forget(webhook.receiver_id)
        if active is None:
            raise Conflict("The webhook was ended while it was set up.")
        return active

    def _setup(self, spec: WebhookSpec, receiver: Receiver, secrets: HookSecrets) -> Setup | None:
        """What is left to a person. The address of the platform's app is the operator's alone."""
        if spec.made_by is not MadeBy.HAND or not receiver.tenant_id:
            return None
        return Setup(
            url=self._addresses.url(receiver, secrets),
            header=header_of(spec),
            secret=secrets.proof if has_own_secret(spec) else None,
            instructions=spec.instructions,
        )
