"""The division of a staged feature: the one that it names, else the deepest that covers a point on its surface."""

from __future__ import annotations

import psycopg

__all__ = ["SUPPLIED_CODE", "find_divisions", "forget_unknown_codes"]

SUPPLIED_CODE = "_division_code"
"""The key of ``extra`` under which a code that no division bears is kept."""

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

_FORGET = f"""
WITH unknown AS MATERIALIZED (
    SELECT code FROM (SELECT DISTINCT division_code AS code FROM staging WHERE length(division_code) >= 6) AS told
    WHERE NOT EXISTS (SELECT FROM divisions d WHERE d.retired_at IS NULL
                      AND left(coalesce(d.division_code, d.source_id), 6) = left(told.code, 6))
), rows AS MATERIALIZED (
    SELECT s.ctid AS place, s.division_code AS code, ST_PointOnSurface(s.geom) AS point
    FROM staging s WHERE s.division_code IN (SELECT code FROM unknown)
)
UPDATE staging s SET division_code = NULL, extra = s.extra || jsonb_build_object('{SUPPLIED_CODE}', rows.code)
FROM rows WHERE s.ctid = rows.place AND EXISTS (
    SELECT FROM divisions d WHERE d.level = 'county' AND d.retired_at IS NULL AND ST_Covers(d.geom, rows.point))
RETURNING s.staging_row, rows.code
"""


def forget_unknown_codes(connection: psycopg.Connection, layer: str) -> list[tuple[int, str]]:
    """Take away the codes of no known county from rows that lie in a known one; the rows and those codes.

    Codes change (赣县 360721 became 赣县区 360704) and are mistyped: who asks for the county would miss the feature.
    Its place finds its division, and what was supplied is kept in ``extra``. Beyond the known counties a code is taken
    at its word; a division's own code is its id.
    """
    if layer == "divisions":
        return []
    return sorted((int(row), str(code)) for row, code in connection.execute(_FORGET).fetchall())


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
