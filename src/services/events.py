"""Telling tenants what happened: an event exists exactly if what it tells of does.

``emit`` writes the event, and a delivery for each endpoint that wants it, within the transaction
that the caller is in. What is written is sent by ``deliveries``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from src.db.repositories.endpoints import Listener
from src.db.tenant import TenantScope
from src.db.transaction import afterwards
from src.models.base import rfc3339
from src.models.event import Delivery, DeliveryStatus, Event, EventType
from src.models.ids import IdPrefix, new_id
from src.services.audit import ScopeOf
from src.services.queue import Hint, JobQueue, Work

Clock = Callable[[], Awaitable[datetime]]


class Events:
    """The outbox."""

    def __init__(
        self, scope_of: ScopeOf, queue: JobQueue, clock: Clock, *, retention_days: int
    ) -> None:
        """Take what it works with.

        Args:
            scope_of: Opens the scope of a tenant.
            queue: Is told that there is something to send.
            clock: The database's.
            retention_days: How long an event can be replayed.
        """
        self._scope_of = scope_of
        self._queue = queue
        self._clock = clock
        self._retention = timedelta(days=retention_days)

    async def emit(self, tenant_id: str, kind: EventType, data: Mapping[str, Any]) -> None:
        """Tell of something, as part of the transaction that this task is in.

        Nothing is written when the tenant has no endpoint for it.

        Args:
            tenant_id: Whose it is.
            kind: What happened.
            data: JSON with camelCase keys, small and without a secret; times as ``datetime``.
        """
        scope = self._scope_of(tenant_id)
        wanted = await scope.endpoints.find_for(kind)
        if wanted:
            await scope.joined(lambda: self._write(scope, kind, data, wanted))

    async def _write(
        self,
        scope: TenantScope,
        kind: EventType,
        data: Mapping[str, Any],
        wanted: Sequence[Listener],
    ) -> None:
        at = await self._clock()
        event = Event(
            id=new_id(IdPrefix.EVENT),
            type=kind,
            at=at,
            body=_body(kind, at, data),
            expires_at=at + self._retention,
        )
        await scope.events.add(event)
        for listener in wanted:
            delivery = _delivery(event, listener)
            await scope.events.add_delivery(delivery)
            if listener.enabled and delivery.due_at == at:
                await self._hint_afterwards(scope.tenant_id, listener.id)

    async def _hint_afterwards(self, tenant_id: str, endpoint_id: str) -> None:
        hint = Hint(Work.EVENT, tenant_id, endpoint_id)
        await afterwards(lambda: self._queue.send(hint))


def _delivery(event: Event, listener: Listener) -> Delivery:
    """What is to be sent; one that is switched off misses it, and can have it replayed."""
    is_on = listener.enabled
    return Delivery(
        id=new_id(IdPrefix.DELIVERY),
        endpoint_id=listener.id,
        event_id=event.id,
        type=event.type,
        status=DeliveryStatus.PENDING if is_on else DeliveryStatus.DEAD,
        due_at=max(event.at, listener.paused_until or event.at),
        created_at=event.at,
        pending_since=event.at,
        finished_at=None if is_on else event.at,
        expires_at=event.expires_at,
    )


def _body(kind: EventType, at: datetime, data: Mapping[str, Any]) -> str:
    told = {key: _plain(value) for key, value in data.items()}
    return msgspec.json.encode({"type": kind, "timestamp": rfc3339(at), "data": told}).decode()


def _plain(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value
