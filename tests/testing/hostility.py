"""One part of an examination, and what it finds."""

from collections.abc import Awaitable, Callable

from src.testing import ConnectorConformance
from src.testing.bench import captured_logs
from src.testing.hostile import Outcome
from src.testing.hostile.trials import Ledger

Part = Callable[[type[ConnectorConformance], Ledger], Awaitable[None]]


async def found(part: Part, suite: ConnectorConformance) -> dict[str, list[str]]:
    """By rule, every failure: ``scenario, verb: message``."""
    ledger = Ledger()
    with captured_logs():
        await part(type(suite), ledger)
    failures = {
        rule: [
            f"{one.scenario}, {one.verb}: {one.message}"
            for one in trials
            if one.outcome is Outcome.FAILED
        ]
        for rule, trials in ledger.trials.items()
    }
    return {rule: lines for rule, lines in failures.items() if lines}
