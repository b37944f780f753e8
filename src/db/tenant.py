"""The only way to a tenant's data: a scope that puts ``tenantId`` into every filter and insert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TypeVar

from src.db.cache import BriefCache, Held
from src.db.client import Database
from src.db.collection import Collection
from src.db.repositories.api_keys import ApiKeyRepository
from src.db.repositories.audit_chain import AuditChainRepository, ChainCollections
from src.db.repositories.audit_logs import AuditLogRepository
from src.db.repositories.connections import ConnectionRepository
from src.db.repositories.connector_settings import ConnectorSettingsRepository
from src.db.repositories.idempotency import IdempotencyRepository
from src.db.repositories.refresh_leases import RefreshLeaseRepository
from src.db.repositories.sync_states import SyncStateRepository
from src.db.repositories.tokens import TokenRepository
from src.db.repositories.users import UserRepository
from src.db.transaction import in_transaction

T = TypeVar("T")


class TenantScope:
    """The repositories of one tenant. There is no repository of tenant data outside a scope."""

    def __init__(self, database: Database, tenant_id: str, cache: BriefCache | None = None) -> None:
        """Open the scope; ``cache`` is the process's own, shared by all scopes."""
        self.tenant_id = tenant_id
        self._database = database
        self._cache = cache or BriefCache()

    def _collection(self, name: str) -> Collection:
        return Collection(self._database, name, {"tenantId": self.tenant_id})

    async def transaction(self, connection_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work``, which changes one connection and what belongs to it, as a whole or not."""
        try:
            return await in_transaction(self._database, work)
        finally:
            # What somebody read while it went on was the state before.
            for name in ("connections", "tokens"):
                self._held(name).drop(connection_id)

    async def together(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work``, which changes what no process holds in memory, as a whole or not."""
        return await in_transaction(self._database, work)

    def _held(self, name: str) -> Held:
        return Held(self._cache, (name, self.tenant_id))

    @cached_property
    def connections(self) -> ConnectionRepository:
        """Records of connections."""
        return ConnectionRepository(
            self._collection("connections"), self._held("connections"), self.tenant_id
        )

    @cached_property
    def tokens(self) -> TokenRepository:
        """Sealed credentials."""
        return TokenRepository(self._collection("tokens"), self._held("tokens"))

    @cached_property
    def refresh_leases(self) -> RefreshLeaseRepository:
        """Who refreshes which token now."""
        return RefreshLeaseRepository(self._collection("refresh_leases"))

    @cached_property
    def connector_settings(self) -> ConnectorSettingsRepository:
        """What the tenant set for connectors."""
        return ConnectorSettingsRepository(
            self._collection("connector_settings"), self._held("connector_settings")
        )

    @cached_property
    def sync_states(self) -> SyncStateRepository:
        """How far streams have been read."""
        return SyncStateRepository(self._collection("sync_states"))

    @cached_property
    def audit_logs(self) -> AuditLogRepository:
        """Uses of power."""
        return AuditLogRepository(self._collection("audit_logs"), self.tenant_id)

    @cached_property
    def audit_chain(self) -> AuditChainRepository:
        """The blocks that seal the uses of power."""
        collections = ChainCollections(
            self._collection("audit_logs"),
            self._collection("audit_blocks"),
            self._collection("audit_heads"),
        )
        return AuditChainRepository(collections, self.tenant_id)

    @cached_property
    def api_keys(self) -> ApiKeyRepository:
        """Records of API keys."""
        return ApiKeyRepository(self._collection("api_keys"), self.tenant_id)

    @cached_property
    def users(self) -> UserRepository:
        """End users of the host application."""
        return UserRepository(self._collection("users"), self._held("users"), self.tenant_id)

    @cached_property
    def idempotency(self) -> IdempotencyRepository:
        """First requests with an ``Idempotency-Key``."""
        return IdempotencyRepository(self._collection("idempotency_keys"))
