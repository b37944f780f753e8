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
    SYNC_STATE_SET = "sync_state.set"


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
