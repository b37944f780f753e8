"""Connections: the records, their tokens' metadata, and their sync states."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.errors import PROVIDER_CODES
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.base import ConnectionId
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.checks import ConnectionValidOut
from src.api.schemas.connect import ConnectedOut, ImportBody
from src.api.schemas.connections import (
    ConnectionOut,
    ConnectionPatch,
    ConnectionRef,
    ConnectionsQuery,
    NewConnectionBody,
    RevokedOut,
    SelectionBody,
    SyncStateBody,
    SyncStateOut,
    SyncStateQuery,
)
from src.api.schemas.tokens import TokenOut
from src.core.errors import ErrorCode
from src.models.connection import Connection
from src.models.principal import Permission

router = APIRouter(prefix="/connections", tags=["connections"], route_class=Route)

ConnectionPath = Annotated[ConnectionId, Path(description="A connection's id.")]
_WRITE_CODES = (ErrorCode.NOT_FOUND, ErrorCode.PAYLOAD_TOO_LARGE)


@router.get(
    "",
    response_model=Envelope[ListOf[ConnectionOut]],
    operation_id="listConnections",
    **needs(
        Permission.CONNECTIONS_READ, ErrorCode.INVALID_CURSOR, ErrorCode.CREDENTIALS_UNREADABLE
    ),
)
async def list_connections(
    caller: CallerDep, container: ContainerDep, query: Annotated[ConnectionsQuery, Query()]
) -> Response:
    """Connections that the caller may see, newest first."""
    paging = Paging(container.cursors, "connections", caller, query)
    where = query.to_filter()
    if query.state is not None:
        begun_for = await container.states.connection_of(caller, query.state)
        where = replace(where, connection_id=begun_for or "")
    found = await container.connections.list(
        caller, where, limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _position)
    connections = container.connections
    return ok_list(
        [ConnectionOut.of(entry, connections.report(entry)) for entry in shown],
        next_cursor=cursor,
    )


def _position(connection: Connection) -> tuple[datetime, str]:
    return connection.created_at, connection.id


@router.post(
    "",
    response_model=Envelope[ConnectionOut],
    status_code=201,
    operation_id="createConnection",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CONNECTION_EXISTS,
        ErrorCode.CREDENTIALS_UNREADABLE,
    ),
)
async def create_connection(
    body: NewConnectionBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Make a pending connection; authorize it with `connect/callback` or `connections/token`."""
    connection = await container.connections.create(caller, body.to_new())
    return ok(ConnectionOut.of(connection, container.connections.report(connection)), 201)


