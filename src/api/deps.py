"""What routes depend on: the container, the caller, and the permission that each route names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from src.api.errors import Documented, documented
from src.bootstrap import Container
from src.core.errors import ErrorCode, Forbidden, Unauthorized
from src.core.logging import bind_log_context
from src.models.principal import Caller, Permission


def container_of(request: Request) -> Container:
    """The container of this application."""
    container: Container = request.app.state.container
    return container


ContainerDep = Annotated[Container, Depends(container_of)]


async def caller_of(request: Request, container: ContainerDep) -> Caller:
    """Who is calling, for which tenant."""
    headers = request.headers
    principal = container.principals.identify(
        bearer=_bearer(headers.get("authorization")),
        tenant_id=headers.get("x-tenant-id"),
        workspace_id=await _workspace_id(request),
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


async def _workspace_id(request: Request) -> str | None:
    """The tenant as the query or a JSON body names it; the route's model checks its form."""
    named: Any = request.query_params.get("workspaceId")
    if named is None and "json" in request.headers.get("content-type", ""):
        # FastAPI has read and kept the body before it asks for dependencies.
        body = await request.json() if await request.body() else None
        named = body.get("workspaceId") if isinstance(body, dict) else None
    return named if isinstance(named, str) else None


def _require(permission: Permission) -> Callable[[Caller], None]:
    def check(caller: CallerDep) -> None:
        if not caller.principal.may(permission):
            raise Forbidden(
                f"This needs the permission {permission.value}.",
                details={"permission": permission.value},
            )

    return check


def needs(permission: Permission, *codes: ErrorCode) -> dict[str, Any]:
    """Route arguments: the permission, checked and documented, and how the route can fail."""
    responses: Documented = documented(*codes)
    return {
        "dependencies": [Depends(_require(permission))],
        "openapi_extra": {"x-permission": permission.value},
        "responses": responses,
    }
