"""Deliveries carried out: what they name is fetched from the provider and becomes records.

A webhook's deliveries are taken together: what several of them name is fetched once, and what was
fetched is stored at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import SecretStr

from src.connectors.webhooks import Change
from src.core.errors import (
    AppError,
    AskUser,
    CredentialsUnreadable,
    InternalError,
    ReauthorizationRequired,
    ServiceUnavailable,
    SetupError,
)
from src.core.logging import bind_log_context, get_logger
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection, LastError
from src.models.job import Job, JobStatus
from src.models.principal import Caller
from src.models.webhook import HookDelivery
from src.services.audit import ScopeOf
from src.services.calls import Calls, Opened
from src.services.encryption import Encryption
from src.services.jobs import Jobs
from src.services.records import Records
from src.services.webhooks.fetching import Fetching
from src.services.webhooks.receiving import ticket_place
from src.services.webhooks.values import nobody

TAKEN_SECONDS = 180.0
"""Longer than a batch takes: whoever died over it has lost it then."""

BATCH = 50
TURN_SECONDS = 20.0
"""After so long others have their turn; the sweep finds what is left."""

MOST_ATTEMPTS = 15
FIRST_WAIT = 5.0
LONGEST_WAIT = 3600.0
RUN_WAIT = 15.0
"""A run that began before the news may have missed it; there is another when it is over."""
HELD_WAIT = 600.0
"""A held run waits for somebody, for days perhaps; who confirms or cancels it wakes what waits."""

_LAST_WORDS_SECONDS = 2.0
_FAULT = "The delivery met a fault of ours; it is in the log."

_CLOCKS = timedelta(seconds=5)
"""How far the clocks of two processes may be apart."""

log = get_logger(__name__)


@dataclass(slots=True)
class _Outcome:
    """What became of a batch of deliveries."""

    errors: dict[str, AppError] = field(default_factory=dict)
    """By delivery, why it must be tried again or given up."""
    waiting: dict[str, Job] = field(default_factory=dict)
    """By delivery, the run that has to end first."""


class Following:
    """Carries deliveries out."""

    def __init__(
        self,
        scope_of: ScopeOf,
        calls: Calls,
        records: Records,
        jobs: Jobs,
        encryption: Encryption,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._scope_of = scope_of
        self._calls = calls
        self._fetching = Fetching(calls, records)
        self._jobs = jobs
        self._encryption = encryption
        self._chance = chance

    async def handle(self, tenant_id: str, webhook_id: str) -> str:
        """Carry out what is due of a webhook; say how that went, in a word."""
        bind_log_context(tenant=tenant_id, webhook=webhook_id)
        scope, counts = self._scope_of(tenant_id), Counter[str]()
        until = time.monotonic() + TURN_SECONDS
        while time.monotonic() < until:
            batch = await scope.hook_deliveries.take(webhook_id, TAKEN_SECONDS, limit=BATCH)
            if not batch:
                break
            counts += await self._handle(scope, batch)
        words = ("failed", "postponed", "waiting", "done")
        return next((word for word in words if counts[word]), "not_due")

    async def _handle(self, scope: TenantScope, batch: Sequence[HookDelivery]) -> Counter[str]:
        try:
            outcome = await self._carry_out(scope, batch)
        except (ServiceUnavailable, asyncio.CancelledError):
            await self._give_back(scope, batch)
            raise
        except AppError as error:
            outcome = _Outcome(errors={delivery.id: error for delivery in batch})
        except Exception as error:
            if len(batch) > 1:
                # A bug of ours, or of a connector's: each alone shows which of them meets it.
                return await self._handle_each(scope, batch)
            log.exception("delivery.missed", id=batch[0].id, error=type(error).__name__)
            outcome = _Outcome(errors={batch[0].id: InternalError(_FAULT)})
        return await self._settle(scope, batch, outcome)

    async def _handle_each(self, scope: TenantScope, batch: Sequence[HookDelivery]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for place, delivery in enumerate(batch):
            try:
                counts += await self._handle(scope, [delivery])
            except (ServiceUnavailable, asyncio.CancelledError):
                await self._give_back(scope, batch[place + 1 :])
                raise
        return counts

    async def _settle(
        self, scope: TenantScope, batch: Sequence[HookDelivery], outcome: _Outcome
    ) -> Counter[str]:
        """Write down what became of a batch."""
        counts: Counter[str] = Counter()
        done = []
        for delivery in batch:
            if delivery.id in outcome.errors:
                counts[await self._missed(scope, delivery, outcome.errors[delivery.id])] += 1
            elif delivery.id in outcome.waiting:
                await self._await_run(scope, delivery, outcome.waiting[delivery.id])
                counts["waiting"] += 1
            else:
                done.append(delivery.id)
        if done:
            await scope.hook_deliveries.finish(done)
        counts["done"] = len(done)
        return counts

    async def _await_run(self, scope: TenantScope, delivery: HookDelivery, job: Job) -> None:
        """Postpone a delivery until a run is over, or somebody has said what becomes of it."""
        if job.status is not JobStatus.HELD:
            await scope.hook_deliveries.postpone(delivery, RUN_WAIT)
            return
        await scope.hook_deliveries.postpone(delivery, HELD_WAIT, waits_for=job.id)
        present = await scope.jobs.get(job.id)
        if present is None or present.status is not JobStatus.HELD:
            # Whoever has said so meanwhile did not find it waiting.
            await scope.hook_deliveries.wake([delivery.webhook_id], job.id)

    @staticmethod
    async def _give_back(scope: TenantScope, batch: Sequence[HookDelivery]) -> None:
        """Let others take what cannot be carried out here now."""
        with suppress(ServiceUnavailable, TimeoutError):
            # This may be the end of the process, which does not wait.
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await scope.hook_deliveries.release([one.id for one in batch], FIRST_WAIT)

    async def _carry_out(self, scope: TenantScope, batch: Sequence[HookDelivery]) -> _Outcome:
        """Do what deliveries of one webhook say."""
        first = batch[0]
        if await scope.webhooks.get(first.webhook_id) is None:
            # It was ended meanwhile, and what it told is of no interest any more.
            return _Outcome()
        caller = nobody(first.tenant_id)
        opened = await self._calls.open(
            caller, first.connector_id, first.connection_id, background=True
        )
        if any(delivery.doubts_grant for delivery in batch):
            await self._ask_for_grant(scope, caller, opened)
        changes, sealed = self._opened(batch)
        named = [one for each in changes.values() for one in each if _is_followed(one)]
        failed = await self._fetching.fetch(caller, opened, list(dict.fromkeys(named)))
        waiting = await self._run(opened.connection, batch, changes)
        return _Outcome(errors={**sealed, **_errors(changes, failed)}, waiting=waiting)

    async def _ask_for_grant(self, scope: TenantScope, caller: Caller, opened: Opened) -> None:
        """Ask the provider whether a grant still holds, and for what; what was said may be old.

        Raises:
            AppError: It does not, or nobody answers.
        """
        result = await self._calls.run(caller, opened, opened.connector.identify)
        granted = result.value.granted_scopes
        if granted is not None and granted != opened.connection.granted_scopes:
            await scope.connections.update(opened.connection.id, {"grantedScopes": list(granted)})

    async def _run(
        self,
        connection: Connection,
        batch: Sequence[HookDelivery],
        changes: Mapping[str, Sequence[Change]],
    ) -> dict[str, Job]:
        """Have streams run of which no more is known than that they changed.

        Returns:
            Who has to wait, and for which run.
        """
        jobs: dict[tuple[str, str | None], Job] = {}
        waiting: dict[str, Job] = {}
        for delivery in batch:
            for change in changes.get(delivery.id, ()):
                if _is_followed(change):
                    continue
                place = change.stream, change.container_id
                if place not in jobs:
                    within = None if change.container_id is None else (change.container_id,)
                    started = await self._jobs.start(
                        connection, [change.stream], container_ids=within
                    )
                    jobs[place] = started[0]
                job = jobs[place]
                if not _covers(job, delivery) and not _is_held(waiting.get(delivery.id)):
                    waiting[delivery.id] = job
        return waiting

    async def _missed(self, scope: TenantScope, delivery: HookDelivery, error: AppError) -> str:
        """Try again later, unless that is of no use."""
        told = LastError(code=error.code.value, message=error.message, at=now())
        is_asked = isinstance(error, ReauthorizationRequired) and delivery.doubts_grant
        if is_asked:
            # The delivery was about the end of the grant, and it has ended.
            await scope.hook_deliveries.finish([delivery.id])
            return "done"
        if isinstance(error, AskUser | SetupError) or delivery.attempts >= MOST_ATTEMPTS:
            log.warning("delivery.failed", code=error.code.value, reason=error.message)
            await scope.hook_deliveries.finish([delivery.id], told)
            return "failed"
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (delivery.attempts - 1))
        wait = max(error.retry_after or 0.0, wait * (0.5 + self._chance()))
        await scope.hook_deliveries.postpone(delivery, wait, told)
        return "postponed"

    def _opened(
        self, batch: Sequence[HookDelivery]
    ) -> tuple[dict[str, list[Change]], dict[str, AppError]]:
        """By delivery, its changes, or why it is not to be followed here."""
        changes: dict[str, list[Change]] = {}
        errors: dict[str, AppError] = {}
        for delivery in batch:
            if delivery.attempts > MOST_ATTEMPTS:
                # It was taken so often, and nobody has come back to tell of it.
                errors[delivery.id] = InternalError("Whoever followed the delivery has died.")
                continue
            try:
                changes[delivery.id] = self._changes(delivery)
            except CredentialsUnreadable:
                # Nobody who connects again could help; a process with another key can.
                errors[delivery.id] = InternalError(
                    "A ticket of the delivery does not open with the present ENCRYPTION_KEY."
                )
        return changes, errors

    def _changes(self, delivery: HookDelivery) -> list[Change]:
        """The changes, with their tickets."""
        tickets: dict[str, str] = {}
        if delivery.sealed is not None:
            place = ticket_place(delivery.tenant_id, delivery.id)
            tickets = self._encryption.open(delivery.sealed, place)
        return [
            Change(
                event=change.event,
                stream=change.stream,
                record_id=change.record_id,
                container_id=change.container_id,
                ticket=SecretStr(tickets[str(index)]) if str(index) in tickets else None,
            )
            for index, change in enumerate(delivery.changes)
        ]


def _errors(
    changes: Mapping[str, Iterable[Change]], failed: Mapping[Change, AppError]
) -> dict[str, AppError]:
    """By delivery, the first of its changes' errors."""
    return {
        delivery_id: next(failed[change] for change in named if change in failed)
        for delivery_id, named in changes.items()
        if any(change in failed for change in named)
    }


def _is_followed(change: Change) -> bool:
    return change.record_id is not None or change.ticket is not None


def _covers(job: Job, delivery: HookDelivery) -> bool:
    """Whether a run reads what was news at the time of the delivery."""
    if job.status is JobStatus.HELD or job.record_ids is not None:
        return False
    return job.started_at is None or job.created_at > delivery.received_at + _CLOCKS


def _is_held(job: Job | None) -> bool:
    return job is not None and job.status is JobStatus.HELD
