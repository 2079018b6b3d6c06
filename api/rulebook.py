"""The rule sets of the risk index that the settings name: a bureau's own files, or the default."""

from __future__ import annotations

from api.settings import Settings
from geo.risk import DEFAULT_RULES, RuleSet, default_rules, read_rules, read_rulesets

__all__ = ["named_rules_of", "rules_of"]


def rules_of(settings: Settings) -> RuleSet:
    """The rule set that holds without a choice: the bureau's own, or the default.

    Raises:
        BadRules: the bureau's file cannot be used.
    """
    return read_rules(settings.ruleset) if settings.ruleset else default_rules()


def named_rules_of(settings: Settings) -> dict[str, RuleSet]:
    """Every rule set that a question may choose, by name; ``default`` is the one that holds without a choice.

    Raises:
        BadRules: a file cannot be used.
    """
    return {DEFAULT_RULES: rules_of(settings)} | (read_rulesets(settings.rulesets) if settings.rulesets else {})
