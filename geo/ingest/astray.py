"""Rows that lie where the rest of their file does not: 151.3 for 115.3 is a place too, in the ocean.

Where divisions are known they tell; where none is, the file itself does: a place twenty times as far from its middle as
half of the others.
"""

from __future__ import annotations

import psycopg

__all__ = ["astray_rows"]

_MOST_OUTSIDE = 0.5
"""A file of which more lies beyond the known divisions is of another region."""
_COUNT = "SELECT count(*) FILTER (WHERE division_code IS NULL), count(*) FROM staging"
_OUTSIDE = "SELECT staging_row FROM staging WHERE division_code IS NULL ORDER BY staging_row"

_LEAST_ROWS, _MOST_ROWS = 10, 200_000
"""Fewer rows have no middle; of more the medians would take seconds."""
_FAR = """
WITH places AS MATERIALIZED (
    SELECT staging_row, ST_X(place) AS x, ST_Y(place) AS y
    FROM (SELECT staging_row, ST_PointOnSurface(geom) AS place FROM staging) AS p
), middle AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS x, percentile_cont(0.5) WITHIN GROUP (ORDER BY y) AS y
    FROM places
), apart AS MATERIALIZED (
    SELECT staging_row, greatest(abs(p.x - m.x), abs(p.y - m.y)) AS degrees FROM places p, middle m
)
SELECT staging_row FROM apart
WHERE degrees > greatest(2.0, 20.0 * (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY degrees) FROM apart))
ORDER BY staging_row
"""


def astray_rows(connection: psycopg.Connection) -> tuple[str, list[int]]:
    """The staged rows that lie astray, and the reason's code: beyond all divisions, or far from the rest."""
    row = connection.execute(_COUNT).fetchone()
    outside, all_ = (0, 0) if row is None else (int(row[0]), int(row[1]))
    if outside < all_:
        few = 0 < outside <= _MOST_OUTSIDE * all_
        found = connection.execute(_OUTSIDE).fetchall() if few else []
        return "coordinate-outside-divisions", [int(each) for (each,) in found]
    found = connection.execute(_FAR).fetchall() if _LEAST_ROWS <= all_ <= _MOST_ROWS else []
    return "coordinate-far-away", [int(each) for (each,) in found]
