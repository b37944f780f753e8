"""Webhooks out: the endpoints that a tenant's events are sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.base import PageQuery
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.endpoints import (
    DeletedEndpointOut,
    DeliveriesQuery,
    DeliveryOut,
    EndpointBody,
    EndpointId,
    EndpointOut,
    MadeEndpointOut,
    NewEndpointBody,
    RepeatedEndpointOut,
    ReplayBody,
    ReplayedOut,
)
from src.core.errors import ErrorCode
from src.models.event import Delivery, Endpoint
from src.models.principal import Permission

router = APIRouter(prefix="/webhook-endpoints", tags=["endpoints"], route_class=Route)

EndpointPath = Annotated[EndpointId, Path(description="An endpoint's id.")]
_UNREADABLE = ErrorCode.CREDENTIALS_UNREADABLE
_WRITE = (ErrorCode.NOT_FOUND, ErrorCode.PAYLOAD_TOO_LARGE)
_MADE = Envelope[MadeEndpointOut | RepeatedEndpointOut]


@router.get(
    "",
    response_model=Envelope[ListOf[EndpointOut]],
    operation_id="listEndpoints",
    **needs(Permission.WEBHOOKS_WRITE, ErrorCode.INVALID_CURSOR, _UNREADABLE),
)
async def list_endpoints(
    caller: CallerDep, container: ContainerDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """The tenant's endpoints, newest first. They are told of all users: one user sees none."""
    paging = Paging(container.cursors, "endpoints", caller, query)
    found = await container.endpoints.list(caller, limit=query.limit + 1, after=paging.position())
    shown, cursor = paging.cut(found, _position)
    return ok_list([EndpointOut.of(endpoint) for endpoint in shown], next_cursor=cursor)


@router.post(
    "",
    response_model=_MADE,
    status_code=201,
    operation_id="createEndpoint",
    **needs(
        Permission.WEBHOOKS_WRITE, ErrorCode.CONFLICT, ErrorCode.PAYLOAD_TOO_LARGE, _UNREADABLE
    ),
)
async def create_endpoint(
    body: NewEndpointBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Make an endpoint; this answer is the only one that shows its secret.

    Deliveries follow Standard Webhooks: `webhook-id` is the same at each attempt, and
    `webhook-signature` is checked with the secret. Answer with 2xx within 15 seconds.
    """
    made = await container.endpoints.make(caller, body.to_new())
    return ok(MadeEndpointOut.made(made), 201)


@router.get(
    "/{endpoint_id}",
    response_model=Envelope[EndpointOut],
    operation_id="getEndpoint",
    **needs(Permission.WEBHOOKS_WRITE, ErrorCode.NOT_FOUND),
)
async def get_endpoint(
    endpoint_id: EndpointPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """One endpoint, and how it has been lately."""
    return ok(EndpointOut.of(await container.endpoints.get(caller, endpoint_id)))


@router.patch(
    "/{endpoint_id}",
    response_model=Envelope[EndpointOut],
    operation_id="updateEndpoint",
    **needs(Permission.WEBHOOKS_WRITE, *_WRITE),
)
async def update_endpoint(
    endpoint_id: EndpointPath,
    body: EndpointBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Change an endpoint. A new address, or switching it on, forgets its failures."""
    changed = await container.endpoints.update(caller, endpoint_id, body.given())
    return ok(EndpointOut.of(changed))


@router.delete(
    "/{endpoint_id}",
    response_model=Envelope[DeletedEndpointOut],
    operation_id="deleteEndpoint",
    **needs(Permission.WEBHOOKS_WRITE, ErrorCode.NOT_FOUND),
)
async def delete_endpoint(
    endpoint_id: EndpointPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """End an endpoint and forget its deliveries."""
    await container.endpoints.delete(caller, endpoint_id)
    return ok(DeletedEndpointOut(endpoint_id=endpoint_id))


@router.post(
    "/{endpoint_id}/rotate-secret",
    response_model=_MADE,
    status_code=201,
    operation_id="rotateEndpointSecret",
    **needs(Permission.WEBHOOKS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, _UNREADABLE),
)
async def rotate_secret(
    endpoint_id: EndpointPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Make a new secret, shown only here.

    For 24 hours each delivery carries two signatures, by the new secret and by the one before;
    until then it is not rotated again (409, `details.formerSecretUntil`).
    """
    made = await container.endpoints.rotate(caller, endpoint_id)
    return ok(MadeEndpointOut.made(made), 201)


@router.get(
    "/{endpoint_id}/deliveries",
    response_model=Envelope[ListOf[DeliveryOut]],
    operation_id="listEndpointDeliveries",
    **needs(Permission.WEBHOOKS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.INVALID_CURSOR, _UNREADABLE),
)
async def list_deliveries(
    endpoint_id: EndpointPath,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[DeliveriesQuery, Query()],
) -> Response:
    """What the endpoint was told, newest first, with the attempts.

    `dead` ones are not tried again by themselves; `status=dead` lists them.
    """
    paging = Paging(container.cursors, f"deliveries|{endpoint_id}", caller, query)
    found = await container.endpoints.deliveries(
        caller, endpoint_id, query.to_filter(), limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _delivery_position)
    return ok_list([DeliveryOut.of(delivery) for delivery in shown], next_cursor=cursor)


@router.post(
    "/{endpoint_id}/replay",
    response_model=Envelope[ReplayedOut],
    status_code=202,
    operation_id="replayDeliveries",
    **needs(Permission.WEBHOOKS_WRITE, *_WRITE, ErrorCode.CONFLICT),
)
async def replay(
    endpoint_id: EndpointPath,
    body: ReplayBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Send again: one delivery, or all of a range of time, also what was delivered before.

    Each keeps its `webhook-id`, so that a receiver can tell that it has seen it.
    """
    count = await container.endpoints.replay(caller, endpoint_id, body.to_filter())
    return ok(ReplayedOut(replayed=count), 202)


def _position(endpoint: Endpoint) -> tuple[datetime, str]:
    return endpoint.created_at, endpoint.id


def _delivery_position(delivery: Delivery) -> tuple[datetime, str]:
    return delivery.created_at, delivery.id
