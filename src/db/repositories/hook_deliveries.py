"""What providers' deliveries mean for a tenant's webhooks, until it is done and a while after."""

from __future__ import annotations

import secrets
from collections.abc import Collection as AnyOf
from typing import Any

from src.db.collection import ASCENDING, Collection, to_document, to_model
from src.db.errors import Duplicate
from src.models.connection import LastError
from src.models.webhook import HookDelivery

_MOST_WOKEN = 10_000
"""More than wait for one job; the rest is due by itself, later."""
_IS_DUE: dict[str, Any] = {
    "dueAt": {"$type": "date"},
    # A fresh one is due whatever its writer's clock says.
    "$or": [{"attempts": 0}, {"$expr": {"$lte": ["$dueAt", "$$NOW"]}}],
}


class HookDeliveryRepository:
    """One tenant's deliveries."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def add(self, delivery: HookDelivery) -> bool:
        """Keep a delivery; False when it has come before."""
        if delivery.tenant_id != self._tenant_id:
            raise ValueError("a delivery belongs to the tenant of its scope")
        try:
            await self._collection.insert(to_document(delivery, exclude={"tenant_id"}))
        except Duplicate:
            return False
        return True

    async def take(self, webhook_id: str, seconds: float, *, limit: int) -> list[HookDelivery]:
        """Due ones of a webhook, those that wait longest, which nobody else is given meanwhile."""
        where = {"webhookId": webhook_id, **_IS_DUE}
        found = await self._collection.find(
            where, order=[("dueAt", ASCENDING)], limit=limit, only=["_id"]
        )
        if not found:
            return []
        mine = {"_id": {"$in": [one["_id"] for one in found]}}
        claim = secrets.token_hex(8)
        taken: dict[str, Any] = {
            "dueAt": {"$add": ["$$NOW", int(seconds * 1000)]},
            "attempts": {"$add": ["$attempts", 1]},
            "claim": claim,
            "waitsFor": None,
        }
        await self._collection.compute_many({**mine, **_IS_DUE}, taken)
        deliveries = await self._collection.find(
            {**mine, "claim": claim}, order=[("_id", ASCENDING)], limit=limit
        )
        return [
            to_model(HookDelivery, {**document, "tenantId": self._tenant_id})
            for document in deliveries
        ]

    async def postpone(
        self,
        delivery: HookDelivery,
        seconds: float,
        error: LastError | None = None,
        *,
        waits_for: str | None = None,
    ) -> None:
        """Let it be due again later; without an error this attempt does not count.

        Args:
            delivery: Which one.
            seconds: When.
            error: Why it has failed.
            waits_for: A job with whose confirmation it is due earlier.
        """
        attempts = delivery.attempts if error else max(1, delivery.attempts - 1)
        due: dict[str, Any] = {
            "dueAt": {"$add": ["$$NOW", int(seconds * 1000)]},
            "attempts": attempts,
            "waitsFor": waits_for,
            "error": {"$literal": error.model_dump(by_alias=True)} if error else None,
        }
        await self._collection.compute_one({"_id": delivery.id}, due)

    async def wake(self, webhook_ids: AnyOf[str], job_id: str) -> None:
        """Let those be due that wait for a job."""
        where: dict[str, Any] = {"webhookId": {"$in": list(webhook_ids)}, "waitsFor": job_id}
        found = await self._collection.find(
            where, order=[("dueAt", ASCENDING)], limit=_MOST_WOKEN, only=["_id"]
        )
        if found:
            these = {"_id": {"$in": [one["_id"] for one in found]}, "waitsFor": job_id}
            await self._collection.compute_many(these, {"dueAt": "$$NOW", "waitsFor": None})

    async def release(self, delivery_ids: AnyOf[str], seconds: float) -> None:
        """Let some be due again soon, as if nobody had taken them."""
        due: dict[str, Any] = {
            "dueAt": {"$add": ["$$NOW", int(seconds * 1000)]},
            "attempts": {"$max": [1, {"$subtract": ["$attempts", 1]}]},
        }
        await self._collection.compute_many({"_id": {"$in": list(delivery_ids)}}, due)

    async def finish(self, delivery_ids: AnyOf[str], error: LastError | None = None) -> None:
        """Nothing more is to be done, or can be; what was sealed in them goes."""
        over = error.model_dump(by_alias=True) if error else None
        await self._collection.update_many(
            {"_id": {"$in": list(delivery_ids)}},
            {"$set": {"dueAt": None, "sealed": None, "error": over}},
        )
