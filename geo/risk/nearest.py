"""The nearest help of each kind, also beyond the last ring."""

from __future__ import annotations

from geo.json_sql import json_list, json_object, json_plain
from geo.risk.figures import bearing_sql, distance_sql
from geo.risk.hits import Asked
from geo.selection import Selection, quote
from layers.layer import Layer

__all__ = ["nearest_help"]


def nearest_help(layer: Layer, asked: Asked) -> str:
    """An expression of JSON text: the K nearest usable features of a resource layer, from the asked point.

    The index orders by distance on a sphere; the true K nearest are among all that are no farther than the K-th of
    those, so they are asked for a second time by that distance. The question's own filters (grades, layers, division)
    do not hold here: help may come from across the border.
    """
    form, sql, point = asked.form, asked.sql, asked.point
    selection = Selection((layer,), reader=form.reader)
    conditions = [selection.where(layer, sql)]
    for column, codes in layer.unusable.items():
        conditions.append(f"({quote(column)} IS NULL OR {quote(column)} <> ALL ({sql.value(list(codes), 'text[]')}))")
    # The number is written out: to a planner that does not know it, walking the index looks dear.
    where, count = " AND ".join(conditions), int(form.nearest)
    distance = f"ST_Distance(geom::geography, {point}::geography)"
    bearing = f"degrees(ST_Azimuth({point}::geography, ST_Centroid(h.geom)::geography))"
    further = [("distance_m", distance_sql("h.distance_m")), ("bearing_deg", bearing_sql(bearing))]
    feature = selection.feature_text(layer, "h", [(name, json_plain(value)) for name, value in further])
    nearby = f"""SELECT t.*, {distance} AS distance_m FROM {quote(layer.name)} t
        WHERE {where} AND ST_DWithin(geom::geography, {point}::geography, (
            SELECT max(d) + 1 FROM (SELECT {distance} AS d FROM {quote(layer.name)} t WHERE {where}
                ORDER BY geom::geography <-> {point}::geography LIMIT {count}) AS by_sphere))
        ORDER BY distance_m, source, source_id LIMIT {count}"""
    listed = f"(SELECT {json_list(feature, 'h.distance_m, h.source, h.source_id')} FROM ({nearby}) AS h)"
    return json_object([("layer", f"'\"{layer.name}\"'"), ("features", listed)])
