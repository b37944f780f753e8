"""What routes depend on: the container, the caller, and the permission that each route names."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends

from src.api.errors import Documented, documented
from src.bootstrap import Container
from src.core.errors import ErrorCode
from src.models.principal import Caller, Permission
from src.services.sessions import OpenSession
from src.services.watches import Recheck


def _given_by_route() -> None:
    """What tells FastAPI that an argument is no field of the request; ``Route`` gives it.

    Raises:
        RuntimeError: The route is none of ours, so nobody has checked the caller.
    """
    raise RuntimeError("declare this route on a router with route_class=Route")


ContainerDep = Annotated[Container, Depends(_given_by_route)]
CallerDep = Annotated[Caller, Depends(_given_by_route)]


SessionDep = Annotated[OpenSession | None, Depends(_given_by_route)]
"""The connect session that the caller comes by."""

RecheckDep = Annotated[Recheck, Depends(_given_by_route)]
"""Asks once more who is calling and whether they may: for an answer that goes on for long."""


def needs(
    permission: Permission,
    *codes: ErrorCode,
    also: Documented | None = None,
    session: bool = False,
    repeatable: bool = False,
) -> dict[str, Any]:
    """Route arguments: the permission, checked and documented, and how the route can fail.

    Args:
        permission: What the caller must hold; ``Route`` checks it.
        codes: How the route can fail, besides the common ways.
        also: Further successes.
        session: A browser with a connect session may call it, too.
        repeatable: It heeds an ``Idempotency-Key`` though it makes no thing of its own.
    """
    return {
        "openapi_extra": {
            "x-permission": permission.value,
            **({"x-session": True} if session else {}),
            **({"x-repeatable": True} if repeatable else {}),
        },
        "responses": {**(also or {}), **documented(*codes)},
    }
