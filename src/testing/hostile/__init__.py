"""The hostile provider: what a connector stands is its grade."""

from src.testing.hostile.examination import examine
from src.testing.hostile.report import GradeReport, Outcome, Rule, RuleReport, Trial
from src.testing.hostile.rules import RULES

__all__ = ["RULES", "GradeReport", "Outcome", "Rule", "RuleReport", "Trial", "examine"]
