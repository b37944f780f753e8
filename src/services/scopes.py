"""The one comparison of scopes needed with scopes granted."""

from __future__ import annotations

from dataclasses import dataclass

from src.connectors.registry import LoadedConnector


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What a grant lacks, altogether and by capability (an empty tuple = nothing)."""

    missing: tuple[str, ...]
    by_capability: dict[str, tuple[str, ...]]


def scope_report(loaded: LoadedConnector, granted: tuple[str, ...] | None) -> ScopeReport:
    """Compare a grant with what the connector asks for; an unknown grant lacks nothing known."""
    rules = loaded.manifest.scopes
    return ScopeReport(
        missing=rules.missing(rules.default, granted),
        by_capability={
            capability.value: rules.missing(rules.by_capability.get(capability.value, ()), granted)
            for capability in loaded.connector_class.capabilities()
        },
    )
