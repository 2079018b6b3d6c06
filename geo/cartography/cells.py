"""Cells: what a tile shows of layers with more features than can be told apart, every one of them counted.

Graded layers share one set of cells (``risk_cells.py``); an ungraded one has cells of its own: where its features are
and how many. Maps of a province read the stored cells (``geo/sql/20_cells.sql``), deeper ones count the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geo.cartography.places import has_points, has_shapes, points_in_box
from geo.cartography.tile_address import EXTENT, TileAddress
from geo.database import Database, StatementBuilder
from geo.selection import Box, Selection, division_prefix, quote
from layers.layer import CELLS_PER_TILE_ZOOM, STORED_CELL_ZOOM, Layer
from layers.severity import RiskGrade

__all__ = ["CELLS", "WHOLE", "CellWindow", "can_count", "cells_cte", "counted_sql", "fetch_crowds", "rank_sql"]

CELLS = ":cells"
"""Ends the name under which a tile holds an ungraded layer's cells: ``shelters:cells``."""

_WHOLE_BITS = 31
WHOLE = 2**_WHOLE_BITS
"""The world's edge in the units of stored places."""

_WIDEST_DEG = 6.0
"""Of boxes whose points are found stripe by stripe: wider ones have too many."""

_STORED_DIGITS = 6


def rank_sql(column: str) -> str:
    """A SQL expression: the severity rank of a grade, 1 worst, 5 for 未分级."""
    cases = " ".join(f"WHEN '{grade.value}' THEN {grade.rank}" for grade in RiskGrade)
    return f"CASE {column} {cases} ELSE 5 END"


@dataclass(frozen=True, slots=True)
class CellWindow:
    """A range of cells, both ends included, of a grid of 2^``across`` × 2^``down`` cells over the world's square."""

    across: int
    down: int
    columns: tuple[int, int]
    rows: tuple[int, int]

    @classmethod
    def of_tile(cls, tile: TileAddress, across: int, down: int, around: int = 0) -> CellWindow:
        """The 2^``across`` × 2^``down`` cells of a tile and ``around`` of them beyond each edge."""

        def span(place: int, more: int) -> tuple[int, int]:
            return (place << more) - around, ((place + 1) << more) + around - 1

        return cls(tile.z + across, tile.z + down, span(tile.x, across), span(tile.y, down))

    @property
    def is_stored(self) -> bool:
        """Whether the stored cells are fine enough to make these of."""
        return max(self.across, self.down) <= STORED_CELL_ZOOM

    def of_stored(self, sql: StatementBuilder) -> str:
        """The condition on the stored cells of this window."""
        ranges = []
        for column, depth, (first, last) in (("x", self.across, self.columns), ("y", self.down, self.rows)):
            more = STORED_CELL_ZOOM - depth
            least, most = first << more, ((last + 1) << more) - 1
            ranges.append(f"{column} BETWEEN {sql.value(least, 'int')} AND {sql.value(most, 'int')}")
        return " AND ".join(ranges)


def can_count(selection: Selection, zoom: int) -> bool:
    """Whether the stored cells tell of places of this zoom: they are no larger, nor is a division asked for."""
    asked = [*(selection.reader.divisions or ()), *([selection.division] if selection.division else [])]
    return zoom <= STORED_CELL_ZOOM and all(len(division_prefix(code)) <= _STORED_DIGITS for code in asked)


def _stored_rows(condition: str) -> str:
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
    window = CellWindow.of_tile(tile, 0, 0).of_stored(sql)
    counted = sql.template(
        f"SELECT layer, sum(n)::bigint AS n FROM {_stored_rows(f'{named} AND {window}')} "
        f"WHERE {within.where(selection.layers[0], sql)} GROUP BY layer",
        one_plan=True,
    )
    return {row["layer"]: row["n"] for row in await database.fetch(counted.fill({}))}


def counted_sql(layers: Sequence[Layer], selection: Selection, window: CellWindow, sql: StatementBuilder) -> str:
    """A query for how many features of each layer and grade each cell has: layer, cx, cy, grade, n, sum_x, sum_y.

    ``selection``'s area must hold the window: the rows themselves are found by it.
    """
    if window.is_stored and can_count(selection, 0):
        bare = Selection(selection.layers, None, selection.grades, selection.division, selection.reader)
        named = f"layer = ANY ({sql.value([layer.name for layer in layers], 'text[]')})"
        across, down = STORED_CELL_ZOOM - window.across, STORED_CELL_ZOOM - window.down
        return (
            f"SELECT layer, x >> {across} AS cx, y >> {down} AS cy, grade, n, sum_x, sum_y "
            f"FROM {_stored_rows(f'{named} AND {window.of_stored(sql)}')} "
            f"WHERE {bare.where(layers[0], sql)}"
        )
    return " UNION ALL ".join(_rows_sql(layer, selection, window, sql) for layer in layers)


