"""Choropleth: divisions filled by a count in four steps, each with its columns and name, and the legend of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import shapely
from shapely.geometry.base import BaseGeometry

from geo.exhibits.content import Area, LegendEntry, LegendGroup
from geo.exhibits.draft import arrow_room
from geo.exhibits.ground import Division
from geo.exhibits.kind import Order
from geo.exhibits.marks import text_width_mm
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.panel_style import CHOROPLETH
from geo.exhibits.placing import Rect, Taken
from geo.exhibits.sheet import Sheet
from geo.exhibits.wording import printable
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["MOST_COLUMNS", "Steps", "add_choropleth", "add_columns", "areas_of", "choropleth_legend", "steps_of"]

_COLUMN_MM = 3.2
_TALLEST_MM = 12.0
_FAR_STEPS = 14
_LED_MM = 6.0
MOST_COLUMNS = 40
"""Of more divisions the fill alone tells: columns would stand upon each other."""


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


def _nice(value: float, greatest: float) -> int:
    """Rounded up to a multiple of what suits the greatest value: 1, 2, 5, 10, 20 …"""
    step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000) if greatest <= each * 14 or each == 10_000)
    return max(1, ceil(value / step) * step)


def steps_of(values: Sequence[int], most: int = 4) -> Steps:
    """Steps that begin at round numbers, of about as many divisions each; fewer where the values are few."""
    ordered = sorted(values)
    floors: list[int] = []
    for share in range(1, most):
        floor = _nice(ordered[min(len(ordered) - 1, len(ordered) * share // most)], ordered[-1]) if ordered else 0
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
    """Two columns (red, orange) with their figures and the name under them for each division; items in 1 mm.

    A division without ``values`` has its name alone: none of its features has a grade.
    """
    most = max((max(pair) for pair in values.values()), default=1) or 1
    per_mm = max(1.0, float(ceil(most / _TALLEST_MM)))
    sheet, taken = panel.sheet, Taken([arrow_room(panel.sheet)])
    for each in sorted(divisions, key=lambda it: (-sum(values.get(it.code, (0, 0))), it.code)):
        pair = values.get(each.code, (0, 0))
        own_x, own_y = _inner_mm(panel, each.shape)
        half = max(_COLUMN_MM + 1.2, text_width_mm(printable(each.name, 12), 8.5) / 2 + 0.4)
        x, y = _free_place(own_x, own_y, half, max(pair) / per_mm, taken, sheet)
        taken.add(_taken_by(x, y, half, max(pair) / per_mm))
        if (x - own_x) ** 2 + (y - own_y) ** 2 > _LED_MM**2:
            panel.add("leaders", [feature(panel.line_mm(((own_x, own_y), (x, y))))])
        graded = zip(pair, (RiskGrade.RED, RiskGrade.ORANGE), strict=True) if each.code in values else ()
        for at, (value, grade) in enumerate(graded):
            left = x - _COLUMN_MM - 0.15 + at * (_COLUMN_MM + 0.3)
            tall = max(value / per_mm, 0.15)
            corners = [(left, y), (left + _COLUMN_MM, y), (left + _COLUMN_MM, y - tall), (left, y - tall), (left, y)]
            ring = [list(panel.sheet.lonlat(*corner)) for corner in corners]
            panel.add("columns", [feature({"type": "Polygon", "coordinates": [ring]}, grade=grade.value)])
            middle = panel.place_mm(left + _COLUMN_MM / 2, y - tall - 1.7)
            panel.add("column-figures", [feature(middle, name=str(value))])
        panel.add("column-names", [feature(panel.place_mm(x, y + 2.4), name=printable(each.name, 12))])
    return per_mm


def _taken_by(x: float, y: float, half: float, tall: float) -> Rect:
    return Rect(x - half, y - tall - 3.4, x + half, y + 4.2)


def _free_place(x: float, y: float, half: float, tall: float, taken: Taken, sheet: Sheet) -> tuple[float, float]:
    """The nearest place at which columns and name touch no others; their own where there is none."""
    steps = range(-_FAR_STEPS, _FAR_STEPS + 1)
    offsets = sorted((dx * dx + dy * dy, dx, dy) for dx in steps for dy in steps)
    for _, dx, dy in offsets:
        box = _taken_by(x + dx * 1.5, y + dy * 1.5, half, tall)
        inside = box.left > 1 and box.top > 1 and box.right < sheet.box.w - 1 and box.bottom < sheet.box.h - 1
        if inside and taken.is_free(box):
            return x + dx * 1.5, y + dy * 1.5
    return x, y


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
