"""Webhooks out, put together: what callers ask for, and the work at the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from src.core.outbound import Outbound
from src.db.client import Database
from src.db.due_events import DueEndpoints
from src.db.leases import Leases
from src.services.audit import Audit, ScopeOf
from src.services.bench import Bench
from src.services.encryption import Encryption
from src.services.endpoints.deliveries import Deliveries
from src.services.endpoints.endpoints import Endpoints
from src.services.endpoints.signing import EndpointSecrets
from src.services.events import Clock
from src.services.queue import Hint, JobQueue, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointParts:
    """What all of it works with."""

    scope_of: ScopeOf
    encryption: Encryption
    outbound: Outbound
    queue: JobQueue
    audit: Audit
    database: Callable[[], Database]
    clock: Clock
    may_be_private: bool


def tenant_endpoints(parts: EndpointParts, bench: Bench) -> Endpoints:
    """The endpoints of tenants; what is to be sent to them is laid down at the bench."""
    signing = EndpointSecrets(parts.encryption)
    deliveries = Deliveries(
        parts.scope_of,
        signing,
        parts.outbound,
        parts.queue,
        leases=lambda: Leases(parts.database()),
        clock=parts.clock,
        is_ending=bench.workshop.stopping.is_set,
    )
    due = DueEndpoints(parts.database)

    async def find_due(moment: datetime, limit: int) -> Sequence[Hint]:
        found = await due.list(moment, limit)
        return [Hint(Work.EVENT, one.tenant_id, one.endpoint_id) for one in found]

    bench.does(Work.EVENT, deliveries.deliver, find_due)
    return Endpoints(
        parts.scope_of,
        signing,
        parts.queue,
        parts.audit,
        clock=parts.clock,
        may_be_private=parts.may_be_private,
    )
