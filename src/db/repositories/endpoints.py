"""Endpoints: where a tenant's events are sent to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.db.client import Document
from src.db.collection import DESCENDING, Collection, Position, to_document, to_model
from src.models.base import now
from src.models.event import Endpoint, EventType

MOST_ENDPOINTS = 50
"""Of a tenant: each event is written once for each of them."""


@dataclass(frozen=True, slots=True)
class Listener:
    """As much of an endpoint as it takes to write down that it is to be told."""

    id: str
    enabled: bool
    paused_until: datetime | None


class EndpointRepository:
    """One tenant's endpoints."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def add(self, endpoint: Endpoint) -> None:
        """Keep a new endpoint."""
        await self._collection.insert(to_document(endpoint, exclude={"tenant_id"}))

    async def get(self, endpoint_id: str) -> Endpoint | None:
        """One endpoint."""
        found = await self._collection.find_one({"_id": endpoint_id})
        return None if found is None else self._model(found)

    async def list(self, *, limit: int, after: Position | None = None) -> list[Endpoint]:
        """Endpoints, newest first, that come after ``after``."""
        found = await self._collection.newest((), limit=limit, after=after)
        return [self._model(document) for document in found]

    async def find_for(self, kind: EventType) -> Sequence[Listener]:
        """The endpoints that are to be told of this."""
        found = await self._collection.find(
            {"events": kind},
            order=[("createdAt", DESCENDING), ("_id", DESCENDING)],
            limit=2 * MOST_ENDPOINTS,
            only=["enabled", "pausedUntil"],
        )
        return [Listener(one["_id"], one["enabled"], one["pausedUntil"]) for one in found]

    async def update(self, endpoint_id: str, fields: Mapping[str, Any]) -> Endpoint | None:
        """Set fields; the endpoint afterwards."""
        found = await self._collection.update_one(
            {"_id": endpoint_id}, {"$set": {**fields, "updatedAt": now()}}
        )
        return None if found is None else self._model(found)

    async def note_health(self, endpoint_id: str, fields: Mapping[str, Any]) -> Endpoint | None:
        """Set what its attempts have told: that is no change of the endpoint by anybody."""
        found = await self._collection.update_one({"_id": endpoint_id}, {"$set": dict(fields)})
        return None if found is None else self._model(found)

    async def rotate(
        self, present: Endpoint, sealed: bytes, former_until: datetime
    ) -> Endpoint | None:
        """Put a secret before the present one; None when that is no longer the present one."""
        found = await self._collection.update_one(
            {"_id": present.id, "sealedSecret": present.sealed_secret},
            {
                "$set": {
                    "sealedSecret": sealed,
                    "sealedFormerSecret": present.sealed_secret,
                    "formerUntil": former_until,
                    "updatedAt": now(),
                }
            },
        )
        return None if found is None else self._model(found)

    async def delete(self, endpoint_id: str) -> bool:
        """Remove an endpoint; say whether there was one."""
        return await self._collection.delete_one({"_id": endpoint_id})

    def _model(self, document: Document) -> Endpoint:
        return to_model(Endpoint, {**document, "tenantId": self._tenant_id})
