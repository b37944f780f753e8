"""Sealed credentials, one per connection."""

from __future__ import annotations

from datetime import datetime

from src.db.cache import Held
from src.db.collection import Collection, Filter, to_document, to_model
from src.models.credential import StoredToken


class TokenRepository:
    """Credentials of one tenant's connections; nothing here can open them."""

    def __init__(self, collection: Collection, held: Held) -> None:
        self._collection = collection
        self._held = held

    async def put(self, token: StoredToken) -> StoredToken:
        """Store a credential in the place of an earlier one; ``version`` counts on."""
        document = to_document(token, exclude={"connection_id", "version"})
        try:
            stored = await self._collection.update_one(
                {"connectionId": token.connection_id},
                {"$set": document, "$inc": {"version": 1}},
                upsert=True,
            )
        finally:
            self._held.drop(token.connection_id)
        return to_model(StoredToken, stored or {})

    async def renew(self, token: StoredToken, seen: StoredToken) -> StoredToken | None:
        """Store what came of a refresh, unless another credential is there since ``seen``.

        Fields that ``token`` has from ``seen`` stay as they are in the database.
        """
        before, after = (to_document(one, exclude={"version"}) for one in (seen, token))
        changes = {name: value for name, value in after.items() if before[name] != value}
        try:
            stored = await self._collection.update_one(
                _exactly(seen), {"$set": changes, "$inc": {"version": 1}}
            )
        finally:
            self._held.drop(token.connection_id)
        return None if stored is None else to_model(StoredToken, stored)

    async def postpone(self, seen: StoredToken, until: datetime | None) -> bool:
        """Keep this credential alive no earlier, or never; False when a newer one is there."""
        try:
            found = await self._collection.update_one(
                _exactly(seen), {"$set": {"keepAliveAt": until}}
            )
        finally:
            self._held.drop(seen.connection_id)
        return found is not None

    async def get(self, connection_id: str) -> StoredToken | None:
        """The credential of a connection; held for a moment."""
        return await self._held.get(connection_id, lambda: self._read(connection_id))

    async def get_fresh(self, connection_id: str) -> StoredToken | None:
        """The same, read now."""
        self._held.drop(connection_id)
        return await self.get(connection_id)

    async def _read(self, connection_id: str) -> StoredToken | None:
        found = await self._collection.find_one({"connectionId": connection_id})
        return None if found is None else to_model(StoredToken, found)

    async def delete(self, connection_id: str) -> bool:
        """Destroy the credential of a connection; say whether there was one."""
        try:
            return await self._collection.delete_one({"connectionId": connection_id})
        finally:
            self._held.drop(connection_id)


def _exactly(token: StoredToken) -> Filter:
    return {
        "connectionId": token.connection_id,
        "generation": token.generation,
        "version": token.version,
    }
