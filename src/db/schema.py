"""The version of the stored documents' shapes, and what its migrations need of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator

from src.db.client import Database
from src.db.collection import Collection, to_model
from src.db.errors import translated
from src.models.audit import AuditEntry

_SCHEMA = {"_id": "schema"}


class SchemaStore:
    """One document that says how far the database has been brought."""

    def __init__(self, database: Database) -> None:
        self._state = Collection(database, "platform_state", {})

    async def version(self) -> int:
        """The version; 0 when nobody has written one."""
        found = await self._state.find_one(_SCHEMA)
        return 0 if found is None else int(found["version"])

    async def put(self, version: int) -> None:
        """The database has been brought to this version."""
        await self._state.update_one(_SCHEMA, {"$set": {"version": version}}, upsert=True)


class FormerEntries:
    """Audit entries from before there were proofs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unsigned(self) -> AsyncIterator[AuditEntry]:
        """Those of tenants whose chain has not begun."""
        with translated():
            begun = await self._database["audit_heads"].distinct("tenantId")
            where = {"mac": {"$exists": False}, "tenantId": {"$nin": begun}}
            async for document in self._database["audit_logs"].find(where):
                yield to_model(AuditEntry, document)

    async def sign(self, entry: AuditEntry, mac: bytes) -> None:
        """Give an entry its proof; it waits for a block then."""
        where = {"_id": entry.id, "mac": {"$exists": False}}
        with translated():
            await self._database["audit_logs"].update_one(
                where, {"$set": {"mac": mac, "unsealed": True}}
            )
