"""How many features of which grade each layer, county and township has: of everything, or of what a frame shows."""

from __future__ import annotations

from geo.database import Database, Statement, StatementBuilder
from geo.selection import Reader, Selection, quote
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["MOST_TOWNSHIPS", "by_county", "by_county_statement", "figures", "figures_statement", "outlines"]

_COUNTY_DIGITS = 6
_TOWNSHIP_DIGITS = 9
MOST_TOWNSHIPS = 60
"""So many townships are told, the most severe; a frame with more is one of counties."""


def _rows(layer: Layer, selection: Selection, sql: StatementBuilder) -> str:
    return (
        f"SELECT left(division_code, {_COUNTY_DIGITS}) AS code, grade FROM {quote(layer.name)} "
        f"WHERE {selection.where(layer, sql)}"
    )


def by_county_statement(selection: Selection, divisions: Layer | None) -> Statement:
    """SQL for ``{"by": "division", "rows": [{code, name, counts, total}], "total": n}``, most severe first.

    A feature without a division is counted under code null: nothing is left out of the total.
    """
    sql = StatementBuilder()
    rows = " UNION ALL ".join(_rows(layer, selection, sql) for layer in selection.layers)
    counts = ", ".join(f"'{each.value}', count(*) FILTER (WHERE grade = '{each.value}')" for each in RiskGrade)
    name, extent = "NULL::text", "NULL::json"
    if divisions is not None:
        own = Selection((divisions,), reader=selection.reader).where(divisions, sql)
        of_code = f"FROM {quote(divisions.name)} WHERE source_id = c.code AND ({own}) ORDER BY source LIMIT 1"
        name = f"(SELECT name {of_code})"
        box = "json_build_array(ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom))"
        extent = f"(SELECT {box} {of_code})"
    return sql.build(f"""
WITH features AS ({rows}), counted AS (
    SELECT code, count(*) AS total,
           json_build_object({counts}, 'none', count(*) FILTER (WHERE grade IS NULL)) AS counts,
           count(*) FILTER (WHERE grade = 'red') AS red, count(*) FILTER (WHERE grade = 'orange') AS orange
    FROM features GROUP BY code)
SELECT json_build_object('by', 'division', 'total', coalesce(sum(total), 0), 'rows', coalesce(json_agg(
    json_build_object('code', code, 'name', {name}, 'extent', {extent}, 'counts', counts, 'total', total)
    ORDER BY red DESC, orange DESC, total DESC, code), '[]'::json))::text FROM counted c""")


async def by_county(database: Database, selection: Selection, divisions: Layer | None) -> str:
    """The counts as JSON text."""
    return await database.fetch_text(by_county_statement(selection, divisions))


def _is_counted(layer: Layer, counted: frozenset[str] | None) -> bool:
    return layer.graded and (counted is None or layer.name in counted)


def _counts(n: str) -> str:
    """A JSON object of the sums of ``n`` by grade."""
    named = ", ".join(
        f"'{each.value}', coalesce(sum({n}) FILTER (WHERE grade = '{each.value}'), 0)" for each in RiskGrade
    )
    return f"json_build_object({named}, 'none', coalesce(sum({n}) FILTER (WHERE grade IS NULL), 0))"


def _by_division(digits: int, divisions: Layer | None, reader: Reader, sql: StatementBuilder, most: int | None) -> str:
    """A JSON list of the divisions of so many digits with their counts of risks, most severe first."""
    name, extent = "NULL::text", "NULL::json"
    if divisions is not None:
        own = Selection((divisions,), reader=reader).where(divisions, sql)
        of_code = f"FROM {quote(divisions.name)} WHERE source_id = d.code AND ({own}) ORDER BY source LIMIT 1"
        name = f"(SELECT name {of_code})"
        box = "json_build_array(ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom))"
        extent = f"(SELECT {box} {of_code})"
    # A code that stops at the county belongs to no township; at the county itself it is what it is.
    code = f"left(code, {digits})" if digits == _COUNTY_DIGITS else f"CASE WHEN length(code) >= {digits} THEN code END"
    limit = "" if most is None else f" LIMIT {most}"
    order = "red DESC, orange DESC, total DESC, code"
    return f"""(SELECT coalesce(json_agg(json_build_object('code', code, 'name', {name}, 'extent', {extent},
        'counts', counts, 'total', total) ORDER BY {order}), '[]'::json) FROM (
    SELECT {code} AS code, sum(n) AS total, {_counts("n")} AS counts,
           coalesce(sum(n) FILTER (WHERE grade = 'red'), 0) AS red,
           coalesce(sum(n) FILTER (WHERE grade = 'orange'), 0) AS orange
    FROM groups WHERE graded GROUP BY 1 ORDER BY {order}{limit}) d)"""


