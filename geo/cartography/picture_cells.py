"""Crowded pictures: plates that count every risk of a cell, as on the wall, instead of marks that hide each other.

The worst grade in a cell is its shape, its figure stands first, and a bar shares out the grades: nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

from geo.cartography.engine import DrawLayer
from geo.cartography.frame import Frame
from geo.cartography.furniture import Furniture, text_width
from geo.cartography.legend import Counts, fetch_counts
from geo.cartography.risk_cells import RiskCell, fetch_risk_cells
from geo.cartography.symbology import GRADES_WORST_FIRST, LayerSymbology, size_factor
from geo.cartography.theme import Theme, grade_key
from geo.database import Database, StatementBuilder
from geo.selection import Box, Selection, quote
from layers.layer import Layer

__all__ = ["MOST_MARKS", "PLATE_STYLES", "Crowd", "fetch_crowd", "merged", "plate_layers"]

MOST_MARKS = 4_000
"""More risks than these in one picture are counted in cells."""

_MOST_OF_A_LAYER = 20_000
"""More features than these of a layer without grades are shown as dots."""

_CHECKED_BELOW_ZOOM = 13.0
"""A frame nearer than this holds no crowd: 1200 px are less than ten kilometres."""

PLATE_STYLES = ("obstacles", "plates", "plate-bars", "furniture-icons", "furniture-texts")

_HEIGHT, _BAR_TOP, _BAR, _MARK_AT = 26.0, 19.5, 3.0, 12.5
_LEAST_SHARE_PX = 2.5
_MARK_SCALE = 13 / 36


@dataclass(frozen=True)
class Crowd:
    """What of a picture is counted: the layers, their cells, and how many features of each grade the frame holds."""

    layers: tuple[Layer, ...] = ()
    risks: tuple[RiskCell, ...] = ()
    spread: tuple[tuple[LayerSymbology, tuple[RiskCell, ...]], ...] = ()
    counts: Counts | None = None
    demo: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Of the layers that are counted."""
        return frozenset(layer.name for layer in self.layers)


