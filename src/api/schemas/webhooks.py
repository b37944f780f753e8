"""Webhooks of providers, as callers set them up and see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from src.api.schemas.base import Body, ConnectionId, ProviderId, Query, Reply
from src.models.base import Timestamp
from src.models.connection import LastError
from src.models.ids import IdPrefix
from src.models.webhook import Webhook, WebhookStatus
from src.services.webhooks.values import MadeWebhook, NewWebhook, RemovedAtProvider, Setup

WebhookId = Annotated[str, StringConstraints(pattern=IdPrefix.WEBHOOK.pattern)]
EventName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class NewWebhookBody(Body):
    """What to be told of."""

    connection_id: ConnectionId
    events: Annotated[list[EventName], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Some of the connector's `webhooks.events`; absent = all."
    )
    container_id: ProviderId | None = Field(
        default=None,
        description="Only what lies in this container; some connectors require it, some have none.",
    )

    def to_new(self) -> NewWebhook:
        """For the service."""
        return NewWebhook(
            connection_id=self.connection_id,
            events=None if self.events is None else tuple(self.events),
            container_id=self.container_id,
        )


class WebhooksQuery(Query):
    """Whose webhooks."""

    connection_id: ConnectionId


class WebhookQuery(WebhooksQuery):
    """Which webhook."""

    webhook_id: WebhookId


class _WebhookFields(Reply):
    id: str
    connection_id: str
    events: list[str]
    container_id: str | None
    status: WebhookStatus = Field(description="`pending` while the provider is being asked.")
    expires_at: Timestamp | None = Field(
        description="When the provider ends it unless it is renewed, which happens by itself."
    )
    last_error: LastError | None = Field(description="Why the last renewal did not go well.")
    created_at: Timestamp


class WebhookOut(_WebhookFields):
    """A webhook at a provider."""

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """From the record."""
        return cls(**_fields(webhook))


class SetupOut(Reply):
    """What a person has to set up at the provider."""

    url: str = Field(description="The address. It is a secret.")
    header: str | None = Field(description="The header that must hold the secret.")
    secret: str | None
    instructions: str

    @classmethod
    def of(cls, setup: Setup) -> Self:
        """In the clear, once."""
        return cls(
            url=setup.url.get_secret_value(),
            header=setup.header,
            secret=None if setup.secret is None else setup.secret.get_secret_value(),
            instructions=setup.instructions,
        )


class MadeWebhookOut(_WebhookFields):
    """A new webhook; the only answer that ever shows `setup`."""

    setup: SetupOut | None = Field(
        description="For providers whose webhooks are set up by hand; null for all others."
    )

    @classmethod
    def of(cls, made: MadeWebhook) -> Self:
        """From what was made."""
        setup = None if made.setup is None else SetupOut.of(made.setup)
        return cls(**_fields(made.webhook), setup=setup)


class RepeatedWebhookOut(_WebhookFields):
    """The answer again, for the same `Idempotency-Key`: `setup` is left out."""

    secret_shown: Literal[False]


class RemovedWebhookOut(Reply):
    """A webhook that is no more."""

    webhook_id: str
    removed_at_provider: RemovedAtProvider


def _fields(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "connection_id": webhook.connection_id,
        "events": list(webhook.events),
        "container_id": webhook.container_id,
        "status": webhook.status,
        "expires_at": webhook.expires_at,
        "last_error": webhook.last_error,
        "created_at": webhook.created_at,
    }
