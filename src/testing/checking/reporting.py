"""A plugin of pytest: tells line by line, in JSON, which tests ran and why some failed.

Loaded in the child process that ``src.testing.running`` starts.
"""

from __future__ import annotations

import json
import os
import traceback
from pathlib import Path
from typing import Any

import pytest

from src.core.errors import AppError
from src.testing.conformance import ConnectorConformance

FILE = "CONNECTOR_CHECK_REPORT"
_OUR_CHECKS = "src.testing."


def pytest_runtest_logstart(nodeid: str) -> None:
    """A test begins."""
    _tell(kind="began", test=nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A part of a test is over."""
    if report.when == "call":
        _tell(kind="ended", test=report.nodeid, passed=report.passed)


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
) -> None:
    """A test failed, or a file cannot be collected."""
    if call.excinfo is None:
        return
    error: BaseException = call.excinfo.value
    while error.__cause__ is not None and isinstance(error, pytest.Collector.CollectError):
        error = error.__cause__
    suite = getattr(node, "cls", None)
    function = getattr(node, "function", None)
    module = getattr(function, "__module__", "")
    of_suite = suite is not None and issubclass(suite, ConnectorConformance)
    _tell(
        kind="failed",
        test=node.nodeid,
        path=str(node.path),
        check=getattr(function, "__name__", ""),
        why=(function.__doc__ or "") if function is not None else "",
        suite=suite.__name__ if of_suite and suite is not None else "",
        conformance=of_suite and module.startswith(_OUR_CHECKS),
        message=_message(error),
        frames=[[frame.filename, frame.lineno] for frame in _frames(error)],
    )


def _message(error: BaseException) -> str:
    if isinstance(error, pytest.fail.Exception):
        return str(error.msg)
    if isinstance(error, pytest.Collector.CollectError):
        return str(error).strip().rpartition("\n")[2]
    whole = f"{type(error).__name__}: {error}".strip(": .")
    reason = error.details.get("reason") if isinstance(error, AppError) else None
    if reason is None and error.__cause__ is not None:
        reason = _message(error.__cause__)
    return whole if reason is None else f"{whole} ({reason})"


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The lines that it went through, outermost first; those of what caused it last."""
    frames = list(traceback.extract_tb(error.__traceback__))
    if isinstance(error, SyntaxError) and error.filename:
        frames.append(traceback.FrameSummary(error.filename, error.lineno, ""))
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return frames + (_frames(behind) if behind is not None else [])


def _tell(**facts: Any) -> None:
    with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts) + "\n")
