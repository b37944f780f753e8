"""A browser with a connect session as a caller, on the routes that are open to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from src.api.cookies import SESSION, Cookies
from src.bootstrap import Container
from src.core.errors import TenantMismatch
from src.core.middleware import Scope, header
from src.models.principal import Caller, Principal, Via
from src.services.sessions import OpenSession

SESSION_OF_REQUEST = "connect_session"
_SAFE = frozenset({"GET", "HEAD"})


async def session_caller(
    container: Container, scope: Scope, given: tuple[Mapping[str, Any], Any]
) -> Caller | None:
    """The session's user; None when the request proves itself in another way, or not at all.

    Args:
        container: The services.
        scope: The request.
        given: Its query and its body.

    Raises:
        TenantMismatch: Query or body name another tenant.
        Unauthorized: The token in the query is unknown, used or too old.
        Forbidden: The CSRF token is missing, or the connector is not the session's.
    """
    if header(scope, b"authorization") is not None or header(scope, b"x-tenant-id") is not None:
        return None
    query, body = given
    opened = await _opened(container, scope, query)
    if opened is None:
        return None
    for values in (query, body):
        named = values.get("workspaceId") if isinstance(values, dict) else None
        if named not in {None, opened.session.tenant_id}:
            raise TenantMismatch("workspaceId names another tenant than the session's.")
    sessions = container.sessions
    if scope["method"] not in _SAFE:
        sessions.require_csrf(opened, header(scope, b"x-csrf-token"))
    connector_id = scope["path_params"].get("connector_id")
    if connector_id is not None:
        sessions.require_connector(opened, connector_id)
    scope["state"][SESSION_OF_REQUEST] = opened
    return opened.caller(nobody(scope))


async def _opened(
    container: Container, scope: Scope, query: Mapping[str, Any]
) -> OpenSession | None:
    token = query.get("session")
    if isinstance(token, str) and scope["path"].endswith("/authorize"):
        return await container.sessions.open(token)
    cookies = Cookies(is_secure=container.returns.is_secure)
    return await container.sessions.find(cookies.read(Request(scope), SESSION))


def nobody(scope: Scope) -> Caller:
    """The request of a browser that proves nothing by itself."""
    client = scope.get("client")
    return Caller(
        Principal("", Via.SESSION, frozenset()),
        request_id=scope["state"]["request_id"],
        ip=client[0] if client else None,
    )
