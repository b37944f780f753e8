"""The one comparison of scopes needed with scopes granted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from src.connectors.registry import LoadedConnector
from src.core.errors import ValidationFailed
from src.models.connection import Connection


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What a grant lacks, altogether and by capability and tool (an empty tuple = nothing)."""

    missing: tuple[str, ...]
    by_name: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ScopeNeeds:
    """What is needed, and what a connection has of it (None = nothing was asked about one)."""

    required: tuple[str, ...]
    granted: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None


def required_scopes(loaded: LoadedConnector, tools: Collection[str] | None) -> tuple[str, ...]:
    """What these tools need; without tools, what the connector asks for.

    Raises:
        ValidationFailed: There is no such tool.
    """
    if not tools:
        return loaded.manifest.scopes.default
    found = {name: loaded.manifest.tool(name) for name in tools}
    if unknown := [name for name, tool in found.items() if tool is None]:
        raise ValidationFailed([("tools", f"there is no such tool: {unknown[0]}")])
    needed = (scope for tool in found.values() if tool is not None for scope in tool.scopes)
    return tuple(dict.fromkeys(needed))


def scope_needs(
    loaded: LoadedConnector, tools: Collection[str] | None, connection: Connection | None
) -> ScopeNeeds:
    """Compare a connection's grant with what tools need.

    Raises:
        ValidationFailed: There is no such tool.
    """
    required = required_scopes(loaded, tools)
    if connection is None:
        return ScopeNeeds(required)
    missing = loaded.manifest.scopes.missing(required, connection.granted_scopes)
    return ScopeNeeds(required, connection.granted_scopes, missing)


def scope_report(
    loaded: LoadedConnector,
    granted: tuple[str, ...] | None,
    requested: tuple[str, ...] | None = None,
) -> ScopeReport:
    """Compare a grant with what was asked for; an unknown grant lacks nothing known.

    Args:
        loaded: The connector.
        granted: What the grant holds.
        requested: What was asked for, if not what the connector asks for by default.
    """
    manifest = loaded.manifest
    rules = manifest.scopes
    needed = {
        capability.value: rules.by_capability.get(capability.value, ())
        for capability in loaded.connector_class.capabilities()
    } | {tool.name: tool.scopes for tool in manifest.tools}
    return ScopeReport(
        missing=rules.missing(rules.default if requested is None else requested, granted),
        by_name={name: rules.missing(scopes, granted) for name, scopes in needed.items()},
    )
