"""The division that a staged feature lies in: the deepest one that covers a point on its surface."""

from __future__ import annotations

import psycopg

__all__ = ["find_divisions"]

_PIECES = """
CREATE TEMP TABLE division_pieces ON COMMIT DROP AS
SELECT coalesce(division_code, source_id) AS code, ST_Area(geom) AS area, ST_Subdivide(geom, 128) AS geom
FROM divisions
WHERE level IS DISTINCT FROM 'zone' AND retired_at IS NULL
  AND geom && (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) FROM staging WHERE division_code IS NULL)
"""

_FIND = """
UPDATE staging s SET division_code = found.code
FROM (
    SELECT DISTINCT ON (p.place) p.place, d.code
    FROM (SELECT ctid AS place, ST_PointOnSurface(geom) AS point FROM staging WHERE division_code IS NULL) p
    JOIN division_pieces d ON ST_Covers(d.geom, p.point)
    ORDER BY p.place, d.area, d.code
) found
WHERE s.ctid = found.place
"""


def find_divisions(connection: psycopg.Connection) -> None:
    """Fill ``division_code`` of staged rows that have none; NULL stays where no division covers the place.

    Divisions are nested, so the smallest one is the deepest; functional zones, which overlap them, do not count.
    """
    connection.execute(_PIECES)
    row = connection.execute("SELECT EXISTS (SELECT FROM division_pieces)").fetchone()
    if row is None or not row[0]:
        return
    connection.execute("CREATE INDEX ON division_pieces USING gist (geom)")
    connection.execute("ANALYZE division_pieces")
    connection.execute(_FIND)
