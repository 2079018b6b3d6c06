"""The SQL of one layer's features in a tile: points by plain arithmetic from an index that holds all they tell.

A statement is composed once for a zoom and has slots for the tile: its plan stays with the connection. Places are whole
units, rounded down as the cells' are: a feature lies in exactly one tile, whether that shows it or counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from geo.cartography.boundaries import levels_at
from geo.cartography.cells import rank_sql
from geo.cartography.places import IS_POINT, WORLD_X, WORLD_Y, has_points, has_shapes, points_within, stripes
from geo.cartography.symbology import size_factor
from geo.cartography.tile_address import BUFFER, EXTENT, TileAddress
from geo.cartography.water import draws_water, water_classes_at
from geo.database import Slot, StatementBuilder
from geo.selection import Selection, quote
from layers.feature import SRID
from layers.layer import Family, Layer
from layers.severity import RiskGrade

__all__ = ["features_sql", "place_sql", "slots_of", "told_columns"]

_PX = EXTENT // 512
"""Units in a pixel."""

_STRIPES_FROM_ZOOM = 9
"""Smaller scales have too many stripes; what they show one by one is little, found by the index of geometries."""

_WIDE_UNITS = 8 * _PX
"""An outline smaller than this is no more than its mark."""

_EDGE_PX = 2
"""What a mark's outline and shadow may add to its size on one side."""

_X, _Y, _LEFT, _TOP, _STRIPES = (Slot(name) for name in ("x", "y", "left", "top", "stripes"))
_WEST, _SOUTH, _EAST, _NORTH = (Slot(name) for name in ("west", "south", "east", "north"))


def slots_of(tile: TileAddress) -> Mapping[str, object]:
    """What a tile puts into the slots of a statement of its zoom."""
    box, tiles, margin = tile.box(), float(1 << tile.z), BUFFER / EXTENT
    found = stripes((tile.x - margin) / tiles, (tile.x + 1 + margin) / tiles) if tile.z >= _STRIPES_FROM_ZOOM else []
    return {
        "x": tile.x,
        "y": tile.y,
        "left": tile.x / tiles,
        "top": tile.y / tiles,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "stripes": found,
    }


def told_columns(layer: Layer) -> list[str]:
    """The columns that a tile tells of each feature."""
    wanted = ["source", "source_id", "name", "grade", "demo"]
    if layer.symbol.glyph_field:
        wanted.append(layer.symbol.glyph_field)
    if _by_level(layer):
        wanted.append("level")
    if draws_water(layer) and layer.symbol.water_field:
        wanted.append(layer.symbol.water_field)
    return list(dict.fromkeys(wanted))


def _by_level(layer: Layer) -> bool:
    return layer.family is Family.BASE and "level" in layer.table.columns


def _margin_units(layer: Layer, zoom: int) -> int:
    """How far beyond a tile's edge a mark of the layer reaches into it, until the next zoom's tiles take over."""
    half_px = layer.symbol.size_px * size_factor(zoom + 1, RiskGrade.RED) / 2
    return min((ceil(half_px) + _EDGE_PX) * _PX, BUFFER)


def place_sql(world_x: str, world_y: str, zoom: int, sql: StatementBuilder) -> tuple[str, str]:
    """SQL for a place of the world (0 to 1) in the tile, in units from its north-west corner, rounded down.

    The spherical Mercator projection in full: what PROJ does for EPSG:3857, to a ten-thousandth of a unit.
    """
    units = float(EXTENT << zoom)
    left, top = sql.value(_LEFT, "float8"), sql.value(_TOP, "float8")
    return f"floor(({world_x} - {left}) * {units!r})", f"floor(({world_y} - {top}) * {units!r})"


def _box_sql(sql: StatementBuilder) -> str:
    edges = ", ".join(sql.value(edge, "float8") for edge in (_WEST, _SOUTH, _EAST, _NORTH))
    return f"t.geom && ST_MakeEnvelope({edges}, {SRID})"


def _points_within(layer: Layer, zoom: int, sql: StatementBuilder) -> str:
    """The condition on points ``t``: those in the tile, or so near that their mark reaches into it."""
    if zoom < _STRIPES_FROM_ZOOM:
        return f"{IS_POINT} AND {_box_sql(sql)}"
    left, top = sql.value(_LEFT, "float8"), sql.value(_TOP, "float8")
    before = _margin_units(layer, zoom) / (EXTENT << zoom)
    beyond = 1 / (1 << zoom) + before
    edges = (f"{left} - {before!r}", f"{top} - {before!r}", f"{left} + {beyond!r}", f"{top} + {beyond!r}")
    return points_within(sql.value(_STRIPES, "int[]"), edges)


