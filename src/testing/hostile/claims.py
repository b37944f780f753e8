"""What authors say of their connectors: the grade, and what cannot hold at their provider."""

from __future__ import annotations

from collections.abc import Mapping

from src.connectors.grade import Grade
from src.testing.bench import expect
from src.testing.hostile.report import GradeReport
from src.testing.hostile.rules import RULES

_MOST_NAMED = 5


def check_claim(report: GradeReport) -> None:
    """The grade of the manifest is earned."""
    earned = report.grade.value if report.grade else "no grade"
    lines = [
        f"{broken.rule.id} ({broken.rule.grade}), {cause.struck}: {cause.message}"
        for broken in report.missing
        for cause in broken.causes[:_MOST_NAMED]
    ]
    lines += [broken.remedy for broken in report.missing if broken.remedy]
    expect(
        not report.claims_too_much,
        f"manifest.grade claims {report.claimed}, and {earned} is earned. Repair what is broken, or"
        f" claim less ({report.line or 'no grade'}):\n" + "\n".join(lines),
    )


def check_exemptions(suite: str, exemptions: Mapping[str, str]) -> None:
    """Each names a rule that there is, above bronze, and says why.

    Raises:
        TypeError: One does not.
    """
    known = {rule.id for rule in RULES if rule.grade is not Grade.BRONZE}
    if strangers := sorted(set(exemptions) - known):
        raise TypeError(f"{suite} is exempt from {strangers}: only from {sorted(known)} one can be")
    if silent := sorted(name for name, why in exemptions.items() if not why.strip()):
        raise TypeError(f"{suite} is exempt from {silent}: write the reason in `exemptions`")
