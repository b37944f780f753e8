"""Deliveries on their way in: proved, read, routed to the webhooks that they are for, kept.

What is kept is what to fetch, never what was delivered. All of it is over before the provider is
answered; the fetching comes later, and anywhere.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from src.connectors.webhooks import Change, Delivery, Notice, Reading
from src.core.errors import BadRequest, PayloadTooLarge, Unauthorized, UnreadableAnswer
from src.core.logging import bind_log_context, get_logger
from src.models.base import now
from src.models.credential import Place
from src.models.ids import IdPrefix
from src.models.webhook import HookChange, HookDelivery, Webhook
from src.services.audit import ScopeOf
from src.services.credentials import seal
from src.services.encryption import Encryption
from src.services.queue import Hint, JobQueue, Work
from src.services.webhooks.doors import Door, Doors
from src.services.webhooks.proofs import Incoming, is_proved

MOST_TOLD = 10_000
"""How much one delivery may tell: an address without a signature takes anything."""

HINT_SECONDS = 0.3
"""How long a hint may take."""

_LONGEST_ID = 512
_LONGEST_TICKET = 8192
_PURPOSE = "hook_delivery"
_ID_DIGITS = 24
_AT_ONCE = 20

log = get_logger(__name__)


@dataclass(slots=True)
class _Meant:
    """What a delivery means for one webhook."""

    webhook: Webhook
    changes: dict[Change, None] = field(default_factory=dict)
    doubts_grant: bool = False


class Receiving:
    """Takes deliveries."""

    def __init__(
        self,
        scope_of: ScopeOf,
        doors: Doors,
        encryption: Encryption,
        queue: JobQueue,
        *,
        retention_days: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep what came for ``retention_days``, so that it is known when it comes again."""
        self._scope_of = scope_of
        self._doors = doors
        self._encryption = encryption
        self._queue = queue
        self._kept = timedelta(days=retention_days)
        self._clock = clock

    async def take(self, door: Door, incoming: Incoming) -> int:
        """Keep what a delivery means for each webhook; say for how many that was news.

        Raises:
            Unauthorized: Its proof does not hold.
            BadRequest: It has not the form that the provider documents.
            PayloadTooLarge: It tells of more than any provider would at once.
            ServiceUnavailable: The database is away; the provider will try again.
        """
        spec = door.spec
        bind_log_context(connector=door.receiver.connector_id, receiver=door.receiver.id)
        if not is_proved(spec.proof, await self._doors.keys(door), incoming, self._clock):
            log.warning("hook.refused")
            raise Unauthorized("The delivery is not proved to be the provider's.")
        names = (name.lower() for name in spec.headers)
        delivery = Delivery(
            body=incoming.body,
            headers={name: incoming.headers[name] for name in names if name in incoming.headers},
            handle=door.receiver.handle or {},
        )
        try:
            reading = door.connector.read(delivery)
        except UnreadableAnswer as error:
            log.warning("hook.unread", reason=error.message)
            raise BadRequest("The delivery has not the documented form.") from error
        told = sum(1 + len(notice.changes) for notice in reading.notices)
        if told > MOST_TOLD:
            log.warning("hook.refused", told=told)
            raise PayloadTooLarge("The delivery tells of too many things at once.")
        name = _name(door, incoming.headers, reading)
        meant = await self._meant(door, reading.notices)
        news = 0
        for start in range(0, len(meant), _AT_ONCE):
            part = meant[start : start + _AT_ONCE]
            news += sum(await asyncio.gather(*(self._keep(one, name) for one in part)))
        log.info("hook.taken", news=news)
        return news

    async def _meant(self, door: Door, notices: Sequence[Notice]) -> Sequence[_Meant]:
        """For each webhook, what there is for it."""
        by_key: dict[str | None, list[Notice]] = defaultdict(list)
        for notice in notices:
            by_key[notice.key if door.receiver.is_shared else None].append(notice)
        keys = {key for key in by_key if key is not None and len(key) <= _LONGEST_ID}
        webhooks = await self._doors.members(door, keys) if notices else []
        found = []
        for webhook in webhooks:
            meant = _Meant(webhook)
            for key in webhook.keys if door.receiver.is_shared else (None,):
                for notice in by_key.get(key, ()):
                    meant.changes |= dict.fromkeys(_wanted(webhook, notice.changes))
                    meant.doubts_grant |= notice.doubts_grant
            if meant.changes or meant.doubts_grant:
                found.append(meant)
        return found

    async def _keep(self, meant: _Meant, name: str) -> bool:
        webhook, changes = meant.webhook, list(meant.changes)
        # What names a delivery is the provider's: two addresses may use the same.
        digest = self._encryption.mac(
            _PURPOSE, f"{webhook.receiver_id}/{webhook.id}/{name}".encode("utf-8", "surrogatepass")
        )
        delivery_id = f"{IdPrefix.DELIVERY.value}_{digest.hex()[:_ID_DIGITS]}"
        moment = now()
        delivery = HookDelivery(
            id=delivery_id,
            tenant_id=webhook.tenant_id,
            webhook_id=webhook.id,
            connection_id=webhook.connection_id,
            connector_id=webhook.connector_id,
            changes=tuple(
                HookChange(
                    event=change.event,
                    stream=change.stream,
                    record_id=change.record_id,
                    container_id=_container_of(change, webhook),
                )
                for change in changes
            ),
            sealed=self._sealed(webhook.tenant_id, delivery_id, changes),
            doubts_grant=meant.doubts_grant,
            received_at=moment,
            due_at=moment,
            expires_at=moment + self._kept,
        )
        if not await self._scope_of(webhook.tenant_id).hook_deliveries.add(delivery):
            return False
        # A queue that hangs must not keep the provider waiting: the sweep finds what was kept.
        with suppress(TimeoutError):
            async with asyncio.timeout(HINT_SECONDS):
                await self._queue.send(Hint(Work.DELIVERY, webhook.tenant_id, webhook.id))
        return True

    def _sealed(self, tenant_id: str, delivery_id: str, changes: list[Change]) -> bytes | None:
        """The tickets, where there are any."""
        tickets = {
            str(place): change.ticket.get_secret_value()
            for place, change in enumerate(changes)
            if change.ticket is not None
        }
        return (
            seal(self._encryption, tickets, ticket_place(tenant_id, delivery_id))
            if tickets
            else None
        )


