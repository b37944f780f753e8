"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok_list
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.audit import AuditEntryOut, AuditQuery
from src.core.errors import ErrorCode
from src.models.audit import AuditEntry
from src.models.principal import Permission

router = APIRouter(prefix="/audit-logs", tags=["audit"], route_class=Route)


@router.get(
    "",
    response_model=Envelope[ListOf[AuditEntryOut]],
    operation_id="listAuditLogs",
    **needs(Permission.AUDIT_READ, ErrorCode.INVALID_CURSOR, ErrorCode.CREDENTIALS_UNREADABLE),
)
async def list_audit_logs(
    caller: CallerDep, container: ContainerDep, query: Annotated[AuditQuery, Query()]
) -> Response:
    """Uses of power in this tenant, newest first."""
    paging = Paging(container.cursors, "audit-logs", caller, query)
    found = await container.audit.list(
        caller, query.to_filter(), limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _position)
    return ok_list([AuditEntryOut.of(entry) for entry in shown], next_cursor=cursor)


def _position(entry: AuditEntry) -> tuple[datetime, str]:
    return entry.at, entry.id
