"""All trials of one connector, and the grade that follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from src.connectors.base import ReceivesWebhooks, Syncs
from src.testing.bench import captured_logs
from src.testing.hostile.ground import check_ground
from src.testing.hostile.oauth import check_oauth
from src.testing.hostile.paging import check_paging
from src.testing.hostile.report import GradeReport, Outcome, Rule, RuleReport, Trial
from src.testing.hostile.rules import RULES
from src.testing.hostile.streams import check_streams
from src.testing.hostile.trials import Failed, Ledger
from src.testing.hostile.verbs import check_verbs
from src.testing.hostile.webhooks import check_webhooks
from src.testing.hostile.writes import check_writes

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_CHECKS = {
    "named-nonsense": check_verbs,
    "bounded-paging": check_paging,
    "whole-runs": check_streams,
    "single-writes": check_writes,
    "calm-webhooks": check_webhooks,
    "lasting-grants": check_oauth,
}
"""Each with the rule that is broken where it cannot even begin."""


async def examine(
    suite: type[ConnectorConformance], *, failed: Mapping[str, str] | None = None
) -> GradeReport:
    """Play every fault upon everything that a connector has.

    It runs over the connector's sandbox, without a network, a database, or waiting.

    Args:
        suite: The connector's conformance suite, which names the landmarks of its sandbox.
        failed: The message of each check of the suite that has failed, by its name, where somebody
            has run it already; None = its checks are run here, too.
    """
    try:
        loaded = suite().open_bench().loaded
    except Failed as failure:
        return _nothing(suite, str(failure))
    has = {
        "resumable-streams": issubclass(loaded.connector_class, Syncs),
        "readable-deliveries": issubclass(loaded.connector_class, ReceivesWebhooks),
    }
    ledger = Ledger()
    # What is logged is looked through for secrets, and shown to nobody.
    with captured_logs():
        await check_ground(suite, has, failed, ledger)
        for rule, check in _CHECKS.items():
            async with ledger.guard(rule):
                await check(suite, ledger)
    return GradeReport(
        connector_id=loaded.manifest.id,
        claimed=loaded.manifest.grade,
        rules=tuple(_report(rule, suite.exemptions.get(rule.id), ledger) for rule in RULES),
    )


def _nothing(suite: type[ConnectorConformance], message: str) -> GradeReport:
    """Of a connector that cannot even be opened."""
    failed = Trial(scenario="no fault", verb="connector", outcome=Outcome.FAILED, message=message)
    rules = tuple(RuleReport(rule=rule, outcome=Outcome.FAILED, trials=(failed,)) for rule in RULES)
    return GradeReport(connector_id=suite.connector_id, claimed=None, rules=rules)


def _report(rule: Rule, exemption: str | None, ledger: Ledger) -> RuleReport:
    trials = tuple(ledger.trials.get(rule.id, ()))
    outcomes = {trial.outcome for trial in trials}
    if exemption is not None:
        return RuleReport(rule=rule, outcome=Outcome.EXEMPT, reason=exemption, trials=trials)
    if Outcome.FAILED in outcomes:
        return RuleReport(rule=rule, outcome=Outcome.FAILED, trials=trials)
    if Outcome.PASSED in outcomes:
        return RuleReport(rule=rule, outcome=Outcome.PASSED, trials=trials)
    reasons = dict.fromkeys(trial.message for trial in trials)
    reason = " ".join(reasons) or rule.without
    return RuleReport(rule=rule, outcome=Outcome.EXEMPT, reason=reason, trials=trials)
