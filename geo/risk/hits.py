"""The rows within the outermost ring, with true distances: candidates by index first, then measured.

A point asked, points found: PostGIS geography is exact. Everything else is measured in azimuthal equidistant planes
(``geo/risk/where.py``): the candidates of a layer are projected together, one PROJ pipeline per piece and not one per
row. In the plane of an asked point the distance from the centre is the geodesic distance, and the direction is the
bearing.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.database import Slot, StatementBuilder
from geo.risk.form import Form
from geo.selection import Around, quote
from layers.feature import GeometryKind
from layers.layer import Layer

__all__ = ["Asked", "hits", "pieces_cte"]

_KEYS = "source, source_id"
_TOUCHES_M = 0.01
"""A piece's edge is straight in its plane and a parallel of latitude on the map: within a centimetre is inside."""


@dataclass(frozen=True)
class Asked:
    """The form with the parameter placeholders that several parts of the statement share."""

    form: Form
    sql: StatementBuilder
    point: str
    """The asked point, or a place in the asked shape, as a geometry expression."""
    rings: str
    radius: str
    """The outermost radius."""

    @staticmethod
    def of(form: Form, sql: StatementBuilder) -> Asked:
        """Register the shared parameters."""
        point = Around(Slot("lon"), Slot("lat"), 0.0).point(sql)
        return Asked(form, sql, point, sql.value(Slot("rings"), "float8[]"), sql.value(Slot("radius"), "float8"))

    @property
    def here(self) -> str:
        """The same as geography; a query of its own, since what hangs on parameters alone is else made for each row."""
        return f"(SELECT {self.point}::geography)"

    def ring(self, distance: str) -> str:
        """The innermost ring that reaches as far as ``distance``, which none but the outermost may exceed."""
        within = " ".join(
            f"WHEN {distance} <= ({self.rings})[{place}] THEN ({self.rings})[{place}]"
            for place in range(1, self.form.rings)
        )
        return f"CASE {within} ELSE {self.radius} END" if within else self.radius


def pieces_cte(asked: Asked) -> list[str]:
    """``pieces(k, geog, flat, plane)``: the asked shape, cut; where no layer is measured by them, nothing."""
    if all(_is_exact(layer, asked.form) for layer in asked.form.layers):
        return []
    value = asked.sql.value
    columns = value(Slot("degrees"), "bytea[]"), value(Slot("metres"), "bytea[]"), value(Slot("planes"), "text[]")
    return [
        f"""pieces AS MATERIALIZED (
    SELECT k, ST_GeomFromWKB(degrees, 4490)::geography AS geog, ST_GeomFromWKB(metres) AS flat, plane
    FROM unnest({", ".join(columns)}) WITH ORDINALITY AS piece (degrees, metres, plane, k)
)"""
    ]


def _is_exact(layer: Layer, form: Form) -> bool:
    """Whether geography measures all of a layer exactly."""
    return form.is_point and not form.in_sector and layer.geometry is GeometryKind.POINT


def hits(layer: Layer, asked: Asked) -> str:
    """CTEs ending in ``{layer}_hits``: the rows of ``layer`` within the rings, with distance_m and bearing_deg."""
    name = layer.name
    if _is_exact(layer, asked.form):
        condition = asked.form.points.where(layer, asked.sql)
        rows = f"SELECT t.*, {_geodesic(asked)} AS distance_m FROM {quote(name)} t WHERE {condition}"
        return f"{quote(name + '_hits')} AS MATERIALIZED ({_points(rows, asked)})"
    if asked.form.is_point and not asked.form.in_sector and layer.geometry is GeometryKind.ANY:
        return _points_and_shapes(layer, asked)
    return _measured(name, _candidates(layer, asked), name + "_hits", asked)


def _geodesic(asked: Asked) -> str:
    return f"ST_Distance(geom::geography, {asked.here})"


