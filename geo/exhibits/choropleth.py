"""Choropleth: divisions filled by a count in four steps, each with its columns and name, and the legend of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import shapely
from shapely.geometry.base import BaseGeometry

from geo.exhibits.content import Area, LegendEntry, LegendGroup
from geo.exhibits.draft import geometry_of
from geo.exhibits.ground import Division
from geo.exhibits.kind import Order
from geo.exhibits.panel import Panel, feature
from geo.exhibits.panel_style import CHOROPLETH
from geo.exhibits.placing import Rect, Taken
from geo.exhibits.wording import printable
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["Steps", "add_choropleth", "add_columns", "areas_of", "choropleth_legend", "steps_of"]

_COLUMN_MM = 3.2
_TALLEST_MM = 12.0


@dataclass(frozen=True, slots=True)
class Steps:
    """The least value of each step but the first, ascending; the first step begins at 0."""

    floors: tuple[int, ...]

    def of(self, value: float) -> int:
        """The step of a value."""
        return sum(value >= floor for floor in self.floors)

    def word(self, step: int, unit: str) -> str:
        """``10–19 家``."""
        low = 0 if step == 0 else self.floors[step - 1]
        if step == len(self.floors):
            return f"≥ {low} {unit}".strip()
        high = self.floors[step] - 1
        return (f"{low}" if high == low else f"{low}–{high}") + (f" {unit}" if unit else "")


def _nice(value: float) -> int:
    """Rounded up to 1, 2, 5 × 10ⁿ or a multiple of 5."""
    if value <= 5:
        return max(1, ceil(value))
    step = 5 if value < 50 else 10 if value < 200 else 50
    return ceil(value / step) * step


def steps_of(values: Sequence[int], most: int = 4) -> Steps:
    """Steps that begin at round numbers, of about as many divisions each; fewer where the values are few."""
    ordered = sorted(values)
    floors: list[int] = []
    for share in range(1, most):
        floor = _nice(ordered[min(len(ordered) - 1, len(ordered) * share // most)]) if ordered else 0
        if floor > (floors[-1] if floors else 0) and floor <= (ordered[-1] if ordered else 0):
            floors.append(floor)
    return Steps(tuple(floors))


def areas_of(divisions: Sequence[Division], values: Mapping[str, int], steps: Steps) -> tuple[Area, ...]:
    """The divisions with the step that each is filled with."""
    return tuple(
        Area(
            each.code,
            each.name,
            geometry_of(each.shape),
            steps.of(values.get(each.code, 0)),
            float(values.get(each.code, 0)),
        )
        for each in divisions
    )


def add_choropleth(panel: Panel, areas: Sequence[Area]) -> None:
    """Fill the divisions."""
    panel.add("choropleth", [feature(each.geometry, step=each.step) for each in areas])


def _inner_mm(panel: Panel, shape: BaseGeometry) -> tuple[float, float]:
    """The middle of the largest circle in a division, mm."""
    simple = shape.simplify(panel.sheet.simplify_deg * 4)
    parts = [part for part in getattr(simple, "geoms", [simple]) if isinstance(part, shapely.Polygon)]
    largest = max(parts, key=lambda part: part.area)
    lon, lat = shapely.maximum_inscribed_circle(largest, tolerance=0.002).coords[0]
    return panel.sheet.mm(lon, lat)


def add_columns(
    panel: Panel, order: Order, divisions: Sequence[Division], values: Mapping[str, tuple[int, int]]
) -> float:
    """Two columns (red, orange) with their figures and the name under them for each division; items in 1 mm."""
    most = max((max(pair) for pair in values.values()), default=1) or 1
    per_mm = max(1.0, float(ceil(most / _TALLEST_MM)))
    taken = Taken()
    for each in sorted(divisions, key=lambda it: (-sum(values.get(it.code, (0, 0))), it.code)):
        x, y = _inner_mm(panel, each.shape)
        pair = values.get(each.code, (0, 0))
        whole = Rect(x - 6, y - max(pair) / per_mm - 5, x + 6, y + 5)
        if not taken.is_free(whole) or not panel.sheet.holds(*panel.sheet.lonlat(x, y), 3):
            continue
        taken.add(whole)
        for at, (value, grade) in enumerate(zip(pair, (RiskGrade.RED, RiskGrade.ORANGE), strict=True)):
            left = x - _COLUMN_MM - 0.15 + at * (_COLUMN_MM + 0.3)
            tall = max(value / per_mm, 0.15)
            corners = [(left, y), (left + _COLUMN_MM, y), (left + _COLUMN_MM, y - tall), (left, y - tall), (left, y)]
            ring = [list(panel.sheet.lonlat(*corner)) for corner in corners]
            panel.add("columns", [feature({"type": "Polygon", "coordinates": [ring]}, grade=grade.value)])
            middle = panel.place_mm(left + _COLUMN_MM / 2, y - tall - 1.7)
            panel.add("column-figures", [feature(middle, name=str(value))])
        panel.add("column-names", [feature(panel.place_mm(x, y + 2.4), name=printable(each.name, 12))])
    return per_mm


def choropleth_legend(order: Order, areas: Sequence[Area], steps: Steps, caption: str, unit: str) -> LegendGroup:
    """The steps that are there, most first, each with how many divisions it holds."""
    colours = colours_of(order)
    entries = []
    for step in range(len(steps.floors), -1, -1):
        count = sum(each.step == step for each in areas)
        if count:
            text = steps.word(step, unit)
            entries.append(
                LegendEntry(
                    f"step-{step}", "fill", text, colour=colours[step], edge="#5A6773", width_mm=0.15, count=count
                )
            )
    return LegendGroup(caption, tuple(entries))


def colours_of(order: Order) -> tuple[str, ...]:
    """Of the steps: the template's, else the design's."""
    own = order.template.colours.choropleth if order.template else None
    return own or CHOROPLETH


def columns_legend(order: Order, per_mm: float, lang: Lang) -> LegendGroup:
    """What the columns mean."""
    caption = Text(f"柱：1 mm 高 = {per_mm:g} 家", f"Columns: 1 mm = {per_mm:g}").get(lang)
    entries = tuple(
        LegendEntry(
            f"column-{grade.value}",
            "fill",
            Text(f"{side}：{grade.label.zh}（{grade.code_text.zh}）", f"{side_en}: {grade.label.en}").get(lang),
            colour=order.theme.grade(grade).fill,
            edge="#1B2733",
            width_mm=0.2,
        )
        for grade, side, side_en in ((RiskGrade.RED, "左柱", "left"), (RiskGrade.ORANGE, "右柱", "right"))
    )
    return LegendGroup(caption, entries)
