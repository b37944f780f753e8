"""Bodies of the audit log's route."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from src.api.schemas.base import ConnectionId, Moment, PageQuery, Reply, Text
from src.db.repositories.audit_logs import AuditFilter
from src.models.audit import AuditAction, AuditEntry, Outcome
from src.models.base import Timestamp
from src.models.principal import Via


class AuditQuery(PageQuery):
    """What the audit log takes."""

    action: AuditAction | None = None
    actor: Text | None = None
    connection_id: ConnectionId | None = None
    from_: Moment | None = Field(default=None, alias="from", description="Included.")
    to: Moment | None = Field(default=None, description="Not included.")

    def to_filter(self) -> AuditFilter:
        """What the service takes."""
        return AuditFilter(
            action=self.action,
            actor=self.actor,
            target=self.connection_id,
            since=self.from_,
            until=self.to,
        )


class AuditEntryOut(Reply):
    """Who did what to what, from where, and how it ended."""

    id: str
    at: Timestamp
    actor: str
    via: Via
    action: AuditAction
    target: str
    outcome: Outcome
    request_id: str | None
    ip: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """From the record."""
        return cls(**entry.model_dump(exclude={"tenant_id", "user_id", "mac"}))
