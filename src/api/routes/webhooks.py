"""Webhooks of providers: what a connection is told of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.errors import PROVIDER_CODES
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.webhooks import (
    MadeWebhookOut,
    NewWebhookBody,
    RemovedWebhookOut,
    RepeatedWebhookOut,
    WebhookOut,
    WebhookQuery,
    WebhooksQuery,
)
from src.core.errors import ErrorCode
from src.models.principal import Permission

router = APIRouter(
    prefix="/connectors/{connector_id}/webhooks", tags=["webhooks"], route_class=Route
)


@router.get(
    "",
    response_model=Envelope[ListOf[WebhookOut]],
    operation_id="listWebhooks",
    **needs(
        Permission.WEBHOOKS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        ErrorCode.CREDENTIALS_UNREADABLE,
    ),
)
async def list_webhooks(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[WebhooksQuery, Query()],
) -> Response:
    """The webhooks of a connection, the oldest first, all at once."""
    found = await container.hooks.webhooks.list(caller, connector_id, query.connection_id)
    return ok_list([WebhookOut.of(webhook) for webhook in found])


@router.post(
    "",
    status_code=201,
    response_model=Envelope[MadeWebhookOut | RepeatedWebhookOut],
    operation_id="createWebhook",
    **needs(
        Permission.WEBHOOKS_WRITE,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        ErrorCode.PAYLOAD_TOO_LARGE,
        *PROVIDER_CODES,
    ),
)
async def create_webhook(
    connector_id: str,
    body: NewWebhookBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Have the provider tell of changes, which are then fetched into the connection's records.

    A connection has one webhook for each container, or one for all of the account (409 `conflict`
    with `details.webhookId`). Where the provider knows only webhooks of the whole OAuth app, this
    makes the connection a member of it. Where a person has to set it up, `setup` says what, once.
    """
    made = await container.hooks.webhooks.create(caller, connector_id, body.to_new())
    return ok(MadeWebhookOut.of(made), 201)


@router.delete(
    "",
    response_model=Envelope[RemovedWebhookOut],
    operation_id="deleteWebhook",
    **needs(
        Permission.WEBHOOKS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        ErrorCode.CREDENTIALS_UNREADABLE,
    ),
)
async def delete_webhook(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[WebhookQuery, Query()],
) -> Response:
    """End a webhook: nothing comes in by it any more, whatever the provider says to its end."""
    removed = await container.hooks.webhooks.delete(
        caller, connector_id, query.connection_id, query.webhook_id
    )
    return ok(RemovedWebhookOut(webhook_id=query.webhook_id, removed_at_provider=removed))
