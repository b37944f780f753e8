"""Addresses that providers call, and ways past a tenant's scope that they need.

Who calls names no tenant: the address is found by its id alone. What comes to the address of an
OAuth app is for webhooks of many tenants: they are found by the keys that the delivery names. Of
due work only tenant and id are told.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection as AnyOf
from datetime import datetime
from typing import Any

from src.db.client import Database
from src.db.collection import ASCENDING, Collection, to_document, to_model
from src.db.errors import Duplicate, translated
from src.models.webhook import Receiver, ReceiverApp, Webhook

_MEMBERS_AT_ONCE = 500
_MOST_LOOKED_AT = 20_000
"""How many due deliveries are looked through for their webhooks."""

Place = tuple[str, str]
"""Tenant and id."""


class Receivers:
    """Every address, by its id or by its app."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    @property
    def _receivers(self) -> Collection:
        return Collection(self._database(), "hook_receivers", {})

    @property
    def _webhooks(self) -> Collection:
        return Collection(self._database(), "webhooks", {})

    async def add(self, receiver: Receiver) -> bool:
        """Keep a new one; False when its app has one."""
        try:
            await self._receivers.insert(to_document(receiver))
        except Duplicate:
            return False
        return True

    async def find(self, receiver_id: str) -> Receiver | None:
        """The one with this id, whosever it is."""
        found = await self._receivers.find_one({"_id": receiver_id})
        return None if found is None else to_model(Receiver, found)

    async def of_app(self, connector_id: str, app: ReceiverApp) -> Receiver | None:
        """The one of an app."""
        named = {f"app.{name}": value for name, value in app.model_dump(by_alias=True).items()}
        found = await self._receivers.find_one(
            {"isShared": True, "connectorId": connector_id, **named}
        )
        return None if found is None else to_model(Receiver, found)

    async def set_handle(self, receiver_id: str, handle: dict[str, Any] | None) -> None:
        """Remember what the app has set up at the provider; None = nothing any more."""
        await self._receivers.update_one({"_id": receiver_id}, {"$set": {"handle": handle}})

    async def remove(self, receiver_id: str) -> None:
        """Forget an address: nothing comes in by it any more."""
        await self._receivers.delete_one({"_id": receiver_id})

    async def some_members(self, receiver_id: str, limit: int) -> list[Webhook]:
        """Webhooks of an address, whosever they are, the oldest first."""
        found = await self._webhooks.find(
            {"receiverId": receiver_id}, order=[("_id", ASCENDING)], limit=limit
        )
        return [to_model(Webhook, document) for document in found]

    async def members(self, receiver_id: str, keys: AnyOf[str]) -> list[Webhook]:
        """All webhooks of an address that have one of these keys, whosever they are."""
        members: list[Webhook] = []
        where: dict[str, Any] = {"receiverId": receiver_id, "keys": {"$in": list(keys)}}
        while True:
            found = await self._webhooks.find(
                where, order=[("_id", ASCENDING)], limit=_MEMBERS_AT_ONCE
            )
            members += [to_model(Webhook, document) for document in found]
            if len(found) < _MEMBERS_AT_ONCE:
                return members
            where["_id"] = {"$gt": members[-1].id}

    async def idle(self, limit: int) -> list[Receiver]:
        """Addresses of apps with a subscription and no webhook: their tenants were erased."""
        found = await self._receivers.find(
            {"isShared": True, "handle": {"$type": "object"}},
            order=[("_id", ASCENDING)],
            limit=limit,
        )
        receivers = [to_model(Receiver, document) for document in found]
        return [one for one in receivers if not await self.some_members(one.id, 1)]

    async def to_renew(self, moment: datetime, limit: int) -> list[Place]:
        """Webhooks to be renewed by now, the most urgent first."""
        found = await self._webhooks.find(
            {"renewAt": {"$lte": moment}},
            order=[("renewAt", ASCENDING)],
            limit=limit,
            only=["tenantId"],
        )
        return [(one["tenantId"], one["_id"]) for one in found]

    async def with_due_deliveries(self, moment: datetime, limit: int) -> list[Place]:
        """Webhooks with deliveries to be carried out by now, those that wait longest first.

        One with very many hides no other.
        """
        whose = {"tenant": "$tenantId", "webhook": "$webhookId"}
        steps: list[dict[str, Any]] = [
            {"$match": {"dueAt": {"$lte": moment}}},
            {"$sort": {"dueAt": 1}},
            {"$limit": _MOST_LOOKED_AT},
            {"$group": {"_id": whose, "since": {"$first": "$dueAt"}}},
            {"$sort": {"since": 1}},
            {"$limit": limit},
        ]
        with translated():
            found = await self._database()["hook_deliveries"].aggregate(steps).to_list(None)
        return [(one["_id"]["tenant"], one["_id"]["webhook"]) for one in found]