def _shapes_sql(
    layer: Layer, told: str, where: str, zoom: int, sql: StatementBuilder, crowded: bool
) -> tuple[str, str]:
    """A CTE of the layer's lines and polygons, and a query of what is drawn of them: outlines and anchors."""
    rows = quote(layer.name + "/shapes")
    within = _is_shape_here(sql)
    if crowded:
        within += f" AND ST_Dimension(t.geom) > 0 AND ST_XMax(t.geom) - ST_XMin(t.geom) >= {_wide_deg(zoom)!r}"
    cte = (
        f"{rows} AS MATERIALIZED (SELECT {told}, {rank_sql('t.grade')} AS rank, ST_Dimension(t.geom) > 0 AS wide, "
        f"ST_Transform(t.geom, 3857) AS projected, t.geom FROM {quote(layer.name)} t WHERE {where} AND {within})"
    )
    bounds = f"ST_TileEnvelope({zoom}, {sql.value(_X, 'int')}, {sql.value(_Y, 'int')})"
    thin = f"ST_Simplify(projected, {TileAddress(zoom, 0, 0).unit_m * 2!r}, true)"
    outline = f"ST_AsMVTGeom(CASE WHEN wide THEN {thin} ELSE projected END, {bounds}, {EXTENT}, {BUFFER}, true)"
    names = ", ".join(quote(each) for each in told_columns(layer))
    query = f"SELECT {names}, rank, 1 AS at, {outline} AS geom FROM {rows}"
    if not crowded:
        x, y = place_sql("onemap_world_x(anchor)", "onemap_world_y(anchor)", zoom, sql)
        margin = _margin_units(layer, zoom)
        near = f"x BETWEEN {-margin} AND {EXTENT + margin} AND y BETWEEN {-margin} AND {EXTENT + margin}"
        query += (
            f" UNION ALL SELECT {names}, rank, 2, ST_MakePoint(x, y) "
            f"FROM (SELECT {names}, rank, {x} AS x, {y} AS y FROM (SELECT *, onemap_anchor(geom) AS anchor "
            f"FROM {rows} WHERE wide OFFSET 0) AS a OFFSET 0) AS p WHERE {near}"
        )
    return cte, query


def _is_shape_here(sql: StatementBuilder) -> str:
    return f"GeometryType(t.geom) <> 'POINT' AND {_box_sql(sql)}"


def _wide_deg(zoom: int) -> float:
    return 360 / (1 << zoom) / EXTENT * _WIDE_UNITS


def _conditions(layer: Layer, selection: Selection, zoom: int, sql: StatementBuilder) -> str:
    """What holds of rows ``t`` that a tile of the zoom may show, wherever they lie."""
    where = selection.where(layer, sql)
    if _by_level(layer):
        where += f" AND (t.level IS NULL OR t.level = ANY ({sql.value(list(levels_at(zoom)), 'text[]')}))"
    if draws_water(layer) and (by := layer.symbol.water_field):
        where += f" AND coalesce(t.{quote(by)}, '') = ANY ({sql.value(water_classes_at(layer, zoom), 'text[]')})"
    return where


def _points_sql(layer: Layer, told: str, where: str, zoom: int, sql: StatementBuilder) -> str:
    """A query of the layer's points and their places in the tile."""
    place = f"ST_MakePoint({', '.join(place_sql(WORLD_X, WORLD_Y, zoom, sql))})"
    return (
        f"SELECT {told}, {rank_sql('t.grade')} AS rank, 0 AS at, {place} AS geom FROM {quote(layer.name)} t "
        f"WHERE {where} AND {_points_within(layer, zoom, sql)}"
    )


def features_sql(
    layer: Layer, selection: Selection, zoom: int, sql: StatementBuilder, most: int, crowded: bool, whole: bool = False
) -> tuple[list[str], str]:
    """CTEs, and a query of one row: the layer as ``mvt``, and ``n`` of its features read, ``most`` + 1 at most.

    Of a crowded layer only the outlines that are still large are here: the rest are in its cells. The worst grade comes
    first; of the base map's levels and waters only those that belong to the zoom. Among points shapes are rare, and to
    lay both together takes longer than to read them: unless the ``whole`` is asked for, ``n`` is NULL where there are
    any, and ``mvt`` is empty.
    """
    told = ", ".join(f"{selection.column(layer, each, 't')} AS {quote(each)}" for each in told_columns(layer))
    names = ", ".join(quote(each) for each in told_columns(layer))
    where = _conditions(layer, selection, zoom, sql)
    points = _points_sql(layer, told, where, zoom, sql) if has_points(layer) and not crowded else ""
    limit = sql.value(most + 1, "int")
    if not has_shapes(layer):
        return [], _as_tile(layer, f"SELECT {names}, geom FROM ({points} LIMIT {limit}) AS p ORDER BY rank")
    if points and not whole:
        shapes = quote(layer.name + "/shapes")
        here = f"(SELECT here FROM {shapes})"
        any_shape = f"SELECT FROM {quote(layer.name)} t WHERE {where} AND {_is_shape_here(sql)}"
        alone = f"{points} LIMIT CASE WHEN {here} THEN 0 ELSE {limit} END"
        n = f"CASE WHEN {here} THEN NULL ELSE count(*)::int END"
        tile = _as_tile(layer, f"SELECT {names}, geom FROM ({alone}) AS p ORDER BY rank", n)
        return [f"{shapes} AS MATERIALIZED (SELECT EXISTS ({any_shape}) AS here)"], tile
    cte, shapes = _shapes_sql(layer, told, where, zoom, sql, crowded)
    rows, order = f"({f'{points} UNION ALL ' if points else ''}{shapes}) AS u", "rank, at, source, source_id"
    if crowded or not layer.counted:
        # Nothing counts what is left out here: at least it is the same each time, and not the worst.
        rows += f" ORDER BY {order}"
    return [cte], _as_tile(
        layer, f"SELECT {names}, geom FROM (SELECT * FROM {rows} LIMIT {limit}) AS r ORDER BY {order}"
    )


def _as_tile(layer: Layer, drawn: str, n: str = "count(*)::int") -> str:
    mvt = f"ST_AsMVT(drawn, '{layer.name}', {EXTENT}, 'geom')"
    return f"SELECT {mvt} AS mvt, {n} AS n FROM ({drawn}) AS drawn"
