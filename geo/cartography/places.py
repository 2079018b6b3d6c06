"""How the features of a box are found: points by stripes of the world, in an index with all that tiles tell of them.

The indexes are those of ``geo/sql/21_places.sql``. Places are those of the world's square, 0 to 1 from its north-west
corner (``onemap_world_x``, ``onemap_world_y``): the index holds them computed, so that a tile only scales them.
"""

from __future__ import annotations

from math import floor

from geo.cartography.tile_address import world_place
from geo.database import StatementBuilder
from geo.selection import Box
from layers.feature import GeometryKind
from layers.layer import Layer

__all__ = ["IS_POINT", "WORLD_X", "WORLD_Y", "has_points", "has_shapes", "points_in_box", "points_within", "stripes"]

IS_POINT = "GeometryType(t.geom) = 'POINT'"
"""The indexes' own condition on a row ``t``."""

WORLD_X, WORLD_Y = "onemap_world_x(t.geom)", "onemap_world_y(t.geom)"
"""The place of a point ``t`` as the index holds it."""

_ONLY_POINTS = "GeometryType(t.geom) >= 'POINT' AND GeometryType(t.geom) <= 'POINT'"
"""Said twice: the planner puts an equality with a constant last, and by then another index's lines have been asked for
their latitude, which is an error. Ranges stay first; the index of places implies them, and they cost nothing there."""

_STRIPES = 2**15
"""Over the world, each a column of tiles of zoom 15; as in ``geo/sql/21_places.sql``."""


def has_shapes(layer: Layer) -> bool:
    """Whether features of the layer may be lines or polygons."""
    return layer.geometry is not GeometryKind.POINT


def has_points(layer: Layer) -> bool:
    """Whether features of the layer may be points."""
    return layer.geometry in (GeometryKind.POINT, GeometryKind.ANY)


def stripes(left: float, right: float) -> list[int]:
    """The stripes between two places of the world, 0 to 1."""
    return list(range(max(floor(left * _STRIPES), 0), min(floor(right * _STRIPES), _STRIPES - 1) + 1))


def points_within(stripes_asked: str, edges: tuple[str, str, str, str]) -> str:
    """The condition on points ``t`` of these stripes between left, top, right and bottom, edges included; all SQL."""
    left, top, right, bottom = edges
    return (
        f"{_ONLY_POINTS} AND {IS_POINT} AND floor({WORLD_X} * {_STRIPES})::int = ANY ({stripes_asked}) "
        f"AND {WORLD_Y} BETWEEN {top} AND {bottom} AND {WORLD_X} BETWEEN {left} AND {right}"
    )


def points_in_box(box: Box, sql: StatementBuilder) -> str:
    """The same for a box in degrees."""
    (left, top), (right, bottom) = world_place(box.west, box.north), world_place(box.east, box.south)
    asked = sql.value(stripes(left, right), "int[]")
    edges = (sql.value(edge, "float8") for edge in (left, top, right, bottom))
    left_sql, top_sql, right_sql, bottom_sql = edges
    return points_within(asked, (left_sql, top_sql, right_sql, bottom_sql))
