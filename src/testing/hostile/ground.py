"""The ground of all grades: the checks of the suite, run here or told by who has run them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from src.testing.faults import TROUBLES
from src.testing.hostile.report import Outcome, Trial
from src.testing.hostile.rules import BRONZE
from src.testing.hostile.trials import Ledger

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance


async def check_ground(
    suite: type[ConnectorConformance],
    names: Mapping[str, bool],
    failed: Mapping[str, str] | None,
    ledger: Ledger,
) -> None:
    """Every check that belongs to a rule.

    Args:
        suite: The connector's.
        names: Of rules with a ``without``: whether the connector has what they are about.
        failed: The messages of the checks that have failed; None = they are run here.
        ledger: Where it is noted.
    """
    for rule in BRONZE:
        if not names.get(rule.id, True):
            continue
        for check in rule.checks:
            if failed is None:
                await _run(suite, rule.id, check, ledger)
            elif check in failed:
                trial = Trial(
                    scenario="conformance",
                    verb=check,
                    outcome=Outcome.FAILED,
                    message=failed[check],
                )
                ledger.note(rule.id, trial)
            else:
                ledger.note(rule.id, Trial(scenario="conformance", verb=check))


async def _run(suite: type[ConnectorConformance], rule: str, check: str, ledger: Ledger) -> None:
    for name, arguments in _calls(suite, check):
        async with ledger.trial(rule, name, check):
            one = suite()
            bench = [one.open_bench()] if "bench" in _parameters(suite, check) else []
            outcome = getattr(one, check)(*bench, *arguments)
            if inspect.isawaitable(outcome):
                await outcome


def _calls(
    suite: type[ConnectorConformance], check: str
) -> Iterator[tuple[str, tuple[object, ...]]]:
    if "trouble" not in _parameters(suite, check):
        yield "conformance", ()
        return
    for trouble in TROUBLES:
        yield trouble.name, (trouble,)


def _parameters(suite: type[ConnectorConformance], check: str) -> Mapping[str, object]:
    return inspect.signature(getattr(suite, check)).parameters
