"""Records: what is kept of a connection's content, in the order of change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import ok
from src.api.openapi import answers
from src.api.routing import Route
from src.api.schemas.base import ConnectionId
from src.api.schemas.records import RecordsQuery
from src.core.errors import ErrorCode
from src.models.principal import Permission
from src.models.record import Record

router = APIRouter(prefix="/connections", tags=["records"], route_class=Route)


@router.get(
    "/{connection_id}/records",
    operation_id="listRecords",
    **answers(
        needs(
            Permission.BROWSE_READ,
            ErrorCode.NOT_FOUND,
            ErrorCode.INVALID_CURSOR,
            ErrorCode.CREDENTIALS_UNREADABLE,
            ErrorCode.UNSUPPORTED_CAPABILITY,
        ),
        Record,
        listed=True,
    ),
)
async def records(
    connection_id: Annotated[ConnectionId, Path(description="A connection's id.")],
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[RecordsQuery, Query()],
) -> Response:
    """Records of synchronized streams, in the order in which they changed last.

    `nextCursor` is always set: with `hasMore: false`, keep it and ask again later. A record that
    changes comes again behind it. `truncated` says that the cursor is older than the time for
    which deletions are remembered: read once more without it.
    """
    page = await container.record_reading.list(caller, connection_id, query.to_query())
    return ok(
        {
            "items": page.records,
            "nextCursor": page.next_cursor,
            "hasMore": page.has_more,
            "truncated": page.truncated,
        }
    )
