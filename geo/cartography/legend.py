"""The legend: what each mark means and how many there are, from the same Selection as the map beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.symbology import LayerSymbology, Mark
from geo.cartography.theme import GradeKey, grade_key
from geo.database import Database, Statement, StatementBuilder
from geo.rasters.colours import ColourRow
from geo.rasters.entries import RasterEntry
from geo.selection import Selection, quote
from layers.text import Lang, Text

__all__ = [
    "Counts",
    "GridEntry",
    "LegendEntry",
    "LegendItem",
    "count_statement",
    "fetch_counts",
    "grid_entries",
    "grid_json",
    "legend_entries",
    "legend_json",
]

Counts = Mapping[str, Mapping[GradeKey, int]]
"""Features by layer and grade; a grade with none is absent."""


@dataclass(frozen=True, slots=True)
class LegendItem:
    """One row: a mark, what it means, and how many there are."""

    grade: GradeKey
    title: Text
    code: Text
    mark: Mark
    count: int


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One layer's rows, worst first."""

    symbology: LayerSymbology
    items: tuple[LegendItem, ...]


@dataclass(frozen=True, slots=True)
class GridEntry:
    """One grid's rows; ``opacity`` is that of its colours on the map."""

    name: str
    heading: Text
    rows: tuple[ColourRow, ...]
    opacity: float
    unit: Text | None
    demo: bool


def grid_entries(grids: Iterable[RasterEntry]) -> tuple[GridEntry, ...]:
    """The legend of these grids, in their order; where one has gaps, that these are unknown is said."""
    found = []
    for grid in grids:
        table = grid.table
        rows = table.rows(has_gaps=grid.known_share < 1)
        unit = table.unit.text() if table.unit else None
        found.append(GridEntry(grid.name, table.heading(), rows, table.opacity, unit, grid.demo))
    return tuple(found)


def count_statement(selection: Selection) -> Statement:
    """SQL whose single text is ``{layer: {grade: count}}`` of the features that touch the selection's area."""
    sql = StatementBuilder()
    parts = [
        f"SELECT '{layer.name}' AS layer, coalesce(grade, 'none') AS grade, count(*) AS n "
        f"FROM {quote(layer.name)} t WHERE {selection.where(layer, sql)} GROUP BY grade"
        for layer in selection.layers
    ]
    if not parts:
        return sql.build("SELECT '{}'")
    return sql.build(
        "SELECT coalesce(json_object_agg(layer, grades), '{}')::text FROM (SELECT layer, json_object_agg(grade, n) "
        f"AS grades FROM ({' UNION ALL '.join(parts)}) AS counted GROUP BY layer) AS by_layer"
    )


async def fetch_counts(database: Database, selection: Selection) -> Counts:
    """Features of the selection by layer and grade."""
    counts: Counts = json.loads(await database.fetch_text(count_statement(selection)))
    return counts


def legend_entries(symbologies: Sequence[LayerSymbology], counts: Counts) -> tuple[LegendEntry, ...]:
    """The legend of these layers, in their order; of the base map only rivers, at the end."""
    entries = []
    for symbology in sorted(symbologies, key=lambda each: each.is_water):
        own = counts.get(symbology.layer.name, {})
        items = tuple(
            LegendItem(
                grade_key(grade),
                symbology.grade_title(grade),
                symbology.grade_code(grade),
                symbology.mark(grade, symbology.glyphs[None]),
                own.get(grade_key(grade), 0),
            )
            for grade in symbology.shown_grades(frozenset(own))
        )
        if items:
            entries.append(LegendEntry(symbology, items))
    return tuple(entries)


def grid_json(grid: GridEntry, lang: Lang) -> dict[str, object]:
    """A grid's part of ``legend_json``."""
    return {
        "raster": grid.name,
        "title": grid.heading.get(lang),
        "unit": grid.unit.get(lang) if grid.unit else None,
        "opacity": grid.opacity,
        "demo": grid.demo,
        "items": [{"title": row.title.get(lang), "color": row.colour} for row in grid.rows],
    }


def legend_json(entries: Sequence[LegendEntry], lang: Lang, grids: Sequence[GridEntry] = ()) -> dict[str, object]:
    """``{"entries": […], "rasters": […]}`` as ``GET /legend.json`` answers.

    ``shape`` is one of diamond, triangle, square, circle, ring; ``icon`` is the exact icon of the sprite. A raster's
    item without ``color`` is what is not drawn: cells without a value.
    """
    return {
        "rasters": [grid_json(grid, lang) for grid in grids],
        "entries": [
            {
                "layer": entry.symbology.layer.name,
                "title": entry.symbology.layer.title.get(lang),
                "family": entry.symbology.layer.family.value,
                "symbol": entry.symbology.glyphs[None],
                "items": [
                    {
                        "grade": item.grade,
                        "title": item.title.get(lang),
                        "code": item.code.get(lang),
                        "shape": item.mark.shape.silhouette,
                        "icon": item.mark.icon,
                        "color": item.mark.paint.edge if item.mark.icon.startswith("none") else item.mark.paint.fill,
                        "outline": item.mark.paint.edge,
                        "count": item.count,
                    }
                    for item in entry.items
                ],
            }
            for entry in entries
        ],
    }
