"""The division of a staged feature: the one that it names, else the deepest that covers a point on its surface."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

__all__ = ["SUPPLIED_CODE", "find_divisions", "find_divisions_late", "forget_unknown_codes"]

SUPPLIED_CODE = "_division_code"
"""The key of ``extra`` under which a code that no division bears is kept."""

_COUNTY_OR_ABOVE = (
    "division_code IS NULL OR (ST_Dimension(geom) = 0 AND division_code ~ '^([0-9]{2,6}|[0-9]{6}0{3,6})$')"
)
"""Rows whose place may tell more than they do: a register names the county, and each point lies in a township too. A
line or a polygon may lie in several, so what it names stands."""

_PIECES = """
DROP TABLE IF EXISTS pg_temp.division_pieces;
CREATE TEMP TABLE division_pieces ON COMMIT DROP AS
SELECT coalesce(division_code, source_id) AS code, ST_Area(geom) AS area, ST_Subdivide(geom, 128) AS geom
FROM divisions
WHERE level IS DISTINCT FROM 'zone' AND retired_at IS NULL AND geom && {extent}
"""
_EXTENT = f"(SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) FROM staging WHERE {_COUNTY_OR_ABOVE})"

_FIND = """
UPDATE {table} s SET division_code = found.code
FROM (
    SELECT DISTINCT ON (p.place) p.place, d.code
    FROM (SELECT ctid AS place, ST_PointOnSurface(geom) AS point FROM {table} WHERE {rows}) p
    JOIN division_pieces d ON ST_Covers(d.geom, p.point)
    ORDER BY p.place, d.area, d.code
) found
WHERE s.ctid = found.place AND (s.division_code IS NULL
    OR (length(found.code) > length({prefix}) AND starts_with(found.code, {prefix})))
"""
_PREFIX = """CASE WHEN s.division_code ~ '^[0-9]{2}(00){1,2}((000){1,2})?$' THEN left(s.division_code, 2)
    WHEN s.division_code ~ '^[0-9]{4}00((000){1,2})?$' THEN left(s.division_code, 4)
    WHEN s.division_code ~ '^[0-9]{6}(000){1,2}$' THEN left(s.division_code, 6) ELSE s.division_code END"""
"""``geo.selection.division_prefix`` of a code of a county or above."""

_FORGET = """
WITH known AS MATERIALIZED (
    SELECT DISTINCT coalesce(division_code, source_id) AS code FROM divisions WHERE retired_at IS NULL
), told AS MATERIALIZED (
    SELECT DISTINCT division_code AS code FROM {table} WHERE length(division_code) >= 6
), unknown AS MATERIALIZED (
    SELECT code, ARRAY['county', 'township', 'village'] AS levels FROM told
    WHERE NOT EXISTS (SELECT FROM known k WHERE left(k.code, 6) = left(told.code, 6))
    UNION ALL
    SELECT code, ARRAY['township', 'village'] FROM told
    WHERE length(code) >= 9 AND substr(code, 7, 3) <> '000'
      AND EXISTS (SELECT FROM known k WHERE left(k.code, 6) = left(told.code, 6))
      AND NOT EXISTS (SELECT FROM known k WHERE left(k.code, 9) = left(told.code, 9))
), strays AS MATERIALIZED (
    SELECT s.ctid AS place, s.division_code AS code, u.levels, ST_PointOnSurface(s.geom) AS point
    FROM {table} s JOIN unknown u ON u.code = s.division_code
)
UPDATE {table} s SET division_code = NULL{further}
FROM strays WHERE s.ctid = strays.place AND EXISTS (
    SELECT FROM divisions d WHERE d.level = ANY (strays.levels) AND d.retired_at IS NULL
    AND ST_Covers(d.geom, strays.point))
RETURNING {row}, strays.code
"""


def _forget(connection: psycopg.Connection, table: str, further: str, row: str) -> list[tuple[object, object]]:
    statement = sql.SQL(_FORGET).format(table=sql.Identifier(table), further=sql.SQL(further), row=sql.SQL(row))
    return [(row, code) for row, code in connection.execute(statement).fetchall()]


def forget_unknown_codes(connection: psycopg.Connection, layer: str) -> list[tuple[int, str]]:
    """Take away codes that no known division bears from rows that lie in a known one; the rows and those codes.

    Codes change (赣县 360721 became 赣县区 360704) and are mistyped: who asks for the county would miss the feature.
    Its place finds its division, and what was supplied is kept in ``extra``. Where no county, or of a township's code
    no township, is known to cover the place, a code is taken at its word; a division's own code is its id.
    """
    if layer == "divisions":
        return []
    kept = f", extra = s.extra || jsonb_build_object('{SUPPLIED_CODE}', strays.code)"
    return sorted((int(str(row)), str(code)) for row, code in _forget(connection, "staging", kept, "s.staging_row"))


def _prepare_pieces(connection: psycopg.Connection, extent: str) -> bool:
    """Make ``division_pieces`` of the outlines that touch ``extent``; whether there are any."""
    connection.execute(sql.SQL(_PIECES).format(extent=sql.SQL(extent)))
    row = connection.execute("SELECT EXISTS (SELECT FROM division_pieces)").fetchone()
    if row is None or not row[0]:
        return False
    connection.execute("CREATE INDEX ON division_pieces USING gist (geom)")
    connection.execute("ANALYZE division_pieces")
    return True


def _find(table: str, rows: str) -> sql.Composed:
    return sql.SQL(_FIND).format(table=sql.Identifier(table), rows=sql.SQL(rows), prefix=sql.SQL(_PREFIX))


def find_divisions(connection: psycopg.Connection) -> None:
    """Fill ``division_code`` of staged rows that have none; NULL stays where no division covers the place.

    Divisions are nested, so the smallest one is the deepest; functional zones, which overlap them, do not count. A
    point that names its county alone is given the township in it.
    """
    if _prepare_pieces(connection, _EXTENT):
        connection.execute(_find("staging", _COUNTY_OR_ABOVE))


def find_divisions_late(connection: psycopg.Connection, layers: Iterable[str]) -> int:
    """Fill ``division_code`` of features that were imported before their divisions, or whose divisions are no more.

    How many were found. Without it a county's hazards stay unknown to whoever asks for the county by its code, until
    each register is sent again.
    """
    _prepare_pieces(connection, "geom")
    found = 0
    for name in layers:
        if name != "divisions":
            _forget(connection, name, "", "NULL")
            found += connection.execute(_find(name, "division_code IS NULL")).rowcount
    return found
