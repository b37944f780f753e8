"""Tenants as the operator sees them: counts, everything of one, and its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime

from src.db.client import Database, Document
from src.db.collection import Collection
from src.db.errors import translated
from src.db.maintenance.snapshot import moment

_ANY = {"$gt": ""}
_FAILURES = {"$max": ["$failures", "$refreshFailures"]}
_WAITING = ["expired", "reauth_required"]
_SECRETS_FIRST = ("tokens", "oauth_states", "connect_sessions", "api_keys", "webhook_endpoints")


class TenantsStore:
    """All tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def collections(self) -> list[str]:
        """Every collection, so that a new one cannot be forgotten; those with secrets first."""
        with translated():
            names = await self._database.list_collection_names()
        kept = [name for name in names if not name.startswith("system.")]
        return sorted(kept, key=lambda name: (name not in _SECRETS_FIRST, name))

    async def counts(self) -> dict[str, dict[str, int]]:
        """How many documents of each collection each tenant has."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        stages: list[Document] = [
            {"$match": {"tenantId": _ANY}},
            {"$group": {"_id": "$tenantId", "count": {"$sum": 1}}},
        ]
        for name in await self.collections():
            with translated():
                async for group in self._database[name].aggregate(stages):
                    found[group["_id"]][name] = group["count"]
        return dict(sorted(found.items()))

    async def health(self) -> list[Document]:
        """Connections by connector, status and count of failures in a row."""
        stages: list[Document] = [
            {
                "$group": {
                    "_id": {
                        "connector": "$connectorId",
                        "status": "$status",
                        "failures": _FAILURES,
                    },
                    "count": {"$sum": 1},
                }
            },
            {"$sort": {"_id": 1}},
        ]
        with translated():
            found = await self._database["connections"].aggregate(stages).to_list(None)
        return [{**group["_id"], "count": group["count"]} for group in found]

    async def unwell(self, limit: int) -> list[Document]:
        """Connections that fail or wait for their user, by tenant."""
        unwell = {
            "$or": [
                {"failures": {"$gt": 0}},
                {"refreshFailures": {"$gt": 0}},
                {"status": {"$in": _WAITING}},
            ]
        }
        shown = dict.fromkeys(("tenantId", "connectorId", "status", "lastError"), 1)
        stages: list[Document] = [
            {"$match": unwell},
            {"$sort": {"tenantId": 1, "_id": 1}},
            {"$limit": limit},
            {"$project": {**shown, "failures": _FAILURES}},
        ]
        with translated():
            found: list[Document] = (
                await self._database["connections"].aggregate(stages).to_list(None)
            )
        return found

    async def with_audit(self) -> list[str]:
        """Tenants with audit entries, blocks or a head."""
        found: set[str] = set()
        for name in ("audit_logs", "audit_blocks", "audit_heads"):
            with translated():
                found.update(await self._database[name].distinct("tenantId"))
        return sorted(found)

    async def everything(self, tenant_id: str) -> AsyncIterator[tuple[str, Document]]:
        """All documents of a tenant as they are at one moment, with their collections."""
        names = sorted(await self.collections())
        async with moment(self._database) as session:
            for name in names:
                cursor = self._database[name].find({"tenantId": tenant_id}, session=session)
                async for document in cursor.sort("_id", 1):
                    yield name, document

    async def erase(self, tenant_id: str) -> dict[str, int]:
        """Remove all documents of a tenant; say how many each collection had."""
        removed: dict[str, int] = {}
        for name in await self.collections():
            count = await Collection(self._database, name, {"tenantId": tenant_id}).delete_many({})
            if count:
                removed[name] = count
        return removed

    async def put_tombstone(self, tenant_id: str, at: datetime) -> None:
        """Remember that a tenant was erased, and nothing else of it."""
        tombstones = Collection(self._database, "erased_tenants", {})
        await tombstones.update_one({"_id": tenant_id}, {"$set": {"erasedAt": at}}, upsert=True)

    async def tombstones(self) -> dict[str, datetime]:
        """When tenants were erased."""
        with translated():
            found = await self._database["erased_tenants"].find({}).to_list(None)
        return {document["_id"]: document["erasedAt"] for document in found}
