"""API keys: the records, never the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from src.db.client import Document
from src.db.collection import DESCENDING, Collection, Filter, Position, to_document, to_model
from src.models.api_key import ApiKey

_MOST_OF_A_USER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwner:
    """Whose keys: those of one user, or one maker's own and what it made. None of both: all."""

    user_id: str | None = None
    maker: str | None = None

    @property
    def filter(self) -> Filter:
        """The condition on documents."""
        if self.user_id is not None:
            return {"userId": self.user_id}
        if self.maker is not None:
            return {"$or": [{"madeBy": self.maker}, {"_id": self.maker}]}
        return {}


ANYBODY = KeyOwner()


class ApiKeyRepository:
    """One tenant's keys."""

    def __init__(self, collection: Collection, tenant_id: str) -> None:
        self._collection = collection
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        await self._collection.insert(to_document(key, exclude={"tenant_id"}))

    async def list(
        self, owner: KeyOwner, *, limit: int, after: Position | None = None
    ) -> list[ApiKey]:
        """Keys, newest first, that come after ``after``."""
        conditions: list[Filter] = [owner.filter]
        found = await self._collection.newest(conditions, limit=limit, after=after)
        return [self._model(document) for document in found]

    async def find_active(self, user_id: str) -> Sequence[ApiKey]:
        """The active keys that are bound to a user."""
        found = await self._collection.find(
            {"userId": user_id, "active": True},
            order=[("createdAt", DESCENDING), ("_id", DESCENDING)],
            limit=_MOST_OF_A_USER,
        )
        return [self._model(document) for document in found]

    async def revoke(self, key_id: str, owner: KeyOwner) -> ApiKey | None:
        """End a key of this owner for good; None when there is none."""
        found = await self._collection.update_one(
            {"$and": [{"_id": key_id}, owner.filter]}, {"$set": {"active": False}}
        )
        return None if found is None else self._model(found)

    async def note_use(self, key_id: str, at: datetime) -> None:
        """Remember when a key was used last."""
        await self._collection.update_one({"_id": key_id}, {"$max": {"lastUsedAt": at}})

    def _model(self, document: Document) -> ApiKey:
        return to_model(ApiKey, {**document, "tenantId": self._tenant_id})
