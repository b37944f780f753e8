"""``connector check``: all that can be found wrong with one connector, each thing at its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from src.connectors.registry import ConnectorLoadError, LoadedConnector, load
from src.testing.checking.refusals import (
    import_findings,
    refusal_findings,
    sandbox_findings,
)
from src.testing.checking.running import run_tests
from src.testing.code import findings, read_package
from src.testing.findings import Finding, Source
from src.testing.manifests import folder_of, manifest_findings
from src.testing.places import class_place
from src.testing.suites import NoSuite, find_suites

__all__ = ["Verdict", "check"]

_LINTED = {
    "test_the_registry_loads_it_and_the_manifest_is_complete": Source.MANIFEST,
    "test_the_code_keeps_to_the_toolkit": Source.CODE,
}
"""Checks of the suite that say what the lint has found already, line by line."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and how much was run to find it."""

    findings: tuple[Finding, ...]
    ran: int = 0
    loaded: LoadedConnector | None = None
    """None = the registry refuses it, and nothing else could be looked at."""
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each suite, by the name of its class, the checks that failed and their messages."""


def check(connector_id: str, module: str, folder: Path, *, time_limit: float) -> Verdict:
    """Load a connector as the service does, read its code, run its suite and its tests.

    Args:
        connector_id: Its id.
        module: Dotted path of its ``connector`` module.
        folder: Where its files are.
        time_limit: Seconds for the suite and the tests together.
    """
    try:
        loaded = load(connector_id, module)
    except ConnectorLoadError as error:
        return Verdict(tuple(refusal_findings(error, folder)))
    lint = [*manifest_findings(loaded), *findings(read_package(folder))]
    missing = _sandbox(loaded) or _suite(loaded)
    if missing:
        # Nothing can be run, and of that the lines are told already.
        return Verdict((*lint, *missing), loaded=loaded)
    outcome = run_tests(loaded, time_limit=time_limit)
    seen = {one.source for one in lint}
    ran = [one for one in outcome.findings if _LINTED.get(one.check) not in seen]
    return Verdict(_once([*lint, *ran]), outcome.ran, loaded, outcome.failed)


def _sandbox(loaded: LoadedConnector) -> list[Finding]:
    try:
        loaded.sandbox_factory()
    except ConnectorLoadError as error:
        return sandbox_findings(error, folder_of(loaded))
    return []


def _suite(loaded: LoadedConnector) -> list[Finding]:
    """That there is a suite; without one nothing is known of what the connector does."""
    folder, name = folder_of(loaded), loaded.manifest.id
    try:
        if find_suites(loaded):
            return []
    except NoSuite as error:
        return import_findings(error, folder)
    place = class_place(folder)
    return [
        Finding(
            source=Source.SUITE,
            path=place.path,
            line=place.line,
            what="There is no suite: nothing is known of what the connector does",
            remedy=f"Derive one from src.testing.ConnectorConformance in tests/test_{name}.py.",
        )
    ]


def _once(found: list[Finding]) -> tuple[Finding, ...]:
    """Without those that several suites of one connector repeat."""
    return tuple({(one.path, one.line, one.what): one for one in found}.values())