@router.post(
    "/token",
    response_model=Envelope[TokenOut],
    operation_id="importToken",
    **needs(
        Permission.CONNECTIONS_WRITE,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.CONNECTION_EXISTS,
        ErrorCode.ACCOUNT_MISMATCH,
        *PROVIDER_CODES,
    ),
)
async def import_token(
    body: ImportBody, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Give a connection a token that you hold: checked at the provider, stored sealed."""
    connection = await container.connections.get(caller, body.connection_id)
    connected = await container.connect.finish(
        caller, connection.connector_id, body.to_authorization()
    )
    return ok(TokenOut.of(await container.connect.token_of(caller, connected.connection)))


@router.post(
    "/validate",
    response_model=Envelope[ConnectionValidOut],
    operation_id="validateConnection",
    **needs(Permission.CONNECTIONS_WRITE, ErrorCode.PAYLOAD_TOO_LARGE, *PROVIDER_CODES),
)
async def validate(
    body: ConnectionRef, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Whether the credential works now; one that works again reconnects its connection."""
    return ok(ConnectionValidOut.of(await container.checks.validate(caller, body.connection_id)))


@router.post(
    "/revoke",
    response_model=Envelope[RevokedOut],
    operation_id="disconnect",
    **needs(Permission.CONNECTIONS_WRITE, *_WRITE_CODES),
)
async def revoke(
    body: ConnectionRef, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Disconnect: destroys the credential and the connection's own app, keeps the record."""
    answer = await container.revocation.disconnect(caller, body.connection_id)
    return ok(RevokedOut.of(body.connection_id, answer))


@router.get(
    "/{connection_id}",
    response_model=Envelope[ConnectionOut],
    operation_id="getConnection",
    **needs(Permission.CONNECTIONS_READ, ErrorCode.NOT_FOUND, session=True),
)
async def get_connection(
    connection_id: ConnectionPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """One connection."""
    connection = await container.connections.get(caller, connection_id)
    return ok(ConnectionOut.of(connection, container.connections.report(connection)))


@router.patch(
    "/{connection_id}",
    response_model=Envelope[ConnectionOut],
    operation_id="updateConnection",
    **needs(Permission.CONNECTIONS_WRITE, *_WRITE_CODES, ErrorCode.CREDENTIALS_UNREADABLE),
)
async def update_connection(
    connection_id: ConnectionPath,
    body: ConnectionPatch,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Change alias, settings, metadata or the connection's own app; null clears."""
    connection = await container.connections.update(caller, connection_id, body.given())
    return ok(ConnectionOut.of(connection, container.connections.report(connection)))


@router.delete(
    "/{connection_id}",
    response_model=Envelope[RevokedOut],
    operation_id="deleteConnection",
    **needs(Permission.CONNECTIONS_WRITE, ErrorCode.NOT_FOUND),
)
async def delete_connection(
    connection_id: ConnectionPath,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Disconnect; idempotent. Record, alias, settings and metadata stay."""
    answer = await container.revocation.disconnect(caller, connection_id)
    return ok(RevokedOut.of(connection_id, answer))


@router.post(
    "/{connection_id}/selection",
    response_model=Envelope[ConnectedOut],
    operation_id="selectConnection",
    **needs(
        Permission.CONNECTIONS_WRITE,
        *_WRITE_CODES,
        ErrorCode.CONNECTION_EXISTS,
        *PROVIDER_CODES,
        session=True,
    ),
)
async def select(
    connection_id: ConnectionPath,
    body: SelectionBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Complete a connection that waits for a choice (`selection`), within 24 hours."""
    connected = await container.selections.choose(caller, connection_id, body.value)
    report = container.connections.report(connected.connection)
    return ok(ConnectedOut.of(connected.connection, report))


@router.get(
    "/{connection_id}/sync-state",
    response_model=Envelope[SyncStateOut | ListOf[SyncStateOut]],
    operation_id="getSyncState",
    **needs(Permission.JOBS_READ, ErrorCode.NOT_FOUND, ErrorCode.UNSUPPORTED_CAPABILITY),
)
async def get_sync_state(
    connection_id: ConnectionPath,
    caller: CallerDep,
    container: ContainerDep,
    query: Annotated[SyncStateQuery, Query()],
) -> Response:
    """How far a stream has been read; without `stream` a list of all that have a state."""
    if query.stream is None:
        states = await container.sync_states.list(caller, connection_id)
        return ok_list([SyncStateOut.of(state) for state in states])
    return ok(SyncStateOut.of(await container.sync_states.get(caller, connection_id, query.stream)))


@router.post(
    "/{connection_id}/sync-state",
    response_model=Envelope[SyncStateOut],
    operation_id="setSyncState",
    **needs(
        Permission.JOBS_WRITE,
        *_WRITE_CODES,
        ErrorCode.STALE_VERSION,
        ErrorCode.UNSUPPORTED_CAPABILITY,
    ),
)
async def set_sync_state(
    connection_id: ConnectionPath,
    body: SyncStateBody,
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """Set a checkpoint, so that the next sync begins there."""
    state = await container.sync_states.put(
        caller, connection_id, body.stream, body.checkpoint, body.expected_version
    )
    return ok(SyncStateOut.of(state))
