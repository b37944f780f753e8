"""What a connect flow needs past a tenant's scope: states, sessions, and grants by keyed hash.

A browser that comes back from a provider, or opens a connect session, names no tenant; what it
brings is random and is looked up by its keyed hash. Both kinds are removed by a TTL index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from src.db.client import Database
from src.db.collection import ASCENDING, Collection, to_document, to_model
from src.db.errors import Duplicate
from src.models.connect_session import ConnectSession
from src.models.connection import ConnectionStatus
from src.models.oauth_state import OAuthState


class OAuthStates:
    """OAuth flows on their way: the browser that ends one names no tenant."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    def _collection(self) -> Collection:
        return Collection(self._database(), "oauth_states", {})

    async def put(self, state: OAuthState) -> None:
        """Keep a state; one that names a connection takes the place of that connection's last."""
        document = to_document(state)
        if state.connection_id is None:
            await self._collection().insert({**document, "named": False})
            return
        place = {"tenantId": state.tenant_id, "connectionId": state.connection_id, "named": True}
        fields = {key: value for key, value in document.items() if key not in place}
        try:
            await self._collection().update_one(place, {"$set": fields}, upsert=True)
        except Duplicate:
            # Two began at once: the place is there now, and the later one gets it.
            await self._collection().update_one(place, {"$set": fields})

    async def find(self, state_hash: str, at: datetime) -> OAuthState | None:
        """A state that is still good."""
        where = {"stateHash": state_hash, "expiresAt": {"$gt": at}}
        found = await self._collection().find_one(where)
        return None if found is None else to_model(OAuthState, found)

    async def take(self, state_hash: str) -> bool:
        """Use a state up; of many who try, one is told so."""
        return await self._collection().delete_one({"stateHash": state_hash})

    async def drop(self, tenant_id: str, connection_id: str) -> None:
        """Void the flow that was begun for a connection."""
        place = {"tenantId": tenant_id, "connectionId": connection_id, "named": True}
        await self._collection().delete_one(place)


class ConnectSessions:
    """Connect sessions: the browser that opens one has nothing but its token."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    def _collection(self) -> Collection:
        return Collection(self._database(), "connect_sessions", {})

    async def add(self, session: ConnectSession) -> None:
        """Keep a session that nobody has opened yet."""
        await self._collection().insert(to_document(session))

    async def open(self, token_hash: str, cookie_hash: str, at: datetime) -> ConnectSession | None:
        """Trade the token for a cookie; of many who try, one gets the session."""
        found = await self._collection().update_one(
            {"tokenHash": token_hash, "cookieHash": None, "expiresAt": {"$gt": at}},
            {"$set": {"cookieHash": cookie_hash}},
        )
        return None if found is None else to_model(ConnectSession, found)

    async def find(self, cookie_hash: str, at: datetime) -> ConnectSession | None:
        """The session of a browser."""
        where = {"cookieHash": cookie_hash, "expiresAt": {"$gt": at}}
        found = await self._collection().find_one(where)
        return None if found is None else to_model(ConnectSession, found)

    async def update(self, cookie_hash: str, fields: Mapping[str, Any]) -> None:
        """Note what a flow of the session came to."""
        await self._collection().update_one({"cookieHash": cookie_hash}, {"$set": fields})


class Grants:
    """Grants across all tenants, by keyed hash: who else lives on the same one."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def is_shared(self, grant_hash: str, connection_id: str) -> bool:
        """Whether another connection, whosever it is, works with this grant."""
        where = {
            "grantHash": grant_hash,
            "live": True,
            "_id": {"$ne": connection_id},
        }
        return await Collection(self._database(), "connections", {}).find_one(where) is not None

    async def overdue_selections(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """Tenant and id of connections that have waited too long for a choice."""
        found = await Collection(self._database(), "connections", {}).find(
            {"selectionUntil": {"$lte": at}, "status": ConnectionStatus.PENDING.value},
            order=[("selectionUntil", ASCENDING)],
            limit=limit,
        )
        return [(document["tenantId"], document["_id"]) for document in found]
