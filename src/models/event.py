"""Events that tenants are told of, and the endpoints that they are told at."""

from __future__ import annotations

from enum import StrEnum

from src.models.base import Model, Timestamp


class EventType(StrEnum):
    """What an endpoint can be told of."""

    CONNECTION_CONNECTED = "connection.connected"
    CONNECTION_REAUTH_REQUIRED = "connection.reauth_required"
    CONNECTION_RECOVERED = "connection.recovered"
    """Its health has left ``failing``."""
    CONNECTION_DISCONNECTED = "connection.disconnected"
    SYNC_COMPLETED = "sync.completed"
    SYNC_FAILED = "sync.failed"
    RECORD_CHANGED = "record.changed"
    JOB_HELD = "job.held"


class EndpointStop(StrEnum):
    """Why an endpoint is switched off."""

    CALLER = "caller"
    """Somebody did it."""
    GONE = "gone"
    """Its server answered that it is gone for good."""
    FAILING = "failing"
    """It has taken nothing for days."""


class Endpoint(Model):
    """An address of a tenant's that its events are sent to."""

    id: str
    tenant_id: str
    url: str
    events: tuple[EventType, ...]
    description: str | None = None
    enabled: bool = True
    stopped_by: EndpointStop | None = None
    sealed_secret: bytes
    sealed_former_secret: bytes | None = None
    former_until: Timestamp | None = None
    """Until when deliveries are signed with the former secret, too."""
    failures: int = 0
    """Attempts in a row that failed."""
    failing_since: Timestamp | None = None
    paused_until: Timestamp | None = None
    """Nothing is sent before: it has failed too often in a row."""
    created_at: Timestamp
    updated_at: Timestamp


class Event(Model):
    """Something that happened; ``body`` is what is sent, byte for byte at each attempt."""

    id: str
    type: EventType
    at: Timestamp
    body: str
    expires_at: Timestamp


class DeliveryStatus(StrEnum):
    """What became of an event at an endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """It is not tried again by itself; it can be replayed."""


class Attempt(Model):
    """One request to an endpoint."""

    at: Timestamp
    duration_ms: int
    status: int | None = None
    """The HTTP status; None = no whole answer came."""
    error: str | None = None
    """What went wrong, in a word; None = it was taken."""


class Delivery(Model):
    """One event for one endpoint, with what was tried."""

    id: str
    endpoint_id: str
    event_id: str
    type: EventType
    status: DeliveryStatus
    due_at: Timestamp
    tries: int = 0
    """Attempts since it was last due anew: a replay begins again."""
    attempts: tuple[Attempt, ...] = ()
    """The latest ones."""
    created_at: Timestamp
    pending_since: Timestamp
    finished_at: Timestamp | None = None
    expires_at: Timestamp