def ticket_place(tenant_id: str, delivery_id: str) -> Place:
    """Where the tickets of a delivery belong."""
    return Place(tenant_id, delivery_id, "hook_tickets", "")


def _container_of(change: Change, webhook: Webhook) -> str | None:
    """Where a record is, as far as it was told; what has no name yet lies in the webhook's own."""
    if change.container_id is None and change.record_id is None:
        return webhook.container_id
    return change.container_id


def _wanted(webhook: Webhook, changes: Iterable[Change]) -> list[Change]:
    """Those that the webhook is for."""
    return [
        change
        for change in changes
        if change.event in webhook.events
        and _fits(change)
        and (webhook.container_id is None or change.container_id in {None, webhook.container_id})
    ]


def _fits(change: Change) -> bool:
    """Whether it is as long as ids are: a longer one names nothing, and could not be kept."""
    ids = (change.record_id, change.container_id)
    ticket = change.ticket.get_secret_value() if change.ticket else ""
    return all(len(each or "") <= _LONGEST_ID for each in ids) and len(ticket) <= _LONGEST_TICKET


def _name(door: Door, headers: Mapping[str, str], reading: Reading) -> str:
    """What names the delivery when it comes again; a name of its own where nothing does."""
    header = door.spec.delivery_id
    name = headers.get(header.lower()) if header else None
    name = name or reading.delivery_id
    return name or secrets.token_hex(16)
