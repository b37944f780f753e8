"""What routes depend on: the container, the caller, and the permission that each route names."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from src.api.errors import Documented, documented
from src.bootstrap import Container
from src.core.errors import BadRequest, ErrorCode, Forbidden, Unauthorized
from src.core.logging import bind_log_context
from src.models.principal import Caller, Permission

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


async def container_of(request: Request) -> Container:
    """The container of this application. Async, as all here: a sync one costs a thread each."""
    container: Container = request.app.state.container
    return container


ContainerDep = Annotated[Container, Depends(container_of)]


async def caller_of(request: Request, container: ContainerDep) -> Caller:
    """Who is calling, for which tenant."""
    headers = request.headers
    principal = container.principals.identify(
        bearer=_bearer(headers.get("authorization")),
        tenant_id=headers.get("x-tenant-id"),
        workspace_ids=await _workspace_ids(request),
        user_id=headers.get("x-user-id"),
    )
    bind_log_context(tenant=principal.tenant_id)
    return Caller(
        principal,
        request_id=request.state.request_id,
        ip=request.client.host if request.client else None,
    )


CallerDep = Annotated[Caller, Depends(caller_of)]


def _bearer(authorization: str | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
    return token.strip()


async def _workspace_ids(request: Request) -> list[str]:
    """The tenant as query and JSON body name it; what is no text is left to the route's model."""
    body = await _json_body(request)
    named = [
        request.query_params.get("workspaceId"),
        body.get("workspaceId") if isinstance(body, dict) else None,
    ]
    return [name for name in named if isinstance(name, str)]


async def _json_body(request: Request) -> Any:
    """The body, if the request has one; FastAPI has read it before, and Starlette keeps it."""
    if request.method not in _WITH_BODY or not _is_json(request.headers.get("content-type", "")):
        return None
    content = await request.body()
    if not content:
        return None
    # Python reads UTF-16 and UTF-32 too; RFC 8259 §8.1 does not.
    if not json.detect_encoding(content).startswith("utf-8"):
        raise BadRequest("The body is not UTF-8.")
    try:
        return await request.json()
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error


def _is_json(content_type: str) -> bool:
    """Whether FastAPI takes this for JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _require(permission: Permission) -> Callable[[Caller], Awaitable[None]]:
    async def check(caller: CallerDep) -> None:
        if not caller.principal.may(permission):
            raise Forbidden(
                f"This needs the permission {permission.value}.",
                details={"permission": permission.value},
            )

    return check


def needs(
    permission: Permission, *codes: ErrorCode, also: Documented | None = None
) -> dict[str, Any]:
    """Route arguments: the permission, checked and documented, and how the route can fail.

    Args:
        permission: What the caller must hold.
        codes: How the route can fail, besides the common ways.
        also: Further successes.
    """
    return {
        "dependencies": [Depends(_require(permission))],
        "openapi_extra": {"x-permission": permission.value},
        "responses": {**(also or {}), **documented(*codes)},
    }