def _points(rows: str, asked: Asked) -> str:
    """Points with distance_m, those within the rings, with their bearings.

    OFFSET 0 keeps the planner from measuring once for the condition and again for the answer.
    """
    return f"""
    SELECT measured.*, degrees(ST_Azimuth({asked.here}, geom::geography)) AS bearing_deg
    FROM ({rows} OFFSET 0) AS measured WHERE distance_m <= {asked.radius}
"""


def _points_and_shapes(layer: Layer, asked: Asked) -> str:
    """Of a layer of both, the points by geography; no plane is set up where there are points only."""
    name, near = layer.name, quote(layer.name + "_near")
    columns = ", ".join(quote(column.name) for column in layer.table.columns)
    condition = asked.form.selection.where(layer, asked.sql)
    points = f"SELECT {columns}, {_geodesic(asked)} AS distance_m FROM {near} WHERE GeometryType(geom) = 'POINT'"
    shapes = f"SELECT 1::bigint AS k, t.* FROM {near} t WHERE GeometryType(geom) <> 'POINT'"
    return f"""{near} AS MATERIALIZED (SELECT * FROM {quote(name)} WHERE {condition}),
{_measured(name, shapes, name + "_shapes", asked)}, {quote(name + "_hits")} AS MATERIALIZED ({_points(points, asked)}
    UNION ALL SELECT {columns}, distance_m, bearing_deg FROM {quote(name + "_shapes")}
)"""


def _candidates(layer: Layer, asked: Asked) -> str:
    """``n, k`` and the columns of every row that may be within the rings of piece ``k``."""
    condition = asked.form.selection.where(layer, asked.sql)
    if asked.form.is_point:
        return f"SELECT 1::bigint AS k, t.* FROM {quote(layer.name)} t WHERE {condition}"
    return f"""SELECT p.k, t.* FROM pieces p JOIN {quote(layer.name)} t
        ON ST_DWithin(t.geom::geography, p.geog, {asked.radius} * 1.002 + 1) WHERE {condition}"""


def _measured(name: str, candidates: str, into: str, asked: Asked) -> str:
    """Candidates measured in the planes of the pieces; of several distances of a row the least.

    The join is a FULL one, with a condition that keeps it so, because that is never done by nested loops: the planner
    expects one candidate where there may be thousands, and would compare each with each.
    """
    part, distance = "(dumped).geom", "ST_Distance(part, flat)"
    if asked.form.in_sector:
        wedge = asked.sql.value(Slot("wedge"), "bytea")
        part = f"ST_Intersection((dumped).geom, ST_GeomFromWKB({wedge}))"
    if not asked.form.is_point:
        distance = f"CASE WHEN {distance} < {_TOUCHES_M} THEN 0 ELSE {distance} END"
    return f"""{quote(name + "_candidates")} AS MATERIALIZED (
    SELECT row_number() OVER (PARTITION BY k ORDER BY {_KEYS}) AS n, c.* FROM ({candidates}) AS c
), {quote(into)} AS MATERIALIZED (
    SELECT DISTINCT ON ({_KEYS}) c.*, distance_m,
           CASE WHEN distance_m > 0
                THEN degrees(ST_Azimuth(ST_StartPoint(shortest), ST_EndPoint(shortest))) END AS bearing_deg
    FROM (
        SELECT k, n, {distance} AS distance_m, ST_ShortestLine(flat, part) AS shortest
        FROM (
            SELECT k, (dumped).path[1] AS n, {part} AS part, flat
            FROM (SELECT k, flat, ST_Dump(ST_Transform(ST_Collect(geom ORDER BY n), plane)) AS dumped
                  FROM {quote(name + "_candidates")} JOIN pieces USING (k) GROUP BY k, flat, plane) AS dump
        ) AS parts WHERE NOT ST_IsEmpty(part)
    ) AS distances FULL JOIN {quote(name + "_candidates")} c USING (k, n)
    WHERE coalesce(distance_m <= {asked.radius}, false)
    ORDER BY {_KEYS}, distance_m, k
)"""
