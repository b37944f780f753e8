"""A connection's token: what may be known of it, a refresh, and the token itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ok
from src.api.errors import PROVIDER_CODES
from src.api.routing import Route
from src.api.schemas.base import ConnectionId
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.tokens import (
    IF_DUE,
    RefreshBody,
    RefreshedOut,
    RevealedOut,
    TokenOut,
    TokenQuery,
)
from src.core.errors import ErrorCode
from src.models.principal import Permission

router = APIRouter(prefix="/connections", tags=["connections"], route_class=Route)

ConnectionPath = Annotated[ConnectionId, Path(description="A connection's id.")]


@router.get(
    "/{connection_id}/token",
    response_model=Envelope[TokenOut | RevealedOut],
    operation_id="getToken",
    **needs(Permission.CONNECTIONS_READ, *PROVIDER_CODES),
)
async def get_token(
    connection_id: ConnectionPath,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[TokenQuery, Query()],
) -> Response:
    """What may be known of the credential.

    With `reveal=true` also the access token, refreshed first when it is due: for an API key with
    `tokens:read` only, and every time with an entry in the audit log.
    """
    if not query.reveal:
        return ok(TokenOut.of(await container.tokens.describe(caller, connection_id)))
    answer = ok(RevealedOut.revealing(await container.tokens.reveal(caller, connection_id)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post(
    "/{connection_id}/token-refreshes",
    response_model=Envelope[RefreshedOut],
    status_code=201,
    operation_id="refreshToken",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        *PROVIDER_CODES,
    ),
)
async def refresh_token(
    connection_id: ConnectionPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
    body: RefreshBody = IF_DUE,
) -> Response:
    """Refresh the access token if it is due, or in any case with `force`.

    Calls do this by themselves. However many ask at once, the provider is asked once; after an
    outage it is left alone for a while, which `Retry-After` tells.
    """
    refreshed = await container.tokens.refresh(caller, connection_id, force=body.force)
    return ok(RefreshedOut.of(refreshed), 201)
