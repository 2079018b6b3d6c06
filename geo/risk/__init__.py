"""What is at risk near here, how bad, why, and who can help."""

from __future__ import annotations

from geo.risk.answer import risk_answer
from geo.risk.query import RiskLimits, RiskQuery
from geo.risk.where import Where, WhereLimits, around_geometry, around_point, in_sector

__all__ = [
    "RiskLimits",
    "RiskQuery",
    "Where",
    "WhereLimits",
    "around_geometry",
    "around_point",
    "in_sector",
    "risk_answer",
]
