"""Liveness and readiness: without auth and without secrets."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import ContainerDep
from src.api.envelope import Envelope, ok
from src.api.errors import documented
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.platform import AliveOut, ReadyOut
from src.core.errors import ErrorCode, ServiceUnavailable

root = APIRouter(tags=["platform"], route_class=Route)
router = APIRouter(tags=["platform"], route_class=Route)

_STARTED = time.monotonic()
_RETRY_SECONDS = 2.0


@root.get(
    "/", response_model=Envelope[AliveOut], responses=documented(), operation_id="getLiveness"
)
async def alive(container: ContainerDep, _: Annotated[NoQuery, Query()]) -> Response:
    """Whether the process answers; depends on nothing else."""
    settings = container.settings
    return ok(
        AliveOut(
            name=settings.app_name,
            version=settings.app_version,
            status="ok",
            uptime_seconds=round(time.monotonic() - _STARTED, 3),
        )
    )


@router.get(
    "/health/ready",
    response_model=Envelope[ReadyOut],
    responses=documented(ErrorCode.SERVICE_UNAVAILABLE),
    operation_id="getReadiness",
)
async def ready(container: ContainerDep, _: Annotated[NoQuery, Query()]) -> Response:
    """Whether requests can be served: 503 with the reasons when they cannot."""
    report = await container.readiness.report()
    shown = ReadyOut(**asdict(report))
    if not report.ready:
        raise ServiceUnavailable(
            "Not ready.",
            details=shown.model_dump(by_alias=True),
            retry_after=_RETRY_SECONDS,
        )
    return ok(shown)


root.add_api_route("/", alive, methods=["HEAD"], include_in_schema=False)
router.add_api_route("/health/ready", ready, methods=["HEAD"], include_in_schema=False)
