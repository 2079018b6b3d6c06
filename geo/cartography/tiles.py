"""Vector tiles: one statement per tile for all its layers, on top of the one Selection.

A tile over its budget keeps the worst grades and says how many features it left out. A line or polygon also brings its
anchor, a point of its own that stands for it, in the tile in which that point lies: there the mark is drawn, once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import atan, degrees, pi, sinh

from geo.cartography.boundaries import levels_at
from geo.database import Database, Statement, StatementBuilder
from geo.errors import InputError, RenderError
from geo.selection import Box, Selection, quote
from layers.feature import GeometryKind
from layers.layer import Family, Layer
from layers.severity import RiskGrade
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

TILE_FORMAT = "1"
"""Part of every tile's version: raised when this file makes other tiles of the same rows."""

MAX_ZOOM = 22
SOURCE_MAX_ZOOM = 14
"""The deepest zoom that a client asks for; beyond it draws the same tile larger. A unit is 0.6 m there."""

EXTENT = 4096
_BUFFER = 256
"""32 px of a 512 px tile: more than half the largest mark, so that none is cut at a tile's edge."""

_FEATURES_PER_LAYER = 20_000
_HALF_WORLD_M = 20_037_508.342789244


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile of WebMercatorQuad."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise InputError(
                Text(f"缩放级别 z={self.z} 应在 0 到 {MAX_ZOOM} 之间", f"zoom z={self.z} should be 0 to {MAX_ZOOM}"),
                field="z",
            )
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 2**self.z:
                raise InputError(
                    Text(
                        f"{name}={value} 不在第 {self.z} 级的 0 到 {2**self.z - 1} 之间",
                        f"{name}={value} is not within 0 to {2**self.z - 1} of zoom {self.z}",
                    ),
                    field=name,
                )

    def box(self) -> Box:
        """Its buffered extent in degrees; a little more than the buffer, never less."""
        margin = _BUFFER / EXTENT + 0.001

        def latitude(row: float) -> float:
            clamped = min(max(row / 2**self.z, 0.0), 1.0)
            return degrees(atan(sinh(pi * (1 - 2 * clamped))))

        west, east = ((self.x + side) / 2**self.z * 360 - 180 for side in (-margin, 1 + margin))
        return Box(max(west, -180.0), latitude(self.y + 1 + margin), min(east, 180.0), latitude(self.y - margin))

    @property
    def unit_m(self) -> float:
        """Metres of Web Mercator in one unit of the tile."""
        return float(2 * _HALF_WORLD_M / 2**self.z / EXTENT)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's bytes, and by layer how many features it left out of how many (absent: none)."""

    mvt: bytes
    left_out: dict[str, tuple[int, int]]


def rank_sql(column: str) -> str:
    """A SQL expression: the severity rank of a grade, 1 worst, 5 for 未分级."""
    cases = " ".join(f"WHEN '{grade.value}' THEN {grade.rank}" for grade in RiskGrade)
    return f"CASE {column} {cases} ELSE 5 END"


def _properties(layer: Layer, selection: Selection) -> list[str]:
    wanted = ["source", "source_id", "name", "grade", "demo"]
    if layer.symbol.glyph_field:
        wanted.append(layer.symbol.glyph_field)
    if layer.family is Family.BASE and "level" in layer.table.columns:
        wanted.append("level")
    return [f"{selection.column(layer, name, 't')} AS {quote(name)}" for name in dict.fromkeys(wanted)]


