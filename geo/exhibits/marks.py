"""Marks on a panel: which symbol each feature has, how large it is printed, where it stands, and its number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import draw_mark
from geo.cartography.symbology import LayerSymbology, Mark
from geo.exhibits.panel import Panel, feature
from geo.exhibits.placing import Label, Placed, Rect, place_labels
from geo.exhibits.sheet import PX_PER_MM, Sheet
from layers.severity import RiskGrade

__all__ = ["Item", "add_marks", "item_of", "number_items", "size_of_drawing"]

_SIZES_MM: dict[RiskGrade | None, float] = {
    RiskGrade.RED: 4.8,
    RiskGrade.ORANGE: 4.2,
    RiskGrade.YELLOW: 3.4,
    RiskGrade.BLUE: 3.2,
    None: 3.4,
}
_FEW, _SOME, _MANY = 30, 80, 160
_DIGIT_EM, _CAP_EM = 0.57, 0.82
_MM_PER_PT = 0.35278


@dataclass(frozen=True)
class Item:
    """One feature on the map and in the table."""

    symbology: LayerSymbology
    properties: Mapping[str, object]
    shape: BaseGeometry
    mark: Mark
    lon: float
    lat: float
    number: int | None = None

    @property
    def grade(self) -> RiskGrade | None:
        """Its risk grade."""
        return self.mark.grade


def item_of(
    symbology: LayerSymbology, properties: Mapping[str, object], shape: BaseGeometry, within: BaseGeometry
) -> Item:
    """A feature with its mark; the mark of a line or an area stands on the part of it that is ``within``."""
    grade = RiskGrade(str(properties["grade"])) if properties.get("grade") else None
    field = symbology.layer.symbol.glyph_field
    value = properties.get(field) if field else None
    glyph = symbology.glyphs.get(str(value) if value is not None else None, symbology.glyphs[None])
    seen = shape if shape.geom_type == "Point" else shape.intersection(within)
    if seen.is_empty:
        seen = shape
    if shapely.get_dimensions(seen) == 1:
        longest = max(getattr(seen, "geoms", [seen]), key=lambda part: part.length)
        place = longest.interpolate(0.5, normalized=True)
    else:
        place = seen.representative_point()
    return Item(symbology, properties, shape, symbology.mark(grade, glyph), place.x, place.y)


def _size_mm(item: Item, count: int) -> float:
    if count <= _FEW:
        return 4.4
    return _SIZES_MM[item.grade] * (1.0 if count <= _SOME else 0.85 if count <= _MANY else 0.72)


def size_of(mark: Mark, size_mm: float) -> float:
    """The factor by which a mark's drawing is scaled so that its outline is ``size_mm`` wide."""
    return round(size_mm * PX_PER_MM / (draw_mark(mark).edge_px - 4), 4)


def number_pt(count: int) -> float:
    """The size of numbers where ``count`` features are shown."""
    return 8.5 if count <= _SOME else 7.5 if count <= _MANY else 6.5


def number_items(
    items: Sequence[Item], sheet: Sheet, obstacles: Sequence[Rect]
) -> tuple[list[Item], list[Placed | None]]:
    """Number, in the order of the table, the items whose number finds a place; the worst choose their place first."""
    count = len(items)
    pt = number_pt(count)
    digit, height = _DIGIT_EM * pt * _MM_PER_PT, _CAP_EM * pt * _MM_PER_PT
    order = sorted(range(count), key=lambda at: (items[at].grade.rank if items[at].grade else 5, at))  # type: ignore[union-attr]  # tested in the same expression
    labels = []
    for at in order:
        x, y = sheet.mm(items[at].lon, items[at].lat)
        # A number is at most its place in the table.
        labels.append(Label(x, y, _size_mm(items[at], count) / 2, len(str(at + 1)) * digit, height))
    found = place_labels(labels, obstacles, sheet.box.w, sheet.box.h)
    placed: list[Placed | None] = [None] * count
    for at, place in zip(order, found, strict=True):
        placed[at] = place
    numbered, last = [], 0
    for item, place in zip(items, placed, strict=True):
        last += place is not None
        numbered.append(replace(item, number=last if place is not None else None))
    return numbered, placed


def add_marks(panel: Panel, items: Sequence[Item], placed: Sequence[Placed | None]) -> None:
    """Areas, lines, marks (the worst on top), numbers and leaders."""
    count = len(items)
    worst_last = sorted(items, key=lambda item: -(item.grade.rank if item.grade else 5))
    for item in worst_last:
        word = item.grade.value if item.grade else item.mark.icon.split("-")[0]
        dimension = shapely.get_dimensions(item.shape)
        if dimension:
            geometry = json.loads(shapely.to_geojson(item.shape.simplify(panel.sheet.simplify_deg)))
            panel.add("areas" if dimension == 2 else "lines", [feature(geometry, paint=word)])
        size = size_of(item.mark, _size_mm(item, count))
        place = {"type": "Point", "coordinates": [item.lon, item.lat]}
        panel.add("marks", [feature(place, icon=item.mark.icon, size=size)])
    for item, spot in zip(items, placed, strict=True):
        if spot is not None:
            panel.add("numbers", [feature(panel.place_mm(spot.x, spot.y), name=str(item.number), pt=number_pt(count))])
            if spot.leader is not None:
                panel.add("leaders", [feature(panel.line_mm(spot.leader))])


def size_of_drawing(edge_px: float, size_mm: float) -> float:
    """The factor by which a whole drawing of ``edge_px`` is scaled to ``size_mm``."""
    return round(size_mm * PX_PER_MM / edge_px, 4)
