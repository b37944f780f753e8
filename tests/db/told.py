"""Endpoints, events and deliveries to store."""

from datetime import timedelta
from typing import Any

from src.models.event import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    Event,
    EventType,
)
from src.models.ids import IdPrefix, new_id
from tests.db.records import LATER, NOON

TRIED = Attempt(at=NOON, duration_ms=12, status=500, error="refused")


def endpoint(**fields: Any) -> Endpoint:
    """An endpoint of ``acme`` that is told of connections."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.ENDPOINT),
        "tenant_id": "acme",
        "url": "https://host.test/hooks",
        "events": (EventType.CONNECTION_CONNECTED,),
        "sealed_secret": b"sealed",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Endpoint(**{**values, **fields})


def event(**fields: Any) -> Event:
    """Something that happened at noon."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.EVENT),
        "type": EventType.CONNECTION_CONNECTED,
        "at": NOON,
        "body": "{}",
        "expires_at": LATER + timedelta(days=7),
    }
    return Event(**{**values, **fields})


def delivery(**fields: Any) -> Delivery:
    """What is due since noon."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.DELIVERY),
        "endpoint_id": "whe_0000000000000000000000aa",
        "event_id": "evt_0000000000000000000000aa",
        "type": EventType.CONNECTION_CONNECTED,
        "status": DeliveryStatus.PENDING,
        "due_at": NOON,
        "created_at": NOON,
        "pending_since": NOON,
        "expires_at": LATER + timedelta(days=7),
    }
    return Delivery(**{**values, **fields})
