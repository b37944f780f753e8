"""The parts, put together in the order in which they need each other."""

from __future__ import annotations

from src.bootstrap.access import build_access
from src.bootstrap.browsing import build_browsing
from src.bootstrap.callers import build_callers
from src.bootstrap.connecting import build_connecting
from src.bootstrap.container import Container
from src.bootstrap.foundation import Foundation, StandIns, lay_foundation
from src.bootstrap.news import build_news
from src.bootstrap.sandboxes import build_sandboxes
from src.bootstrap.syncing import build_syncing
from src.bootstrap.webhooks import build_webhooks
from src.bootstrap.work import lay_down, set_up_bench
from src.connectors.registry import ConnectorRegistry
from src.connectors.rest.retry import Retrier
from src.core.config import Settings
from src.core.outbound import Outbound
from src.db.due_jobs import DueJobs
from src.db.platform import ConnectionCounts
from src.services.audit_sealing import AuditSealing
from src.services.census import Census
from src.services.queue import JobQueue
from src.services.readiness import Readiness


async def build_container(
    settings: Settings,
    registry: ConnectorRegistry,
    *,
    outbound: Outbound | None = None,
    retrier: Retrier | None = None,
    queue: JobQueue | None = None,
    works: bool = False,
) -> Container:
    """Build everything. Opens no connection but to an embedded database, if that is used.

    Args:
        settings: The configuration.
        registry: The validated connectors.
        outbound: Stands in for the real network in tests.
        retrier: Stands in for the real clock in tests.
        queue: Takes hints to whoever works; without one nobody is told.
        works: Whether this process does the work that hints speak of.

    Raises:
        EncryptionKeyError: ENCRYPTION_KEY or the key file cannot be used.
        EmbeddedMongoError: The embedded database does not start.
        ConnectorLoadError: A setting names a connector that is not there.
    """
    brought = StandIns(outbound=outbound, retrier=retrier, queue=queue)
    return _assemble(await lay_foundation(settings, registry, brought), works=works)


def _assemble(base: Foundation, *, works: bool) -> Container:
    bench = set_up_bench(base)
    news = build_news(base, bench)
    access = build_access(base, news.of_connections)
    hooks = build_webhooks(base, access)
    connecting = build_connecting(base, access, news.of_connections, hooks.endings)
    browsing = build_browsing(base, access)
    syncing = build_syncing(base, access, news.events)
    callers = build_callers(base)
    lay_down(bench, syncing, hooks)
    return Container(
        settings=base.settings,
        mongo=base.store.mongo,
        embedded=base.store.embedded,
        outbound=base.outbound,
        metrics=base.metrics,
        census=_census(base),
        readiness=Readiness(base.store.mongo, base.encryption, base.store.embedded, base.queue),
        cursors=base.cursors,
        audit=base.audit,
        audit_sealing=AuditSealing(
            base.store.mongo,
            base.store.scope_of,
            base.encryption,
            retention_days=base.settings.audit_retention_days,
        ),
        principals=callers.principals,
        host_tokens=callers.host_tokens,
        api_keys=callers.api_keys,
        users=callers.users,
        usage=callers.usage,
        idempotency=callers.idempotency,
        connections=access.connections,
        calls=access.calls,
        apps=access.apps,
        budgets=access.budgets,
        tokens=access.tokens,
        refreshes=access.refreshes,
        keep_alive=access.keep_alive,
        connect=connecting.connect,
        checks=connecting.checks,
        revocation=connecting.revocation,
        oauth_begin=connecting.oauth_begin,
        oauth_end=connecting.oauth_end,
        states=connecting.states,
        returns=connecting.returns,
        way_back=connecting.way_back,
        sessions=connecting.sessions,
        selections=connecting.selections,
        catalogue=browsing.catalogue,
        browse=browsing.browse,
        tools=browsing.tools,
        records=syncing.records,
        record_reading=syncing.reading,
        record_retention=syncing.retention,
        sync=syncing.engine,
        sync_states=syncing.states,
        jobs=syncing.jobs,
        retries=syncing.retries,
        schedules=syncing.schedules,
        watches=syncing.watches,
        events=news.events,
        endpoints=news.endpoints,
        tenant_door=news.door,
        hooks=hooks,
        sandboxes=build_sandboxes(base),
        bench=bench,
        works=works,
    )


def _census(base: Foundation) -> Census:
    """What counts for the metrics."""
    database = base.store.database
    return Census(
        ConnectionCounts(database), base.metrics, list(base.registry), jobs=DueJobs(database)
    )
