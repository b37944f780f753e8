"""How an account is connected: what to type, and the end of the flow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ok
from src.api.errors import PROVIDER_CODES
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.connect import CallbackBody, ConnectBody, ConnectedOut, KeyForm
from src.api.schemas.connectors import KeyFieldOut
from src.core.errors import ErrorCode
from src.models.principal import Permission

router = APIRouter(prefix="/connectors/{connector_id}/connect", tags=["connect"], route_class=Route)


@router.post(
    "",
    response_model=Envelope[KeyForm],
    operation_id="startConnect",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CONNECTOR_NOT_CONFIGURED,
    ),
)
async def start(
    connector_id: str,
    body: ConnectBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """What a person has to type to connect with a key. Send it to `connect/callback`."""
    method = await container.connect.start(caller, connector_id, body.method)
    fields = [KeyFieldOut.of(field) for field in method.fields]
    return ok(KeyForm(fields=fields, header=method.header))


@router.post(
    "/callback",
    response_model=Envelope[ConnectedOut],
    status_code=201,
    operation_id="finishConnect",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CONNECTION_EXISTS,
        ErrorCode.ACCOUNT_MISMATCH,
        *PROVIDER_CODES,
        also={200: {"model": Envelope[ConnectedOut], "description": "Revived or renewed"}},
    ),
)
async def finish(
    connector_id: str,
    body: CallbackBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Check a key or a token at the provider and store it sealed.

    201 for a new connection, 200 when it revived or renewed one.
    """
    connected = await container.connect.finish(caller, connector_id, body.to_authorization())
    report = container.connections.report(connected.connection)
    status = 201 if connected.is_new else 200
    return ok(ConnectedOut.of(connected.connection, report), status)
