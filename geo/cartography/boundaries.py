"""Boundaries: from which zoom each level of administrative division is drawn, and how heavily."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOUNDARIES", "BoundaryLine", "levels_at"]


@dataclass(frozen=True, slots=True)
class BoundaryLine:
    """How one level of division is drawn: zooms (512 px tiles) of its line and name, widths and text size in px."""

    level: str
    line_zoom: float
    label_zoom: float
    label_until: float
    width_px: float
    dash_px: tuple[float, ...]
    casing_px: float
    text_px: float


BOUNDARIES = (
    BoundaryLine("province", 0, 3, 6.5, 1.6, (9, 2.4, 1.6, 2.4), 4.0, 15),
    BoundaryLine("city", 3, 5, 7.2, 1.4, (9, 2.4, 1.6, 2.4), 3.6, 15),
    BoundaryLine("county", 5, 7.2, 12.5, 1.2, (9, 2.4, 1.6, 2.4), 3.2, 14),
    BoundaryLine("township", 9, 10.5, 15, 0.8, (5, 2.4), 2.0, 12),
    BoundaryLine("zone", 10, 11, 16, 0.8, (2, 2), 2.0, 12),
    BoundaryLine("village", 12, 13, 24, 0.6, (3, 3), 1.6, 11),
)
"""Largest first. Dash-dot for counties and up, dashes for townships (GB/T 20257 draws them so)."""


def levels_at(zoom: float) -> tuple[str, ...]:
    """The levels whose lines are drawn at ``zoom``."""
    return tuple(each.level for each in BOUNDARIES if zoom >= each.line_zoom)
