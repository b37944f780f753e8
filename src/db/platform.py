"""The few collections that belong to no tenant, and the few ways past a tenant's scope.

Beside what stands here: OAuth states, connect sessions and grants by keyed hash (``flows``), leases
(``leases``), the schema's version (``schema``), tenants whose audit logs have work waiting
(``audit_due``), jobs that are due (``due_jobs``) and how many are worked on (``places``), and
maintenance of everything, which only the command line reaches
(``maintenance``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from src.db.client import Database
from src.db.collection import ASCENDING, Collection, to_model
from src.db.errors import translated
from src.models.api_key import ApiKey

PLATFORM_COLLECTIONS = (
    "platform_secrets",
    "platform_state",
    "leases",
    "erased_tenants",
    "app_points",
    "job_places",
)
"""Those without a tenant. All others carry ``tenantId``, but for the imitations' state."""


@dataclass(frozen=True, slots=True)
class RootSecret:
    """The platform's root secret, sealed, and the fingerprint of the key that seals it."""

    sealed: bytes
    fingerprint: str


@dataclass(frozen=True, slots=True)
class DueRefresh:
    """Where there is work; the work itself runs in the tenant's scope."""

    tenant_id: str
    connection_id: str


class DueRefreshes:
    """Finds refresh tokens that would die of neglect."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def list(self, moment: datetime, limit: int) -> list[DueRefresh]:
        """Tenant and connection of those to be kept alive by now, the most urgent first."""
        found = await Collection(self._database(), "tokens", {}).find(
            {"keepAliveAt": {"$lte": moment}},
            order=[("keepAliveAt", ASCENDING)],
            limit=limit,
            only=["tenantId", "connectionId"],
        )
        return [DueRefresh(one["tenantId"], one["connectionId"]) for one in found]


class PlatformStore:
    """Documents of the platform itself."""

    def __init__(self, database: Database) -> None:
        self._secrets = Collection(database, "platform_secrets", {})

    async def root(self) -> RootSecret | None:
        """The root secret, if a service has ever started on this database."""
        found = await self._secrets.find_one({"_id": "root"})
        return None if found is None else RootSecret(found["sealed"], found["fingerprint"])

    async def claim_root(self, candidate: RootSecret) -> RootSecret:
        """The root secret: the candidate if there was none, the one that is there otherwise."""
        proposed = {"sealed": candidate.sealed, "fingerprint": candidate.fingerprint}
        stored = await self._secrets.update_one(
            {"_id": "root"}, {"$setOnInsert": proposed}, upsert=True
        )
        kept: dict[str, Any] = stored or {}
        return RootSecret(kept["sealed"], kept["fingerprint"])


@dataclass(frozen=True, slots=True)
class AppSpan:
    """One OAuth app at one connector's provider, within one span of one of its limits."""

    connector_id: str
    client_id: str
    window: str
    begins: datetime

    @property
    def id(self) -> str:
        """The id of its document; no client id holds the separator."""
        begins = f"{self.begins:%Y-%m-%dT%H:%M:%S}"
        return "\x1f".join((self.connector_id, self.client_id, self.window, begins))


@dataclass(frozen=True, slots=True)
class SpentPoints:
    """How much one process has spent of an app's span; ``limit`` if the provider has told it."""

    span: AppSpan
    points: int
    expires_at: datetime
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class KnownPoints:
    """What all processes together have spent of a span, and of how many, if that was told."""

    points: int = 0
    limit: int | None = None


class AppPoints:
    """What OAuth apps have spent of their providers' limits, summed over all processes."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def add(self, spent: Sequence[SpentPoints]) -> None:
        """Add what one process has spent."""
        writes = [
            UpdateOne(
                {"_id": one.span.id},
                {
                    "$inc": {"points": one.points},
                    "$setOnInsert": {"expiresAt": one.expires_at},
                    **({} if one.limit is None else {"$set": {"limit": one.limit}}),
                },
                upsert=True,
            )
            for one in spent
        ]
        with translated():
            await self._database()["app_points"].bulk_write(writes, ordered=False)

    async def sums(self, spans: Sequence[AppSpan]) -> dict[AppSpan, KnownPoints]:
        """The sums of these; one that is not there is zero."""
        ids = {span.id: span for span in spans}
        with translated():
            cursor = self._database()["app_points"].find({"_id": {"$in": list(ids)}})
            found = await cursor.to_list(None)
        known = {ids[one["_id"]]: KnownPoints(one["points"], one.get("limit")) for one in found}
        return {span: known.get(span, KnownPoints()) for span in spans}


class KeyDirectory:
    """Looks up API keys by their id alone: who presents one has not named the tenant yet."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def find(self, key_id: str) -> ApiKey | None:
        """The record of a key, whosever it is."""
        found = await Collection(self._database(), "api_keys", {}).find_one({"_id": key_id})
        return None if found is None else to_model(ApiKey, found)


class ConnectionCounts:
    """How many connections there are in all: a report for the operator, without tenants."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def by_status(self) -> dict[tuple[str, str], int]:
        """The number of connections by connector and status, read from an index alone."""
        each: dict[str, Any] = {"connectorId": "$connectorId", "status": "$status"}
        steps: list[dict[str, Any]] = [
            {"$sort": {"connectorId": 1, "status": 1}},
            {"$group": {"_id": each, "count": {"$sum": 1}}},
        ]
        with translated():
            found = await self._database()["connections"].aggregate(steps).to_list(None)
        return {(one["_id"]["connectorId"], one["_id"]["status"]): one["count"] for one in found}
