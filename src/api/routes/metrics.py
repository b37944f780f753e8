"""What Prometheus reads; there only with ``METRICS_ENABLED``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import ContainerDep
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.core.metrics import CONTENT_TYPE

router = APIRouter(route_class=Route)


@router.get("/metrics", include_in_schema=False)
async def metrics(container: ContainerDep, _: Annotated[NoQuery, Query()]) -> Response:
    """Counts of requests, provider calls, refreshes and connections; no tenants, no secrets."""
    await container.census.take()
    return Response(container.metrics.page(), media_type=CONTENT_TYPE)
