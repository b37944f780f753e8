"""The audit log: every use of power, one entry each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from src.models.base import Model, Timestamp
from src.models.principal import Via


class AuditAction(StrEnum):
    """What was done."""

    CONNECTION_CREATED = "connection.created"
    CONNECTION_CONNECTED = "connection.connected"
    CONNECTION_UPDATED = "connection.updated"
    CONNECTION_REVOKED = "connection.revoked"
    CONNECTION_REAUTH_REQUIRED = "connection.reauth_required"
    CONNECTOR_UPDATED = "connector.updated"
    CREDENTIAL_REFUSED = "credential.refused"
    TOKEN_REFRESHED = "token.refreshed"  # noqa: S105  the name of a deed
    TOKEN_REVEALED = "token.revealed"  # noqa: S105  the name of a deed
    SYNC_STATE_SET = "sync_state.set"
    JOB_CREATED = "job.created"
    JOB_CANCELLED = "job.cancelled"
    JOB_CONFIRMED = "job.confirmed"
    SCHEDULE_CREATED = "schedule.created"
    SCHEDULE_DELETED = "schedule.deleted"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_DELETED = "webhook.deleted"
    ENDPOINT_CREATED = "endpoint.created"
    ENDPOINT_UPDATED = "endpoint.updated"
    ENDPOINT_DELETED = "endpoint.deleted"
    ENDPOINT_SECRET_ROTATED = "endpoint.secret_rotated"  # noqa: S105  the name of a deed
    ENDPOINT_REPLAYED = "endpoint.replayed"
    TOOL_RUN = "tool.run"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    USER_CREATED = "user.created"
    USER_LINKED = "user.linked"


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class AuditEntry(Model):
    """Who did what to what, from where, and how it ended. It never holds a secret."""

    id: str
    tenant_id: str
    at: Timestamp
    actor: str
    via: Via
    action: AuditAction
    target: str
    outcome: Outcome
    user_id: str | None = None
    request_id: str | None = None
    ip: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    mac: bytes | None = None
    """Proof that a holder of the root secret wrote it; none when the key was not the database's."""


class AuditAnchor(Model):
    """The last block that is over: its number and its hash. Number 0 is before the first block."""

    number: int = 0
    hash: bytes = b""


class AuditBlock(Model):
    """A number of entries, sealed together and linked to the block before."""

    tenant_id: str
    number: int
    entries: tuple[str, ...]
    """Ids of the entries, in the order of the hash."""
    content: bytes
    """The hash over ids and MACs of the entries."""
    previous: bytes
    """The hash of the block before."""
    sealed_at: Timestamp
    mac: bytes

    @property
    def first(self) -> str:
        """The id of the first entry."""
        return self.entries[0]

    @property
    def last(self) -> str:
        """The id of the last entry."""
        return self.entries[-1]

    @property
    def count(self) -> int:
        """How many entries."""
        return len(self.entries)


class AuditHead(Model):
    """Where a tenant's chain begins and ends, so that a cut is seen at both ends."""

    tenant_id: str
    last: AuditAnchor = AuditAnchor()
    """The newest block."""
    dropped: AuditAnchor = AuditAnchor()
    """The newest block that retention took away."""
    mac: bytes = b""
