"""The few collections that belong to no tenant, each named here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from src.db.client import Database
from src.db.collection import Collection


@dataclass(frozen=True, slots=True)
class RootSecret:
    """The platform's root secret, sealed, and the fingerprint of the key that seals it."""

    sealed: bytes
    fingerprint: str


class PlatformStore:
    """Documents of the platform itself."""

    def __init__(self, database: Database) -> None:
        self._secrets = Collection(database, "platform_secrets", {})

    async def claim_root(self, candidate: RootSecret) -> RootSecret:
        """The root secret: the candidate if there was none, the one that is there otherwise."""
        proposed = {"sealed": candidate.sealed, "fingerprint": candidate.fingerprint}
        stored = await self._secrets.update_one(
            {"_id": "root"}, {"$setOnInsert": proposed}, upsert=True
        )
        kept: dict[str, Any] = stored or {}
        return RootSecret(kept["sealed"], kept["fingerprint"])
