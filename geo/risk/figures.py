"""How figures are written in answers: distances in millimetres, bearings in hundredths of a degree."""

from __future__ import annotations

__all__ = ["bearing_sql", "distance_sql"]


def distance_sql(metres: str) -> str:
    """Metres (a SQL double) to the millimetre."""
    return f"round({metres} * 1000) / 1000"


def bearing_sql(degrees: str) -> str:
    """Degrees (a SQL double, 0 to 360) to the hundredth; 359.996 is 0 and not 360."""
    return f"round({degrees} * 100)::int % 36000 / 100::float8"
