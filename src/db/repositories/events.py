"""Events and their deliveries: the outbox of what tenants are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from src.db.client import Document
from src.db.collection import (
    ASCENDING,
    Collection,
    Filter,
    Position,
    to_document,
    to_model,
)
from src.models.event import Attempt, Delivery, DeliveryStatus, Event, EventType

KEPT_ATTEMPTS = 30
PORTION = 2000
"""So many deliveries are changed at once: an endpoint can have missed very many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """What the deliveries of an endpoint may be narrowed to; times are of the events."""

    status: DeliveryStatus | None = None
    type: EventType | None = None
    delivery_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filter(self) -> Document:
        """The condition on documents."""
        exact = {"status": self.status, "type": self.type, "_id": self.delivery_id}
        where: Document = {key: value for key, value in exact.items() if value is not None}
        times = {"$gte": self.since, "$lte": self.until}
        if bounds := {key: value for key, value in times.items() if value is not None}:
            where["createdAt"] = bounds
        return where


class EventRepository:
    """One tenant's events, with one delivery for each endpoint that is told."""

    def __init__(self, events: Collection, deliveries: Collection) -> None:
        self._events = events
        self._deliveries = deliveries

    async def add(self, event: Event) -> None:
        """Keep an event."""
        await self._events.insert(to_document(event))

    async def get(self, event_id: str) -> Event | None:
        """One event, unless it is too old."""
        found = await self._events.find_one({"_id": event_id})
        return None if found is None else to_model(Event, found)

    async def add_delivery(self, delivery: Delivery) -> None:
        """Keep what is to be delivered."""
        await self._deliveries.insert(to_document(delivery))

    async def list_deliveries(
        self,
        endpoint_id: str,
        where: DeliveryFilter,
        *,
        limit: int,
        after: Position | None = None,
    ) -> list[Delivery]:
        """Deliveries of an endpoint, newest first, that come after ``after``."""
        conditions: list[Filter] = [{"endpointId": endpoint_id}, where.filter]
        found = await self._deliveries.newest(conditions, limit=limit, after=after)
        return [to_model(Delivery, document) for document in found]

    async def list_due(self, endpoint_id: str, moment: datetime, *, limit: int) -> list[Delivery]:
        """What is to be sent to an endpoint by now, the longest due first."""
        found = await self._deliveries.find(
            {
                "endpointId": endpoint_id,
                "status": DeliveryStatus.PENDING,
                "dueAt": {"$lte": moment},
            },
            order=[("dueAt", ASCENDING)],
            limit=limit,
        )
        return [to_model(Delivery, document) for document in found]

    async def note_attempt(
        self,
        delivery: Delivery,
        attempt: Attempt,
        *,
        status: DeliveryStatus,
        due_at: datetime | None = None,
    ) -> None:
        """Write down how an attempt went; nothing if the delivery has been replayed meanwhile."""
        fields: Document = {"status": status}
        if due_at is not None:
            fields["dueAt"] = due_at
        if status is not DeliveryStatus.PENDING:
            fields["finishedAt"] = attempt.at
        kept = {"$each": [attempt.model_dump(by_alias=True)], "$slice": -KEPT_ATTEMPTS}
        await self._deliveries.update_one(
            {"_id": delivery.id, "pendingSince": delivery.pending_since},
            {"$set": fields, "$inc": {"tries": 1}, "$push": {"attempts": kept}},
        )

    async def put_off(self, endpoint_id: str, until: datetime) -> None:
        """Try nothing of an endpoint's before ``until``."""
        where = {
            "endpointId": endpoint_id,
            "status": DeliveryStatus.PENDING,
            "dueAt": {"$lt": until},
        }
        await self._change_all(where, {"dueAt": until})

    async def give_up(self, endpoint_id: str, at: datetime) -> None:
        """Try nothing of an endpoint's any more."""
        where = {"endpointId": endpoint_id, "status": DeliveryStatus.PENDING}
        await self._change_all(where, {"status": DeliveryStatus.DEAD, "finishedAt": at})

    async def replay(
        self, endpoint_id: str, where: DeliveryFilter, at: datetime, *, limit: int
    ) -> int:
        """Let deliveries begin again, whatever became of them; say how many."""
        chosen: Document = {"endpointId": endpoint_id, **where.filter, "pendingSince": {"$lt": at}}
        begun = {
            "status": DeliveryStatus.PENDING,
            "dueAt": at,
            "pendingSince": at,
            "tries": 0,
            "finishedAt": None,
        }
        return await self._change_all(chosen, begun, limit=limit)

    async def drop_deliveries(self, endpoint_id: str) -> int:
        """Forget all deliveries of an endpoint; say how many."""
        dropped = 0
        while ids := await self._some({"endpointId": endpoint_id}, PORTION):
            dropped += await self._deliveries.delete_many({"_id": {"$in": ids}})
        return dropped

    async def _change_all(
        self, where: Filter, fields: Document, *, limit: int | None = None
    ) -> int:
        """Change what matches, and matches no longer afterwards, so many at once as are quick."""
        changed = 0
        while limit is None or changed < limit:
            count = PORTION if limit is None else min(PORTION, limit - changed)
            ids = await self._some(where, count)
            if not ids:
                break
            await self._deliveries.update_many({**where, "_id": {"$in": ids}}, {"$set": fields})
            changed += len(ids)
        return changed

    async def _some(self, where: Filter, limit: int) -> list[str]:
        found = await self._deliveries.find(where, order=(), limit=limit, only=["_id"])
        return [one["_id"] for one in found]

    async def drop_delivery(self, delivery_id: str) -> None:
        """Forget a delivery."""
        await self._deliveries.delete_one({"_id": delivery_id})
