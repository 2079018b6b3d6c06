"""The cells of all graded layers together: on a crowded map each plate counts every risk around its place, once.

A cell is a quarter of a tile wide and an eighth high: room for a plate with its figures. A cell stands at the mean of
its worst features, so that a single 红 stands where it is, but steps aside inside the cell as far as its plate needs:
no two plates of a map overlap, so that none has to be left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from geo.cartography.cells import WHOLE, CellWindow, counted_sql, rank_sql
from geo.cartography.tile_address import EXTENT, TileAddress, degrees_north, world_place
from geo.database import Database, StatementBuilder
from geo.selection import Box, Selection, quote
from layers.feature import SRID
from layers.layer import Layer
from layers.severity import RiskGrade

if TYPE_CHECKING:
    from asyncpg import Record

__all__ = ["RISK_CELLS", "RiskCell", "fetch_risk_cells", "risk_cells_cte"]

RISK_CELLS = "cells"
"""The MVT layer that holds them."""

_ACROSS, _DOWN = 2, 3
_TILE_PX = 512

_PLATE_PX = (42, 8.2, 8.0)
"""A plate's width: frame and shape, each digit of the worst grade's figure, each digit of the total."""
_PLATE_HALF_HEIGHT_PX = 13
_MARK_HALF_PX = 16
_SCALE = 1.2
"""Plates of the widest walls are larger by this."""
_GAP_PX = 2

_NEAR_DEG = 4e-7
"""A stored place is exact to 2^-31 of the world's edge, 1.7e-7 degrees."""


@dataclass(frozen=True, slots=True)
class RiskCell:
    """One cell: its place (degrees), worst grade, counts by grade key and by layer, and the feature alone in it.

    ``only`` is (layer, source, source_id, name) where the cell holds one feature.
    """

    lon: float
    lat: float
    grade: RiskGrade | None
    total: int
    by_grade: Mapping[str, int]
    by_layer: Mapping[str, int]
    only: tuple[str, str, str, str | None] | None


def _glyph_sql(layer: Layer) -> str:
    """The glyph of a row ``t`` as the layer declares it."""
    symbol = layer.symbol

    def literal(word: str) -> str:
        return "'" + word.replace("'", "''") + "'"

    if not symbol.glyph_field or not symbol.glyphs:
        return literal(symbol.glyph)
    cases = " ".join(f"WHEN {literal(value)} THEN {literal(glyph)}" for value, glyph in symbol.glyphs.items())
    return f"CASE t.{quote(symbol.glyph_field)} {cases} ELSE {literal(symbol.glyph)} END"


def _alone_sql(layer: Layer, selection: Selection, sql: StatementBuilder) -> str:
    """The features of ``layer`` that are alone in their cell."""
    bare = Selection(selection.layers, None, selection.grades, selection.division, selection.reader)
    return f"""SELECT c.cx, c.cy, t.source, t.source_id, {selection.column(layer, "name", "t")} AS name,
       {_glyph_sql(layer)} AS glyph
FROM (SELECT * FROM "cells:placed" WHERE total = 1 AND layer = '{layer.name}') AS c
CROSS JOIN LATERAL (
    SELECT * FROM {quote(layer.name)} WHERE {bare.where(layer, sql)}
    AND geom && ST_Expand(ST_SetSRID(ST_MakePoint(c.lon, c.lat), {SRID}), {_NEAR_DEG})
    AND abs(onemap_world_x(onemap_anchor(geom)) * {WHOLE} - c.mean_x - 0.5) < 2
    AND abs(onemap_world_y(onemap_anchor(geom)) * {WHOLE} - c.mean_y - 0.5) < 2
    ORDER BY source, source_id LIMIT 1
) AS t"""


def _aside(column: str, cell: str, size_px: float, half: str) -> str:
    """A place (share of the cell's edge) moved inside, so that ``half`` px are left to both edges."""
    share = f"({half}) / {size_px!r}"
    return f"{cell} + least(greatest({column} - {cell}, least({share}, 0.5)), greatest(1 - {share}, 0.5))"


