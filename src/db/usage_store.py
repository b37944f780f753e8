"""How often callers called, summed over all processes: a collection of the platform.

One process writes what it counted for all tenants at once; each document belongs to one tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateOne

from src.db.client import Database
from src.db.errors import translated

COLLECTION = "usage_counts"


@dataclass(frozen=True, slots=True)
class Span:
    """One caller of one tenant in one window of time."""

    tenant_id: str
    subject: str
    window: str

    @property
    def id(self) -> str:
        """The id of its document; no tenant's name holds the separator."""
        return "\x1f".join((self.tenant_id, self.subject, self.window))


@dataclass(frozen=True, slots=True)
class Added:
    """How many calls are to be added, and when the sum is of no more use."""

    count: int
    expires_at: datetime


class UsageStore:
    """Sums of calls."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def add(self, added: Mapping[Span, Added]) -> None:
        """Add what one process counted."""
        writes = [
            UpdateOne(
                {"_id": span.id},
                {
                    "$inc": {"count": more.count},
                    "$setOnInsert": {
                        "tenantId": span.tenant_id,
                        "subject": span.subject,
                        "window": span.window,
                        "expiresAt": more.expires_at,
                    },
                },
                upsert=True,
            )
            for span, more in added.items()
        ]
        with translated():
            await self._database()[COLLECTION].bulk_write(writes, ordered=False)

    async def sums(self, spans: Collection[Span]) -> dict[Span, int]:
        """The sums of these; one that is not there is zero."""
        ids = {span.id: span for span in spans}
        with translated():
            cursor = self._database()[COLLECTION].find({"_id": {"$in": list(ids)}}, {"count": 1})
            found = await cursor.to_list(None)
        return dict.fromkeys(spans, 0) | {ids[each["_id"]]: each["count"] for each in found}
