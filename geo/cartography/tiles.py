"""Vector tiles: one statement per tile for all its layers, on top of the one Selection.

Layers with more features than a tile can show show cells with counts instead (``cells.py``), beside their outlines that
are still large: no feature is left out. Graded layers are crowded together, in one set of cells for all of them. A line
or polygon also brings its anchor, a point of its own that stands for it, in the tile in which that point lies: there
the mark is drawn, once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.boundaries import levels_at
from geo.cartography.cells import CELLS, can_count, cells_cte, fetch_crowds, rank_sql
from geo.cartography.risk_cells import RISK_CELLS, risk_cells_cte
from geo.cartography.tile_address import BUFFER, EXTENT, MAX_ZOOM, SOURCE_MAX_ZOOM, TileAddress
from geo.database import Database, Statement, StatementBuilder
from geo.errors import RenderError
from geo.selection import Selection, quote
from layers.feature import GeometryKind
from layers.layer import STORED_CELL_ZOOM, Family, Layer
from layers.text import Text

__all__ = [
    "EXTENT",
    "MAX_ZOOM",
    "SOURCE_MAX_ZOOM",
    "TILE_FORMAT",
    "Tile",
    "TileAddress",
    "fetch_tile",
    "rank_sql",
    "tile_statement",
]

TILE_FORMAT = "3"
"""Part of every tile's version: raised when this file makes other tiles of the same rows."""

_FEATURES_PER_LAYER = 6_000
_COUNTED_FIRST = 10
"""Up to this zoom the stored cells are asked first whether a tile is crowded; deeper ones seldom are."""

_ONE_BY_ONE_FROM = 11
"""Maps of smaller scales, where they say how many risks they can show, always count them: no seam between tiles."""

_WIDE_UNITS = 64
"""8 px: an outline smaller than this is no more than its mark."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's bytes; by layer how many features it shows as cells; and how many it left out of how many (no cells)."""

    mvt: bytes
    counted: dict[str, int]
    left_out: dict[str, tuple[int, int]]


def _names(layer: Layer) -> list[str]:
    wanted = ["source", "source_id", "name", "grade", "demo"]
    if layer.symbol.glyph_field:
        wanted.append(layer.symbol.glyph_field)
    if _by_level(layer):
        wanted.append("level")
    return list(dict.fromkeys(wanted))


def _by_level(layer: Layer) -> bool:
    return layer.family is Family.BASE and "level" in layer.table.columns


def _layer_cte(
    layer: Layer, selection: Selection, tile: TileAddress, sql: StatementBuilder, bounds: str, crowded: bool
) -> str:
    """CTEs ending in ``{layer}:mvt``: one row with the layer's tile, how many features it shows and of how many.

    Of a crowded layer only the outlines that are still large are here: the rest are in its cells.
    """
    name, rows, shapes = (quote(layer.name + part) for part in ("", ":rows", ":shapes"))
    where = [selection.where(layer, sql)]
    if _by_level(layer):
        where.append(f"(t.level IS NULL OR t.level = ANY ({sql.value(list(levels_at(tile.z)), 'text[]')}))")
    if crowded:
        wide = sql.value(360 / 2**tile.z / EXTENT * _WIDE_UNITS, "float8")
        where.append(f"ST_Dimension(geom) > 0 AND ST_XMax(geom) - ST_XMin(geom) >= {wide}")
    properties = ", ".join(f"{selection.column(layer, each, 't')} AS {quote(each)}" for each in _names(layer))
    names = ", ".join(quote(each) for each in _names(layer))
    as_tile = f"ST_AsMVTGeom(%s, {bounds}, {EXTENT}, {BUFFER}, true)"
    drawn = as_tile % "projected"
    order, anchors = "", ""
    if layer.geometry is not GeometryKind.POINT:
        thin = f"ST_Simplify(projected, {sql.value(tile.unit_m * 2, 'float8')}, true)"
        drawn = as_tile % f"CASE WHEN wide THEN {thin} ELSE projected END"
        order = "ORDER BY rank, source, source_id"
        if not crowded:
            # The very place by which cells are counted: a feature is in one tile, whether that shows it or counts it.
            anchor = as_tile % "ST_Transform(onemap_anchor(geom), 3857)"
            anchors = f" UNION ALL SELECT {names}, rank, {anchor} FROM {rows} WHERE wide"
    return f"""{rows} AS MATERIALIZED (
    SELECT {properties}, {rank_sql("t.grade")} AS rank, count(*) OVER () AS total,
           ST_Dimension(t.geom) > 0 AS wide, ST_Transform(t.geom, 3857) AS projected, t.geom
    FROM {name} t WHERE {" AND ".join(where)}
    ORDER BY rank, source, source_id LIMIT {_FEATURES_PER_LAYER}
), {shapes} AS MATERIALIZED (
    SELECT {names}, rank, {drawn} AS geom FROM {rows}{anchors}
), {quote(layer.name + ":mvt")} AS (
    SELECT ST_AsMVT(drawn, '{layer.name}', {EXTENT}, 'geom') AS mvt
    FROM (SELECT {names}, geom FROM {shapes} WHERE geom IS NOT NULL {order}) AS drawn
)"""