def _cells_ctes(layers: Sequence[Layer], selection: Selection, window: CellWindow, sql: StatementBuilder) -> str:
    """CTEs ending in ``cells:named``: a row for each cell, its place in the grid's units as ``px`` and ``py``."""
    by_grade = ", ".join(
        f"coalesce(sum(n) FILTER (WHERE coalesce(grade, 'none') = '{key}'), 0)::int AS {quote(key)}"
        for key in (*RiskGrade, "none")
    )
    across, down = 2**window.across, 2**window.down
    frame, worst, digits = _PLATE_PX
    plate = f"({frame} + {worst} * length(n_worst::text) + {digits} * least(length(total::text), 5)) * {_SCALE / 2}"
    half_width = f"CASE WHEN total = 1 THEN {_MARK_HALF_PX} ELSE {plate} END + {_GAP_PX}"
    half_height = f"CASE WHEN total = 1 THEN {_MARK_HALF_PX} ELSE {_PLATE_HALF_HEIGHT_PX * _SCALE} END + {_GAP_PX}"
    alone = " UNION ALL ".join(_alone_sql(layer, selection, sql) for layer in layers)
    return f""""cells:counted" AS MATERIALIZED ({counted_sql(layers, selection, window, sql)}
), "cells:graded" AS (
    SELECT cx, cy, grade, {rank_sql("grade")} AS rank, sum(n) AS n, sum(sum_x) / sum(n) AS mean_x,
           sum(sum_y) / sum(n) AS mean_y
    FROM "cells:counted" GROUP BY cx, cy, grade
), "cells:layers" AS (
    SELECT cx, cy, min(layer) AS layer, translate(json_object_agg(layer, n ORDER BY layer)::text, ' ', '') AS layers
    FROM (SELECT cx, cy, layer, sum(n)::int AS n FROM "cells:counted" GROUP BY cx, cy, layer) AS l GROUP BY cx, cy
), "cells:placed" AS MATERIALIZED (
    SELECT *, (mean_x + 0.5) / {WHOLE} * 360 - 180 AS lon,
           degrees(atan(sinh(pi() * (1 - 2 * (mean_y + 0.5) / {WHOLE})))) AS lat
    FROM (SELECT cx, cy, (array_agg(grade ORDER BY rank))[1] AS grade, min(rank) AS rank, sum(n)::int AS total,
                 (array_agg(n ORDER BY rank))[1]::int AS n_worst, {by_grade},
                 ((array_agg(mean_x ORDER BY rank))[1])::float8 AS mean_x,
                 ((array_agg(mean_y ORDER BY rank))[1])::float8 AS mean_y
          FROM "cells:graded" GROUP BY cx, cy) AS g JOIN "cells:layers" USING (cx, cy)
), "cells:alone" AS ({alone}
), "cells:named" AS (
    SELECT *, CASE WHEN total = 1 THEN p.layer END AS "only",
           {_aside(f"mean_x / {WHOLE // across}", "cx", _TILE_PX / 2**_ACROSS, half_width)} AS px,
           {_aside(f"mean_y / {WHOLE // down}", "cy", _TILE_PX / 2**_DOWN, half_height)} AS py,
           concat_ws(',', round((cx / {across}.0 * 360 - 180)::numeric, 6), {_latitude(f"(cy + 1) / {down}.0")},
                     round(((cx + 1) / {across}.0 * 360 - 180)::numeric, 6), {_latitude(f"cy / {down}.0")}) AS bounds
    FROM "cells:placed" p LEFT JOIN "cells:alone" a USING (cx, cy)
)"""


def _latitude(share: str) -> str:
    return f"round(degrees(atan(sinh(pi() * (1 - 2 * {share}))))::numeric, 6)"


_COUNTS = 'grade, total, red, orange, yellow, blue, "none", layers'


