"""Runs a connector's suite and its own tests in a process of their own, within a time.

A process, because a connector may block the loop for ever, and because pytest imports what it
tests.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from src.connectors.registry import LoadedConnector
from src.testing.checking.blame import Event, finding_of
from src.testing.findings import Finding, Source
from src.testing.manifests import folder_of
from src.testing.places import Place, class_place
from src.testing.suites import ROOT, test_files

_REPORT = "CONNECTOR_CHECK_REPORT"
"""As the plugin reads it; the plugin itself is for the child alone."""
_TESTS_END = {0, 1}
"""Exit codes of pytest after it ran tests, well or badly."""
_FIRST, _FAILS = "test_every_verb_answers_when_nothing_is_wrong", "fails though nothing is wrong"
"""Where a verb does not even answer, everything else that fails says the same once more."""
_GRACE_SECONDS = 60.0


@dataclass(slots=True)
class Outcome:
    """How the run went."""

    findings: list[Finding] = field(default_factory=list)
    ran: int = 0
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each suite, by the name of its class, the checks that failed and their messages."""


def run_tests(loaded: LoadedConnector, *, time_limit: float) -> Outcome:
    """The suite and the tests of a connector, and what they find."""
    folder = folder_of(loaded)
    files = test_files(folder)
    with tempfile.TemporaryDirectory() as home:
        report = Path(home) / "report"
        report.touch()
        code, output = _run_child(files, report, time_limit)
        events = [
            msgspec.json.decode(line, type=Event) for line in report.read_bytes().splitlines()
        ]
    outcome = Outcome(ran=sum(event.kind == "ended" for event in events))
    silent = {event.suite for event in events if event.check == _FIRST and _FAILS in event.message}
    for event in events:
        if event.kind == "failed":
            if event.suite not in silent or event.check == _FIRST:
                outcome.findings.append(finding_of(loaded, event))
            if event.conformance:
                outcome.failed.setdefault(event.suite, {}).setdefault(event.check, event.message)
    if code is None:
        outcome.findings.append(_too_slow(folder, events, time_limit))
    elif code not in _TESTS_END and not outcome.findings:
        outcome.findings.append(_no_run(folder, files, output))
    return outcome


def _run_child(files: Sequence[Path], report: Path, time_limit: float) -> tuple[int | None, str]:
    """The child's exit code and its output; None when its time was over."""
    command = [sys.executable, "-m", "pytest", *map(str, files), "-q", "--no-header", "--tb=line"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-o", "addopts="]
    command += ["-p", "no:cacheprovider", "-p", "src.testing.checking.reporting"]
    child = subprocess.Popen(  # noqa: S603  our own interpreter, no shell
        command,
        cwd=ROOT,
        env={**os.environ, _REPORT: str(report), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        _end(child)
        return None, ""
    except BaseException:
        _end(child)
        raise
    return child.returncode, output


def _end(child: subprocess.Popen[str]) -> None:
    """End a child with all that it started."""
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate(timeout=_GRACE_SECONDS)


def _too_slow(folder: Path, events: Sequence[Event], time_limit: float) -> Finding:
    running = next((one.test for one in reversed(events) if one.kind == "began"), "")
    place = class_place(folder)
    during = f" (in {running.rpartition('::')[2]})" if running else ""
    return Finding(
        source=Source.TIME,
        path=place.path,
        line=place.line,
        what=f"The suite and the tests were not over after {time_limit:g} seconds{during}",
        remedy="Look for a loop without an end there, or allow more with --time-limit.",
        check=running,
    )


def _no_run(folder: Path, files: Sequence[Path], output: str) -> Finding:
    """Nothing ran, or pytest itself failed."""
    place = Place(files[0]) if files else class_place(folder)
    last = [line for line in output.splitlines() if line.strip()]
    return Finding(
        source=Source.TESTS,
        path=place.path,
        line=place.line,
        what=f"No test could be run: {last[-1] if last else 'pytest says nothing'}",
        remedy=f"Correct what pytest names, or run it alone: python -m pytest {place.path}",
    )
