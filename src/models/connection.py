"""A connection: one authorized use of a connector by a tenant, and the moves of its status."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from src.models.base import Model, Timestamp


class ConnectionStatus(StrEnum):
    """Where a connection stands."""

    PENDING = "pending"
    CONNECTED = "connected"
    EXPIRED = "expired"
    REAUTH_REQUIRED = "reauth_required"
    DISCONNECTED = "disconnected"


_ANYWHERE = frozenset({ConnectionStatus.DISCONNECTED})

MOVES: dict[ConnectionStatus, frozenset[ConnectionStatus]] = {
    ConnectionStatus.PENDING: _ANYWHERE | {ConnectionStatus.CONNECTED},
    ConnectionStatus.CONNECTED: _ANYWHERE
    | {ConnectionStatus.EXPIRED, ConnectionStatus.REAUTH_REQUIRED},
    ConnectionStatus.EXPIRED: _ANYWHERE
    | {ConnectionStatus.CONNECTED, ConnectionStatus.REAUTH_REQUIRED},
    ConnectionStatus.REAUTH_REQUIRED: _ANYWHERE | {ConnectionStatus.CONNECTED},
    ConnectionStatus.DISCONNECTED: frozenset({ConnectionStatus.CONNECTED}),
}
"""From a status to those it may move to; staying is always allowed."""


def sources_of(target: ConnectionStatus) -> frozenset[ConnectionStatus]:
    """The statuses from which ``target`` can be reached, itself included."""
    return frozenset(status for status, targets in MOVES.items() if target in targets) | {target}


class Health(StrEnum):
    """How recent calls went; it never ends a connection."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


FAILURES_UNTIL_FAILING = 3


def health_after(failures: int) -> Health:
    """The health after so many failed calls in a row."""
    if failures == 0:
        return Health.OK
    return Health.FAILING if failures >= FAILURES_UNTIL_FAILING else Health.DEGRADED


class Account(Model):
    """Whose account it is at the provider; ``id`` never changes, ``name`` may."""

    id: str
    name: str
    url: str | None = None
    avatar_url: str | None = None


class Option(Model):
    """One of several things that a grant covers."""

    value: str
    label: str
    url: str | None = None


class Selection(Model):
    """What must still be chosen: ``field`` of the configuration gets an option's value."""

    field: str
    options: tuple[Option, ...]


class AppLevel(StrEnum):
    """Whose OAuth app it is."""

    CONNECTION = "connection"
    TENANT = "tenant"
    PLATFORM = "platform"


class GrantedTo(Model):
    """The app that a grant was given to, and the origin that its tokens are renewed at."""

    level: AppLevel
    client_id: str
    token_origin: str


class LastError(Model):
    """The most recent failure of a call with this connection."""

    code: str
    message: str
    at: Timestamp


class Connection(Model):
    """The record of a connection. It never holds a secret."""

    id: str
    tenant_id: str
    connector_id: str
    auth_method: str
    origin: str
    status: ConnectionStatus = ConnectionStatus.PENDING
    alias: str | None = None
    user_id: str | None = None
    account: Account | None = None
    granted_scopes: tuple[str, ...] | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    generation: int = 0
    """Counts authorizations and their ends, so that nobody decides by an earlier one."""
    reserved: bool = False
    """Made by itself, before any authorization; it holds its user's place at the connector."""
    client_id: str | None = None
    sealed_client_secret: bytes | None = None
    granted_to: GrantedTo | None = None
    grant_hash: str | None = None
    """Keyed hash of what makes a grant one at its provider, across all tenants."""
    requested_scopes: tuple[str, ...] | None = None
    selection: Selection | None = None
    selection_until: Timestamp | None = None
    failures: int = 0
    refresh_failures: int = 0
    last_error: LastError | None = None
    last_used_at: Timestamp | None = None
    token_expires_at: Timestamp | None = None
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def health(self) -> Health:
        """How recent calls went."""
        return health_after(max(self.failures, self.refresh_failures))
