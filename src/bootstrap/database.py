"""Where the database is, and the ways to it that are handed to the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from src.core.config import Settings
from src.db.cache import BriefCache
from src.db.client import Database, Mongo
from src.db.leases import Leases
from src.db.tenant import TenantScope

if TYPE_CHECKING:
    from src.db.embedded import EmbeddedMongo


_MOST_SCOPES = 256


@dataclass(frozen=True, slots=True)
class Storage:
    """The database, and the ways to it."""

    mongo: Mongo
    embedded: EmbeddedMongo | None
    cache: BriefCache = field(default_factory=BriefCache)
    _scopes: dict[str, tuple[Database, TenantScope]] = field(default_factory=dict, init=False)

    def scope_of(self, tenant_id: str) -> TenantScope:
        """What one tenant has; kept, with its repositories, until the database moves."""
        database = self.mongo.database
        kept = self._scopes.get(tenant_id)
        if kept is not None and kept[0] is database:
            return kept[1]
        if len(self._scopes) >= _MOST_SCOPES:
            self._scopes.clear()
        scope = TenantScope(database, tenant_id, self.cache)
        self._scopes[tenant_id] = database, scope
        return scope

    def database(self) -> Database:
        """The database where it is now, for the few collections that belong to no tenant."""
        return self.mongo.database

    def leases(self) -> Leases:
        """What only one process at a time may hold."""
        return Leases(self.mongo.database)

    async def clock(self) -> datetime:
        """The database's time."""
        return await self.leases().now()


async def open_database(
    settings: Settings, *, is_patient: bool = False
) -> tuple[Mongo, EmbeddedMongo | None]:
    """The database, and the embedded one if it is used.

    Args:
        settings: Where it is.
        is_patient: Whether its answers may take minutes.

    Raises:
        EmbeddedMongoError: The embedded database does not start.
        DatabaseAddressError: MONGODB_URL is no address.
    """
    if url := settings.mongodb_url.get_secret_value():
        return Mongo(url, settings.mongodb_db, is_patient=is_patient), None
    # Only here: the server image does not carry what it needs.
    embedded = import_module("src.db.embedded")
    started: EmbeddedMongo = await embedded.start(settings.data_dir)
    return Mongo(lambda: started.url, settings.mongodb_db, is_patient=is_patient), started
