"""Webhooks of providers: addresses of ours, what tenants have set up, and what came in."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from src.models.base import Model, Timestamp
from src.models.connection import LastError


class ReceiverApp(Model):
    """The OAuth app that an address belongs to: all of its connections' deliveries come there."""

    owner: str
    """The tenant whose app it is; empty for the platform's."""
    client_id: str
    token_origin: str


class Receiver(Model):
    """An address of ours that a provider calls. What is secret of it is hashed and sealed."""

    id: str
    tenant_id: str
    """Whose it is; empty for an address of the platform's own app."""
    connector_id: str
    is_shared: bool = False
    """It belongs to an app, and webhooks are memberships; else to the webhook of the same id."""
    app: ReceiverApp | None = None
    address_hash: bytes
    """Keyed hash of the last part of the address."""
    sealed: bytes
    """The last part of the address, which a renewal tells again, and the secret of the proof."""
    handle: dict[str, Any] | None = None
    """Of the subscription that the app made, while there is one."""
    created_at: Timestamp


class WebhookStatus(StrEnum):
    """Where a webhook is in its life."""

    PENDING = "pending"
    """The provider is being asked; what it delivers meanwhile is taken."""
    ACTIVE = "active"


class Webhook(Model):
    """What a tenant has set up: a subscription of its own, or a membership of an app's."""

    id: str
    tenant_id: str
    connection_id: str
    connector_id: str
    receiver_id: str
    events: tuple[str, ...]
    container_id: str | None = None
    status: WebhookStatus = WebhookStatus.PENDING
    handle: dict[str, Any] | None = None
    """The provider's ids of what was set up for this one alone."""
    keys: tuple[str, ...] = ()
    """By what deliveries to a shared address name it."""
    expires_at: Timestamp | None = None
    renew_at: Timestamp | None = None
    failures: int = 0
    """Renewals in a row that did not go well."""
    last_error: LastError | None = None
    created_at: Timestamp


class HookChange(Model):
    """A change as it is kept: what to fetch, never what was delivered."""

    event: str
    stream: str
    record_id: str | None = None
    container_id: str | None = None


class HookDelivery(Model):
    """What one delivery means for one webhook; work until ``due_at`` is None."""

    id: str
    tenant_id: str
    webhook_id: str
    connection_id: str
    connector_id: str
    changes: tuple[HookChange, ...]
    sealed: bytes | None = None
    """The tickets of the changes, by their places."""
    doubts_grant: bool = False
    received_at: Timestamp
    due_at: Timestamp | None
    waits_for: str | None = None
    """The held job that it waits for: once somebody has confirmed or cancelled it, it is due."""
    attempts: int = 0
    error: LastError | None = None
    expires_at: Timestamp
    """Until when it is kept, so that it is known when it comes again."""
