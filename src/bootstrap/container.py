"""What the edges call, and the beginning and end of what goes on beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from src.bootstrap.preparing import Preparation
from src.core.config import Settings
from src.core.metrics import Metrics
from src.core.outbound import Outbound
from src.db.client import Mongo
from src.services.api_keys import ApiKeys
from src.services.app_budgets import AppBudgets
from src.services.apps import OAuthApps
from src.services.audit import Audit
from src.services.audit_sealing import SEAL_SECONDS, AuditSealing
from src.services.bench import Bench
from src.services.browse import Browse
from src.services.calls import Calls
from src.services.catalogue import Catalogue
from src.services.census import Census
from src.services.checks import Checks
from src.services.connect import Connect
from src.services.connections import Connections
from src.services.cursors import Cursors
from src.services.endpoints.endpoints import Endpoints
from src.services.events import Events
from src.services.host_tokens import HostTokens
from src.services.idempotency import Idempotency
from src.services.job_retries import Retries
from src.services.jobs import Jobs
from src.services.keep_alive import LOOK_SECONDS, KeepAlive
from src.services.oauth.begin import OAuthBeginnings
from src.services.oauth.end import OAuthEndings
from src.services.oauth.states import FlowStates
from src.services.principals import Principals
from src.services.queue import Hint
from src.services.readiness import Readiness
from src.services.reauthorize import WayBack
from src.services.record_reading import RecordReading
from src.services.record_retention import RecordRetention
from src.services.records import Records
from src.services.refreshes import Refreshes
from src.services.returns import ReturnAddresses
from src.services.revocation import Revocation
from src.services.schedules import Schedules
from src.services.selections import Selections
from src.services.sessions import Sessions
from src.services.sync.slices import Sync
from src.services.sync_states import SyncStates
from src.services.ticking import Ticker
from src.services.tokens import Tokens
from src.services.tools import Tools
from src.services.usage import Usage
from src.services.users import Users
from src.services.watches import Watches
from src.services.webhooks.parts import ProviderWebhooks

if TYPE_CHECKING:
    from src.db.embedded import EmbeddedMongo

USAGE_SECONDS = 1.0
SELECTIONS_SECONDS = 60.0


@dataclass(kw_only=True)
class Container:
    """What the edges call. Close it when the process ends."""

    settings: Settings
    mongo: Mongo
    embedded: EmbeddedMongo | None
    outbound: Outbound
    metrics: Metrics
    census: Census
    readiness: Readiness
    cursors: Cursors
    audit: Audit
    audit_sealing: AuditSealing

    principals: Principals
    host_tokens: HostTokens | None
    api_keys: ApiKeys
    users: Users
    usage: Usage
    idempotency: Idempotency

    connections: Connections
    calls: Calls
    apps: OAuthApps
    budgets: AppBudgets
    tokens: Tokens
    refreshes: Refreshes
    keep_alive: KeepAlive

    connect: Connect
    checks: Checks
    revocation: Revocation
    oauth_begin: OAuthBeginnings
    oauth_end: OAuthEndings
    states: FlowStates
    returns: ReturnAddresses
    way_back: WayBack
    sessions: Sessions
    selections: Selections

    catalogue: Catalogue
    browse: Browse
    tools: Tools

    records: Records
    record_reading: RecordReading
    record_retention: RecordRetention
    sync: Sync
    sync_states: SyncStates
    jobs: Jobs
    retries: Retries
    schedules: Schedules
    watches: Watches

    events: Events
    endpoints: Endpoints
    tenant_door: Outbound
    """For the addresses of tenants' endpoints."""
    hooks: ProviderWebhooks
    sandboxes: Mapping[str, Any]

    bench: Bench
    works: bool
    """Whether this process does the work that goes on beside requests, or only sends hints."""

    _preparation: Preparation = field(init=False)
    _beside: tuple[Ticker, ...] = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)

    def __post_init__(self) -> None:
        """Make ready what goes on beside the requests."""
        self._loop = asyncio.get_running_loop()
        self._preparation = Preparation(self.readiness)
        self._beside = (
            Ticker("usage", self.usage.flush, USAGE_SECONDS, finishes=True),
            Ticker("app_points", self.budgets.flush, USAGE_SECONDS, finishes=True),
            Ticker("selections", self.selections.drop_overdue, SELECTIONS_SECONDS),
            Ticker("audit_sealing", self.audit_sealing.tend, SEAL_SECONDS),
            Ticker("keep_alive", self.keep_alive.catch_up, LOOK_SECONDS),
            *(self.bench.chores if self.works else ()),
        )

    async def prepare(self) -> None:
        """Prepare the database, in the background if it does not answer yet."""
        await self._preparation.begin()
        for ticker in self._beside:
            ticker.start()
        if self.works:
            self.metrics.set_at_work()

    @property
    def stopping(self) -> asyncio.Event:
        """Set when this process is about to end: whoever goes on for long hands over."""
        return self.bench.workshop.stopping

    def turn(self) -> None:
        """Make ready to end, from a signal: be not ready, and let whoever works hand over."""
        self.readiness.turn()
        self._loop.call_soon_threadsafe(self.stopping.set)

    async def do(self, hint: Hint) -> None:
        """Carry out what a hint says, if this process can; raises nothing."""
        await self.bench.workshop.do(hint)

    async def close(self) -> None:
        """Give back what this process holds."""
        self.stopping.set()
        self._preparation.cancel()
        for ticker in self._beside:
            await ticker.stop()
        if self.works:
            await self.bench.close()
        await self.refreshes.close(self.settings.provider_timeout_seconds)
        if self.host_tokens is not None:
            await self.host_tokens.close()
        await self.outbound.close()
        await self.tenant_door.close()
        await self.mongo.close()
        if self.embedded is not None:
            await self.embedded.close()