def _layer_cte(layer: Layer, selection: Selection, tile: TileAddress, sql: StatementBuilder) -> str:
    """CTEs ending in ``{layer}_mvt``: one row with the layer's tile, how many features it shows and of how many."""
    name = quote(layer.name)
    where = [selection.where(layer, sql)]
    if layer.family is Family.BASE and "level" in layer.table.columns:
        where.append(f"(t.level IS NULL OR t.level = ANY ({sql.value(list(levels_at(tile.z)), 'text[]')}))")
    bounds = f"ST_TileEnvelope({tile.z}, {tile.x}, {tile.y})"
    as_tile = f"ST_AsMVTGeom(%s, {bounds}, {EXTENT}, {_BUFFER}, true)"
    rows = f"""{quote(layer.name + "_rows")} AS MATERIALIZED (
    SELECT {", ".join(_properties(layer, selection))}, {rank_sql("t.grade")} AS rank, count(*) OVER () AS total,
           ST_Transform(t.geom, 3857) AS projected
    FROM {name} t WHERE {" AND ".join(where)}
    ORDER BY rank, source, source_id LIMIT {sql.value(_FEATURES_PER_LAYER, "int")}
)"""
    plain = "projected" if layer.geometry is GeometryKind.POINT else _simplified(tile)
    shapes = f"SELECT {_names(layer)}, rank, total, {as_tile % plain} AS geom FROM {quote(layer.name + '_rows')}"
    if layer.geometry is not GeometryKind.POINT:
        shapes += (
            f" UNION ALL SELECT {_names(layer)}, rank, total, {as_tile % 'ST_PointOnSurface(projected)'} "
            f"FROM {quote(layer.name + '_rows')} WHERE NOT ST_Dimension(projected) = 0"
        )
    shown = f"(SELECT count(*) FROM {quote(layer.name + '_rows')})"
    total = f"(SELECT coalesce(max(total), 0) FROM {quote(layer.name + '_rows')})"
    return f"""{rows}, {quote(layer.name + "_mvt")} AS (
    SELECT ST_AsMVT(drawn, '{layer.name}', {EXTENT}, 'geom') AS mvt, {shown} AS shown, {total} AS total
    FROM (SELECT {_names(layer)}, geom FROM ({shapes}) AS placed WHERE geom IS NOT NULL
          ORDER BY rank, source, source_id) AS drawn
)"""


def _names(layer: Layer) -> str:
    extra = [layer.symbol.glyph_field] if layer.symbol.glyph_field else []
    extra += ["level"] if layer.family is Family.BASE and "level" in layer.table.columns else []
    return ", ".join(quote(name) for name in dict.fromkeys(["source", "source_id", "name", "grade", "demo", *extra]))


def _simplified(tile: TileAddress) -> str:
    tolerance = tile.unit_m * 2
    return f"CASE WHEN ST_Dimension(projected) = 0 THEN projected ELSE ST_Simplify(projected, {tolerance!r}, true) END"


def tile_statement(selection: Selection, tile: TileAddress) -> Statement:
    """SQL for one tile of all layers of ``selection``: a row of the tile's bytes and the counts by layer as JSON.

    The selection's own area is replaced by the tile's.
    """
    sql = StatementBuilder()
    within = Selection(selection.layers, tile.box(), selection.grades, selection.division, selection.reader)
    drawn = [layer for layer in within.layers if tile.z >= layer.zooms.features]
    if not drawn:
        return sql.build("SELECT ''::bytea AS mvt, '{}' AS counts")
    ctes = ",\n".join(_layer_cte(layer, within, tile, sql) for layer in drawn)
    bytes_ = " || ".join(f"(SELECT mvt FROM {quote(layer.name + '_mvt')})" for layer in drawn)
    counts = ", ".join(
        f"'{layer.name}', (SELECT json_build_array(total - shown, total) FROM {quote(layer.name + '_mvt')})"
        for layer in drawn
    )
    return sql.build(f"WITH {ctes}\nSELECT {bytes_} AS mvt, json_build_object({counts})::text AS counts")


async def fetch_tile(database: Database, selection: Selection, tile: TileAddress) -> Tile:
    """The tile, from the database.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
        RenderError: the database answered with something that is no tile.
    """
    rows = await database.fetch(tile_statement(selection, tile))
    mvt, counts = rows[0]["mvt"], rows[0]["counts"]
    if not isinstance(mvt, bytes) or not isinstance(counts, str):
        raise RenderError(
            Text("数据库没有返回瓦片;请查看日志", f"the database gave no tile but {type(mvt).__name__}; see the log")
        )
    left_out = {name: (left, total) for name, (left, total) in json.loads(counts).items() if left}
    return Tile(mvt, left_out)
