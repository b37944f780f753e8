"""The browser's way to a provider, what a connector needs of it, and connect sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from src.api.cookies import FLOW_SECONDS, SESSION, SESSION_SECONDS, Cookies, flow_name
from src.api.deps import CallerDep, ContainerDep, SessionDep, needs
from src.api.envelope import Envelope, ok
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.sessions import (
    AuthorizeQuery,
    ConnectSessionBody,
    ConnectSessionOut,
    ScopesOut,
    ScopesQuery,
    words,
)
from src.core.errors import ErrorCode
from src.models.principal import Permission
from src.services.scopes import scope_needs
from src.services.sessions import within

router = APIRouter(tags=["connect"], route_class=Route)

_FOUND = 302


@router.get(
    "/connectors/{connector_id}/authorize",
    response_class=Response,
    status_code=_FOUND,
    operation_id="authorize",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.NOT_FOUND,
        ErrorCode.CONNECTOR_NOT_CONFIGURED,
        ErrorCode.CREDENTIALS_UNREADABLE,
        session=True,
    ),
)
async def authorize(
    connector_id: str,
    query: Annotated[AuthorizeQuery, Query()],
    caller: CallerDep,
    container: ContainerDep,
    session: SessionDep,
) -> Response:
    """Send this browser to the provider; it must be the one that comes back to our callback.

    Open it with a connect session (`session`, or its cookie), or as a caller with a key. The end is
    told as by `connect`: at `returnUrl`, or on a page.
    """
    start = query.to_start()
    if session is not None:
        start = within(session, start)
    started = await container.oauth_begin.start(
        caller,
        connector_id,
        start,
        in_browser=True,
        # Without an address of its own the flow ends on the session's page.
        session_hash=session.session.cookie_hash if session and not start.return_url else None,
    )
    response = RedirectResponse(started.auth_url, _FOUND)
    cookies = Cookies(is_secure=container.returns.is_secure)
    if started.browser is not None:
        cookies.set(response, flow_name(started.state), started.browser, FLOW_SECONDS)
    if session is not None and query.session is not None:
        cookie = session.cookie.get_secret_value()
        cookies.set(response, SESSION, cookie, SESSION_SECONDS)
    return response


@router.get(
    "/connectors/{connector_id}/scopes",
    response_model=Envelope[ScopesOut],
    operation_id="getScopes",
    **needs(Permission.CONNECTORS_READ, ErrorCode.NOT_FOUND, ErrorCode.CONNECTOR_NOT_CONFIGURED),
)
async def get_scopes(
    connector_id: str,
    query: Annotated[ScopesQuery, Query()],
    caller: CallerDep,
    container: ContainerDep,
) -> Response:
    """What tools, or the connector, need; and what a connection's grant lacks of it."""
    loaded = await container.calls.enabled(caller, connector_id)
    connection = None
    if query.connection_id is not None:
        connection = await container.calls.find(caller, connector_id, query.connection_id)
    found = scope_needs(loaded, words(query.tools), connection)
    url = None
    if connection is not None and found.missing:
        url = container.way_back.url(connection, found.missing)
    return ok(ScopesOut.of(found, url))


@router.post(
    "/connect-sessions",
    response_model=Envelope[ConnectSessionOut],
    status_code=201,
    operation_id="createConnectSession",
    **needs(Permission.CONNECTIONS_WRITE, ErrorCode.NOT_FOUND, ErrorCode.PAYLOAD_TOO_LARGE),
)
async def create_connect_session(
    body: ConnectSessionBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Let a user connect in a browser: send it to `connectUrl`, once, within 30 minutes."""
    return ok(ConnectSessionOut.of(await container.sessions.make(caller, body.to_new())), 201)
