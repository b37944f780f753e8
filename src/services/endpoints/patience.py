"""How long a failed delivery waits, and when an endpoint is left alone: rules without any input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from src.models.event import Attempt, Endpoint, EndpointStop

Chance = Callable[[], float]
"""A number from 0 to 1."""

WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds after each failed attempt; after one more the delivery is dead."""
FAILURES_UNTIL_PAUSE = 5
LONGEST_PAUSE = timedelta(hours=1)
FAILING_UNTIL_STOP = timedelta(days=5)
"""Then it is switched off, and what waits for it is dead."""

_FIRST_PAUSE = timedelta(seconds=30)
_MOST_DOUBLINGS = 10
_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went; ``wait`` is what the endpoint's ``Retry-After`` asked for."""

    attempt: Attempt
    wait: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the event has arrived."""
        return self.attempt.error is None


def next_due(tries: int, outcome: Outcome, chance: Chance) -> datetime | None:
    """When a delivery is tried again after its failure number ``tries``; None = no more."""
    if tries > len(WAITS):
        return None
    seconds = WAITS[tries - 1] * _spread(chance)
    return outcome.attempt.at + timedelta(seconds=max(seconds, outcome.wait or 0.0))


def is_probing(endpoint: Endpoint) -> bool:
    """Whether an endpoint has failed so often that one delivery alone tries how it is."""
    return endpoint.failures >= FAILURES_UNTIL_PAUSE


def health_after(
    endpoint: Endpoint, outcomes: list[Outcome], moment: datetime, chance: Chance
) -> dict[str, object]:
    """What changes in an endpoint's record; nothing while all goes as before."""
    if any(outcome.is_taken for outcome in outcomes):
        sound = endpoint.failures == 0 and endpoint.paused_until is None
        changes: dict[str, object] = {"failures": 0, "failingSince": None, "pausedUntil": None}
        return ({} if sound else changes) | _asked_pause(outcomes, moment)
    failures = _counted(endpoint, len(outcomes))
    since = endpoint.failing_since or moment
    changes = {"failures": failures, "failingSince": since}
    if failures >= FAILURES_UNTIL_PAUSE:
        changes["pausedUntil"] = moment + _pause(failures) * _spread(chance)
    return changes | _asked_pause(outcomes, moment, changes.get("pausedUntil"))


def stop_after(
    endpoint: Endpoint, outcomes: list[Outcome], moment: datetime
) -> EndpointStop | None:
    """Why an endpoint is not asked again until somebody switches it on; None = it is."""
    if any(outcome.attempt.status == HTTPStatus.GONE for outcome in outcomes):
        return EndpointStop.GONE
    since = endpoint.failing_since
    fails = not any(outcome.is_taken for outcome in outcomes)
    if fails and since is not None and moment - since >= FAILING_UNTIL_STOP:
        return EndpointStop.FAILING
    return None


def _counted(endpoint: Endpoint, more: int) -> int:
    """Failures in a row; several at once open the circuit, and make the pause no longer."""
    if is_probing(endpoint):
        return endpoint.failures + more
    return min(endpoint.failures + more, FAILURES_UNTIL_PAUSE)


def _pause(failures: int) -> timedelta:
    doublings = min(failures - FAILURES_UNTIL_PAUSE, _MOST_DOUBLINGS)
    return min(_FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _asked_pause(
    outcomes: list[Outcome], moment: datetime, present: object = None
) -> dict[str, object]:
    """The pause that the endpoint itself has asked for, if that is longer."""
    waits = [outcome.wait for outcome in outcomes if outcome.wait]
    if not waits:
        return {}
    asked = moment + timedelta(seconds=max(waits))
    return {"pausedUntil": max(asked, present) if isinstance(present, datetime) else asked}


def _spread(chance: Chance) -> float:
    return 1 - _SPREAD + 2 * _SPREAD * chance()
