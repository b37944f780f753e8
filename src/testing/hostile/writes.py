"""Changes whose answer is lost: nobody knows whether they were made, so they are not made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.connectors.base import RunsTools
from src.connectors.tools import Tool
from src.core.errors import AppError, ProviderTimeout, ProviderUnavailable
from src.testing.bench import expect
from src.testing.hostile.trials import Ledger
from src.testing.tools import CHANGES, arguments_of

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_RULE = "single-writes"
_SCENARIOS: dict[str, type[AppError]] = {
    "lost reply": ProviderUnavailable,
    "late reply": ProviderTimeout,
}


async def check_writes(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every tool that changes something."""
    loaded = suite().open_bench().loaded
    if not issubclass(loaded.connector_class, RunsTools):
        return
    for tool in loaded.manifest.tools:
        if tool.read_only or tool.name in suite.beyond:
            continue
        for scenario in _SCENARIOS:
            async with ledger.trial(_RULE, scenario, f"tool {tool.name}"):
                await _check(suite, tool, scenario, ledger)


async def _check(
    suite: type[ConnectorConformance], tool: Tool, scenario: str, ledger: Ledger
) -> None:
    bench, error = suite().open_bench(), _SCENARIOS[scenario]
    if error is ProviderTimeout:
        bench.wires.is_late = lambda request: request.method in CHANGES
    else:
        await bench.faults(*({"kind": "lost_reply", "method": method} for method in CHANGES))
    connector = bench.connector()
    _, caught = await ledger.watched(
        bench,
        scenario,
        f"tool {tool.name}",
        lambda: tool.run(connector, arguments_of(tool, suite.tools)),
    )
    expect(caught is not None, f"{tool.name} hides that the answer to its change was lost")
    expect(
        isinstance(caught, error),
        f"{tool.name}: it became {caught!r}, it must become {error.__name__}",
    )
    sent = [one for one in bench.wires.requests if one.method in CHANGES]
    expect(
        len(sent) == 1,
        f"{tool.name} sends {len(sent)} changes: the first may have been made",
    )
