"""What an examination has found, as data: whoever shows it decides how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from src.connectors.grade import Grade

NO_FAULT = "no fault"
"""The scenario in which nothing is struck: what fails there is broken by itself."""
_MOST_SHOWN = 3
_WANTED = re.compile(r",? it must become [\w ]+\.?")


class Outcome(StrEnum):
    """How a connector has done."""

    PASSED = "passed"
    FAILED = "failed"
    EXEMPT = "exempt"
    """It has nothing that this is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a grade asks for."""

    id: str
    grade: Grade
    proves: str
    """What is known of a connector that keeps it, in a sentence."""
    remedy: str
    """What its author does when it is broken, in a sentence or two."""
    without: str = ""
    """Why a connector is exempt upon which nothing could be tried."""
    checks: tuple[str, ...] = ()
    """The checks of ``ConnectorConformance`` that are its trials; others have their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One scenario played upon one verb, stream, tool, or the whole connector."""

    scenario: str
    """The fault: ``endless paging``."""
    verb: str
    """What was struck: ``items``, ``tool acme_close``, ``stream issues``, ``oauth2``."""
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    """What went wrong, in a sentence that names values; why it does not apply, when exempt."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What went wrong in the same way, once."""

    key: str
    """What the messages of all of them say."""
    trials: tuple[Trial, ...]

    @property
    def message(self) -> str:
        """That of the first."""
        return _own(self.trials[0])

    @property
    def struck(self) -> str:
        """Where, as far as a line holds it."""
        shown = [f"{one.scenario}, {one.verb}" for one in self.trials[:_MOST_SHOWN]]
        more = len(self.trials) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """How a connector keeps one rule."""

    rule: Rule
    outcome: Outcome
    reason: str = ""
    """Why it is exempt."""
    trials: tuple[Trial, ...] = ()
    """Everything that was tried, for a table of faults by verbs."""

    @property
    def failures(self) -> tuple[Trial, ...]:
        """What went wrong."""
        return tuple(trial for trial in self.trials if trial.outcome is Outcome.FAILED)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The failures, those that say the same of other verbs and faults together."""
        found: dict[str, list[Trial]] = {}
        for trial in self.failures:
            found.setdefault(_said(trial), []).append(trial)
        return tuple(Cause(key, tuple(trials)) for key, trials in found.items())

    @property
    def remedy(self) -> str:
        """What to do; empty where nothing was struck yet, and the messages say it."""
        if all(trial.scenario == NO_FAULT for trial in self.failures):
            return ""
        return self.rule.remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeReport:
    """All rules, and the grade that follows from them."""

    connector_id: str
    claimed: Grade | None
    """What the manifest says."""
    rules: tuple[RuleReport, ...]

    @property
    def grade(self) -> Grade | None:
        """The highest whose rules, and those of all grades below it, are all kept."""
        earned = None
        for grade in Grade:
            if self.broken(grade):
                return earned
            earned = grade
        return earned

    @property
    def next(self) -> Grade | None:
        """The grade above the earned one; None when there is none."""
        rank = 0 if self.grade is None else self.grade.rank
        return next((grade for grade in Grade if grade.rank == rank + 1), None)

    @property
    def missing(self) -> tuple[RuleReport, ...]:
        """The broken rules that stand between the connector and the next grade."""
        return () if self.next is None else self.broken(self.next)

    @property
    def claims_too_much(self) -> bool:
        """Whether the manifest's claim is higher than what is earned."""
        earned = 0 if self.grade is None else self.grade.rank
        return self.claimed is not None and self.claimed.rank > earned

    @property
    def line(self) -> str:
        """What to write into the manifest; empty while there is no grade."""
        return "" if self.grade is None else f"grade=Grade.{self.grade.name},"

    def broken(self, grade: Grade) -> tuple[RuleReport, ...]:
        """The rules of one grade that are not kept."""
        return tuple(
            report
            for report in self.rules
            if report.rule.grade is grade and report.outcome is Outcome.FAILED
        )


def _own(trial: Trial) -> str:
    """The message without the verb that it begins with, which is told beside it."""
    return trial.message.removeprefix(trial.verb).removeprefix(":").strip()


def _said(trial: Trial) -> str:
    """The message without what only tells it from those of other verbs and faults."""
    return _own(trial) if trial.scenario == NO_FAULT else _WANTED.sub("", _own(trial))
