"""The audit log: written once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from src.db.client import Document
from src.db.collection import Collection, Filter, Position, to_document, to_model
from src.models.audit import AuditAction, AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What a list of entries may be narrowed to; ``since`` is included, ``until`` is not."""

    action: AuditAction | None = None
    actor: str | None = None
    target: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filter(self) -> Document:
        """The condition on documents."""
        exact = {
            "action": self.action,
            "actor": self.actor,
            "target": self.target,
            "userId": self.user_id,
        }
        span = {"$gte": self.since, "$lt": self.until}
        where: Document = {key: value for key, value in exact.items() if value is not None}
        if limits := {key: value for key, value in span.items() if value is not None}:
            where["at"] = limits
        return where


class AuditLogRepository:
    """One tenant's entries."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def append(self, entry: AuditEntry) -> None:
        """Add an entry; it waits for a block of the chain."""
        document = to_document(entry, exclude={"tenant_id"})
        await self._collection.insert({**document, "unsealed": True})

    async def list(
        self, where: AuditFilter, *, limit: int, after: Position | None = None
    ) -> list[AuditEntry]:
        """Entries, newest first, that come after ``after``."""
        conditions: list[Filter] = [where.filter]
        found = await self._collection.newest(conditions, limit=limit, after=after, by="at")
        return [
            to_model(AuditEntry, {**document, "tenantId": self._tenant_id}) for document in found
        ]
