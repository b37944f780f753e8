"""What tenants are told: events, and the webhooks that carry them out."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.foundation import Foundation
from src.core.outbound import Outbound
from src.services.bench import Bench
from src.services.connection_news import ConnectionNews
from src.services.endpoints.endpoints import Endpoints
from src.services.endpoints.parts import EndpointParts, tenant_endpoints
from src.services.events import Events


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What tells, and whom."""

    events: Events
    of_connections: ConnectionNews
    endpoints: Endpoints
    door: Outbound
    """For the addresses of tenants' endpoints."""


def build_news(base: Foundation, bench: Bench) -> News:
    """Build it; what is to be sent is laid down at the bench."""
    settings, store = base.settings, base.store
    events = Events(
        store.scope_of, base.queue, store.clock, retention_days=settings.events_retention_days
    )
    door = base.outbound.beside(guarded=not settings.allow_private_webhook_hosts)
    parts = EndpointParts(
        scope_of=store.scope_of,
        encryption=base.encryption,
        outbound=door,
        queue=base.queue,
        audit=base.audit,
        database=store.database,
        clock=store.clock,
        may_be_private=settings.allow_private_webhook_hosts,
    )
    return News(
        events=events,
        of_connections=ConnectionNews(events),
        endpoints=tenant_endpoints(parts, bench),
        door=door,
    )
