"""What callers say of webhooks and are told of them, and what is stored of a subscription."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from src.connectors.manifest import Capability
from src.connectors.webhooks import AddressOf, Subscription, WebhookSpec
from src.core.errors import UnsupportedCapability, ValidationFailed
from src.models.base import to_milliseconds
from src.models.connection import Connection
from src.models.principal import Caller, Principal, Via
from src.models.webhook import Webhook

RENEWAL_SHARE = 0.8
"""A subscription is renewed after this part of its life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """What a caller wants to be told of."""

    connection_id: str
    events: tuple[str, ...] | None = None
    """None = all that the connector has."""
    container_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a person has to set up at the provider. Shown once."""

    url: SecretStr
    header: str | None
    secret: SecretStr | None
    instructions: str


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A new webhook."""

    webhook: Webhook
    setup: Setup | None


class RemovedAtProvider(StrEnum):
    """What became of a webhook at the provider."""

    YES = "yes"
    FAILED = "failed"
    BY_HAND = "by_hand"
    """A person has set it up, and has to end it."""
    SKIPPED_SHARED = "skipped_shared"
    """Others of the same app need it."""
    NOT_NEEDED = "not_needed"


def nobody(tenant_id: str) -> Caller:
    """Who acts when nobody asks."""
    return Caller(Principal(tenant_id, Via.PLATFORM, frozenset()))


def present_of(webhook: Webhook) -> Subscription:
    """What was set up at the provider for a webhook."""
    return Subscription(
        handle=webhook.handle or {}, keys=webhook.keys, expires_at=webhook.expires_at
    )


def subscribed(subscription: Subscription, moment: datetime) -> dict[str, Any]:
    """The stored fields of what was set up."""
    end = subscription.expires_at
    fields: dict[str, Any] = {
        "handle": dict(subscription.handle),
        "expiresAt": end,
        "renewAt": None
        if end is None
        else to_milliseconds(moment + (end - moment) * RENEWAL_SHARE),
        "failures": 0,
        "lastError": None,
    }
    if subscription.keys:
        fields["keys"] = list(subscription.keys)
    return fields


def account_keys(spec: WebhookSpec, connection: Connection) -> tuple[str, ...]:
    """By what a shared address names a webhook, until its subscription says otherwise."""
    if spec.address is AddressOf.WEBHOOK or connection.account is None:
        return ()
    return (connection.account.id,)


def require_method(spec: WebhookSpec, connection: Connection, name: str) -> None:
    """Refuse connections of methods that have no webhooks.

    Raises:
        UnsupportedCapability: The connection's is one of them.
    """
    if spec.auth_methods is not None and connection.auth_method not in spec.auth_methods:
        known = ", ".join(spec.auth_methods)
        raise UnsupportedCapability(
            f"{name} has webhooks for connections by {known} only.",
            details={"capability": Capability.WEBHOOKS.value},
        )


def chosen_events(spec: WebhookSpec, new: NewWebhook) -> tuple[str, ...]:
    """The events, in the connector's order.

    Raises:
        ValidationFailed: One is not known, or the container is not as the connector wants it.
    """
    known = [event.name for event in spec.events]
    problems: list[tuple[str, str]] = []
    if strangers := set(new.events or ()) - set(known):
        problems.append(("events", f"{min(strangers)} is none of: {', '.join(known)}"))
    if spec.container == "required" and new.container_id is None:
        problems.append(("containerId", "is required"))
    if spec.container == "none" and new.container_id is not None:
        problems.append(("containerId", "must be absent: these webhooks are of the whole account"))
    if problems:
        raise ValidationFailed(problems)
    wanted = known if new.events is None else new.events
    return tuple(name for name in known if name in wanted)
