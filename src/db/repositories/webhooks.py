"""A tenant's webhooks at providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.db.collection import ASCENDING, Collection, to_document, to_model
from src.models.webhook import Webhook

MOST_PER_CONNECTION = 200


class WebhookRepository:
    """One tenant's webhooks."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def add(self, webhook: Webhook) -> None:
        """Keep a new one.

        Raises:
            Duplicate: The connection has one for this container.
        """
        if webhook.tenant_id != self._tenant_id:
            raise ValueError("a webhook belongs to the tenant of its scope")
        await self._collection.insert(to_document(webhook, exclude={"tenant_id"}))

    async def get(self, webhook_id: str) -> Webhook | None:
        """The one with this id."""
        return self._model(await self._collection.find_one({"_id": webhook_id}))

    async def find(self, connection_id: str, container_id: str | None) -> Webhook | None:
        """The one of a connection for a container, or for all of it."""
        where = {"connectionId": connection_id, "containerId": container_id}
        return self._model(await self._collection.find_one(where))

    async def list(self, connection_id: str) -> list[Webhook]:
        """All of a connection, the oldest first."""
        found = await self._collection.find(
            {"connectionId": connection_id}, order=[("_id", ASCENDING)], limit=MOST_PER_CONNECTION
        )
        return [self._sure(document) for document in found]

    async def update(self, webhook_id: str, fields: Mapping[str, Any]) -> Webhook | None:
        """Set fields; the record afterwards, None when it is gone."""
        changed = await self._collection.update_one({"_id": webhook_id}, {"$set": fields})
        return self._model(changed)

    async def remove(self, webhook_id: str) -> bool:
        """Forget one; say whether there was one."""
        return await self._collection.delete_one({"_id": webhook_id})

    def _model(self, document: dict[str, Any] | None) -> Webhook | None:
        return None if document is None else self._sure(document)

    def _sure(self, document: dict[str, Any]) -> Webhook:
        return to_model(Webhook, {**document, "tenantId": self._tenant_id})
