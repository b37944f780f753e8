"""The only way to a tenant's data: a scope that puts ``tenantId`` into every filter and insert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
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
from src.db.repositories.endpoints import EndpointRepository
from src.db.repositories.events import EventRepository
from src.db.repositories.hook_deliveries import HookDeliveryRepository
from src.db.repositories.idempotency import IdempotencyRepository
from src.db.repositories.job_failures import JobFailureRepository
from src.db.repositories.job_runs import JobRunRepository
from src.db.repositories.jobs import JobRepository
from src.db.repositories.records import RecordRepository
from src.db.repositories.refresh_leases import RefreshLeaseRepository
from src.db.repositories.schedules import ScheduleRepository
from src.db.repositories.sync_states import SyncStateRepository
from src.db.repositories.tokens import TokenRepository
from src.db.repositories.users import UserRepository
from src.db.repositories.webhooks import WebhookRepository
from src.db.transaction import OwnSession, current_session, in_transaction, own_session

T = TypeVar("T")


class TenantScope:
    """The repositories of one tenant. There is no repository of tenant data outside a scope."""

    def __init__(self, database: Database, tenant_id: str, cache: BriefCache | None = None) -> None:
        """Open the scope; ``cache`` is the process's own, shared by all scopes."""
        self.tenant_id = tenant_id
        self._database = database
        self._cache = cache or BriefCache()

    def _collection(self, name: str, *, is_settled: bool = False) -> Collection:
        fixed = {"tenantId": self.tenant_id}
        return Collection(self._database, name, fixed, is_settled=is_settled)

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

    def own_session(self) -> AbstractAsyncContextManager[OwnSession]:
        """A session for several transactions of one worker, which others can end if it dies."""
        return own_session(self._database)

    async def joined(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work`` in the transaction that this task is in, or else in one of its own."""
        if current_session.get() is not None:
            return await work()
        return await self.together(work)

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
    def jobs(self) -> JobRepository:
        """Runs of streams, as callers see them."""
        return JobRepository(self._collection("jobs"), self.tenant_id)

    @cached_property
    def job_runs(self) -> JobRunRepository:
        """The same, as those who work on them see them."""
        return JobRunRepository(self._collection("jobs"), self.tenant_id)

    @cached_property
    def records(self) -> RecordRepository:
        """What is kept of providers' content."""
        return RecordRepository(
            self._collection("records", is_settled=True),
            self._collection("record_heads", is_settled=True),
            self.tenant_id,
        )

    @cached_property
    def job_failures(self) -> JobFailureRepository:
        """What runs could not read."""
        return JobFailureRepository(self._collection("job_failures"))

    @cached_property
    def schedules(self) -> ScheduleRepository:
        """What is synchronized again and again."""
        return ScheduleRepository(self._collection("schedules"), self.tenant_id)

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

    @cached_property
    def endpoints(self) -> EndpointRepository:
        """Where the tenant's events are sent to."""
        return EndpointRepository(self._collection("webhook_endpoints"), self.tenant_id)

    @cached_property
    def events(self) -> EventRepository:
        """What the tenant is told, and how far that is."""
        return EventRepository(self._collection("events"), self._collection("event_deliveries"))

    @cached_property
    def webhooks(self) -> WebhookRepository:
        """What the tenant has set up at providers."""
        return WebhookRepository(self._collection("webhooks"), self.tenant_id)

    @cached_property
    def hook_deliveries(self) -> HookDeliveryRepository:
        """What providers have told, and what is to be done about it."""
        return HookDeliveryRepository(self._collection("hook_deliveries"), self.tenant_id)
