"""The composition root: everything is built here, once, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.connectors.manager import ConnectorManager
from src.connectors.registry import ConnectorLoadError, ConnectorRegistry
from src.connectors.rest.retry import Retrier
from src.core.config import LOCKED_OUT, Settings
from src.core.errors import ServiceUnavailable, StartError
from src.core.logging import get_logger
from src.core.metrics import Metrics
from src.core.outbound import Outbound
from src.db.cache import BriefCache
from src.db.client import Mongo
from src.db.flows import ConnectSessions, Grants, OAuthStates
from src.db.leases import Leases
from src.db.platform import AppPoints, ConnectionCounts, DueRefreshes, KeyDirectory
from src.db.sandbox_store import MongoSandboxStore
from src.db.tenant import TenantScope
from src.db.usage_store import UsageStore
from src.services.api_keys import ApiKeys
from src.services.app_budgets import AppBudgets
from src.services.apps import OAuthApps
from src.services.audit import Audit
from src.services.audit_sealing import SEAL_SECONDS, AuditSealing
from src.services.browse import Browse
from src.services.calls import Calls
from src.services.catalogue import Catalogue
from src.services.census import Census
from src.services.checks import Checks
from src.services.connect import Connect
from src.services.connections import Connections
from src.services.credentials import Credentials
from src.services.cursors import Cursors
from src.services.drafts import Drafts
from src.services.encryption import Encryption, development_key
from src.services.giving_back import GivingBack
from src.services.host_tokens import Claims, HostTokens, KeySource, SharedSecret
from src.services.idempotency import Idempotency
from src.services.keep_alive import LOOK_SECONDS, KeepAlive
from src.services.key_ring import KeyRing
from src.services.key_sets import KeySetSource
from src.services.oauth.begin import OAuthBeginnings
from src.services.oauth.end import OAuthEndings
from src.services.oauth.states import FlowStates
from src.services.principals import Principals
from src.services.provider_addresses import (
    SANDBOX_SITES_PATH,
    addresses,
    imitations,
    platform_oauth,
    sandboxed,
)
from src.services.readiness import Readiness
from src.services.reauthorize import WayBack
from src.services.redemptions import Redemptions
from src.services.refreshes import Refreshes
from src.services.renewal import Renewer
from src.services.returns import ReturnAddresses
from src.services.revocation import Revocation
from src.services.selections import Selections
from src.services.sessions import Sessions
from src.services.settlement import Settlement
from src.services.sync_states import SyncStates
from src.services.ticking import Ticker
from src.services.tokens import Tokens
from src.services.tools import Tools
from src.services.usage import Usage
from src.services.users import Users

PREPARE_AGAIN_SECONDS = 2.0
USAGE_SECONDS = 1.0
SELECTIONS_SECONDS = 60.0

log = get_logger(__name__)


@dataclass(kw_only=True)
class Container:
    """What the edges call. Close it when the process ends."""

    settings: Settings
    mongo: Mongo
    outbound: Outbound
    embedded: Any
    principals: Principals
    host_tokens: HostTokens | None
    api_keys: ApiKeys
    users: Users
    usage: Usage
    idempotency: Idempotency
    metrics: Metrics
    census: Census
    cursors: Cursors
    audit: Audit
    catalogue: Catalogue
    connections: Connections
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
    calls: Calls
    apps: OAuthApps
    budgets: AppBudgets
    browse: Browse
    tools: Tools
    sync_states: SyncStates
    tokens: Tokens
    refreshes: Refreshes
    keep_alive: KeepAlive
    readiness: Readiness
    sandboxes: Mapping[str, Any]
    audit_sealing: AuditSealing
    _preparing: asyncio.Task[None] | None = field(default=None, init=False)
    _beside: tuple[Ticker, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Make ready what goes on beside the requests."""
        self._beside = (
            Ticker("usage", self.usage.flush, USAGE_SECONDS, finishes=True),
            Ticker("app_points", self.budgets.flush, USAGE_SECONDS, finishes=True),
            Ticker("selections", self.selections.drop_overdue, SELECTIONS_SECONDS),
            Ticker("audit_sealing", self.audit_sealing.tend, SEAL_SECONDS),
            Ticker("keep_alive", self.keep_alive.catch_up, LOOK_SECONDS),
        )

    async def prepare(self) -> None:
        """Prepare the database, in the background if it does not answer yet."""
        if missed := await self._missed():
            log.warning("database.missed", reason=missed)
            self._preparing = asyncio.create_task(self._prepare_until_done(missed))
        for ticker in self._beside:
            ticker.start()

    async def _missed(self) -> str | None:
        """Prepare the database; why it could not be, if so."""
        try:
            await self.readiness.prepare()
        except ServiceUnavailable as outage:
            return self.readiness.trouble(outage)
        return None

    async def _prepare_until_done(self, told: str) -> None:
        missed: str | None = told
        while missed:
            await asyncio.sleep(PREPARE_AGAIN_SECONDS)
            try:
                missed = await self._missed()
            except StartError as refusal:
                log.error("database.refused", reason=str(refusal))  # noqa: TRY400
                return
            if missed and missed != told:
                log.warning("database.missed", reason=missed)
                told = missed
        log.warning("database.found")

    async def close(self) -> None:
        """Give back what this process holds."""
        if self._preparing is not None:
            self._preparing.cancel()
        for ticker in self._beside:
            await ticker.stop()
        await self.refreshes.close(self.settings.provider_timeout_seconds)
        if self.host_tokens is not None:
            await self.host_tokens.close()
        await self.outbound.close()
        await self.mongo.close()
        if self.embedded is not None:
            await self.embedded.close()


