"""What is tried is noted here, by rule; a check that fails becomes a finding."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from src.testing.bench import Bench, captured_logs
from src.testing.faults import everything, holds
from src.testing.hostile.report import Outcome, Trial

T = TypeVar("T")
Failed = pytest.fail.Exception


@dataclass(slots=True)
class Ledger:
    """Every trial so far, by the id of its rule."""

    trials: dict[str, list[Trial]] = field(default_factory=dict)

    def note(self, rule: str, trial: Trial) -> None:
        """Keep one."""
        self.trials.setdefault(rule, []).append(trial)

    def excuse(self, rule: str, scenario: str, verb: str, why: str) -> None:
        """Keep one that cannot be tried."""
        self.note(rule, Trial(scenario=scenario, verb=verb, outcome=Outcome.EXEMPT, message=why))

    @asynccontextmanager
    async def guard(self, rule: str) -> AsyncIterator[None]:
        """Note what goes wrong where nothing has been struck yet: a connector that is broken."""
        try:
            yield
        except Failed as failure:
            self.fail(rule, "no fault", "connector", str(failure))
        except Exception as error:  # noqa: BLE001  whatever comes is the finding
            self.fail(rule, "no fault", "connector", f"{type(error).__name__}: {error}")

    @asynccontextmanager
    async def trial(self, rule: str, scenario: str, verb: str) -> AsyncIterator[None]:
        """Note how what is done inside ends: a failed check, or any error, is a finding."""
        try:
            yield
        except Failed as failure:
            self.fail(rule, scenario, verb, str(failure))
        except Exception as error:  # noqa: BLE001  whatever comes is the finding
            self.fail(rule, scenario, verb, f"{type(error).__name__}: {error}")
        else:
            self.note(rule, Trial(scenario=scenario, verb=verb))

    def fail(self, rule: str, scenario: str, verb: str, message: str) -> None:
        """Keep one that went wrong."""
        outcome = Outcome.FAILED
        self.note(rule, Trial(scenario=scenario, verb=verb, outcome=outcome, message=message))

    async def watched(
        self, bench: Bench, scenario: str, verb: str, call: Callable[[], Awaitable[T]]
    ) -> tuple[T | None, Exception | None]:
        """What a call answers, or its error; neither it nor the log may show the credential."""
        value: T | None = None
        caught: Exception | None = None
        with captured_logs() as logs:
            try:
                value = await call()
            except Exception as error:  # noqa: BLE001  whatever comes is looked at
                caught = error
        places = {"error": everything(caught), "log": "\n".join(logs)}
        self._look_for(bench.secrets(), scenario, verb, places.items())
        return value, caught

    def _look_for(
        self, secrets: list[str], scenario: str, verb: str, places: Iterable[tuple[str, str]]
    ) -> None:
        shown = [place for place, text in places if any(holds(text, secret) for secret in secrets)]
        if shown:
            self.fail("kept-secrets", scenario, verb, f"the {' and the '.join(shown)} holds it")
        else:
            self.note("kept-secrets", Trial(scenario=scenario, verb=verb))
