"""The water courses of an exhibit's map: those that its scale shows, as wide as declared, named along their line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.theme import Theme
from geo.cartography.water import draws_water, named_water_classes_at, water_classes_at, water_field, water_width_px
from geo.database import Database, Statement, StatementBuilder
from geo.exhibits.content import LegendEntry
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.sheet import PX_PER_MM, Sheet
from geo.exhibits.wording import printable
from geo.selection import Box, Reader, Selection, quote
from layers.layer import Layer
from layers.registry import Registry
from layers.text import Lang

__all__ = ["Water", "add_waters", "fetch_waters", "legend_of_waters", "water_layers"]

_MM_PER_SCREEN_PX = 25.4 / 96
_AHEAD = 1.0
"""Zooms. Paper is drawn finer than a screen: it shows what a screen shows at the next zoom, as wide as at its own."""
_NAME_LINE_MM = 1.5
"""Names follow a line without its bends smaller than this."""


@dataclass(frozen=True)
class Water:
    """All reaches in and around the frame of one class and one name, joined where their ends meet."""

    layer: Layer
    name: str
    shape: BaseGeometry
    width_mm: float
    named: bool
    """Whether the scale shows its name."""
    demo: bool


def water_layers(registry: Registry) -> tuple[Layer, ...]:
    """The layers that are drawn as water courses."""
    return tuple(layer for layer in registry.values() if draws_water(layer))


def _statement(layer: Layer, sheet: Sheet, classes: Sequence[str], reader: Reader) -> Statement:
    west, south, east, north = sheet.outline.bounds
    wide, high = (east - west) / 2, (north - south) / 2
    sql = StatementBuilder()
    where = Selection((layer,), Box(west, south, east, north), reader=reader).where(layer, sql)
    edges = ", ".join(sql.value(edge, "float8") for edge in (west - wide, south - high, east + wide, north + high))
    code, name = f"coalesce(t.{quote(water_field(layer))}, '')", "coalesce(t.name, '')"
    clipped = f"ST_ClipByBox2D(t.geom, ST_MakeEnvelope({edges}, 4490))"
    # Reaches collected are a collection of multi-lines, which are not merged: their lines are.
    joined = f"ST_LineMerge(ST_CollectionExtract(ST_Collect({clipped} ORDER BY t.source, t.source_id), 2))"
    return sql.build(
        f"SELECT {code} AS code, {name} AS name, bool_or(t.demo) AS demo, "
        f"ST_AsBinary(ST_Simplify({joined}, {sql.value(sheet.simplify_deg, 'float8')}, true)) AS shape "
        f"FROM {quote(layer.name)} t WHERE {where} AND {code} = ANY ({sql.value(list(classes), 'text[]')}) "
        f"GROUP BY 1, 2 ORDER BY 1, 2"
    )


async def fetch_waters(database: Database, layers: Iterable[Layer], sheet: Sheet, reader: Reader) -> list[Water]:
    """The water courses that a sheet shows at its scale, cut half a frame beyond it: a cut is never seen.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    found: list[Water] = []
    zoom = sheet.screen_zoom
    for layer in layers:
        widths = water_width_px(layer, zoom)
        classes, named = (of(layer, zoom + _AHEAD) for of in (water_classes_at, named_water_classes_at))
        for row in await database.fetch(_statement(layer, sheet, classes, reader)):
            shape = shapely.from_wkb(row["shape"])
            if shape.intersects(sheet.outline):
                code, name = row["code"], printable(row["name"], 12)
                width_mm = round(widths[code or None] * _MM_PER_SCREEN_PX, 3)
                found.append(Water(layer, name, shape, width_mm, code in named, row["demo"]))
    return found


def add_waters(panel: Panel, waters: Iterable[Water], named_in: BaseGeometry | None = None) -> None:
    """Lines below all that the map is about, and their names; of ``named_in`` only, where that is given."""
    bends = _NAME_LINE_MM / 0.04 * panel.sheet.simplify_deg
    for water in waters:
        panel.add("waters", [feature(geometry_of(water.shape), width=round(water.width_mm * PX_PER_MM, 2))])
        line = water.shape if named_in is None else water.shape.intersection(named_in)
        if water.named and water.name and not line.is_empty:
            merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
            panel.add("water-names", [feature(geometry_of(merged.simplify(bends)), name=water.name)])


def legend_of_waters(waters: Sequence[Water], theme: Theme, lang: Lang) -> list[LegendEntry]:
    """A line for each layer of which anything is drawn, as wide as the widest of it."""
    widest = {water.layer.name: water for water in sorted(waters, key=lambda each: each.width_mm)}
    colour = theme.rivers.color
    return [
        LegendEntry(f"water-{name}", "line", each.layer.title.get(lang), colour=colour, width_mm=each.width_mm)
        for name, each in sorted(widest.items())
    ]
