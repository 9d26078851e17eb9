"""The automation builder's use cases: rules as cards, checked, previewed and saved."""

from toolkit.app.rule_builder.desk import OpenedRules, RuleBuilder, Touched
from toolkit.app.rule_builder.drafts import RuleProblem, RulesDraft

__all__ = ["OpenedRules", "RuleBuilder", "RuleProblem", "RulesDraft", "Touched"]
