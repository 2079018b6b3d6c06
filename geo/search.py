"""Find features by name or code, across layers: whole matches before beginnings, beginnings before parts."""

from __future__ import annotations

from geo.cartography.tiles import rank_sql
from geo.database import Database, Statement, StatementBuilder
from geo.errors import InputError
from geo.selection import GEOJSON_DIGITS, Selection, quote
from layers.layer import Layer
from layers.text import Text

__all__ = ["MOST_CHARACTERS", "search", "search_statement"]

MOST_CHARACTERS = 80


def _pattern(text: str) -> str:
    """``text`` for LIKE, with what LIKE would take for more than itself told to be itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _found(layer: Layer, selection: Selection, sql: StatementBuilder, text: str, limit: str, order: int) -> str:
    whole, begins, holds = (sql.value(each, "text") for each in (text, f"{_pattern(text)}%", f"%{_pattern(text)}%"))
    return f"""(SELECT '{layer.name}' AS layer, source, source_id, name, grade, division_code, demo,
        ST_AsGeoJSON(ST_PointOnSurface(geom), {GEOJSON_DIGITS}, 0)::json AS geometry, {order} AS place,
        CASE WHEN name = {whole} OR source_id = {whole} THEN 0
             WHEN name ILIKE {begins} OR source_id ILIKE {begins} THEN 1 ELSE 2 END AS nearness
    FROM {quote(layer.name)} WHERE ({selection.where(layer, sql)}) AND (name ILIKE {holds} OR source_id ILIKE {begins})
    ORDER BY nearness, {rank_sql("grade")}, length(name), source, source_id LIMIT {limit})"""


def search_statement(selection: Selection, text: str, limit: int) -> Statement:
    """SQL for one JSON object ``{"results": […]}``: id, layer, name, grade, division, a point, best match first."""
    sql = StatementBuilder()
    most = sql.value(limit, "int")
    parts = [_found(layer, selection, sql, text, most, order) for order, layer in enumerate(selection.layers)]
    return sql.build(f"""
WITH found AS ({" UNION ALL ".join(parts)}),
best AS (SELECT *, row_number() OVER (
             ORDER BY nearness, {rank_sql("grade")}, place, length(name), source, source_id) AS n
         FROM found ORDER BY n LIMIT {most})
SELECT json_build_object('results', coalesce(json_agg(json_build_object(
    'id', layer || '/' || source || '/' || source_id, 'layer', layer, 'name', name, 'grade', grade,
    'division_code', division_code, 'demo', demo, 'geometry', geometry) ORDER BY n), '[]'::json))::text FROM best""")


async def search(database: Database, selection: Selection, text: str, limit: int) -> str:
    """The features whose name holds ``text`` or whose id begins with it, as JSON text.

    Raises:
        InputError: nothing to look for, or too much.
    """
    wanted = text.strip()
    if not wanted or len(wanted) > MOST_CHARACTERS:
        raise InputError(
            Text(f"q 应为 1 到 {MOST_CHARACTERS} 个字", f"q should be 1 to {MOST_CHARACTERS} characters"), field="q"
        )
    return await database.fetch_text(search_statement(selection, wanted, limit))