async def build_container(
    settings: Settings,
    registry: ConnectorRegistry,
    *,
    outbound: Outbound | None = None,
    retrier: Retrier | None = None,
) -> Container:
    """Build everything. Opens no connection but to an embedded database, if that is used.

    Args:
        settings: The configuration.
        registry: The validated connectors.
        outbound: Stands in for the real network in tests.
        retrier: Stands in for the real clock in tests.

    Raises:
        EncryptionKeyError: ENCRYPTION_KEY or the key file cannot be used.
        EmbeddedMongoError: The embedded database does not start.
        ConnectorLoadError: A setting names a connector that is not there.
    """
    require_known(settings, registry)
    keys = settings.encryption_key.get_secret_value() or development_key(settings.data_dir)
    encryption = Encryption(keys)
    _warn(settings)
    mongo, embedded = await open_database(settings)
    outbound = outbound or Outbound(guarded=not settings.allow_private_provider_hosts)
    metrics = Metrics()
    manager = ConnectorManager(
        registry,
        outbound,
        addresses(settings, registry),
        disabled=[name for name, own in settings.connectors.items() if not own.enabled],
        retrier=retrier or Retrier(),
        deadline=settings.provider_timeout_seconds,
        kept_bytes=settings.conditional_cache_mb * 1024 * 1024,
        imitations=imitations(settings, registry),
        door_of=metrics.door_of(outbound) if settings.metrics_enabled else None,
    )

    cache = BriefCache()

    def scope_of(tenant_id: str) -> TenantScope:
        return TenantScope(mongo.database, tenant_id, cache)

    audit = Audit(scope_of, encryption)
    cursors = Cursors(encryption)
    credentials = Credentials(encryption)
    connections = Connections(scope_of, manager, encryption, audit)
    ring = KeyRing(KeyDirectory(lambda: mongo.database), encryption)
    api_keys = ApiKeys(scope_of, ring, audit)
    host_tokens = _host_tokens(settings, outbound)
    apps = OAuthApps(
        scope_of,
        manager,
        encryption,
        outbound=outbound,
        platform=platform_oauth(settings, registry),
        deadline=settings.provider_timeout_seconds,
    )
    giving_back = GivingBack(Grants(lambda: mongo.database))
    renewer = Renewer(scope_of, credentials, apps, audit, giving_back, count=metrics.count_refresh)
    refreshes = Refreshes(credentials, renewer)
    budgets = AppBudgets(registry, AppPoints(lambda: mongo.database))
    calls = Calls(scope_of, manager, connections, refreshes, audit, budgets)
    settlement = Settlement(
        manager,
        credentials,
        Drafts(manager, encryption),
        audit,
        budgets,
        Redemptions(apps),
    )
    connect = Connect(scope_of, manager, calls, settlement, audit)
    returns = ReturnAddresses(
        settings.public_url, settings.api_prefix, settings.return_url_allowlist
    )
    states = FlowStates(OAuthStates(lambda: mongo.database), encryption)
    return Container(
        settings=settings,
        mongo=mongo,
        outbound=outbound,
        embedded=embedded,
        principals=Principals(settings, scope_of, ring, host_tokens),
        host_tokens=host_tokens,
        api_keys=api_keys,
        users=Users(scope_of, api_keys, audit),
        metrics=metrics,
        census=Census(ConnectionCounts(lambda: mongo.database), metrics, list(registry)),
        idempotency=Idempotency(scope_of, encryption),
        usage=Usage(
            UsageStore(lambda: mongo.database),
            scope_of,
            per_minute=settings.rate_limit_per_minute,
            per_hour=settings.rate_limit_per_hour,
        ),
        cursors=cursors,
        audit=audit,
        audit_sealing=AuditSealing(
            mongo, scope_of, encryption, retention_days=settings.audit_retention_days
        ),
        catalogue=Catalogue(scope_of, manager, encryption, apps, audit),
        connections=connections,
        connect=connect,
        checks=Checks(scope_of, calls, connections, connect),
        revocation=Revocation(
            scope_of,
            connections,
            calls,
            apps=apps,
            credentials=credentials,
            giving_back=giving_back,
            states=states,
            audit=audit,
        ),
        oauth_begin=OAuthBeginnings(
            scope_of, manager, calls, apps=apps, states=states, returns=returns
        ),
        oauth_end=OAuthEndings(
            scope_of,
            manager,
            calls,
            apps=apps,
            credentials=credentials,
            settlement=settlement,
            giving_back=giving_back,
            states=states,
            audit=audit,
        ),
        states=states,
        returns=returns,
        way_back=WayBack(manager, returns),
        selections=Selections(
            scope_of,
            manager,
            calls,
            connections,
            credentials=credentials,
            settlement=settlement,
            grants=Grants(lambda: mongo.database),
            audit=audit,
        ),
        calls=calls,
        apps=apps,
        budgets=budgets,
        sessions=Sessions(
            ConnectSessions(lambda: mongo.database), encryption, manager, connections, returns
        ),
        browse=Browse(calls, cursors),
        tools=Tools(manager, calls, cursors, audit),
        sync_states=SyncStates(scope_of, manager, connections, audit),
        tokens=Tokens(scope_of, connections, calls, credentials, refreshes, audit),
        refreshes=refreshes,
        keep_alive=KeepAlive(
            DueRefreshes(lambda: mongo.database),
            lambda: Leases(mongo.database),
            scope_of,
            refreshes,
            budgets,
            per_minute=settings.keep_alive_per_minute,
        ),
        readiness=Readiness(mongo, encryption, embedded),
        sandboxes=_sandboxes(settings, registry, mongo),
    )


