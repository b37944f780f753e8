"""Leases: one holder at a time among all processes, by the database's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument

from src.db.client import Database
from src.db.errors import Duplicate, translated

COLLECTION = "leases"


class Leases:
    """Who may do what only one should do; a holder that dies loses its lease with time."""

    def __init__(self, database: Database) -> None:
        self._leases = database[COLLECTION]

    async def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take the lease, or keep it for longer; False while somebody else holds it."""
        free = {"$lte": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]}
        mine = {"$or": [free, {"$eq": ["$owner", owner]}]}
        until = {"$add": ["$$NOW", int(seconds * 1000)]}
        taken: list[dict[str, Any]] = [
            {
                "$set": {
                    "owner": {"$cond": [mine, owner, "$owner"]},
                    "until": {"$cond": [mine, until, "$until"]},
                }
            }
        ]
        try:
            with translated():
                lease = await self._leases.find_one_and_update(
                    {"_id": name}, taken, upsert=True, return_document=ReturnDocument.AFTER
                )
        except Duplicate:  # two made it at once
            return False
        return bool(lease and lease["owner"] == owner)

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back, if it is still ours."""
        with translated():
            await self._leases.delete_one({"_id": name, "owner": owner})

    async def now(self) -> datetime:
        """The time on the database's clock."""
        with translated():
            hello = await self._leases.database.client.admin.command("hello")
        moment: datetime = hello["localTime"].replace(tzinfo=UTC)
        return moment
