"""The only way to a tenant's data: a scope that puts ``tenantId`` into every filter and insert."""

from __future__ import annotations

from functools import cached_property

from src.db.client import Database
from src.db.collection import Collection
from src.db.repositories.audit_logs import AuditLogRepository
from src.db.repositories.connections import ConnectionRepository
from src.db.repositories.connector_settings import ConnectorSettingsRepository
from src.db.repositories.sync_states import SyncStateRepository
from src.db.repositories.tokens import TokenRepository


class TenantScope:
    """The repositories of one tenant. There is no repository of tenant data outside a scope."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self._database = database

    def _collection(self, name: str) -> Collection:
        return Collection(self._database, name, {"tenantId": self.tenant_id})

    @cached_property
    def connections(self) -> ConnectionRepository:
        """Records of connections."""
        return ConnectionRepository(self._collection("connections"), self.tenant_id)

    @cached_property
    def tokens(self) -> TokenRepository:
        """Sealed credentials."""
        return TokenRepository(self._collection("tokens"))

    @cached_property
    def connector_settings(self) -> ConnectorSettingsRepository:
        """What the tenant set for connectors."""
        return ConnectorSettingsRepository(self._collection("connector_settings"))

    @cached_property
    def sync_states(self) -> SyncStateRepository:
        """How far streams have been read."""
        return SyncStateRepository(self._collection("sync_states"))

    @cached_property
    def audit_logs(self) -> AuditLogRepository:
        """Uses of power."""
        return AuditLogRepository(self._collection("audit_logs"), self.tenant_id)
