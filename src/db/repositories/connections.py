"""Records of connections: the only code that talks to this collection."""

from __future__ import annotations

import re
from collections.abc import Collection as AnyOf
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.db.cache import Held
from src.db.client import Document
from src.db.collection import DESCENDING, Collection, Filter, Position, to_document, to_model
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, sources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Whose connections may be seen: all of the tenant's, or one user's and shared ones."""

    user_id: str | None = None

    @property
    def filter(self) -> Filter:
        """The condition on documents."""
        return {} if self.user_id is None else {"userId": {"$in": [self.user_id, None]}}

    def admits(self, connection: Connection) -> bool:
        """The same condition on a record."""
        return self.user_id is None or connection.user_id in {self.user_id, None}


EVERYBODY = Visibility()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFilter:
    """What a list of connections may be narrowed to."""

    connector_id: str | None = None
    status: ConnectionStatus | None = None
    user_id: str | None = None
    connection_id: str | None = None
    q: str | None = None

    @property
    def filter(self) -> Document:
        """The condition on documents."""
        exact = {
            "connectorId": self.connector_id,
            "status": self.status,
            "userId": self.user_id,
            "_id": self.connection_id,
        }
        where: Document = {key: value for key, value in exact.items() if value is not None}
        if self.q:
            text = {"$regex": re.escape(self.q), "$options": "i"}
            where["$or"] = [{"alias": text}, {"account.name": text}]
        return where


class ConnectionRepository:
    """Connections of one tenant."""

    def __init__(self, collection: Collection, held: Held, tenant_id: str) -> None:
        self._collection = collection
        self._held = held
        self._tenant_id = tenant_id

    def _model(self, document: Document) -> Connection:
        return to_model(Connection, {**document, "tenantId": self._tenant_id})

    async def add(self, connection: Connection) -> None:
        """Insert a record.

        Raises:
            Duplicate: The same account is connected already, or the user's place is taken.
        """
        document = to_document(connection, exclude={"tenant_id"})
        await self._collection.insert({**document, "live": _is_live(connection.status)})

    async def get(
        self, connection_id: str, visibility: Visibility = EVERYBODY
    ) -> Connection | None:
        """One record, if it is this tenant's and visible; held for a moment."""
        found = await self._held.get(connection_id, lambda: self._read(connection_id))
        return found if found is not None and visibility.admits(found) else None

    async def get_fresh(
        self, connection_id: str, visibility: Visibility = EVERYBODY
    ) -> Connection | None:
        """The same, read now: for those who will write what they decide by it."""
        self._held.drop(connection_id)
        return await self.get(connection_id, visibility)

    async def _read(self, connection_id: str) -> Connection | None:
        found = await self._collection.find_one({"_id": connection_id})
        return None if found is None else self._model(found)

    async def list(
        self,
        where: ConnectionFilter,
        visibility: Visibility,
        *,
        limit: int,
        after: Position | None = None,
    ) -> list[Connection]:
        """Records, newest first, that come after ``after``."""
        conditions: list[Filter] = [where.filter, visibility.filter]
        found = await self._collection.newest(conditions, limit=limit, after=after)
        return [self._model(document) for document in found]

    async def find_account(
        self, connector_id: str, user_id: str | None, account_id: str
    ) -> Connection | None:
        """The record of an account, the living one first, else the newest."""
        found = await self._collection.find(
            {"connectorId": connector_id, "userId": user_id, "account.id": account_id},
            order=[("live", DESCENDING), ("updatedAt", DESCENDING)],
            limit=1,
        )
        return self._model(found[0]) if found else None

    async def find_reserved(self, connector_id: str, user_id: str | None) -> Connection | None:
        """The record that holds the user's place."""
        found = await self._collection.find_one(
            {"connectorId": connector_id, "userId": user_id, "reserved": True}
        )
        return None if found is None else self._model(found)

    async def update(self, connection_id: str, fields: Mapping[str, Any]) -> Connection | None:
        """Set fields other than the status, which only ``move`` may change."""
        if {"status", "live"} & fields.keys():
            raise ValueError("the status is changed by move")
        return await self._set({"_id": connection_id}, fields)

    async def move(
        self,
        connection_id: str,
        target: ConnectionStatus,
        fields: Mapping[str, Any],
        *,
        seen: Connection | None = None,
        sources: AnyOf[ConnectionStatus] | None = None,
        renews: bool = False,
    ) -> Connection | None:
        """Change the status together with fields.

        Args:
            connection_id: Which record.
            target: The new status.
            fields: What else is set.
            seen: The record that the decision was made by; nothing is changed if the connection has
                been authorized anew or disconnected since.
            sources: From which statuses, if not from all that the table of moves allows.
            renews: This is a new authorization, or the end of one.

        Returns:
            The record afterwards; None when the table, ``seen`` or ``sources`` forbid the move.

        Raises:
            Duplicate: Another record of the same account is connected.
        """
        allowed = sources_of(target) if sources is None else sources_of(target) & set(sources)
        where: Document = {
            "_id": connection_id,
            "status": {"$in": [status.value for status in allowed]},
        }
        if seen is not None:
            where["generation"] = seen.generation
        changes = {**fields, "status": target, "live": _is_live(target), "updatedAt": now()}
        update: Document = {"$set": changes}
        if renews:
            update["$inc"] = {"generation": 1}
        found = await self._change(where, update)
        return None if found is None else self._model(found)

    async def count_failure(self, connection_id: str, error: Document) -> None:
        """One more failed call in a row."""
        await self._change(
            {"_id": connection_id}, {"$inc": {"failures": 1}, "$set": {"lastError": error}}
        )

    async def note_refresh_failure(
        self, connection_id: str, error: Document, failures: int
    ) -> None:
        """So many refreshes in a row have failed."""
        await self._change(
            {"_id": connection_id}, {"$set": {"refreshFailures": failures, "lastError": error}}
        )

    async def note_success(
        self, connection_id: str, at: datetime, *, keeps_error: bool = False
    ) -> None:
        """A call that went well ends a row of failures; ``keeps_error`` when others go on."""
        ended: Document = {} if keeps_error else {"lastError": None}
        await self._change(
            {"_id": connection_id}, {"$set": {"failures": 0, "lastUsedAt": at, **ended}}
        )

    async def _set(self, where: Filter, fields: Mapping[str, Any]) -> Connection | None:
        found = await self._change(where, {"$set": {**fields, "updatedAt": now()}})
        return None if found is None else self._model(found)

    async def _change(self, where: Filter, update: Document) -> Document | None:
        try:
            return await self._collection.update_one(where, update)
        finally:
            self._held.drop(where["_id"])


def _is_live(status: ConnectionStatus) -> bool:
    return status is ConnectionStatus.CONNECTED
