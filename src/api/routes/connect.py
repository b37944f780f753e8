"""How an account is connected: what to type, and the end of the flow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import CallerDep, ContainerDep, SessionDep, needs
from src.api.envelope import Envelope, ok
from src.api.errors import PROVIDER_CODES
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.connect import (
    CallbackBody,
    ConnectBody,
    ConnectedOut,
    KeyForm,
    OAuthStartOut,
)
from src.api.schemas.connectors import KeyFieldOut
from src.connectors.manifest import AuthKind
from src.core.errors import ErrorCode
from src.models.principal import Permission
from src.services.sessions import within

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
        ErrorCode.CREDENTIALS_UNREADABLE,
        also={201: {"model": Envelope[OAuthStartOut], "description": "OAuth begun"}},
        session=True,
    ),
)
async def begin(
    connector_id: str,
    body: ConnectBody,
    caller: CallerDep,
    container: ContainerDep,
    session: SessionDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Begin to connect: 201 for OAuth, 200 with what a person has to type for a key.

    OAuth: send the user's browser to `authUrl`. What it comes back to `redirectUri` with goes into
    POST `connect/callback`; at our own callback the browser is sent on to `returnUrl`, with
    `state` and either `connectionId` and `status` or `error`. The state is good once, for ten
    minutes.
    """
    method = await container.connect.start(caller, connector_id, body.method)
    if method.kind is AuthKind.OAUTH2:
        start = within(session, body.to_start()) if session else body.to_start()
        started = await container.oauth_begin.start(caller, connector_id, start)
        shown = not container.settings.production
        return ok(OAuthStartOut.of(started, shows_verifier=shown), 201)
    body.require_no_oauth()
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
        ErrorCode.INVALID_STATE,
        ErrorCode.OAUTH_DENIED,
        ErrorCode.OAUTH_EXCHANGE_FAILED,
        *PROVIDER_CODES,
        also={200: {"model": Envelope[ConnectedOut], "description": "Revived or renewed"}},
        session=True,
    ),
)
async def finish(
    connector_id: str,
    body: CallbackBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Exchange an OAuth code, or check a key or a token, and store the credential sealed.

    201 for a new connection, 200 when it revived or renewed one.
    """
    if body.code is not None:
        connected = await container.oauth_end.finish(caller, connector_id, body.to_answer())
    else:
        connected = await container.connect.finish(caller, connector_id, body.to_authorization())
    report = container.connections.report(connected.connection)
    status = 201 if connected.is_new else 200
    return ok(ConnectedOut.of(connected.connection, report), status)
