"""Tools: what a connector can do besides browsing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.errors import PROVIDER_CODES
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.tools import ToolOut, ToolRunBody
from src.core.errors import ErrorCode
from src.models.principal import Permission
from src.services.browse import Listing

router = APIRouter(prefix="/connectors/{connector_id}/tools", tags=["tools"], route_class=Route)


@router.get(
    "",
    response_model=Envelope[ListOf[ToolOut]],
    operation_id="listTools",
    **needs(
        Permission.CONNECTORS_READ,
        ErrorCode.NOT_FOUND,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        ErrorCode.CONNECTOR_NOT_CONFIGURED,
    ),
)
async def list_tools(
    connector_id: str,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """The tools of a connector, with what each takes and needs."""
    found = await container.tools.list(caller, connector_id)
    return ok_list([ToolOut.of(tool) for tool in found])


@router.post(
    "/{tool}",
    response_model=Envelope[dict[str, Any]],
    operation_id="runTool",
    **needs(
        Permission.TOOLS_EXECUTE,
        ErrorCode.INVALID_CURSOR,
        ErrorCode.UNSUPPORTED_CAPABILITY,
        ErrorCode.PAYLOAD_TOO_LARGE,
        *PROVIDER_CODES,
        repeatable=True,
    ),
)
async def run_tool(
    connector_id: str,
    tool: Annotated[str, Path(description="A name that `tools` gave.")],
    body: ToolRunBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Run a tool once.

    A list comes as a page: `items`, `nextCursor` (given back as the argument `cursor`), `hasMore`,
    `truncated`. A scope that the grant lacks, and arguments that the tool does not take, are told
    before anything is called. A tool that changes something is never tried again by itself after
    the provider may have received it; name the run with `Idempotency-Key` to repeat it safely.
    """
    told = await container.tools.run(caller, body.to_run(connector_id, tool))
    if isinstance(told, Listing):
        return ok_list(
            told.items,
            next_cursor=told.next_cursor,
            truncated=told.truncated,
            rate_limit=told.rate_limit,
        )
    return ok(told.value, rate_limit=told.rate_limit)