def tile_statement(selection: Selection, tile: TileAddress, crowded: frozenset[str] = frozenset()) -> Statement:
    """SQL for one tile of all layers of ``selection``: a row of the tile's bytes and the counts by layer as JSON.

    The selection's own area is replaced by the tile's. ``crowded`` layers are shown as cells.
    """
    sql = StatementBuilder()
    within = Selection(selection.layers, tile.box(), selection.grades, selection.division, selection.reader)
    drawn = [layer for layer in within.layers if tile.z >= layer.zooms.features]
    if not drawn:
        return sql.build("SELECT ''::bytea AS mvt, '{}' AS counts")
    bounds = f"ST_TileEnvelope({', '.join(sql.value(part, 'int') for part in (tile.z, tile.x, tile.y))})"
    ctes, parts, counts = [], [], []
    for layer in drawn:
        ctes.append(_layer_cte(layer, within, tile, sql, bounds, layer.name in crowded))
        parts.append(f"(SELECT mvt FROM {quote(layer.name + ':mvt')})")
        if layer.name in crowded and not layer.graded:
            ctes.append(cells_cte(layer, within, tile, sql))
            parts.append(f"(SELECT mvt FROM {quote(layer.name + CELLS)})")
        rows = quote(layer.name + ":rows")
        counts.append(
            f"'{layer.name}', (SELECT json_build_array(coalesce(max(total), 0) - count(*), max(total)) FROM {rows})"
        )
    if risks := [layer for layer in drawn if layer.graded and layer.name in crowded]:
        ctes.append(risk_cells_cte(risks, within, tile, sql))
        parts.append(f"(SELECT mvt FROM {quote(RISK_CELLS)})")
    return sql.build(
        f"WITH {', '.join(ctes)}\nSELECT {' || '.join(parts)} AS mvt, "
        f"json_build_object({', '.join(counts)})::text AS counts"
    )


def _crowded(layers: Sequence[Layer], tile: TileAddress, counts: Mapping[str, int], most: int | None) -> dict[str, int]:
    """The layers, with their counts, that have more features than the tile may show one by one: the graded together."""

    def limit(layer: Layer) -> int:
        return layer.zooms.most_features if tile.z < layer.zooms.counted_below else _FEATURES_PER_LAYER

    risks = [layer for layer in layers if layer.graded]
    together = min((limit(layer) for layer in risks), default=0)
    if most is not None:
        together = most if tile.z >= _ONE_BY_ONE_FROM else 0
    full = sum(counts.get(layer.name, 0) for layer in risks) > together
    found = [each for each in layers if (full if each.graded else counts.get(each.name, 0) > limit(each))]
    return {layer.name: counts.get(layer.name, 0) for layer in found}


async def fetch_tile(
    database: Database, selection: Selection, tile: TileAddress, most_risks: int | None = None
) -> Tile:
    """The tile, from the database.

    With more than ``most_risks`` features, or below zoom 11, the graded layers are shown as cells; without it as each
    layer's own policy says.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
        RenderError: the database answered with something that is no tile.
    """
    counted: dict[str, int] = {}
    asked = [layer for layer in selection.layers if layer.counted and tile.z >= layer.zooms.features]
    first = _COUNTED_FIRST if most_risks is None else STORED_CELL_ZOOM
    if asked and tile.z <= first and can_count(selection, tile.z):
        crowds = await fetch_crowds(database, selection, asked, tile)
        counted = _crowded(asked, tile, crowds, most_risks)
    mvt, left_out, totals = await _fetch(database, selection, tile, frozenset(counted))
    still = [layer for layer in asked if layer.name not in counted]
    if over := _crowded(still, tile, totals, most_risks):
        counted |= over
        mvt, left_out, _ = await _fetch(database, selection, tile, frozenset(counted))
    return Tile(mvt, {name: n for name, n in sorted(counted.items()) if n}, left_out)


async def _fetch(
    database: Database, selection: Selection, tile: TileAddress, crowded: frozenset[str]
) -> tuple[bytes, dict[str, tuple[int, int]], dict[str, int]]:
    """The tile, by layer how many features it left out of how many, and how many there are."""
    rows = await database.fetch(tile_statement(selection, tile, crowded))
    mvt, counts = rows[0]["mvt"], rows[0]["counts"]
    if not isinstance(mvt, bytes) or not isinstance(counts, str):
        raise RenderError(
            Text("数据库没有返回瓦片;请查看日志", f"the database gave no tile but {type(mvt).__name__}; see the log")
        )
    found = {name: (left, total or 0) for name, (left, total) in json.loads(counts).items()}
    left_out = {name: (left, total) for name, (left, total) in found.items() if left}
    return mvt, left_out, {name: total for name, (_, total) in found.items()}
