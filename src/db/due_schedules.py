"""Schedules of all tenants whose time has come: tenant and id only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from src.db.client import Database
from src.db.collection import ASCENDING, Collection


@dataclass(frozen=True, slots=True)
class DueSchedule:
    """Where there is work; the work itself runs in the tenant's scope."""

    tenant_id: str
    schedule_id: str


class DueSchedules:
    """Finds schedules that are due."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def list(self, moment: datetime, limit: int) -> list[DueSchedule]:
        """Tenant and id of those due by now, the longest waiting first."""
        found = await Collection(self._database(), "schedules", {}).find(
            {"nextRunAt": {"$lte": moment}},
            order=[("nextRunAt", ASCENDING)],
            limit=limit,
            only=["tenantId"],
        )
        return [DueSchedule(one["tenantId"], one["_id"]) for one in found]
