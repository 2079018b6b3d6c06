"""How many risks of which grade lie in each county: of everything, or of what a frame shows."""

from __future__ import annotations

from geo.database import Database, Statement, StatementBuilder
from geo.selection import Selection, quote
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["by_county", "by_county_statement"]

_COUNTY_DIGITS = 6


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
