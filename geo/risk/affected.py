"""Which divisions the outermost ring covers, and with what share of its area."""

from __future__ import annotations

import shapely

from geo.database import Statement, StatementBuilder
from geo.json_sql import as_bytes
from geo.risk.query import RiskQuery
from geo.risk.rings import ring_shape
from geo.selection import Selection
from layers.layer import Layer

__all__ = ["affected_statement"]


_SHARES = """coalesce(json_agg(json_build_object('code', code, 'name', name, 'level', level, 'demo', demo,
           'covered_km2', round((covered_m2 / 1e6)::numeric, 3),
           'share_of_ring', round((covered_m2 / nullif(area_m2, 0))::numeric, 4),
           'share_of_division', round((covered_m2 / nullif(own_m2, 0))::numeric, 4))
       ORDER BY length(code), covered_m2 DESC, code), '[]'::json)::text"""


def affected_statement(query: RiskQuery, divisions: Layer) -> Statement:
    """SQL whose single value is a JSON list (UTF-8) of divisions with shares of the ring's area and of their own.

    The ring is the drawn one (a 128-gon): shares are figures for reading, membership is decided elsewhere.
    """
    sql = StatementBuilder()
    ring = f"ST_GeomFromWKB({sql.value(shapely.to_wkb(ring_shape(query.where, query.rings_m[-1])), 'bytea')}, 4490)"
    where = Selection((divisions,), reader=query.reader).where(divisions, sql)
    return sql.build(f"""
WITH ring AS MATERIALIZED (SELECT {ring} AS shape, ST_Area({ring}::geography) AS area_m2),
cut AS (
    SELECT d.source_id AS code, d.name, d.level, d.demo, ST_Area(d.geom::geography) AS own_m2,
           ST_Area(ST_Intersection(d.geom, ring.shape)::geography) AS covered_m2, ring.area_m2
    FROM ring JOIN (SELECT * FROM divisions WHERE {where}) d ON ST_Intersects(d.geom, ring.shape)
)
SELECT {as_bytes(_SHARES)}
FROM cut WHERE covered_m2 > 0""")
