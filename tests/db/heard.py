"""Webhooks and deliveries of providers to store."""

from datetime import timedelta
from typing import Any

from src.models.connection import LastError
from src.models.ids import IdPrefix, new_id
from src.models.webhook import HookChange, HookDelivery, Webhook
from tests.db.records import LATER, NOON

AWAY = LastError(code="provider_error", message="away", at=NOON)


def webhook(**fields: Any) -> Webhook:
    """A webhook of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.WEBHOOK),
        "tenant_id": "acme",
        "connection_id": "con_0000000000000000000000aa",
        "connector_id": "github",
        "receiver_id": "whk_0000000000000000000000bb",
        "events": ("issues",),
        "created_at": NOON,
    }
    return Webhook(**{**values, **fields})


def hook_delivery(**fields: Any) -> HookDelivery:
    """What has come at noon and is due since."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.DELIVERY),
        "tenant_id": "acme",
        "webhook_id": "whk_0000000000000000000000aa",
        "connection_id": "con_0000000000000000000000aa",
        "connector_id": "github",
        "changes": (HookChange(event="issues", stream="issues", record_id="1"),),
        "received_at": NOON,
        "due_at": NOON,
        "expires_at": LATER + timedelta(days=7),
    }
    return HookDelivery(**{**values, **fields})
