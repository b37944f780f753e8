"""Which tenants' audit logs have work waiting: the tenants only, the work runs in their scopes."""

from __future__ import annotations

from src.db.client import Database, Document
from src.db.errors import translated

_ANY_TENANT = {"$gt": ""}
"""Every tenant, said so that the index is used."""


class AuditDue:
    """Tenants by what their audit logs wait for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unsealed(self) -> list[str]:
        """Tenants with entries that are in no block yet."""
        stages: list[Document] = [
            {"$match": {"tenantId": _ANY_TENANT, "unsealed": True}},
            {"$group": {"_id": "$tenantId"}},
        ]
        with translated():
            found = await self._database["audit_logs"].aggregate(stages).to_list(None)
        return sorted(document["_id"] for document in found)

    async def chained(self) -> list[str]:
        """Tenants with a chain."""
        with translated():
            cursor = self._database["audit_heads"].find({"tenantId": _ANY_TENANT}, ["tenantId"])
            found = await cursor.to_list(None)
        return sorted(document["tenantId"] for document in found)