def risk_cells_cte(layers: Sequence[Layer], selection: Selection, tile: TileAddress, sql: StatementBuilder) -> str:
    """CTEs ending in ``cells``: one row with the tile's cells of these layers.

    Each cell has the worst grade in it as ``grade``, ``total``, the count of each grade, ``layers`` (counts as JSON)
    and ``bounds`` (degrees); one of a single feature has its ``layer``, ``source``, ``source_id``, ``name``, ``glyph``.
    """
    window = CellWindow.of_tile(tile, _ACROSS, _DOWN)
    width, height = EXTENT >> _ACROSS, EXTENT >> _DOWN
    left, top = (sql.value(first, "int") for first in (window.columns[0], window.rows[0]))
    place = f"ST_MakePoint(floor((px - {left}) * {width}), floor((py - {top}) * {height})) AS geom"
    return f"""{_cells_ctes(layers, selection, window, sql)}, "{RISK_CELLS}" AS (
    SELECT ST_AsMVT(drawn, '{RISK_CELLS}', {EXTENT}, 'geom') AS mvt
    FROM (SELECT {_COUNTS}, bounds, "only" AS layer, source, source_id, name, glyph, {place}
          FROM "cells:named" ORDER BY rank, total DESC, cx, cy) AS drawn
)"""


def _window_of(box: Box, zoom: int) -> CellWindow:
    """The cells of a zoom that touch a box."""
    across, down = 1 << zoom + _ACROSS, 1 << zoom + _DOWN

    (left, top), (right, bottom) = world_place(box.west, box.north), world_place(box.east, box.south)
    columns = (min(floor(left * across), across - 1), min(floor(right * across), across - 1))
    rows = (min(floor(top * down), down - 1), min(floor(bottom * down), down - 1))
    return CellWindow(zoom + _ACROSS, zoom + _DOWN, columns, rows)


def _box_of(window: CellWindow) -> Box:
    """The box of whole cells, a little wider than they are."""
    across, down = 1 << window.across, 1 << window.down
    south, north = (degrees_north((row + more) / down) for row, more in zip(window.rows[::-1], (1, 0), strict=True))
    west, east = ((column + more) / across * 360 - 180 for column, more in zip(window.columns, (0, 1), strict=True))
    return Box(max(west - _NEAR_DEG, -180), south - _NEAR_DEG, min(east + _NEAR_DEG, 180), north + _NEAR_DEG)


def _cell_of(row: Record) -> RiskCell:
    by_layer: dict[str, int] = json.loads(str(row["layers"]))
    grade = row["grade"]
    only = tuple(row[key] for key in ("only", "source", "source_id", "name")) if row["source_id"] is not None else None
    return RiskCell(
        lon=float(row["wx"]) * 360 - 180,
        lat=degrees_north(float(row["wy"])),
        grade=None if grade is None else RiskGrade(grade),
        total=row["total"],
        by_grade={key: row[key] for key in (*RiskGrade, "none")},
        by_layer=by_layer,
        only=only,
    )


async def fetch_risk_cells(database: Database, selection: Selection, box: Box, zoom: int) -> list[RiskCell]:
    """The cells of ``selection``'s layers that touch ``box``, each counted whole, worst first.

    ``zoom`` is a tile's (512 px): at its scale or larger ones no two plates overlap. The selection's area is not used.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    sql = StatementBuilder()
    window = _window_of(box, zoom)
    within = Selection(
        selection.layers, _box_of(window), selection.grades, selection.division, selection.reader, selection.retired
    )
    ctes = _cells_ctes(selection.layers, within, window, sql)
    statement = sql.build(
        f'WITH {ctes} SELECT {_COUNTS}, "only", source, source_id, name, px / {2**window.across} AS wx, '
        f'py / {2**window.down} AS wy FROM "cells:named" ORDER BY rank, total DESC, cx, cy'
    )
    return [_cell_of(row) for row in await database.fetch(statement)]
