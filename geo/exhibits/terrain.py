"""The ground of a panel: land, borders, graticule and the names of divisions where they are seen."""

from __future__ import annotations

from collections.abc import Sequence

from geo.exhibits.ground import Division
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.wording import printable

__all__ = ["add_ground"]

_LABEL_MM2 = 60.0
"""A division whose part in the frame is smaller than this is not named."""


def add_ground(
    panel: Panel,
    divisions: Sequence[Division],
    *,
    named: tuple[str, ...] = ("county", "township"),
    land: bool = True,
    quiet: frozenset[str] = frozenset(),
) -> None:
    """Land (unless something else lies there), borders (the largest divisions on top), names inside the frame.

    Codes in ``quiet`` have thin borders: fills tell them apart.
    """
    sheet = panel.sheet
    if land:
        wide = sheet.outline.buffer(sheet.outline.length * 0.05)
        panel.add("land", [feature(geometry_of(wide))])
    panel.add("graticule", [feature({"type": "LineString", "coordinates": each.line}) for each in sheet.graticule])
    order = ("village", "township", "zone", "county", "city", "province")
    for division in sorted(divisions, key=lambda each: (order.index(each.level), each.code)):
        # Borders as lines: an outline that the frame cuts must not draw the frame.
        line = division.shape.boundary
        if not line.is_empty:
            level = "quiet" if division.code in quiet else division.level
            panel.add("borders", [feature(geometry_of(line), level=level)])
    has_townships = any(each.level == "township" for each in divisions)
    mm2_per_deg2 = sheet.box.w * sheet.box.h / sheet.outline.area
    for division in divisions:
        if division.level not in named or (division.level == "county" and has_townships):
            continue
        seen = division.shape.intersection(sheet.outline)
        if seen.is_empty or seen.area * mm2_per_deg2 < _LABEL_MM2:
            continue
        place = seen.representative_point()
        if sheet.holds(place.x, place.y, 3):
            point = {"type": "Point", "coordinates": [place.x, place.y]}
            panel.add("names", [feature(point, name=printable(division.name, 12), level=division.level)])
