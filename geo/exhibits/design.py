"""The print design's lines, each declared once: for the panel, the legend and the page for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["BORDERS", "GAP", "GROUND", "REACHES", "REACH_OPACITY", "REACH_OTHER", "RINGS", "Stroke", "over_ground"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line on paper; ``fill`` is the colour of what it encloses, where that is filled."""

    colour: str
    width_mm: float
    dash_mm: tuple[float, ...] = ()
    fill: str | None = None
    round_dots: bool = False
    """Dashes are dots: their ends are round."""


GROUND = "#F6F3EA"
"""Land without relief."""

_COUNTY = Stroke("#5A6773", 0.32, (3.2, 0.8, 0.5, 0.8))
BORDERS: Mapping[str, Stroke] = {
    "subject": Stroke("#2B2F45", 0.45),
    "province": _COUNTY,
    "city": _COUNTY,
    "county": _COUNTY,
    "township": Stroke("#8B949C", 0.22, (1.5, 0.7)),
    "village": Stroke("#A39A90", 0.18, (0.8, 0.6)),
    "quiet": Stroke("#7A746C", 0.2),
}
"""By level; ``subject`` is the outline of the asked division, ``quiet`` that of one whose fill tells it apart."""

REACHES: Mapping[str, Stroke] = {
    "supply_depots": Stroke("#7A5A1E", 0.32, (2.2, 0.9), "#E8D9B8"),
    "shelters": Stroke("#1E6B4A", 0.2, (), "#A9D0B8"),
    "helipads": Stroke("#1C3D5C", 0.32, (0.1, 0.75), round_dots=True),
    "rescue_teams": Stroke("#7A3E8C", 0.26, (1.2, 0.5, 0.2, 0.5)),
}
"""What a layer's resources reach, in the order of drawing; told in grey by width and dashes alone."""
REACH_OTHER = Stroke("#5A6773", 0.24, (0.8, 0.8))
"""Of a layer that has no line of its own."""
REACH_OPACITY = 0.42

GAP = Stroke("#A50E26", 0.17)
"""The hatch over what no resource reaches."""

RINGS: tuple[tuple[float, tuple[float, ...]], ...] = ((0.45, ()), (0.35, (1.2, 0.8)), (0.30, (2.4, 1.0)))
"""Width and dashes (mm) from the innermost ring outwards, the last for all further; the colour is the theme's."""


def over_ground(colour: str, opacity: float) -> str:
    """What ``#RRGGBB`` of an opacity looks like on land: the colour of its legend."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(GROUND[1:]), strict=True)
    return "#" + "".join(f"{round(above * opacity + below * (1 - opacity)):02X}" for above, below in pairs)
