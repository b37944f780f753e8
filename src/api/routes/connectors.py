"""The catalogue of connectors and the tenant's settings of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.errors import PROVIDER_CODES, documented
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.checks import ProbeOut, ValidateBody, ValidOut
from src.api.schemas.connections import ConnectionRef, RevokedOut
from src.api.schemas.connectors import (
    CatalogueQuery,
    ConnectorDetailOut,
    ConnectorOut,
    ConnectorPatch,
)
from src.bootstrap import Container
from src.core.errors import ErrorCode
from src.models.principal import Permission

router = APIRouter(prefix="/connectors", tags=["connectors"], route_class=Route)


def _base_url(container: Container) -> str:
    settings = container.settings
    return f"{settings.public_url.rstrip('/')}{settings.api_prefix}/connectors"


@router.get(
    "",
    response_model=Envelope[ListOf[ConnectorOut]],
    operation_id="listConnectors",
    **needs(Permission.CONNECTORS_READ),
)
async def list_connectors(
    caller: CallerDep, container: ContainerDep, query: Annotated[CatalogueQuery, Query()]
) -> Response:
    """Every connector, as it is set for this tenant."""
    entries = await container.catalogue.list(
        caller, category=query.category, capability=query.capability, q=query.q
    )
    base_url = _base_url(container)
    return ok_list([ConnectorOut.of(entry, base_url) for entry in entries])


@router.get(
    "/{connector_id}",
    response_model=Envelope[ConnectorDetailOut],
    operation_id="getConnector",
    **needs(Permission.CONNECTORS_READ, ErrorCode.NOT_FOUND),
)
async def get_connector(
    connector_id: str, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """One connector, with the schemas that its forms can be drawn from."""
    entry = await container.catalogue.get(caller, connector_id)
    return ok(ConnectorDetailOut.of(entry, _base_url(container)))


@router.get(
    "/{connector_id}/icon.svg",
    response_class=Response,
    operation_id="getConnectorIcon",
    responses={
        **documented(ErrorCode.NOT_FOUND),
        200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
    },
)
async def get_icon(
    connector_id: str, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """The connector's icon; needs no auth."""
    icon = container.catalogue.icon(connector_id)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(icon, media_type="image/svg+xml", headers=headers)


@router.patch(
    "/{connector_id}",
    response_model=Envelope[ConnectorDetailOut],
    operation_id="updateConnector",
    **needs(
        Permission.CONNECTORS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CREDENTIALS_UNREADABLE,
    ),
)
async def update_connector(
    connector_id: str,
    body: ConnectorPatch,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Switch a connector on or off for the tenant, or give it the tenant's own app."""
    entry = await container.catalogue.update(caller, connector_id, body.given())
    return ok(ConnectorDetailOut.of(entry, _base_url(container)))


@router.post(
    "/{connector_id}/probe",
    response_model=Envelope[ProbeOut],
    operation_id="probeConnection",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CONNECTION_NOT_READY,
        ErrorCode.CONNECTOR_NOT_CONFIGURED,
        ErrorCode.REAUTHORIZATION_REQUIRED,
        ErrorCode.CREDENTIALS_UNREADABLE,
    ),
)
async def probe(
    connector_id: str,
    body: ConnectionRef,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Call the provider once. Its faults are the answer, never a 5xx."""
    return ok(ProbeOut.of(await container.checks.probe(caller, connector_id, body.connection_id)))


@router.post(
    "/{connector_id}/validate",
    response_model=Envelope[ValidOut],
    operation_id="validateCredentials",
    **needs(Permission.CONNECTIONS_WRITE, ErrorCode.PAYLOAD_TOO_LARGE, *PROVIDER_CODES),
)
async def validate(
    connector_id: str,
    body: ValidateBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Check config and credentials at the provider; stores nothing.

    Config alone is checked for its form, and nobody is asked.
    """
    authorization = body.to_authorization()
    if authorization is None:
        verdict = await container.checks.validate_config(caller, connector_id, body.config)
    else:
        verdict = await container.checks.validate_given(caller, connector_id, authorization)
    return ok(ValidOut.of(verdict))


@router.post(
    "/{connector_id}/revoke",
    response_model=Envelope[RevokedOut],
    operation_id="revokeConnection",
    **needs(Permission.CONNECTIONS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.PAYLOAD_TOO_LARGE),
)
async def revoke(
    connector_id: str,
    body: ConnectionRef,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Disconnect: destroys the credential and the connection's own app, keeps the record."""
    answer = await container.revocation.revoke(caller, connector_id, body.connection_id)
    return ok(RevokedOut.of(body.connection_id, answer))
