"""How the database is, without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from src.db.client import Database
from src.db.errors import translated
from src.db.indexes import INDEXES


@dataclass(frozen=True, slots=True)
class Server:
    """What the server says of itself."""

    replica_set: str | None
    version: str
    clock_ahead: timedelta
    """How far its clock is before ours."""


class Condition:
    """Looks, and touches nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def server(self) -> Server:
        """The server that answers."""
        with translated():
            asked = datetime.now(UTC)
            hello = await self._database.client.admin.command("hello")
            answered = datetime.now(UTC)
            build = await self._database.client.admin.command("buildInfo")
        ahead = hello["localTime"].replace(tzinfo=UTC) - (asked + (answered - asked) / 2)
        return Server(hello.get("setName"), build["version"], ahead)

    async def missing_indexes(self) -> list[str]:
        """Indexes that a start would make."""
        missing: list[str] = []
        with translated():
            for name, models in INDEXES.items():
                found = await self._database[name].index_information()
                wanted = [model.document["name"] for model in models]
                missing += [f"{name}.{index}" for index in wanted if index not in found]
        return missing

    async def oldest_unsealed(self) -> datetime | None:
        """When the audit entry was written that has waited longest for a block."""
        where = {"tenantId": {"$gt": ""}, "unsealed": True}
        with translated():
            found = await self._database["audit_logs"].find_one(where, sort=[("at", 1)])
        return found["at"] if found else None
