"""Leases of refreshes, one per connection, which are the journal of the attempts too.

All times are computed by the database, so that processes whose clocks differ agree.
"""

from __future__ import annotations

from typing import Any

from src.db.collection import Collection, Filter, to_model
from src.db.errors import Duplicate
from src.models.credential import StoredToken
from src.models.refresh import RefreshLease, Trouble

_NOW = "$$NOW"


def _in(seconds: float) -> dict[str, Any]:
    return {"$add": [_NOW, round(seconds * 1000)]}


def _is_past(field: str) -> dict[str, Any]:
    return {"$lte": [{"$ifNull": [field, _NOW]}, _NOW]}


class RefreshLeaseRepository:
    """Leases of one tenant's connections."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def acquire(self, connection_id: str, owner: str, seconds: float) -> RefreshLease:
        """Take the lease if it is free and nothing asks to wait; answer it as it is then.

        Whoever is its ``owner`` afterwards has it. What is left in ``sent`` was sent by somebody
        who did not live to store the answer, or never got one.
        """
        is_free = {"$and": [_is_past("$until"), _is_past("$notBefore")]}
        fields = {
            "owner": {"$cond": [is_free, {"$literal": owner}, "$owner"]},
            "until": {"$cond": [is_free, _in(seconds), "$until"]},
            "now": _NOW,
        }
        where = {"connectionId": connection_id}
        try:
            found = await self._collection.compute_one(where, fields, upsert=True)
        except Duplicate:
            # Two came first at the same moment; by now the document is there.
            found = await self._collection.compute_one(where, fields, upsert=True)
        return to_model(RefreshLease, found or {})

    async def note_sent(
        self, connection_id: str, owner: str, token: StoredToken, seconds: float
    ) -> RefreshLease | None:
        """Write down that this token is about to be sent, and hold the lease for so long.

        Returns:
            None when the lease has run out and is another's now.
        """
        sent = {"generation": token.generation, "version": token.version}
        again = {
            "$and": [
                {"$eq": ["$sent.generation", token.generation]},
                {"$eq": ["$sent.version", token.version]},
            ]
        }
        fields = {
            "sent": {
                "$cond": [
                    again,
                    {**sent, "at": "$sent.at", "times": {"$add": ["$sent.times", 1]}},
                    {**sent, "at": _NOW, "times": {"$literal": 1}},
                ]
            },
            "until": _in(seconds),
            "now": _NOW,
        }
        found = await self._collection.compute_one(_held(connection_id, owner), fields)
        return None if found is None else to_model(RefreshLease, found)

    async def finish(self, connection_id: str, owner: str) -> None:
        """Give the lease back: there is a new token, or none was needed."""
        await self._collection.update_one(
            _held(connection_id, owner),
            {
                "$set": {
                    "owner": None,
                    "until": None,
                    "sent": None,
                    "failures": 0,
                    "notBefore": None,
                    "trouble": None,
                }
            },
        )

    async def leave(
        self,
        connection_id: str,
        owner: str,
        trouble: Trouble | None,
        *,
        rest_seconds: float = 0.0,
        keeps_sent: bool,
    ) -> None:
        """Give the lease back without a new token.

        Args:
            connection_id: Whose lease.
            owner: Who gives it back; another's is left alone.
            trouble: What happened; None = nothing that counts.
            rest_seconds: For how long nobody is to ask the provider.
            keeps_sent: The token that was sent may have been used.
        """
        fields: dict[str, Any] = {"owner": None, "until": None}
        if trouble is not None:
            fields["trouble"] = {"$literal": trouble.model_dump(by_alias=True)}
            fields["failures"] = {"$add": [{"$ifNull": ["$failures", 0]}, 1]}
            fields["notBefore"] = _in(rest_seconds)
        if not keeps_sent:
            fields["sent"] = None
        await self._collection.compute_one(_held(connection_id, owner), fields)


def _held(connection_id: str, owner: str) -> Filter:
    return {"connectionId": connection_id, "owner": owner}
