"""The one statement of the risk answer: hits of every layer, counts, features, the place, and the nearest help."""

from __future__ import annotations

from functools import lru_cache

from geo.database import Slot, Statement, StatementBuilder, Template
from geo.json_sql import as_bytes, json_list, json_object, json_plain, json_value
from geo.risk.figures import bearing_sql, distance_sql
from geo.risk.form import Form, slot_values
from geo.risk.heights import place_sql, with_places, with_room
from geo.risk.hits import Asked, hits, pieces_cte
from geo.risk.nearest import nearest_help
from geo.risk.query import RiskQuery
from geo.selection import Selection, quote
from layers.divisions import LAYER as DIVISIONS
from layers.layer import Family, Layer

__all__ = ["risk_statement"]

_KEYS = "source, source_id"
_DISTANT = "distance_m, place, source, source_id"
_FORMS_KEPT = 256


def _feature(selection: Selection, layer: Layer, asked: Asked) -> str:
    """A GeoJSON feature (text) of a row of ``{layer}_hits`` (alias h)."""
    further = [
        ("distance_m", json_plain(distance_sql("h.distance_m"))),
        ("bearing_deg", json_plain(bearing_sql("h.bearing_deg"))),
        ("ring_m", json_plain(asked.ring("h.distance_m"))),
    ]
    feature = selection.feature_text(layer, "h", further)
    return with_room(feature) if asked.form.heights and layer.family is Family.RISK else feature


def _everything(layers: tuple[Layer, ...]) -> str:
    """``everything``: what is counted, one narrow row per hit of any layer; ``figures``: what is told of them all."""
    rows = " UNION ALL ".join(
        f"SELECT {place} AS place, {_KEYS}, grade, distance_m, data_date, demo FROM {quote(layer.name + '_hits')}"
        for place, layer in enumerate(layers)
    )
    return f"""everything AS MATERIALIZED ({rows}),
figures AS MATERIALIZED (
    SELECT count(*) AS total, min(data_date) AS oldest, count(*) FILTER (WHERE data_date IS NULL) AS undated,
           count(*) FILTER (WHERE demo) AS demo FROM everything
)"""


def _measured_at(layer: Layer, asked: Asked) -> str:
    """Where the height of a hazard is asked for; NULL of all others."""
    hazard = asked.form.heights and layer.family is Family.RISK
    return place_sql(f"ST_ClosestPoint(h.geom, {asked.point})") if hazard else "NULL::text"


def _features(asked: Asked) -> str:
    """The listed features: all that come no later than the last one, without a join that a planner could get wrong."""
    selection, layers = asked.form.selection, asked.form.layers
    return " UNION ALL ".join(
        f"SELECT h.distance_m, {place} AS place, {_KEYS}, {_feature(selection, layer, asked)} AS feature, "
        f"{_measured_at(layer, asked)} AS measured_at "
        f"FROM {quote(layer.name + '_hits')} h "
        f"WHERE ((h.distance_m, {place}, h.source, h.source_id) <= (SELECT * FROM last_listed)) IS NOT FALSE"
        for place, layer in enumerate(layers)
    )


def _counts(asked: Asked) -> str:
    """Counts by layer, grade and ring, in the order of layers, the worst grade first."""
    named = " ".join(
        f'WHEN {place} THEN \'"family":"{layer.family.value}","layer":"{layer.name}"\''
        for place, layer in enumerate(asked.form.layers)
    )
    count = (
        f"concat('{{', CASE place {named} END, ',\"grade\":\"', coalesce(grade, 'none'), '\",\"ring_m\":', ring_m, "
        "',\"count\":', n, '}')"
    )
    return f"""(SELECT {json_list(count, "place, severity, ring_m")} FROM (
        SELECT place, grade, {asked.ring("distance_m")} AS ring_m, count(*) AS n,
               coalesce(array_position(ARRAY['red','orange','yellow','blue'], grade), 5) AS severity
        FROM everything GROUP BY 1, 2, 3) AS counted)"""


def _place(asked: Asked) -> str:
    """What the divisions' outlines say of the asked place."""
    names = (("code", "source_id"), ("name", "name"), ("level", "level"), ("demo", "demo"))
    division = json_object([(name, json_value(column)) for name, column in names])
    seen = Selection((DIVISIONS,), reader=asked.form.reader).where(DIVISIONS, asked.sql)
    return json_object(
        [
            (
                "divisions",
                f"(SELECT {json_list(division, 'length(source_id), source_id, source')} "
                f"FROM divisions WHERE {seen} AND ST_Covers(geom, {asked.point}))",
            )
        ]
    )


def _data(asked: Asked) -> str:
    """How fresh the data is."""
    names = asked.sql.value([layer.name for layer in asked.form.layers], "text[]")
    return json_object(
        [
            (
                "revisions",
                "(SELECT coalesce(json_object_agg(layer, revision ORDER BY layer), '{}'::json)::text "
                f"FROM onemap_revisions WHERE layer = ANY ({names}))",
            ),
            ("oldest_data_date", json_value("figures.oldest")),
            ("undated", "figures.undated::text"),
            ("demo", "figures.demo::text"),
        ]
    )


@lru_cache(maxsize=_FORMS_KEPT)
def _template(form: Form) -> Template:
    sql = StatementBuilder()
    asked = Asked.of(form, sql)
    limit = sql.value(Slot("limit"), "int")
    found = ",\n".join([*pieces_cte(asked), *(hits(layer, asked) for layer in form.layers), _everything(form.layers)])
    listed = f"(SELECT {json_list('feature', _DISTANT)} FROM listed)"
    helpers = ", ',', ".join(nearest_help(layer, asked) for layer in form.helpers)
    answer = json_object(
        [
            ("place", _place(asked)),
            ("counts", _counts(asked)),
            ("total", "figures.total::text"),
            ("features", json_object([("type", "'\"FeatureCollection\"'"), ("features", listed)])),
            ("nearest", f"concat('[', {helpers}, ']')" if helpers else "'[]'"),
            ("truncated", f"(figures.total > {limit})::text"),
            ("data", _data(asked)),
        ]
    )
    if form.heights:
        places = f"(SELECT {json_list('measured_at', _DISTANT)} FROM listed)"
        answer = with_places(answer, places)
    return sql.template(
        f"""
WITH {found},
last_listed AS MATERIALIZED (
    SELECT distance_m, place, {_KEYS} FROM everything ORDER BY {_DISTANT} OFFSET {limit} - 1 LIMIT 1
), listed AS ({_features(asked)})
SELECT {as_bytes(answer)} FROM figures""",
        one_plan=form.one_plan,
    )


def risk_statement(query: RiskQuery, *, heights: bool = False) -> Statement:
    """SQL whose single value is the answer as JSON in UTF-8, but for the query and the drawn rings.

    With ``heights`` it is text to be completed by ``geo/risk/heights.py``.
    """
    return _template(Form.of(query, heights=heights)).fill(slot_values(query))
