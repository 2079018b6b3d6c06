"""The SQL of one layer's features in a tile: points by plain arithmetic from an index that holds all they tell.

A statement is composed once for a zoom and has slots for the tile: its plan stays with the connection. Places are whole
units, rounded down as the cells' are: a feature lies in exactly one tile, whether that shows it or counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi

from geo.cartography.boundaries import levels_at
from geo.cartography.cells import rank_sql
from geo.cartography.places import IS_POINT, has_points, has_shapes, points_in_stripes, stripes_of
from geo.cartography.tile_address import BUFFER, EXTENT, TileAddress
from geo.cartography.water import draws_water, water_classes_at
from geo.database import Slot, StatementBuilder
from geo.selection import Selection, quote
from layers.feature import SRID
from layers.layer import Family, Layer

__all__ = ["features_sql", "place_sql", "slots_of", "told_columns"]

_STRIPES_FROM_ZOOM = 9
"""Smaller scales have too many stripes; what they show one by one is little, found by the index of geometries."""

_WIDE_UNITS = 64
"""8 px: an outline smaller than this is no more than its mark."""

_X, _Y, _TILE_X, _TILE_Y = (Slot(name) for name in ("x", "y", "units_x", "units_y"))
_WEST, _SOUTH, _EAST, _NORTH, _STRIPES = (Slot(name) for name in ("west", "south", "east", "north", "stripes"))


def slots_of(tile: TileAddress) -> Mapping[str, object]:
    """What a tile puts into the slots of a statement of its zoom."""
    box = tile.box()
    stripes = stripes_of(box) if tile.z >= _STRIPES_FROM_ZOOM else []
    return {
        "x": tile.x,
        "y": tile.y,
        "units_x": float(tile.x * EXTENT),
        "units_y": float(tile.y * EXTENT),
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "stripes": stripes,
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


def place_sql(point: str, zoom: int, sql: StatementBuilder) -> tuple[str, str]:
    """SQL for a point's place in the tile, in units from its north-west corner, rounded down.

    The spherical Mercator projection in full: what PROJ does for EPSG:3857, to a ten-thousandth of a unit.
    """
    world = float(EXTENT << zoom)
    x = f"floor((ST_X({point}) + 180) * {world / 360!r} - {sql.value(_TILE_X, 'float8')})"
    angle = f"pi() / 4 + ST_Y({point}) * {pi / 360!r}"
    y = f"floor((0.5 - ln(tan({angle})) * {0.5 / pi!r}) * {world!r} - {sql.value(_TILE_Y, 'float8')})"
    return x, y


def _box_sql(sql: StatementBuilder) -> str:
    edges = ", ".join(sql.value(edge, "float8") for edge in (_WEST, _SOUTH, _EAST, _NORTH))
    return f"t.geom && ST_MakeEnvelope({edges}, {SRID})"


def _points_within(zoom: int, sql: StatementBuilder) -> str:
    """The condition on points ``t``: those of the tile's stripes, between its edges."""
    if zoom < _STRIPES_FROM_ZOOM:
        return f"{IS_POINT} AND {_box_sql(sql)}"
    return points_in_stripes(_STRIPES, (_WEST, _SOUTH, _EAST, _NORTH), sql)


def _shapes_sql(
    layer: Layer, told: str, where: str, zoom: int, sql: StatementBuilder, crowded: bool
) -> tuple[str, str]:
    """A CTE of the layer's lines and polygons, and a query of what is drawn of them: outlines and anchors."""
    rows = quote(layer.name + "/shapes")
    within = f"GeometryType(t.geom) <> 'POINT' AND {_box_sql(sql)}"
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
        x, y = place_sql("anchor", zoom, sql)
        near = f"x BETWEEN {-BUFFER} AND {EXTENT + BUFFER} AND y BETWEEN {-BUFFER} AND {EXTENT + BUFFER}"
        query += (
            f" UNION ALL SELECT {names}, rank, 2, ST_MakePoint(x, y) "
            f"FROM (SELECT {names}, rank, {x} AS x, {y} AS y FROM (SELECT *, onemap_anchor(geom) AS anchor "
            f"FROM {rows} WHERE wide OFFSET 0) AS a OFFSET 0) AS p WHERE {near}"
        )
    return cte, query


def _wide_deg(zoom: int) -> float:
    return 360 / (1 << zoom) / EXTENT * _WIDE_UNITS


def features_sql(
    layer: Layer, selection: Selection, zoom: int, sql: StatementBuilder, most: int, crowded: bool
) -> tuple[list[str], str]:
    """CTEs, and a query of one row: the layer as ``mvt``, and ``n`` of its features read, ``most`` + 1 at most.

    Of a crowded layer only the outlines that are still large are here: the rest are in its cells. The worst grade comes
    first; of the base map's levels and waters only those that belong to the zoom.
    """
    told = ", ".join(f"{selection.column(layer, each, 't')} AS {quote(each)}" for each in told_columns(layer))
    names = ", ".join(quote(each) for each in told_columns(layer))
    where = selection.where(layer, sql)
    if _by_level(layer):
        where += f" AND (t.level IS NULL OR t.level = ANY ({sql.value(list(levels_at(zoom)), 'text[]')}))"
    if draws_water(layer) and (by := layer.symbol.water_field):
        where += f" AND coalesce(t.{quote(by)}, '') = ANY ({sql.value(water_classes_at(layer, zoom), 'text[]')})"
    limit = f"LIMIT {sql.value(most + 1, 'int')}"
    points = ""
    if has_points(layer) and not crowded:
        place = f"ST_MakePoint({', '.join(place_sql('t.geom', zoom, sql))})"
        points = (
            f"SELECT {told}, {place} AS geom FROM {quote(layer.name)} t WHERE {where} AND {_points_within(zoom, sql)}"
        )
    if not has_shapes(layer):
        return [], _as_tile(layer, f"SELECT * FROM ({points} {limit}) AS p ORDER BY {rank_sql('grade')}")
    cte, shapes = _shapes_sql(layer, told, where, zoom, sql, crowded)
    both = f"SELECT {names}, {rank_sql('grade')} AS rank, 0 AS at, geom FROM ({points}) AS p UNION ALL {shapes}"
    rows, order = f"({both if points else shapes}) AS u", "rank, at, source, source_id"
    if crowded or not layer.counted:
        # Nothing counts what is left out here: at least it is the same each time, and not the worst.
        rows += f" ORDER BY {order}"
    whole = _as_tile(layer, f"SELECT {names}, geom FROM (SELECT * FROM {rows} {limit}) AS r ORDER BY {order}")
    if not points:
        return [cte], whole
    # Among points shapes are rare, and to lay both together takes as long as to read them: only where there are any.
    any_shape = f"EXISTS (SELECT FROM {quote(layer.name + '/shapes')})"
    alone = f"SELECT * FROM ({points} AND NOT {any_shape} {limit}) AS p ORDER BY {rank_sql('grade')}"
    return [cte], f"{_as_tile(layer, alone)} HAVING NOT {any_shape} UNION ALL {whole} HAVING {any_shape}"


def _as_tile(layer: Layer, drawn: str) -> str:
    mvt = f"ST_AsMVT(drawn, '{layer.name}', {EXTENT}, 'geom')"
    return f"SELECT {mvt} AS mvt, count(*)::int AS n FROM ({drawn}) AS drawn"
