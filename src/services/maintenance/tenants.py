"""Tenants as a whole: how many there are of what, everything of one, and its end."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from src.db.client import Database
from src.db.maintenance.sealed import SEALED_FIELDS
from src.db.maintenance.tenants import TenantsStore
from src.models.base import now, rfc3339
from src.models.connection import health_after

EXPORT_FORM = "tenant-export/1"
_PROOFS = ("hash", "digest", "mac", "verifier", "secret", "sealed")
"""Names of what is a secret, or was made from one."""
_OWN = frozenset({"config", "settings", "metadata", "details", "checkpoint"})
"""Fields whose content is the tenant's own words, whatever its names are."""
_MOST_PASSES = 10
_PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Erasure:
    """What was removed."""

    tenant_id: str
    removed: Counter[str] = field(default_factory=Counter)
    complete: bool = False
    """Whether a last look found nothing: otherwise somebody goes on writing."""


class Tenants:
    """All tenants."""

    def __init__(self, database: Database) -> None:
        self._store = TenantsStore(database)

    async def counts(self) -> dict[str, dict[str, int]]:
        """How many documents of each collection each tenant has."""
        return await self._store.counts()

    async def health(self) -> list[dict[str, Any]]:
        """Connections by connector, status and health."""
        found: Counter[tuple[str, str, str]] = Counter()
        for group in await self._store.health():
            health = health_after(group.get("failures") or 0)
            found[group["connector"], group["status"], health.value] += group["count"]
        return [
            {"connectorId": connector, "status": status, "health": health, "count": count}
            for (connector, status, health), count in sorted(found.items())
        ]

    async def unwell(self, limit: int) -> list[dict[str, Any]]:
        """Connections that fail or wait for their user, with the code of their last error."""
        return [
            {
                "tenantId": one["tenantId"],
                "connectionId": one["_id"],
                "connectorId": one["connectorId"],
                "status": one["status"],
                "health": health_after(one.get("failures") or 0).value,
                "lastError": (one.get("lastError") or {}).get("code"),
            }
            for one in await self._store.unwell(limit)
        ]

    async def export(self, tenant_id: str) -> AsyncIterator[str]:
        """Everything of a tenant at one moment, as lines of JSON; no secret is among it."""
        head = {"form": EXPORT_FORM, "tenantId": tenant_id, "madeAt": rfc3339(now())}
        yield json.dumps(head)
        async for name, document in self._store.everything(tenant_id):
            secrets = {field.path for field in SEALED_FIELDS if field.collection == name}
            line = {"collection": name, "document": _open_part(document, secrets)}
            yield json.dumps(line, default=_plain, ensure_ascii=False)

    async def erase(self, tenant_id: str) -> Erasure:
        """Remove everything of a tenant; what remains is that it was erased, and when.

        Repeated until nothing is found, since requests that were under way may still write.
        """
        erasure = Erasure(tenant_id)
        for _ in range(_MOST_PASSES):
            removed = await self._store.erase(tenant_id)
            erasure.removed.update(removed)
            if not removed:
                erasure.complete = True
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        await self._store.put_tombstone(tenant_id, now())
        return erasure

    async def erased(self) -> dict[str, datetime]:
        """When tenants were erased."""
        return await self._store.tombstones()


def _open_part(document: Mapping[str, Any], secrets: set[str], path: str = "") -> dict[str, Any]:
    """The document without what is, or proves, a secret."""
    kept: dict[str, Any] = {}
    for name, value in document.items():
        here = f"{path}{name}"
        if here in secrets or isinstance(value, bytes) or _is_proof(name):
            continue
        if isinstance(value, Mapping) and name not in _OWN:
            kept[name] = _open_part(value, secrets, f"{here}.")
        else:
            kept[name] = value
    return kept


def _is_proof(name: str) -> bool:
    return name.lower().endswith(_PROOFS)


def _plain(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
