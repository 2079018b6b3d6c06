"""The one statement of the risk answer: hits of every layer, counts, features, the place, and the nearest help."""

from __future__ import annotations

from geo.database import Statement, StatementBuilder
from geo.risk.hits import Asked, hits, pieces_cte
from geo.risk.nearest import nearest_help
from geo.risk.query import RiskQuery
from geo.selection import Selection, quote
from layers.layer import Layer

__all__ = ["risk_statement"]

_KEYS = "source, source_id"
_NOTHING = "SELECT NULL::json AS item WHERE false"


def _feature(selection: Selection, layer: Layer, asked: Asked) -> str:
    """A GeoJSON feature of a row of ``{layer}_hits`` (alias h)."""
    further = [
        ("distance_m", "round(h.distance_m::numeric, 3)"),
        ("bearing_deg", "round(mod(h.bearing_deg::numeric, 360), 2)"),
        ("ring_m", asked.ring("h.distance_m")),
    ]
    return selection.feature(layer, "h", further)


def _everything(layers: tuple[Layer, ...]) -> str:
    """``everything``: what is counted, one narrow row per hit of any layer."""
    rows = " UNION ALL ".join(
        f"SELECT '{layer.name}' AS layer, '{layer.family.value}' AS family, {place} AS place, {_KEYS}, grade, "
        f"distance_m, data_date, demo FROM {quote(layer.name + '_hits')}"
        for place, layer in enumerate(layers)
    )
    return f"everything AS MATERIALIZED ({rows})"


def _features(selection: Selection, layers: tuple[Layer, ...], asked: Asked) -> str:
    """The listed features: all that come no later than the last one, without a join that a planner could get wrong."""
    return " UNION ALL ".join(
        f"SELECT h.distance_m, {place} AS place, {_KEYS}, {_feature(selection, layer, asked)} AS feature "
        f"FROM {quote(layer.name + '_hits')} h "
        f"WHERE ((h.distance_m, {place}, h.source, h.source_id) <= (SELECT * FROM last_listed)) IS NOT FALSE"
        for place, layer in enumerate(layers)
    )


def risk_statement(query: RiskQuery) -> Statement:
    """SQL whose single value is the answer as JSON text, but for the query and the drawn rings."""
    sql = StatementBuilder()
    asked = Asked.of(query, sql)
    limit = sql.value(query.limit, "int")
    found = ",\n".join([pieces_cte(asked), *(hits(layer, asked) for layer in query.layers), _everything(query.layers)])
    nearest = " UNION ALL ".join(nearest_help(layer, asked) for layer in query.helpers if query.nearest)
    names = sql.value([layer.name for layer in query.layers], "text[]")
    return sql.build(f"""
WITH {found},
last_listed AS MATERIALIZED (
    SELECT distance_m, place, {_KEYS} FROM everything ORDER BY distance_m, place, {_KEYS} OFFSET {limit} - 1 LIMIT 1
)
SELECT json_build_object(
    'place', json_build_object('divisions', (
        SELECT coalesce(json_agg(json_build_object('code', source_id, 'name', name, 'level', level, 'demo', demo)
               ORDER BY length(source_id), source_id, source), '[]'::json)
        FROM divisions WHERE ST_Covers(geom, {asked.point}))),
    'counts', (SELECT coalesce(json_agg(json_build_object('family', family, 'layer', layer,
                   'grade', coalesce(grade, 'none'), 'ring_m', ring_m, 'count', n)
                   ORDER BY place, severity, ring_m), '[]'::json)
        FROM (SELECT family, layer, place, grade,
                     coalesce(array_position(ARRAY['red','orange','yellow','blue'], grade), 5) AS severity,
                     {asked.ring("distance_m")} AS ring_m, count(*) AS n
              FROM everything GROUP BY 1, 2, 3, 4, 5, 6) AS counted),
    'total', (SELECT count(*) FROM everything),
    'features', json_build_object('type', 'FeatureCollection', 'features',
        (SELECT coalesce(json_agg(feature ORDER BY distance_m, place, {_KEYS}), '[]'::json)
         FROM ({_features(query.selection, query.layers, asked)}) AS listed)),
    'nearest', (SELECT coalesce(json_agg(item), '[]'::json) FROM ({nearest or _NOTHING}) AS help),
    'truncated', (SELECT count(*) FROM everything) > {limit},
    'data', json_build_object(
        'revisions', (SELECT coalesce(json_object_agg(layer, revision ORDER BY layer), '{{}}'::json)
                      FROM onemap_revisions WHERE layer = ANY ({names})),
        'oldest_data_date', (SELECT min(data_date) FROM everything),
        'undated', (SELECT count(*) FROM everything WHERE data_date IS NULL),
        'demo', (SELECT count(*) FROM everything WHERE demo))
)::text""")