def figures_statement(
    selection: Selection, divisions: Layer | None, counted: frozenset[str] | None = None
) -> Statement:
    """SQL for ``{"by": "all", counts, total, layers, divisions, townships}``: one reading, so that all sums agree.

    ``layers`` holds every asked layer; ``counts``, ``total`` and the divisions are sums of the graded ones that are
    ``counted`` (None: all of them).
    """
    sql = StatementBuilder()
    rows = " UNION ALL ".join(
        f"SELECT '{layer.name}' AS layer, {str(_is_counted(layer, counted)).lower()} AS graded, "
        f"left(division_code, {_TOWNSHIP_DIGITS}) AS code, grade, count(*) AS n FROM {quote(layer.name)} "
        f"WHERE {selection.where(layer, sql)} GROUP BY code, grade"
        for layer in selection.layers
    )
    counties = _by_division(_COUNTY_DIGITS, divisions, selection.reader, sql, None)
    townships = _by_division(_TOWNSHIP_DIGITS, divisions, selection.reader, sql, MOST_TOWNSHIPS)
    return sql.build(f"""
WITH groups AS MATERIALIZED ({rows})
SELECT json_build_object('by', 'all',
    'total', (SELECT coalesce(sum(n), 0) FROM groups WHERE graded),
    'counts', (SELECT {_counts("n")} FROM groups WHERE graded),
    'layers', (SELECT coalesce(json_agg(json_build_object('layer', layer, 'counts', counts, 'total', total)),
                               '[]'::json)
        FROM (SELECT layer, sum(n) AS total, {_counts("n")} AS counts FROM groups GROUP BY layer ORDER BY layer) l),
    'divisions', {counties},
    'townships', {townships})::text""")


async def figures(
    database: Database, selection: Selection, divisions: Layer | None, counted: frozenset[str] | None = None
) -> str:
    """Counts by grade of each layer, county and township as JSON text, from one reading."""
    return await database.fetch_text(figures_statement(selection, divisions, counted))


def outlines_statement(divisions: Layer, level: str, reader: Reader) -> Statement:
    """SQL for the outlines of the divisions of a level as GeoJSON, drawn as coarsely as a small map needs."""
    sql = StatementBuilder()
    where = Selection((divisions,), reader=reader).where(divisions, sql)
    wanted = f"({where}) AND level = {sql.value(level, 'text')}"
    return sql.build(f"""
WITH wanted AS (SELECT source_id, name, geom FROM {quote(divisions.name)} WHERE {wanted}),
size AS (SELECT greatest(ST_XMax(e) - ST_XMin(e), ST_YMax(e) - ST_YMin(e)) / 1000 AS step
         FROM (SELECT ST_Extent(geom) AS e FROM wanted) AS x)
SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', source_id, 'properties', json_build_object('code', source_id, 'name', name,
        'lon', round(ST_X(label)::numeric, 5), 'lat', round(ST_Y(label)::numeric, 5)),
    'geometry', ST_AsGeoJSON(coarse, 5, 0)::json) ORDER BY source_id), '[]'::json))::text
FROM (SELECT source_id, name, ST_PointOnSurface(geom) AS label, ST_SimplifyPreserveTopology(geom, step) AS coarse
      FROM wanted, size) AS o""")


async def outlines(database: Database, divisions: Layer, level: str, reader: Reader) -> str:
    """The outlines of a level's divisions as GeoJSON text: ``code``, ``name``, a place for the label."""
    return await database.fetch_text(outlines_statement(divisions, level, reader))