async def fetch_crowd(
    database: Database, symbologies: Sequence[LayerSymbology], selection: Selection, frame: Frame
) -> Crowd:
    """The layers of a picture that are too many to be drawn one by one; mostly none.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    drawn = [each for each in symbologies if each.has_marks and frame.zoom >= each.layer.zooms.features]
    if frame.zoom >= _CHECKED_BELOW_ZOOM or not drawn:
        return Crowd()
    numbers = await _numbers(database, [each.layer for each in drawn], selection, frame.box)
    graded = [each.layer for each in drawn if each.layer.graded]
    crowded = tuple(graded) if sum(numbers[layer.name] for layer in graded) > MOST_MARKS else ()
    many = [each for each in drawn if not each.layer.graded and numbers[each.layer.name] > _MOST_OF_A_LAYER]
    if not crowded and not many:
        return Crowd()
    zoom = max(floor(frame.zoom), 0)
    lons, lats = zip(*frame.outline, strict=True)
    inside = Box(max(min(lons), -180.0), max(min(lats), -90.0), min(max(lons), 180.0), min(max(lats), 90.0))
    counted = (*crowded, *(each.layer for each in many))
    counts = await fetch_counts(database, _narrowed(selection, counted, inside))
    risks = await fetch_risk_cells(database, _narrowed(selection, crowded), frame.box, zoom) if crowded else []
    spread = [
        (each, tuple(await fetch_risk_cells(database, _narrowed(selection, (each.layer,)), frame.box, zoom)))
        for each in many
    ]
    demo = await _holds_demo(database, _narrowed(selection, counted, frame.box))
    return Crowd(counted, tuple(risks), tuple(spread), counts, demo)


def _narrowed(selection: Selection, layers: tuple[Layer, ...], area: Box | None = None) -> Selection:
    return Selection(layers, area, selection.grades, selection.division, selection.reader)


async def _numbers(database: Database, layers: Sequence[Layer], selection: Selection, box: Box) -> dict[str, int]:
    """Features of each layer that touch the box; more than can be drawn are not counted on."""
    sql = StatementBuilder()
    within = _narrowed(selection, tuple(layers), box)
    parts = []
    for layer in layers:
        limit = (MOST_MARKS if layer.graded else _MOST_OF_A_LAYER) + 1
        rows = f"SELECT 1 FROM {quote(layer.name)} t WHERE {within.where(layer, sql)} LIMIT {limit}"
        parts.append(f"SELECT '{layer.name}' AS layer, count(*) AS n FROM ({rows}) AS r")
    found = await database.fetch(sql.build(" UNION ALL ".join(parts)))
    return {str(row["layer"]): int(row["n"]) for row in found}


async def _holds_demo(database: Database, selection: Selection) -> bool:
    """Whether any of the features that are counted is invented."""
    sql = StatementBuilder()
    parts = [
        f"EXISTS (SELECT 1 FROM {quote(layer.name)} t WHERE demo AND {selection.where(layer, sql)})"
        for layer in selection.layers
    ]
    (row,) = await database.fetch(sql.build(f"SELECT {' OR '.join(parts)} AS demo"))
    return bool(row["demo"])


def plate_layers(crowd: Crowd, frame: Frame, theme: Theme, symbologies: Iterable[LayerSymbology]) -> list[DrawLayer]:
    """Dots below, then plates, bars, shapes and figures; no two plates overlap, so that each part is one layer."""
    made, dots = Furniture(frame), Furniture(frame)
    by_name = {each.layer.name: each for each in symbologies}
    for symbology, cells in crowd.spread:
        bare = symbology.mark(None, None).icon
        for cell in cells:
            x, y = frame.pixel(cell.lon, cell.lat)
            dots.icon(x, y, bare, 0.16 + 0.14 * min(cell.total / 400, 1.0))
    for cell in reversed(crowd.risks):
        x, y = frame.pixel(cell.lon, cell.lat)
        if cell.total == 1 and cell.only is not None:
            scale = by_name[cell.only[0]].scale
            made.icon(x, y, grade_key(cell.grade), scale * size_factor(frame.zoom, cell.grade))
        else:
            _plate(made, cell, x, y, theme)
    return [*dots.layers(["furniture-icons"]), *made.layers(PLATE_STYLES)]


def _plate(made: Furniture, cell: RiskCell, x: float, y: float, theme: Theme) -> None:
    """26 px high: shape, the worst grade's figure, the total where it is more, and the bar of shares."""
    key = grade_key(cell.grade)
    worst = cell.by_grade[key]
    first, second = f"{worst:,}", "" if worst == cell.total else f"/ {cell.total:,}"
    width = 23 + text_width(first, 13.5) + (5 + text_width(second, 12) if second else 0) + 8
    left, top = x - width / 2, y - _HEIGHT / 2
    made.obstacle(left, top, width, _HEIGHT)
    heavy = key == "red" and worst >= 5
    edge = (theme.grades[key].fill, 2.0) if heavy else (theme.surface.line, 1.3)
    made.plate(left, top, width, _HEIGHT, *edge)
    made.icon(left + _MARK_AT, top + 11, key, _MARK_SCALE)
    made.text(left + 23, top + 10.8, first, 13.5, bold=True)
    if second:
        made.text(left + 23 + text_width(first, 13.5) + 5, top + 11.2, second, 12, kind="ink2")
    _bar(made, cell, left + 5, top + _BAR_TOP, width - 10, theme)


def _bar(made: Furniture, cell: RiskCell, left: float, top: float, width: float, theme: Theme) -> None:
    present = [(grade_key(grade), cell.by_grade[grade_key(grade)]) for grade in GRADES_WORST_FIRST]
    present = [(key, number) for key, number in present if number]
    spare = width - _LEAST_SHARE_PX * len(present)
    for key, number in present:
        share = _LEAST_SHARE_PX + spare * number / cell.total
        made.bar(left, top, share, _BAR, theme.grades[key].fill)
        left += share


def merged(counts: Counts, crowd: Crowd) -> Counts:
    """The legend's counts: those of the features that are drawn, and of those that are counted."""
    return {**counts, **(crowd.counts or {})}