def _rows_sql(layer: Layer, selection: Selection, window: CellWindow, sql: StatementBuilder) -> str:
    """The same for one layer from its rows, where a cell is smaller than the stored ones: each place computed once.

    Rows are sorted by one number made of cell and rank, which is much faster than by three columns.
    """
    (left, right), (top, bottom) = window.columns, window.rows
    across, down = (_WHOLE_BITS - bits for bits in (window.across, window.down))
    edges = [sql.value(edge, "int") for edge in (left, right, top, bottom)]
    places = " UNION ALL ".join(
        f"(SELECT {rank_sql('grade')} AS rank, onemap_grid(onemap_world_x(anchor)) AS gx, "
        f"onemap_grid(onemap_world_y(anchor)) AS gy FROM ({anchors}) AS a WHERE NOT ST_IsEmpty(anchor) OFFSET 0)"
        for anchors in _anchors(layer, selection, sql)
    )
    grades = ", ".join(f"'{grade.value}'" for grade in RiskGrade)
    return f"""SELECT '{layer.name}' AS layer, {edges[0]} + (key / 8 / {bottom - top + 1})::int AS cx,
       {edges[2]} + (key / 8 % {bottom - top + 1})::int AS cy, (ARRAY[{grades}])[key % 8] AS grade, n, sum_x, sum_y
FROM (SELECT ((cx - {edges[0]})::bigint * {bottom - top + 1} + cy - {edges[2]}) * 8 + rank AS key, count(*) AS n,
             sum(gx)::numeric AS sum_x, sum(gy)::numeric AS sum_y
      FROM (SELECT rank, gx >> {across} AS cx, gy >> {down} AS cy, gx, gy FROM ({places}) AS p) AS c
      WHERE cx BETWEEN {edges[0]} AND {edges[1]} AND cy BETWEEN {edges[2]} AND {edges[3]} GROUP BY 1) AS k"""


def _anchors(layer: Layer, selection: Selection, sql: StatementBuilder) -> list[str]:
    """Queries of ``grade`` and ``anchor`` of the layer's rows: points by their own index, shapes by theirs."""
    box = selection.area
    if not isinstance(box, Box) or selection.retired or box.east - box.west > _WIDEST_DEG:
        every = f"SELECT grade, onemap_anchor(t.geom) AS anchor FROM {quote(layer.name)} t WHERE {{}}"
        return [every.format(selection.where(layer, sql))]
    found = []
    if has_points(layer):
        anywhere = replace(selection, area=None).where(layer, sql)
        where = f"{anywhere} AND {points_in_box(box, sql)}"
        found.append(f"SELECT grade, t.geom AS anchor FROM {quote(layer.name)} t WHERE {where}")
    if has_shapes(layer):
        within = f"{selection.where(layer, sql)} AND GeometryType(t.geom) <> 'POINT'"
        found.append(f"SELECT grade, onemap_anchor(t.geom) AS anchor FROM {quote(layer.name)} t WHERE {within}")
    return found


def cells_cte(layer: Layer, selection: Selection, tile: TileAddress, sql: StatementBuilder) -> str:
    """CTEs ending in ``{layer}:cells``: one row with the tile's cells of an ungraded layer, each with its ``total``.

    Where a source graded some of its features, ``grade`` is the worst in the cell.
    """
    name = layer.name + CELLS
    window = CellWindow.of_tile(tile, CELLS_PER_TILE_ZOOM, CELLS_PER_TILE_ZOOM, around=1)
    unit = WHOLE / 2**tile.z / EXTENT
    west, north = (sql.value(place * EXTENT, "int") for place in (tile.x, tile.y))
    return f"""{quote(name + ":graded")} AS (
    SELECT cx, cy, grade, {rank_sql("grade")} AS rank, sum(n) AS n, sum(sum_x) / sum(n) AS mean_x,
           sum(sum_y) / sum(n) AS mean_y
    FROM ({counted_sql([layer], selection, window, sql)}) AS counted GROUP BY cx, cy, grade
), {quote(name + ":placed")} AS (
    SELECT cx, cy, (array_agg(grade ORDER BY rank))[1] AS grade, min(rank) AS rank, sum(n)::int AS total,
           (array_agg(mean_x ORDER BY rank))[1] AS mean_x, (array_agg(mean_y ORDER BY rank))[1] AS mean_y
    FROM {quote(name + ":graded")} GROUP BY cx, cy
), {quote(name)} AS (
    SELECT ST_AsMVT(drawn, '{name}', {EXTENT}, 'geom') AS mvt
    FROM (SELECT grade, total, ST_MakePoint(floor(mean_x / {unit!r} - {west}),
                                            floor(mean_y / {unit!r} - {north})) AS geom
          FROM {quote(name + ":placed")} ORDER BY rank, total DESC, cx, cy) AS drawn
)"""
