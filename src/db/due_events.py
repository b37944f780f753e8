"""Which endpoints, of whatever tenant, have something waiting that is to be sent by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from src.db.client import Database, Document
from src.db.errors import translated
from src.models.event import DeliveryStatus

_MOST_READ = 20_000


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """Where there is work; the work itself runs in the tenant's scope."""

    tenant_id: str
    endpoint_id: str
    since: datetime
    """When its longest due delivery was due."""


class DueEndpoints:
    """Finds them."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def list(self, moment: datetime, limit: int) -> list[DueEndpoint]:
        """Endpoints with due deliveries, those that have waited longest first."""
        due: Document = {"status": DeliveryStatus.PENDING, "dueAt": {"$lte": moment}}
        stages: list[Document] = [
            {"$match": due},
            {"$sort": {"dueAt": 1}},
            {"$limit": _MOST_READ},
            {
                "$group": {
                    "_id": {"tenant": "$tenantId", "endpoint": "$endpointId"},
                    "since": {"$min": "$dueAt"},
                }
            },
            {"$sort": {"since": 1}},
            {"$limit": limit},
        ]
        with translated():
            found = await self._database()["event_deliveries"].aggregate(stages).to_list(None)
        return [
            DueEndpoint(one["_id"]["tenant"], one["_id"]["endpoint"], one["since"]) for one in found
        ]
