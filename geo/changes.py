"""What changed lately, from the log that the layers' triggers keep (``geo/sql/21_changes.sql``): newest first."""

from __future__ import annotations

from geo.database import Database, Statement, StatementBuilder
from geo.selection import GEOJSON_DIGITS, Reader, division_prefix
from layers.layer import Layer

__all__ = ["changes", "changes_statement"]


def _seen(reader: Reader, sql: StatementBuilder) -> str:
    """The lines that a reader may see: of the own divisions, features told one by one; bulk lines name no division."""
    if reader.divisions is None:
        return "true"
    parts = [f"starts_with(division_code, {sql.value(division_prefix(code), 'text')})" for code in reader.divisions]
    return f"({' OR '.join(parts)})" if parts else "false"


def changes_statement(layers: tuple[Layer, ...], hours: int, limit: int, reader: Reader) -> Statement:
    """SQL for ``{hours, total, features, truncated, by_hour, gained, changes}``; see ``changes``."""
    sql = StatementBuilder()
    names, most = sql.value([layer.name for layer in layers], "text[]"), sql.value(limit, "int")
    span = sql.value(hours, "int")
    return sql.build(f"""
WITH lines AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY at DESC, id) AS nth,
           least(floor(extract(epoch FROM now() - at) / 3600), {span} - 1)::int AS hours_ago
    FROM onemap_changes
    WHERE at > now() - make_interval(hours => {span}) AND layer = ANY ({names}) AND {_seen(reader, sql)}
), hours AS (
    SELECT h, (SELECT count(*) FROM lines WHERE hours_ago = h) AS n FROM generate_series(0, {span} - 1) AS h
), grades AS (
    SELECT layer, key AS grade, sum(value::text::bigint) AS n FROM lines, jsonb_each(gained) GROUP BY 1, 2
), gains AS (
    SELECT layer, json_object_agg(CASE grade WHEN '' THEN 'none' ELSE grade END, n ORDER BY grade) AS gained
    FROM grades WHERE n <> 0 GROUP BY 1
)
SELECT json_build_object(
    'hours', {span},
    'total', (SELECT count(*) FROM lines),
    'features', (SELECT coalesce(sum(n), 0) FROM lines),
    'truncated', (SELECT count(*) FROM lines) > {most},
    'by_hour', (SELECT json_agg(n ORDER BY h DESC) FROM hours),
    'gained', (SELECT coalesce(json_object_agg(layer, gained ORDER BY layer), '{{}}'::json) FROM gains),
    'changes', (SELECT coalesce(json_agg(json_build_object(
        'key', id, 'at', at, 'layer', layer, 'kind', kind,
        'id', layer || '/' || source || '/' || source_id, 'name', name,
        'grade', grade, 'grade_before', grade_before, 'n', n, 'kinds', kinds,
        'geometry', ST_AsGeoJSON(place, {GEOJSON_DIGITS}, 0)::json) ORDER BY nth), '[]'::json)
        FROM lines WHERE nth <= {most})
)::text""")


async def changes(database: Database, layers: tuple[Layer, ...], hours: int, limit: int, reader: Reader) -> str:
    """The changes of the last ``hours`` as JSON text.

    ``by_hour`` counts lines, the oldest hour first; ``gained`` is what each grade gained or lost by layer. A line is a
    feature (``id``, ``grade_before``, ``grade``), or a bulk load with ``n`` and how many of which kind.
    """
    return await database.fetch_text(changes_statement(layers, hours, limit, reader))
