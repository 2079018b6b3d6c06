"""The nearest help of each kind, also beyond the last ring."""

from __future__ import annotations

from geo.risk.hits import Asked
from geo.selection import Selection, quote
from layers.layer import Layer

__all__ = ["nearest_help"]


def nearest_help(layer: Layer, asked: Asked) -> str:
    """A SELECT of ``item``: the K nearest usable features of a resource layer, from the asked point.

    The index orders by distance on a sphere; the true K nearest are among all that are no farther than the K-th of
    those, so they are asked for a second time by that distance. The question's own filters (grades, layers, division)
    do not hold here: help may come from across the border.
    """
    query, sql, point = asked.query, asked.sql, asked.point
    selection = Selection((layer,), reader=query.reader)
    conditions = [selection.where(layer, sql)]
    for column, codes in layer.unusable.items():
        conditions.append(f"({quote(column)} IS NULL OR {quote(column)} <> ALL ({sql.value(list(codes), 'text[]')}))")
    where, count = " AND ".join(conditions), sql.value(query.nearest, "int")
    distance = f"ST_Distance(geom::geography, {point}::geography)"
    bearing = f"round(degrees(ST_Azimuth({point}::geography, ST_Centroid(h.geom)::geography))::numeric, 2)"
    feature = selection.feature(
        layer, "h", [("distance_m", "round(h.distance_m::numeric, 3)"), ("bearing_deg", bearing)]
    )
    return f"""
    SELECT json_build_object('layer', '{layer.name}', 'features', coalesce((
        SELECT json_agg({feature} ORDER BY h.distance_m, h.source, h.source_id)
        FROM (SELECT t.*, {distance} AS distance_m FROM {quote(layer.name)} t
              WHERE {where} AND ST_DWithin(geom::geography, {point}::geography, (
                  SELECT max(d) + 1 FROM (SELECT {distance} AS d FROM {quote(layer.name)} t WHERE {where}
                      ORDER BY geom::geography <-> {point}::geography LIMIT {count}) AS by_sphere))
              ORDER BY distance_m, source, source_id LIMIT {count}) AS h), '[]'::json)) AS item"""
