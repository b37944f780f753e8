"""Findings and grades as people, programs and workflows read them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from src.cli.operator import console, say, show_json, show_table

if TYPE_CHECKING:
    from src.testing.checking import Verdict
    from src.testing.findings import Finding
    from src.testing.hostile.report import GradeReport, RuleReport, Trial

_PASSED, _FAILED, _EXEMPT = "passed", "failed", "exempt"
_WIDEST = 60
_ITSELF = "conformance"
"""The checks of the suite, which the findings tell already."""
_MARKS = {_PASSED: "✓", _FAILED: "✗", _EXEMPT: "-"}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


class Format(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    GITHUB = "github"
    """Annotations of a workflow: each finding stands at its line of the pull request."""


def show(connector_id: str, verdict: Verdict, grade: GradeReport | None, shape: Format) -> None:
    """Write what was found, and the grade if one was asked for."""
    match shape:
        case Format.JSON:
            show_json(_document(connector_id, verdict, grade))
        case Format.GITHUB:
            for finding in verdict.findings:
                typer.echo(_annotation(finding))
        case Format.TABLE:
            _show_findings(connector_id, verdict)
            if grade is not None:
                _show_grade(grade)


def _show_findings(connector_id: str, verdict: Verdict) -> None:
    if verdict.findings:
        table = Table(show_lines=True)
        table.add_column("Where", no_wrap=True)
        table.add_column("What is wrong", max_width=_WIDEST, overflow="fold")
        table.add_column("What to do", max_width=_WIDEST, overflow="fold")
        for finding in verdict.findings:
            place = f"{_relative(finding.path)}:{finding.line}"
            table.add_row(*map(escape, (place, finding.what, finding.advice)))
        show_table(table)
    ran = f"{verdict.ran} tests were run" if verdict.ran else "no test was run"
    if verdict.findings:
        count = len(verdict.findings)
        say(f"{connector_id}: {count} finding{'s' if count > 1 else ''}; {ran}.", "bold red")
    else:
        say(f"{connector_id}: nothing found; {ran}.", "green")


def _show_grade(report: GradeReport) -> None:
    """A table of faults by what they struck, the grade, and what is missing for the next."""
    trials = [trial for rule in report.rules for trial in rule.trials if trial.scenario != _ITSELF]
    table = Table("Fault", "Stood by", "Not by", title=f"{report.connector_id} under faults")
    for scenario in dict.fromkeys(trial.scenario for trial in trials):
        struck = [one for one in trials if one.scenario == scenario]
        stood, fell = (_verbs(struck, outcome) for outcome in (_PASSED, _FAILED))
        table.add_row(*map(escape, (scenario, stood, fell)))
    console.print(table)
    told: dict[str, str] = {}
    for rule in report.rules:
        _show_rule(rule, told)
    say(f"\nGrade: {report.grade or 'none'}", "bold")
    if report.next is not None:
        missing = ", ".join(one.rule.id for one in report.missing)
        say(f"Missing for {report.next}: {missing}.")
    if report.claims_too_much:
        say(f"The manifest claims {report.claimed}, which is not earned.", "bold red")
    if report.line and report.claimed != report.grade:
        say(f"Write into the manifest: {report.line}")
        say("and above it: from src.connectors.grade import Grade")


def _verbs(struck: Sequence[Trial], outcome: str) -> str:
    return ", ".join(dict.fromkeys(one.verb for one in struck if one.outcome.value == outcome))


def _show_rule(report: RuleReport, told: dict[str, str]) -> None:
    """A rule; a cause that broke another one already is told there."""
    line = f"{_MARKS[report.outcome]} {report.rule.grade}: {report.rule.id}"
    if report.outcome.value == _EXEMPT:
        say(f"{line} (exempt: {report.reason})")
        return
    say(line, "red" if report.outcome.value == _FAILED else "")
    for cause in report.causes:
        first = told.setdefault(cause.key, report.rule.id)
        message = cause.message if first == report.rule.id else f"as {first} says"
        say(f"    {cause.struck}: {message}")
    if report.remedy:
        say(f"    {report.remedy}")


def _document(connector_id: str, verdict: Verdict, grade: GradeReport | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "connector": connector_id,
        "ran": verdict.ran,
        "findings": [
            {
                "source": finding.source.value,
                "file": _relative(finding.path),
                "line": finding.line,
                "what": finding.what,
                "remedy": finding.advice,
                "check": finding.check,
            }
            for finding in verdict.findings
        ],
    }
    if grade is not None:
        document["grade"] = _grade_document(grade)
    return document


def _grade_document(report: GradeReport) -> dict[str, Any]:
    return {
        "earned": report.grade,
        "claimed": report.claimed,
        "next": report.next,
        "missing": [rule.rule.id for rule in report.missing],
        "line": report.line,
        "rules": [
            {
                "id": rule.rule.id,
                "grade": rule.rule.grade,
                "outcome": rule.outcome.value,
                "reason": rule.reason,
                "remedy": rule.rule.remedy,
                "failures": [
                    {"fault": one.scenario, "verb": one.verb, "message": one.message}
                    for one in rule.failures
                ],
            }
            for rule in report.rules
        ],
    }


def _annotation(finding: Finding) -> str:
    """https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    where = {
        "file": _relative(finding.path),
        "line": str(finding.line),
        "title": f"connector check, {finding.source}",
    }
    told = ",".join(f"{name}={_escaped(text, _PROPERTY_ESCAPES)}" for name, text in where.items())
    text = _escaped(f"{finding.what}\n{finding.advice}", _ESCAPES)
    return f"::error {told}::{text}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
