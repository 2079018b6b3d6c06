"""Cells: what a tile shows of a layer with more features than can be told apart, every one of them counted.

A cell is a sixteenth of a tile's edge. Its place is the mean of its worst features, so that a single 红 stands where it
is. Maps of a province read the stored cells (``geo/sql/20_cells.sql``), deeper ones count the rows themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo.cartography.tile_address import BUFFER, EXTENT, HALF_WORLD_M, TileAddress
from geo.database import Database, StatementBuilder
from geo.selection import Selection, division_prefix, quote
from layers.layer import CELLS_PER_TILE_ZOOM, STORED_CELL_ZOOM, Layer
from layers.severity import RiskGrade

__all__ = ["CELLS", "can_count", "cells_cte", "fetch_crowds", "rank_sql"]

CELLS = ":cells"
"""Ends the name under which a tile holds a layer's cells: ``hazard_points:cells``."""

_WHOLE = 2**31
_STORED_DIGITS = 6


def rank_sql(column: str) -> str:
    """A SQL expression: the severity rank of a grade, 1 worst, 5 for 未分级."""
    cases = " ".join(f"WHEN '{grade.value}' THEN {grade.rank}" for grade in RiskGrade)
    return f"CASE {column} {cases} ELSE 5 END"


def can_count(selection: Selection, tile: TileAddress) -> bool:
    """Whether the stored cells tell how many features a tile has: it is no smaller, nor is a division asked for."""
    asked = [*(selection.reader.divisions or ()), *([selection.division] if selection.division else [])]
    return tile.z <= STORED_CELL_ZOOM and all(len(division_prefix(code)) <= _STORED_DIGITS for code in asked)


def _has_stored_cells(selection: Selection, tile: TileAddress) -> bool:
    return tile.z + CELLS_PER_TILE_ZOOM <= STORED_CELL_ZOOM and can_count(selection, tile)


def _stored(tile: TileAddress, sql: StatementBuilder, around: int) -> str:
    """The condition on the stored cells of a tile and of ``around`` of them beyond each edge."""
    side = 2 ** (STORED_CELL_ZOOM - tile.z)
    ranges = []
    for column, place in (("x", tile.x), ("y", tile.y)):
        first, last = place * side - around, (place + 1) * side + around - 1
        ranges.append(f"{column} BETWEEN {sql.value(first, 'int')} AND {sql.value(last, 'int')}")
    return " AND ".join(ranges)


def _rows(condition: str) -> str:
    """The stored cells with the columns that a Selection's conditions are about."""
    return (
        "(SELECT layer, x, y, nullif(grade, '') AS grade, division_code, NULL::timestamptz AS retired_at, n, sum_x, "
        f"sum_y FROM onemap_cells WHERE {condition}) AS c"
    )


async def fetch_crowds(
    database: Database, selection: Selection, layers: Iterable[Layer], tile: TileAddress
) -> dict[str, int]:
    """How many features each of these layers has in the tile, from the stored cells."""
    sql = StatementBuilder()
    within = Selection(selection.layers, None, selection.grades, selection.division, selection.reader)
    named = f"layer = ANY ({sql.value([layer.name for layer in layers], 'text[]')})"
    where = within.where(selection.layers[0], sql)
    statement = sql.build(
        f"SELECT layer, sum(n)::bigint AS n FROM {_rows(f'{named} AND {_stored(tile, sql, 0)}')} "
        f"WHERE {where} GROUP BY layer"
    )
    return {row["layer"]: row["n"] for row in await database.fetch(statement)}


def cells_cte(layer: Layer, selection: Selection, tile: TileAddress, sql: StatementBuilder, bounds: str) -> str:
    """CTEs ending in ``{layer}:cells``: one row with the tile's cells of the layer, how many features and of how many.

    Each cell has the worst grade in it as ``grade``, ``total``, and the count of each grade that is there.
    """
    name = quote(layer.name + CELLS)
    shift = STORED_CELL_ZOOM - CELLS_PER_TILE_ZOOM - tile.z
    if _has_stored_cells(selection, tile):
        bare = Selection(selection.layers, None, selection.grades, selection.division, selection.reader)
        cells = _rows(f"layer = '{layer.name}' AND {_stored(tile, sql, 1 << shift)}")
        counted = f"SELECT x >> {shift} AS cx, y >> {shift} AS cy, grade, n, sum_x, sum_y FROM {cells} "
        counted += f"WHERE {bare.where(layer, sql)}"
    else:
        per_world = 2 ** (tile.z + CELLS_PER_TILE_ZOOM)
        counted = (
            f"SELECT floor(wx * {per_world})::int AS cx, floor(wy * {per_world})::int AS cy, grade, 1 AS n, "
            f"floor(wx * {_WHOLE})::bigint AS sum_x, floor(wy * {_WHOLE})::bigint AS sum_y FROM "
            "(SELECT grade, onemap_world_x(anchor) AS wx, onemap_world_y(anchor) AS wy FROM "
            f"(SELECT grade, onemap_anchor(geom) AS anchor FROM {quote(layer.name)} "
            f"WHERE {selection.where(layer, sql)}) AS a WHERE NOT ST_IsEmpty(anchor)) AS w"
        )
    by_grade = ", ".join(
        f"(sum(n) FILTER (WHERE coalesce(grade, 'none') = '{key}'))::int AS {quote(key)}"
        for key in (*RiskGrade, "none")
    )
    easting = f"(mean_x / {_WHOLE / 2!r} - 1) * {HALF_WORLD_M!r}"
    northing = f"(1 - mean_y / {_WHOLE / 2!r}) * {HALF_WORLD_M!r}"
    place = f"ST_AsMVTGeom(ST_SetSRID(ST_MakePoint({easting}, {northing}), 3857), {bounds}, {EXTENT}, {BUFFER}, true)"
    return f"""{quote(layer.name + CELLS + ":graded")} AS (
    SELECT cx, cy, grade, {rank_sql("grade")} AS rank, sum(n) AS n, sum(sum_x) / sum(n) AS mean_x,
           sum(sum_y) / sum(n) AS mean_y
    FROM ({counted}) AS counted GROUP BY cx, cy, grade
), {quote(layer.name + CELLS + ":placed")} AS MATERIALIZED (
    SELECT cx, cy, (array_agg(grade ORDER BY rank))[1] AS grade, min(rank) AS rank, sum(n)::int AS total, {by_grade},
           ((array_agg(mean_x ORDER BY rank))[1])::float8 AS mean_x,
           ((array_agg(mean_y ORDER BY rank))[1])::float8 AS mean_y
    FROM {quote(layer.name + CELLS + ":graded")} GROUP BY cx, cy
), {name} AS (
    SELECT ST_AsMVT(drawn, '{layer.name}{CELLS}', {EXTENT}, 'geom') AS mvt
    FROM (SELECT grade, total, red, orange, yellow, blue, "none", geom
          FROM (SELECT *, {place} AS geom FROM {quote(layer.name + CELLS + ":placed")} OFFSET 0) AS p
          WHERE geom IS NOT NULL ORDER BY rank, total DESC, cx, cy) AS drawn
)"""
