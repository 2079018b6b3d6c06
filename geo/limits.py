"""The bounds of a question, as plain numbers: read from the settings without loading what answers it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RiskLimits", "WhereLimits"]


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Bounds of one risk question; the service's settings hold them."""

    radius_m: float = 200_000.0
    rings: int = 10
    features: int = 50_000
    nearest: int = 20


@dataclass(frozen=True, slots=True)
class WhereLimits:
    """Bounds of an asked shape; the service's settings hold them."""

    vertices: int = 100_000
    pieces: int = 2_000
    area_km2: float = 500_000.0