def _host_tokens(settings: Settings, outbound: Outbound) -> HostTokens | None:
    """What reads the host application's tokens, if it has any."""
    if not settings.reads_jwt:
        return None
    by_set = bool(settings.jwt_jwks_url)
    source: KeySource = (
        KeySetSource(outbound, settings.jwt_jwks_url)
        if by_set
        else SharedSecret(settings.jwt_secret)
    )
    claims = Claims(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        tenant_claim=settings.jwt_tenant_claim,
        roles_claim=settings.jwt_roles_claim,
        role_permissions=settings.role_permissions,
        needs_key_id=by_set,
    )
    return HostTokens(source, claims)


def _warn(settings: Settings) -> None:
    """Say what starts well and serves nobody."""
    if settings.locks_everybody_out:
        log.warning("callers.locked_out", reason=LOCKED_OUT)


async def open_database(settings: Settings, *, is_patient: bool = False) -> tuple[Mongo, Any]:
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
    from src.db import embedded  # noqa: PLC0415  the server image does not carry it

    started = await embedded.start(settings.data_dir)
    return Mongo(lambda: started.url, settings.mongodb_db, is_patient=is_patient), started


def require_known(settings: Settings, registry: ConnectorRegistry) -> None:
    """Refuse settings of connectors that are not there: a slip in an id would go unseen.

    Raises:
        ConnectorLoadError: ``CONNECTORS__<ID>__…`` names none.
    """
    for name in settings.connectors:
        if name not in registry:
            raise ConnectorLoadError(f"CONNECTORS__{name.upper()}__… names no connector")


def _sandboxes(settings: Settings, registry: ConnectorRegistry, mongo: Mongo) -> dict[str, Any]:
    if not settings.sandbox:
        return {}
    from src.sandbox.kit import (  # noqa: PLC0415  production serves no imitation
        at_sites,
        hang_up_on_cut,
    )

    def imitation(name: str) -> Any:
        build = registry[name].sandbox_factory()
        app = build(MongoSandboxStore(lambda: mongo.database, name))
        return at_sites(hang_up_on_cut(app), SANDBOX_SITES_PATH)

    return {name: imitation(name) for name in sandboxed(registry)}
