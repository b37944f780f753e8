"""The state of the imitation providers, shared by all processes of a development server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson import Int64

from src.db.client import Database
from src.db.collection import Collection


class MongoSandboxStore:
    """A ``SandboxStore`` in a collection of its own; tenants' data never meets it."""

    def __init__(self, database: Callable[[], Database], provider_id: str) -> None:
        self._database = database
        self._provider = {"provider": provider_id}

    @property
    def _state(self) -> Collection:
        return Collection(self._database(), "sandbox_state", self._provider)

    async def get(self, key: str) -> dict[str, Any] | None:
        """The value under ``key``."""
        found = await self._state.find_one({"key": key})
        return None if found is None else _plain(found["value"])

    async def put(self, key: str, value: dict[str, Any]) -> None:
        """Set the value under ``key``."""
        await self._state.update_one({"key": key}, {"$set": {"value": value}}, upsert=True)

    async def delete(self, key: str) -> None:
        """Forget ``key``."""
        await self._state.delete_one({"key": key})

    async def increment(self, key: str, field: str, by: int = 1) -> int:
        """Add to a number in the value under ``key`` and answer the sum."""
        stored = await self._state.update_one(
            {"key": key}, {"$inc": {f"value.{field}": by}}, upsert=True
        )
        total: int = _plain((stored or {})["value"][field])
        return total


def _plain(value: Any) -> Any:
    """The value with plain ints: the driver's own for large ones cannot be written as JSON."""
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case Int64():
            return int(value)
        case _:
            return value
