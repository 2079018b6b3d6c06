"""What is at risk near here, how bad, why, and who can help."""

from __future__ import annotations

from geo.limits import RiskLimits, WhereLimits
from geo.risk.answer import Extras, risk_answer
from geo.risk.presets import Preset, read_presets, rings_of
from geo.risk.query import RiskQuery
from geo.risk.rules import (
    DEFAULT_RULES,
    RuleSet,
    check_layers,
    choose_rules,
    default_rules,
    read_rules,
    read_rulesets,
)
from geo.risk.where import Where, around_geometry, around_point, in_sector

__all__ = [
    "DEFAULT_RULES",
    "Extras",
    "Preset",
    "RiskLimits",
    "RiskQuery",
    "RuleSet",
    "Where",
    "WhereLimits",
    "around_geometry",
    "around_point",
    "check_layers",
    "choose_rules",
    "default_rules",
    "in_sector",
    "read_presets",
    "read_rules",
    "read_rulesets",
    "rings_of",
    "risk_answer",
]
