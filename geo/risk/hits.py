"""The rows within the outermost ring, with true distances: candidates by index first, then measured.

A point asked, point features: PostGIS geography is exact. Everything else is measured in azimuthal equidistant planes
(``geo/risk/where.py``): the candidates of a layer are projected together, one PROJ pipeline per piece and not one per
row. In the plane of an asked point the distance from the centre is the geodesic distance, and the direction is the
bearing.
"""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geo.database import StatementBuilder
from geo.risk.query import RiskQuery
from geo.selection import Around, quote
from layers.feature import GeometryKind
from layers.layer import Layer

__all__ = ["Asked", "hits", "pieces_cte"]

_KEYS = "source, source_id"
_TOUCHES_M = 0.01
"""A piece's edge is straight in its plane and a parallel of latitude on the map: within a centimetre is inside."""


@dataclass(frozen=True)
class Asked:
    """The query with the parameter placeholders that several parts of the statement share."""

    query: RiskQuery
    sql: StatementBuilder
    point: str
    """The asked point, or a place in the asked shape, as a geometry expression."""
    rings: str
    radius: str
    """The outermost radius."""

    @staticmethod
    def of(query: RiskQuery, sql: StatementBuilder) -> Asked:
        """Register the shared parameters."""
        lon, lat = query.where.centre
        rings = sql.value(list(query.rings_m), "float8[]")
        return Asked(query, sql, Around(lon, lat, 0).point(sql), rings, sql.value(query.rings_m[-1], "float8"))

    def ring(self, distance: str) -> str:
        """The innermost ring that reaches as far as ``distance``."""
        return f"(SELECT min(ring) FROM unnest({self.rings}) AS ring WHERE ring >= {distance})"


def pieces_cte(asked: Asked) -> str:
    """``pieces(k, geog, flat, plane)``: the asked shape, cut."""
    pieces = asked.query.where.pieces
    degrees = asked.sql.value([piece.degrees for piece in pieces], "bytea[]")
    metres = asked.sql.value([piece.metres for piece in pieces], "bytea[]")
    planes = asked.sql.value([piece.plane for piece in pieces], "text[]")
    return f"""pieces AS MATERIALIZED (
    SELECT k, ST_GeomFromWKB(degrees, 4490)::geography AS geog, ST_GeomFromWKB(metres) AS flat, plane
    FROM unnest({degrees}, {metres}, {planes}) WITH ORDINALITY AS piece (degrees, metres, plane, k)
)"""


def hits(layer: Layer, asked: Asked) -> str:
    """CTEs ending in ``{layer}_hits``: the rows of ``layer`` within the rings, with distance_m and bearing_deg."""
    where = asked.query.where
    if where.is_point and where.sector is None and layer.geometry is GeometryKind.POINT:
        return _points_around_point(layer, asked)
    return _measured(layer, asked)


def _points_around_point(layer: Layer, asked: Asked) -> str:
    condition = asked.query.selection.where(layer, asked.sql)
    # OFFSET 0 keeps the planner from measuring once for the condition and again for the answer.
    return f"""{quote(layer.name + "_hits")} AS MATERIALIZED (
    SELECT measured.*, degrees(ST_Azimuth({asked.point}::geography, geom::geography)) AS bearing_deg
    FROM (SELECT t.*, ST_Distance(geom::geography, {asked.point}::geography) AS distance_m
          FROM {quote(layer.name)} t WHERE {condition} OFFSET 0) AS measured
    WHERE distance_m <= {asked.radius}
)"""


def _candidates(layer: Layer, asked: Asked) -> str:
    """``n, k`` and the columns of every row that may be within the rings of piece ``k``."""
    condition = asked.query.selection.where(layer, asked.sql)
    if asked.query.where.is_point:
        return f"SELECT 1::bigint AS k, t.* FROM {quote(layer.name)} t WHERE {condition}"
    return f"""SELECT p.k, t.* FROM pieces p JOIN {quote(layer.name)} t
        ON ST_DWithin(t.geom::geography, p.geog, {asked.radius} * 1.002 + 1) WHERE {condition}"""


def _measured(layer: Layer, asked: Asked) -> str:
    """Candidates measured in the planes of the pieces; of several distances of a row the least.

    The join is a FULL one, with a condition that keeps it so, because that is never done by nested loops: the planner
    expects one candidate where there may be thousands, and would compare each with each.
    """
    name, part, distance = layer.name, "(dumped).geom", "ST_Distance(part, flat)"
    where = asked.query.where
    if where.sector is not None:
        wedge = asked.sql.value(shapely.to_wkb(where.sector.wedge(asked.query.rings_m[-1])), "bytea")
        part = f"ST_Intersection((dumped).geom, ST_GeomFromWKB({wedge}))"
    if not where.is_point:
        distance = f"CASE WHEN {distance} < {_TOUCHES_M} THEN 0 ELSE {distance} END"
    return f"""{quote(name + "_candidates")} AS MATERIALIZED (
    SELECT row_number() OVER (PARTITION BY k ORDER BY {_KEYS}) AS n, c.* FROM ({_candidates(layer, asked)}) AS c
), {quote(name + "_hits")} AS MATERIALIZED (
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
