"""Due deliveries of all tenants, as the sweep wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from src.db.receivers import Receivers
from src.services.due_work import DueSource
from src.services.queue import Hint, Work


def due_deliveries(receivers: Receivers) -> DueSource:
    """Hints of webhooks with deliveries to be carried out."""

    async def find(moment: datetime, limit: int) -> Sequence[Hint]:
        return [
            Hint(Work.DELIVERY, tenant_id, webhook_id)
            for tenant_id, webhook_id in await receivers.with_due_deliveries(moment, limit)
        ]

    return find
