"""How the features of a box are found: points by stripes of longitude, in an index with all that tiles tell of them.

The indexes are those of ``geo/sql/21_places.sql``.
"""

from __future__ import annotations

from math import floor

from geo.database import StatementBuilder
from geo.selection import Box
from layers.feature import GeometryKind
from layers.layer import Layer

__all__ = ["IS_POINT", "has_points", "has_shapes", "points_in_stripes", "stripes_of"]

IS_POINT = "GeometryType(t.geom) = 'POINT'"
"""The indexes' own condition on a row ``t``."""

_ONLY_POINTS = "GeometryType(t.geom) >= 'POINT' AND GeometryType(t.geom) <= 'POINT'"
"""Said twice: the planner puts an equality with a constant last, and by then another index's lines have been asked for
their latitude, which is an error. Ranges stay first; the index of places implies them, and they cost nothing there."""

_STRIPES_PER_DEGREE = 90
"""As in ``geo/sql/21_places.sql``."""


def has_shapes(layer: Layer) -> bool:
    """Whether features of the layer may be lines or polygons."""
    return layer.geometry is not GeometryKind.POINT


def has_points(layer: Layer) -> bool:
    """Whether features of the layer may be points."""
    return layer.geometry in (GeometryKind.POINT, GeometryKind.ANY)


def stripes_of(box: Box) -> list[int]:
    """The stripes that a box touches."""
    return list(range(floor(box.west * _STRIPES_PER_DEGREE), floor(box.east * _STRIPES_PER_DEGREE) + 1))


def points_in_stripes(stripes: object, box: tuple[object, object, object, object], sql: StatementBuilder) -> str:
    """The condition on points ``t`` of these stripes between west, south, east and north; each a value or a slot."""
    west, south, east, north = (sql.value(edge, "float8") for edge in box)
    stripe = f"floor(ST_X(t.geom) * {_STRIPES_PER_DEGREE})::int"
    return (
        f"{_ONLY_POINTS} AND {IS_POINT} AND {stripe} = ANY ({sql.value(stripes, 'int[]')}) "
        f"AND ST_Y(t.geom) BETWEEN {south} AND {north} AND ST_X(t.geom) BETWEEN {west} AND {east}"
    )
