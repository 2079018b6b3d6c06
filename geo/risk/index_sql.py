"""The points of the risk index, in the database: one row per feature that contributes, adding up exactly.

Points are shared out in hundredths by largest remainder, so that the contributions of a factor add up to its rounded
sum and no cent is lost to rounding. An ungraded feature gives no points; what it could give if it were red is summed
up beside, and widens the stated range.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from geo.database import Statement, StatementBuilder, Template
from geo.json_sql import as_bytes
from geo.risk.form import Form, slot_values
from geo.risk.hits import Asked, hits, pieces_cte
from geo.risk.query import RiskQuery
from geo.risk.rules import RuleSet
from geo.selection import quote
from layers.layer import Layer

__all__ = ["index_statement"]

_LISTED = 20
_NOTHING = """'{"factors": [], "closest": {}}'"""


def _scores(asked: Asked, rules: RuleSet) -> str:
    """CTEs ``scored`` (every contributing feature with its points) and ``possible`` (what the ungraded might add)."""
    weights = [
        (factor.id, layer, grade, getattr(factor.weights, grade), factor.maximum, factor.reach_m)
        for factor in rules.factor
        if factor.weights is not None
        for layer in factor.layers
        for grade in ("red", "orange", "yellow", "blue")
    ]
    columns = list(zip(*weights, strict=True)) or [(), (), (), (), (), ()]
    types = ("text[]", "text[]", "text[]", "float8[]", "float8[]", "float8[]")
    arrays = ", ".join(asked.sql.value(list(column), kind) for column, kind in zip(columns, types, strict=True))
    return f"""rules AS MATERIALIZED (
    SELECT * FROM unnest({arrays}) AS r (factor, layer, grade, weight, maximum, reach_m)
), raw AS (
    SELECT r.factor, r.maximum, e.layer, e.source, e.source_id, e.name, e.grade, e.distance_m, r.weight,
           greatest(1 - e.distance_m / r.reach_m, 0) AS nearness,
           r.weight * greatest(1 - e.distance_m / r.reach_m, 0) AS worth
    FROM everything e JOIN rules r ON r.layer = e.layer AND r.grade = e.grade
    WHERE e.distance_m < r.reach_m AND r.weight > 0
), shared AS (
    SELECT *, worth * least(1, maximum / nullif(sum(worth) OVER (PARTITION BY factor), 0)) * 100 AS cents FROM raw
), scored AS MATERIALIZED (
    SELECT factor, layer, source, source_id, name, grade, distance_m, weight, nearness,
           (floor(cents) + (row_number() OVER (PARTITION BY factor ORDER BY cents - floor(cents) DESC, distance_m,
                                               layer, source, source_id)
               <= round(sum(cents) OVER (PARTITION BY factor)) - sum(floor(cents)) OVER (PARTITION BY factor))::int
           )::numeric / 100 AS points
    FROM shared
), possible AS (
    SELECT r.factor, count(*) AS ungraded,
           least(sum(r.weight * greatest(1 - e.distance_m / r.reach_m, 0)), max(r.maximum)) AS might_add
    FROM everything e JOIN rules r ON r.layer = e.layer AND r.grade = 'red'
    WHERE e.grade IS NULL AND e.distance_m < r.reach_m
    GROUP BY r.factor
)"""


def _factors() -> str:
    """The scored factors as JSON: points, the features that gave most, the rest in one sum, the unknowns."""
    return f"""(SELECT coalesce(json_agg(json_build_object(
        'factor', factor, 'points', points, 'features', features, 'ungraded', ungraded,
        'might_add', round(coalesce(might_add, 0)::numeric, 2), 'listed', listed,
        'rest', json_build_object('features', features - least(features, {_LISTED}), 'points', points - listed_points)
    ) ORDER BY factor), '[]'::json) FROM (
        SELECT factor, coalesce(sum(points), 0) AS points, count(layer) AS features,
               coalesce(max(ungraded), 0) AS ungraded,
               max(might_add) AS might_add,
               coalesce(sum(points) FILTER (WHERE place <= {_LISTED}), 0) AS listed_points,
               coalesce(json_agg(json_build_object('id', layer || '/' || source || '/' || source_id, 'name', name,
                   'grade', grade, 'distance_m', round(distance_m::numeric, 3), 'weight', weight,
                   'nearness', round(nearness::numeric, 6), 'points', points) ORDER BY place)
                   FILTER (WHERE place <= {_LISTED}), '[]'::json) AS listed
        FROM (SELECT *, row_number() OVER (PARTITION BY factor ORDER BY points DESC, distance_m, layer, source,
                                           source_id) AS place FROM scored) AS s
        FULL JOIN (SELECT factor, ungraded, might_add FROM possible) AS p USING (factor)
        GROUP BY factor) AS factors)"""


_CLOSEST = """(
    SELECT coalesce(json_object_agg(grade, json_build_object('id', layer || '/' || source || '/' || source_id,
               'name', name, 'distance_m', round(distance_m::numeric, 3))), '{}'::json)
    FROM (SELECT DISTINCT ON (grade) * FROM everything WHERE grade IS NOT NULL
          ORDER BY grade, distance_m, layer, source, source_id) AS nearest_of_grade)"""


class _Scored:
    """What the text of the index's SQL hangs on; hashable by identity of its parts, which it keeps alive."""

    def __init__(self, form: Form, rules: RuleSet) -> None:
        self.form, self.rules = form, rules

    def __hash__(self) -> int:
        return hash((self.form, id(self.rules)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Scored) and self.form == other.form and self.rules is other.rules


def index_statement(query: RiskQuery, rules: RuleSet, layers: tuple[Layer, ...]) -> Statement:
    """SQL whose single value is the scored factors, and the closest feature of each grade, as JSON in UTF-8.

    The index is of the place: it looks as far as its own rules say, at all the layers that they name, whatever rings,
    layers, grades or division were asked. Only the reader's scope holds.
    """
    named = {name for factor in rules.factor for name in factor.layers}
    scored = tuple([layer for layer in layers if layer.name in named])
    if not scored:
        return Statement(f"SELECT {as_bytes(_NOTHING)}")
    whole = replace(query, radii_m=(rules.reach_m,), layers=scored, grades=None, division=None, nearest=0)
    return _template(_Scored(Form.of(whole), rules)).fill(slot_values(whole))


@lru_cache(maxsize=64)
def _template(asked_form: _Scored) -> Template:
    sql, form = StatementBuilder(), asked_form.form
    asked = Asked.of(form, sql)
    everything = " UNION ALL ".join(
        f"SELECT '{layer.name}' AS layer, source, source_id, name, grade, distance_m FROM {quote(layer.name + '_hits')}"
        for layer in form.layers
    )
    found = ",\n".join([*pieces_cte(asked), *(hits(layer, asked) for layer in form.layers)])
    return sql.template(
        f"""
WITH {found},
everything AS MATERIALIZED ({everything}),
{_scores(asked, asked_form.rules)}
SELECT {as_bytes(f"json_build_object('factors', {_factors()}, 'closest', {_CLOSEST})::text")}""",
        one_plan=form.one_plan,
    )
