"""周边分析, what was asked: the rings with their labels, the asked place with its name, and their legend."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from geo.cartography.theme import Theme
from geo.exhibits.content import LegendEntry, LegendGroup
from geo.exhibits.design import RINGS, Stroke
from geo.exhibits.draft import arrow_room
from geo.exhibits.legend import line_entry
from geo.exhibits.marks import Item, text_width_mm
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.placing import Label, Rect, Taken, place_labels
from geo.risk.rings import ring_coordinates
from layers.text import Lang

__all__ = ["POINT_MM", "add_rings", "asked_legend"]

POINT_MM = 5.6
"""Edge of the asked place's sign on the paper."""
_RING_PT, _TITLE_PT = 8.0, 9.5


def _ring_name(radius_m: float) -> str:
    return f"{radius_m / 1000:g} km" if radius_m >= 1000 else f"{radius_m:g} m"


def add_rings(
    panel: Panel, items: Sequence[Item], lon: float, lat: float, radii: Sequence[float], title: str
) -> list[Rect]:
    """Draw the rings with their labels, each at the free bearing nearest to north; what they take of the frame."""
    sheet, made = panel.sheet, []
    outer = ring_coordinates(lon, lat, radii[-1])
    veil = shapely.Polygon(sheet.outline.buffer(0.2 * sheet.outline.length).exterior, [outer])
    panel.add("veil", [feature(geometry_of(veil))])
    x, y = sheet.mm(lon, lat)
    marks = [Rect.around(*sheet.mm(each.lon, each.lat), 4.0, 4.0) for each in items]
    titled = _add_title(panel, title, (x, y), marks)
    taken = Taken([*marks, *titled, arrow_room(sheet)])
    for turn, radius in enumerate(radii):
        ring = ring_coordinates(lon, lat, radius)
        panel.add("rings", [feature({"type": "LineString", "coordinates": ring}, turn=turn)])
        name = _ring_name(radius)
        wide = text_width_mm(name, _RING_PT) + 1.2
        boxes = [Rect.around(*sheet.mm(*place), wide, 3.4) for place in _from_north(ring)]
        inside = [each for each in boxes if each.top > 0.5 and each.left > 0.5 and each.right < sheet.box.w - 0.5]
        if not inside:
            continue
        box = next((each for each in inside if taken.is_free(each)), inside[0])
        taken.add(box)
        made.append(box)
        middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        panel.add("ring-names", [feature(panel.place_mm(*middle), name=name)])
    return [*made, *titled, Rect.around(x, y, POINT_MM, POINT_MM)]


def _add_title(panel: Panel, title: str, at: tuple[float, float], marks: Sequence[Rect]) -> list[Rect]:
    """What the asked place is called, over it or where there is room; nothing in a crowd: the legend tells the sign."""
    wide, high = text_width_mm(title, _TITLE_PT) + 1, 3.8
    box = panel.sheet.box
    above = Rect.around(at[0], at[1] - 5.2, wide, high)
    obstacles = [*marks, arrow_room(panel.sheet)]
    if Taken(obstacles).is_free(above):
        panel.add("titles", [feature(panel.place_mm(at[0], at[1] - 5.2), name=title)])
        return [above]
    # The crowd will spread when its symbols part: far enough from all of it.
    wider = [Rect(each.left - 3, each.top - 3, each.right + 3, each.bottom + 3) for each in obstacles]
    (placed,) = place_labels([Label(*at, POINT_MM / 2 + 9, wide, high)], wider, box.w, box.h)
    if placed is None:
        return []
    panel.add("titles", [feature(panel.place_mm(placed.x, placed.y), name=title)])
    panel.add("leaders", [feature(panel.line_mm((at, (placed.x, placed.y))))])
    return [Rect.around(placed.x, placed.y, wide, high)]


def _from_north(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """The places of a ring, from its north alternately to both sides."""
    count = len(ring) - 1
    order = [0, *(step * side for step in range(1, count // 3) for side in (1, -1))]
    return [(ring[at % count][0], ring[at % count][1]) for at in order]


def asked_legend(radii: Sequence[float], title: str, theme: Theme, lang: Lang) -> LegendGroup:
    """What the asked place's sign and each ring's line mean."""
    entries = [LegendEntry("question", "sign", title, "question", 4.6)]
    for turn, radius in enumerate(radii):
        stroke = Stroke(theme.surface.question, *RINGS[min(turn, len(RINGS) - 1)])
        text = _ring_name(radius) + ("圈" if lang == "zh" else "")
        entries.append(line_entry(f"ring-{turn}", text, stroke))
    return LegendGroup(None, tuple(entries))
