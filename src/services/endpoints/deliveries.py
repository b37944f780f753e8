"""Delivers events: one process at a time works for an endpoint, and no endpoint waits for another.

At least once: a process that dies behind the request, and before the answer is written down, leaves
the delivery to be made again. The order of events is not kept.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from src.core.errors import CredentialsUnreadable
from src.core.logging import get_logger
from src.core.outbound import (
    AddressRefused,
    AnswerTooLarge,
    Outbound,
    OutboundError,
    Request,
    Response,
    TimedOut,
)
from src.core.waits import wait_seconds
from src.db.leases import Leases
from src.db.tenant import TenantScope
from src.models.event import Attempt, Delivery, DeliveryStatus, Endpoint, Event
from src.services.audit import ScopeOf
from src.services.endpoints.patience import (
    Chance,
    Outcome,
    health_after,
    is_probing,
    next_due,
    stop_after,
)
from src.services.endpoints.signing import EndpointSecrets, Signer
from src.services.events import Clock
from src.services.queue import Hint, JobQueue, Work

DEADLINE_SECONDS = 15.0
TURN_SECONDS = 20.0
"""After this others have their turn."""
LEASE_SECONDS = 60.0
AT_ONCE = 8
MOST_ANSWER_BYTES = 64 * 1024
_UNREADABLE_REST = timedelta(minutes=10)
_ASKS_TO_WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One process's turn at one endpoint."""

    scope: TenantScope
    endpoint_id: str
    lease: str
    owner: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a wave goes, and when."""

    scope: TenantScope
    endpoint: Endpoint
    signer: Signer
    moment: datetime


class Deliveries:
    """Sends what is due."""

    def __init__(
        self,
        scope_of: ScopeOf,
        signing: EndpointSecrets,
        outbound: Outbound,
        queue: JobQueue,
        *,
        leases: Callable[[], Leases],
        clock: Clock,
        is_ending: Callable[[], bool] = lambda: False,
        chance: Chance = random.random,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what it works with.

        Args:
            scope_of: Opens the scope of a tenant.
            signing: Holds the secrets.
            outbound: The door for addresses that tenants give.
            queue: Is told when there is more to do.
            leases: One process at a time works for an endpoint.
            clock: The database's.
            is_ending: Whether this process is about to end, and begins nothing any more.
            chance: Spreads the next attempts.
            stopwatch: Stands in for the real clock in tests.
        """
        self._scope_of = scope_of
        self._signing = signing
        self._outbound = outbound
        self._queue = queue
        self._leases = leases
        self._clock = clock
        self._is_ending = is_ending
        self._chance = chance
        self._stopwatch = stopwatch

    async def deliver(self, tenant_id: str, endpoint_id: str) -> None:
        """Send what is due to an endpoint, unless somebody else is at it."""
        turn = _Turn(
            self._scope_of(tenant_id), endpoint_id, f"endpoint:{endpoint_id}", secrets.token_hex(8)
        )
        end = self._stopwatch() + TURN_SECONDS
        while await self._work(turn, end):
            # What came while we were at it found the lease taken: look again without it.
            waiting = await turn.scope.events.list_due(endpoint_id, await self._clock(), limit=1)
            if not waiting:
                return
            if self._is_over(end):
                await self._queue.send(Hint(Work.EVENT, tenant_id, endpoint_id))
                return

    async def _work(self, turn: _Turn, end: float) -> bool:
        """Work under the lease; False when it is somebody else's."""
        if not await self._is_ours(turn):
            return False
        try:
            while not self._is_over(end) and await self._send_some(turn):
                if not await self._is_ours(turn):
                    return False
        except CredentialsUnreadable:
            log.error("endpoint.unreadable", endpoint=turn.endpoint_id)  # noqa: TRY400
            await turn.scope.events.put_off(
                turn.endpoint_id, await self._clock() + _UNREADABLE_REST
            )
        finally:
            await self._leases().release(turn.lease, turn.owner)
        return True

    def _is_over(self, end: float) -> bool:
        return self._is_ending() or self._stopwatch() >= end

    async def _is_ours(self, turn: _Turn) -> bool:
        return await self._leases().acquire(turn.lease, turn.owner, LEASE_SECONDS)

    async def _send_some(self, turn: _Turn) -> bool:
        """One wave of deliveries; False when there is nothing to be done now."""
        events = turn.scope.events
        endpoint = await turn.scope.endpoints.get(turn.endpoint_id)
        if endpoint is None:
            await events.drop_deliveries(turn.endpoint_id)
            return False
        moment = await self._clock()
        if not endpoint.enabled:
            await events.give_up(endpoint.id, moment)
            return False
        if endpoint.paused_until is not None and endpoint.paused_until > moment:
            await events.put_off(endpoint.id, endpoint.paused_until)
            return False
        wave = await events.list_due(
            endpoint.id, moment, limit=1 if is_probing(endpoint) else AT_ONCE
        )
        if wave:
            signer = self._signing.signer(endpoint, moment)
            place = _Place(turn.scope, endpoint, signer, moment)
            outcomes = await self._try_all(place, wave)
            await self._conclude(place, outcomes)
        return bool(wave)

    async def _try_all(self, place: _Place, wave: Sequence[Delivery]) -> list[Outcome]:
        """One attempt for each, at once; all are over when this is."""
        tried = await asyncio.gather(
            *(self._try(place, delivery) for delivery in wave), return_exceptions=True
        )
        for one in tried:
            if isinstance(one, BaseException):
                raise one
        return [one for one in tried if isinstance(one, Outcome)]

    async def _try(self, place: _Place, delivery: Delivery) -> Outcome | None:
        """One attempt, and what is written down of it; None when the event is too old to exist."""
        events = place.scope.events
        event = await events.get(delivery.event_id)
        if event is None:
            await events.drop_delivery(delivery.id)
            return None
        outcome = await self._send(place, event)
        status, due = DeliveryStatus.DELIVERED, None
        if not outcome.is_taken:
            due = next_due(delivery.tries + 1, outcome, self._chance)
            status = DeliveryStatus.PENDING if due else DeliveryStatus.DEAD
            log.info(
                "delivery.failed",
                endpoint=place.endpoint.id,
                delivery=delivery.id,
                error=outcome.attempt.error,
                status=outcome.attempt.status,
                is_dead=due is None,
            )
        await events.note_attempt(delivery, outcome.attempt, status=status, due_at=due)
        return outcome

    async def _send(self, place: _Place, event: Event) -> Outcome:
        headers = {"Content-Type": "application/json", **place.signer.headers(event)}
        request = Request("POST", place.endpoint.url, headers, event.body.encode())
        began = self._stopwatch()
        response, error = await self._exchange(request)
        attempt = Attempt(
            at=place.moment,
            duration_ms=round((self._stopwatch() - began) * 1000),
            status=response.status if response else None,
            error=error,
        )
        asks = response is not None and response.status in _ASKS_TO_WAIT
        wait = wait_seconds(response.headers, place.moment) if response and asks else None
        return Outcome(attempt, wait)

    async def _exchange(self, request: Request) -> tuple[Response | None, str | None]:
        """The answer, if there was a whole one, and what is wrong with it, if anything is."""
        try:
            response = await self._outbound.send(
                request, deadline=DEADLINE_SECONDS, max_bytes=MOST_ANSWER_BYTES
            )
        except OutboundError as failure:
            return None, _word(failure)
        is_taken = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
        return response, None if is_taken else "refused"

    async def _conclude(self, place: _Place, outcomes: list[Outcome]) -> None:
        """What the wave tells of the endpoint: all is well, a pause, or its end."""
        if not outcomes:
            return
        endpoint, moment = place.endpoint, place.moment
        stop = stop_after(endpoint, outcomes, moment)
        if stop is not None:
            log.warning("endpoint.stopped", endpoint=endpoint.id, reason=stop.value)
            await place.scope.endpoints.update(endpoint.id, {"enabled": False, "stoppedBy": stop})
            await place.scope.events.give_up(endpoint.id, moment)
            return
        if changes := health_after(endpoint, outcomes, moment, self._chance):
            await place.scope.endpoints.note_health(endpoint.id, changes)


def _word(failure: OutboundError) -> str:
    match failure:
        case AddressRefused():
            return "address_refused"
        case TimedOut():
            return "timeout"
        case AnswerTooLarge():
            return "answer_too_large"
        case _:
            return "unreachable"
