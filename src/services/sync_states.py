"""Checkpoints of streams: read and set, never lost to a writer who had not seen them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import BaseModel

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Stream
from src.core.errors import NotFound, StaleVersion, UnsupportedCapability, ValidationFailed
from src.models.audit import AuditAction
from src.models.base import now
from src.models.connection import Connection
from src.models.principal import Caller
from src.models.sync_state import SyncState
from src.services.audit import Audit, ScopeOf
from src.services.connections import Connections, accept

_ADDRESS = re.compile(
    r"^\s*([a-z][a-z0-9+.-]*:)?//|^\s*[/\\]|(^|[/\\])\.\.([/\\]|$)", re.IGNORECASE
)

_SKEW = timedelta(minutes=5)
"""By so much the clocks of callers and providers may be ahead of ours."""


class SyncStates:
    """The sync states of connections."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        connections: Connections,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._connections = connections
        self._audit = audit

    async def list(self, caller: Caller, connection_id: str) -> list[SyncState]:
        """The states of all streams that have one."""
        connection = await self._connections.get(caller, connection_id)
        return await self._scope_of(caller.tenant_id).sync_states.list(connection.id)

    async def get(self, caller: Caller, connection_id: str, stream: str) -> SyncState:
        """The state of one stream.

        Raises:
            NotFound: It has none yet.
            ValidationFailed: The connector has no such stream.
        """
        connection = await self._connections.get(caller, connection_id)
        self._stream(connection, stream)
        found = await self._scope_of(caller.tenant_id).sync_states.get(connection.id, stream)
        if found is None:
            raise NotFound(f"Stream {stream!r} has no state yet.")
        return found

    async def put(
        self,
        caller: Caller,
        connection_id: str,
        stream: str,
        checkpoint: dict[str, Any],
        expected_version: int | None,
    ) -> SyncState:
        """Set a checkpoint.

        Raises:
            StaleVersion: The stored version is not the expected one.
            ValidationFailed: The connector refuses the checkpoint, or it lies in the future: what
                changes until then would never be read.
        """
        connection = await self._connections.get_own(caller, connection_id)
        _check(self._stream(connection, stream), checkpoint)
        repository = self._scope_of(caller.tenant_id).sync_states
        stored = await repository.put(connection.id, stream, checkpoint, expected_version)
        if stored is None:
            present = await repository.get(connection.id, stream)
            raise StaleVersion(
                "The state was changed in between. Read it again, then set it.",
                details={"version": present.version if present else 0},
            )
        await self._audit.record(
            caller,
            AuditAction.SYNC_STATE_SET,
            connection.id,
            stream=stream,
            version=stored.version,
        )
        return stored

    def _stream(self, connection: Connection, name: str) -> Stream:
        manifest = self._manager.registry.find(connection.connector_id).manifest
        if not manifest.streams:
            raise UnsupportedCapability(
                f"{manifest.name} has no streams.", details={"capability": "sync"}
            )
        for stream in manifest.streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in manifest.streams)
        raise ValidationFailed([("stream", f"must be one of: {known}")])


def _check(stream: Stream, checkpoint: dict[str, Any]) -> None:
    """Refuse what the connector's model refuses, and anything that could pass for an address."""
    accepted = accept("checkpoint", stream.checkpoint, msgspec.json.encode(checkpoint))
    if any(time > now() + _SKEW for time in _times(dict(accepted))):
        raise ValidationFailed([("checkpoint", "must not lie in the future")])
    for text in _texts(checkpoint):
        if _ADDRESS.search(text):
            raise ValidationFailed([("checkpoint", "must not hold an address or a path")])


def _times(value: Any) -> list[datetime]:
    match value:
        case datetime():
            return [value]
        case BaseModel():
            return _times(dict(value))
        case dict():
            return [time for inner in value.values() for time in _times(inner)]
        case list() | tuple():
            return [time for inner in value for time in _times(inner)]
        case _:
            return []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return []
