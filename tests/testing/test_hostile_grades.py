"""What follows from rules, what a manifest may claim, what the documents say of both."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from src.connectors.grade import Grade
from src.connectors.registry import discover
from src.sandbox.kit.faults import FaultKind
from src.sandbox.kit.faults import parameters_of as fault_parameters
from src.testing import ConnectorConformance
from src.testing.hostile import RULES, GradeReport, Outcome, RuleReport, Trial, examine
from tests.testing.spoiling import failure_of, run, spoil
from tests.testing.test_ledger import TestLedger as _LedgerSuite
from tests.testing.test_shelf import TestShelf as _ShelfSuite

CLAIM = "test_the_claimed_grade_is_earned"
PAGE = (Path(__file__).parents[2] / "docs" / "connector-grades.md").read_text(encoding="utf-8")
GRADED = 'category="documents",'
CLAIMED = (GRADED, f"{GRADED}\n        grade=Grade.GOLD,")
IMPORTED = ("import re\n", "import re\nfrom src.connectors.grade import Grade\n")
ENDLESS = (
    "        return await self.rest.page(SHELVES, to_container, query)\n",
    "        return Page(items=(), next_token=query.token or '1')\n",
)


def report(claimed: Grade | None = None, *broken: str) -> GradeReport:
    """Of a connector that breaks these rules."""
    rules = [
        RuleReport(
            rule=rule,
            outcome=Outcome.FAILED if rule.id in broken else Outcome.PASSED,
            trials=(
                Trial(scenario="503", verb="items", outcome=Outcome.FAILED, message="no"),
                Trial(scenario="504", verb="items"),
            ),
        )
        for rule in RULES
    ]
    return GradeReport(connector_id="acme", claimed=claimed, rules=tuple(rules))


@pytest.mark.parametrize(
    ("broken", "earned", "missing"),
    [
        ((), Grade.GOLD, []),
        (("single-writes",), Grade.SILVER, ["single-writes"]),
        (("single-writes", "no-strangers"), Grade.BRONZE, ["no-strangers"]),
        (("stable-account", "single-writes"), None, ["stable-account"]),
    ],
)
def test_a_grade_needs_all_rules_of_it_and_of_those_below(
    broken: tuple[str, ...], earned: Grade | None, missing: list[str]
) -> None:
    found = report(None, *broken)
    assert found.grade is earned
    assert [one.rule.id for one in found.missing] == missing
    assert [one.failures[0].scenario for one in found.missing] == ["503"] * len(missing)
    assert found.line == (f"grade=Grade.{earned.name}," if earned else "")


@pytest.mark.parametrize(
    ("claimed", "broken", "too_much"),
    [
        (None, "stable-account", False),
        (Grade.BRONZE, "stable-account", True),
        (Grade.BRONZE, "no-strangers", False),
        (Grade.SILVER, "no-strangers", True),
        (Grade.SILVER, "single-writes", False),
        (Grade.GOLD, "single-writes", True),
    ],
)
def test_a_claim_may_be_lower_than_what_is_earned(
    claimed: Grade | None, broken: str, too_much: bool
) -> None:
    assert report(claimed, broken).claims_too_much is too_much


@pytest.mark.parametrize("suite", [_ShelfSuite, _LedgerSuite])
async def test_a_good_connector_earns_gold(suite: type[ConnectorConformance]) -> None:
    found = await examine(suite, failed={})
    assert found.grade is Grade.GOLD
    assert found.missing == ()
    assert found.next is None
    outcomes = {one.rule.id: (one.outcome, one.reason) for one in found.rules}
    streams, writes = ("exempt", "It has no streams."), ("passed", "")
    if suite is _LedgerSuite:
        streams, writes = ("passed", ""), ("exempt", "It changes nothing at the provider.")
    assert outcomes["whole-runs"] == outcomes["resumable-streams"] == streams
    assert outcomes["single-writes"] == writes
    tried = {(trial.scenario, trial.verb) for one in found.rules for trial in one.trials}
    assert ("429 twice", "identify") in tried


async def test_the_checks_of_the_suite_are_the_ground_of_all_grades(folder: Path) -> None:
    suite = type(spoil(folder, ("id=str(user.id)", 'id=" "')))
    found = await examine(suite)
    (broken,) = found.missing
    assert (found.grade, found.next, broken.rule.id) == (None, Grade.BRONZE, "stable-account")
    assert "empty account id" in broken.failures[0].message
    told = await examine(_ShelfSuite, failed={"test_tools_can_be_run": "They cannot."})
    assert [one.rule.id for one in told.missing] == ["usable-tools"]
    assert [one.message for one in told.missing[0].failures] == ["They cannot."]


async def test_a_connector_that_cannot_be_opened_has_no_grade(folder: Path) -> None:
    broken = ('sandbox="tests.testing.library:create_app"', 'sandbox="tests.testing.no:app"')
    found = await examine(type(spoil(folder, broken)), failed={})
    assert found.grade is None
    assert {"manifest.sandbox" in one.failures[0].message for one in found.rules} == {True}


async def test_a_part_that_cannot_even_begin_breaks_its_rule(folder: Path) -> None:
    suite = type(spoil(folder))
    suite.tools = {}
    found = await examine(suite, failed={})
    messages = {one.rule.id: one.failures[0].message for one in found.rules if one.failures}
    assert "tools has no arguments for shelf_write_note" in messages["named-nonsense"]
    assert found.grade is Grade.BRONZE


async def test_a_claim_that_is_not_earned_fails_the_suite(folder: Path) -> None:
    suite = spoil(folder, IMPORTED, CLAIMED, ENDLESS)
    said = await failure_of(suite, CLAIM)
    assert said.startswith("manifest.grade claims gold, and bronze is earned.")
    assert "claim less (grade=Grade.BRONZE,)" in said
    assert "bounded-paging (silver), repeated page, containers" in said
    assert ": does not end" in said
    assert "Page with self.rest.page" in said
    type(suite).graded_elsewhere = True
    await run(suite, CLAIM)
    await run(spoil(folder, ENDLESS), CLAIM)


async def test_an_exemption_is_told_with_its_reason(folder: Path) -> None:
    suite = type(spoil(folder, ENDLESS))
    suite.exemptions = {"bounded-paging": "Its lists have no end."}
    found = await examine(suite, failed={})
    (exempt,) = [one for one in found.rules if one.rule.id == "bounded-paging"]
    assert (exempt.outcome, exempt.reason) == (Outcome.EXEMPT, "Its lists have no end.")
    assert exempt.failures
    # Whatever else an endless list breaks is not excused by it.
    assert "bounded-paging" not in [one.rule.id for one in found.missing]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bounded-paging": " "}, "write the reason"),
        ({"stable-account": "It changes."}, "only from"),
        ({"unbounded-joy": "Why not."}, "only from"),
    ],
)
def test_exemptions_name_rules_above_bronze_and_a_reason(
    given: Mapping[str, str], said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        type("Suite", (ConnectorConformance,), {"exemptions": given})


def test_every_check_of_the_suite_belongs_to_one_rule() -> None:
    checks = {name for name in dir(ConnectorConformance) if name.startswith("test_")} - {CLAIM}
    placed = [check for rule in RULES for check in rule.checks]
    assert sorted(placed) == sorted(checks)


def test_the_document_has_every_rule_as_the_table_has_it() -> None:
    parts = re.split(r"^### ", PAGE, flags=re.MULTILINE)
    for rule in RULES:
        (part,) = [one for one in parts if one.lower().startswith(rule.grade)]
        assert f"| `{rule.id}` | {rule.proves} | {rule.remedy} |" in part


def test_the_document_has_every_fault_and_its_parameters() -> None:
    for kind in FaultKind:
        (row,) = re.findall(rf"^\| `{kind}` \|.*\| (.*) ?\|$", PAGE, flags=re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) == fault_parameters(kind)


def test_the_document_has_the_grades_of_our_connectors() -> None:
    told = re.findall(r"^\| `(\w+)` \| (bronze|silver|gold) \|", PAGE, flags=re.MULTILINE)
    assert {
        name: loaded.manifest.grade.value
        for name, loaded in discover([]).items()
        if loaded.manifest.grade is not None
    } == dict(told)


def test_failures_that_say_the_same_are_one_cause() -> None:
    struck = [
        Trial(
            scenario=scenario,
            verb=verb,
            outcome=Outcome.FAILED,
            message=f"{verb}: it became CredentialRefused (bad key), it must become {wanted}",
        )
        for scenario, wanted in (("429", "RateLimited"), ("a storm", "RateLimited or Other"))
        for verb in ("items", "item", "comments")
    ]
    (rule,) = (one for one in RULES if one.id == "patient-storms")
    (cause,) = RuleReport(rule=rule, outcome=Outcome.FAILED, trials=tuple(struck)).causes
    assert cause.struck == "429, items; 429, item; 429, comments; and 3 more"
    expected = "it became CredentialRefused (bad key), it must become RateLimited"
    assert cause.message == expected
