"""What is at risk near here, how bad, why, and who can help."""

from __future__ import annotations

from geo.risk.answer import risk_answer
from geo.risk.query import RiskLimits, RiskQuery

__all__ = ["RiskLimits", "RiskQuery", "risk_answer"]
