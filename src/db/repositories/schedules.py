"""What is synchronized again and again."""

from __future__ import annotations

from datetime import datetime

from src.db.client import Document
from src.db.collection import Collection, Filter, Position, to_document, to_model
from src.db.repositories.connections import EVERYBODY, Visibility
from src.models.job import Schedule


class ScheduleRepository:
    """One tenant's schedules."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    def _model(self, document: Document) -> Schedule:
        return to_model(Schedule, {**document, "tenantId": self._tenant_id})

    async def add(self, schedule: Schedule) -> None:
        """Insert a schedule."""
        await self._collection.insert(to_document(schedule, exclude={"tenant_id"}))

    async def get(self, schedule_id: str, visibility: Visibility = EVERYBODY) -> Schedule | None:
        """One schedule, if it is this tenant's and of a visible connection."""
        found = await self._collection.find_one({"_id": schedule_id, **visibility.filter})
        return None if found is None else self._model(found)

    async def list(
        self,
        connection_id: str | None,
        visibility: Visibility,
        *,
        limit: int,
        after: Position | None = None,
    ) -> list[Schedule]:
        """Schedules, newest first, of one connection or of all, that come after ``after``."""
        conditions: list[Filter] = [visibility.filter]
        if connection_id is not None:
            conditions.append({"connectionId": connection_id})
        found = await self._collection.newest(conditions, limit=limit, after=after)
        return [self._model(document) for document in found]

    async def advance(self, seen: Schedule, next_run_at: datetime) -> bool:
        """Set when it runs next, unless somebody else has; say whether it was done."""
        found = await self._collection.update_one(
            {"_id": seen.id, "nextRunAt": seen.next_run_at}, {"$set": {"nextRunAt": next_run_at}}
        )
        return found is not None

    async def delete(self, schedule_id: str) -> bool:
        """Remove one; say whether it was there."""
        return await self._collection.delete_one({"_id": schedule_id})

    async def delete_of(self, connection_id: str) -> int:
        """Remove all of a connection; say how many."""
        return await self._collection.delete_many({"connectionId": connection_id})
