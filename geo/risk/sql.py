"""The one statement of the risk answer: candidates by index, true distances, counts, features, nearest help.

Points: PostGIS geography is exact. Lines and polygons: the candidates of a layer are projected together (one PROJ
pipeline, not one per row) to an azimuthal equidistant plane centred on the asked point, where the distance from the
centre is the geodesic distance and the direction is the bearing.
"""

from __future__ import annotations

from geo.database import Statement, StatementBuilder
from geo.risk.query import RiskQuery
from geo.selection import Around, Selection, quote
from layers.feature import GeometryKind
from layers.layer import Layer

__all__ = ["risk_statement"]

_KEYS = "source, source_id"


def _hits(layer: Layer, query: RiskQuery, sql: StatementBuilder, point: str, plane: str) -> str:
    """CTEs ending in ``{layer}_hits``: the rows of ``layer`` within the outermost ring, with distance and bearing."""
    where = query.selection.where(layer, sql)
    name = layer.name
    radius = sql.value(query.rings_m[-1], "float8")
    if layer.geometry is GeometryKind.POINT:
        return f"""
{quote(name + "_hits")} AS MATERIALIZED (
    SELECT * FROM (
        SELECT t.*, ST_Distance(geom::geography, {point}::geography) AS distance_m,
               degrees(ST_Azimuth({point}::geography, geom::geography)) AS bearing_deg
        FROM {quote(name)} t WHERE {where}
    ) measured WHERE distance_m <= {radius}
)"""
    return f"""
{quote(name + "_candidates")} AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY {_KEYS}) AS n, t.* FROM {quote(name)} t WHERE {where}
), {quote(name + "_measured")} AS (
    SELECT DISTINCT ON (n) n, ST_Distance(part, {_CENTRE}) AS distance_m, ST_ClosestPoint(part, {_CENTRE}) AS nearest
    FROM (
        SELECT (dumped).path[1] AS n, (dumped).geom AS part
        FROM (SELECT ST_Dump(ST_Transform(ST_Collect(geom ORDER BY n), {plane})) AS dumped
              FROM {quote(name + "_candidates")}) AS dump
    ) AS parts ORDER BY n, distance_m
), {quote(name + "_hits")} AS MATERIALIZED (
    SELECT c.*, m.distance_m,
           CASE WHEN m.distance_m > 0 THEN degrees(atan2(ST_X(m.nearest), ST_Y(m.nearest))) + 360 END AS bearing_deg
    FROM {quote(name + "_candidates")} c JOIN {quote(name + "_measured")} m USING (n)
    WHERE m.distance_m <= {radius}
)"""


_CENTRE = "ST_MakePoint(0, 0)"
_NOTHING = "SELECT NULL::json AS item WHERE false"


def _feature(selection: Selection, layer: Layer, rings: str) -> str:
    """A GeoJSON feature of a row of ``{layer}_hits`` (alias h)."""
    further = [
        ("distance_m", "round(h.distance_m::numeric, 3)"),
        ("bearing_deg", "round(mod(h.bearing_deg::numeric, 360), 2)"),
        ("ring_m", f"(SELECT min(ring) FROM unnest({rings}) AS ring WHERE ring >= h.distance_m)"),
    ]
    return selection.feature(layer, "h", further)


def _nearest(layer: Layer, query: RiskQuery, sql: StatementBuilder, point: str) -> str:
    """A SELECT of the K nearest usable features of a resource layer, also beyond the rings.

    The index orders by distance on a sphere; the true K nearest are among all that are no farther than the K-th of
    those, so they are asked for a second time by that distance.
    """
    selection = Selection((layer,), None, query.grades, query.division, query.reader)
    conditions = [selection.where(layer, sql)]
    for column, codes in layer.unusable.items():
        conditions.append(f"({quote(column)} IS NULL OR {quote(column)} <> ALL ({sql.value(list(codes), 'text[]')}))")
    where, count = " AND ".join(conditions), sql.value(query.nearest, "int")
    distance = f"ST_Distance(geom::geography, {point}::geography)"
    bearing = f"round(degrees(ST_Azimuth({point}::geography, h.geom::geography))::numeric, 2)"
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
              ORDER BY distance_m, {_KEYS} LIMIT {count}) AS h), '[]'::json)) AS item"""


def risk_statement(query: RiskQuery) -> Statement:
    """SQL whose single value is the answer as JSON text, but for the query and the drawn rings."""
    sql = StatementBuilder()
    selection = query.selection
    point = Around(query.lon, query.lat, 0).point(sql)
    plane = sql.value(
        f"+proj=aeqd +lat_0={query.lat!r} +lon_0={query.lon!r} +ellps=GRS80 +units=m +no_defs +type=crs", "text"
    )
    rings = sql.value(list(query.rings_m), "float8[]")
    limit = sql.value(query.limit, "int")
    names = [layer.name for layer in query.layers]
    hits = ",".join(_hits(layer, query, sql, point, plane) for layer in query.layers)
    everything = " UNION ALL ".join(
        f"SELECT '{layer.name}' AS layer, {place} AS place, {_KEYS}, grade, distance_m, data_date, demo "
        f"FROM {quote(layer.name + '_hits')}"
        for place, layer in enumerate(query.layers)
    )
    features = " UNION ALL ".join(
        f"SELECT s.rank, {_feature(selection, layer, rings)} AS feature FROM shown s "
        f"JOIN {quote(layer.name + '_hits')} h ON s.layer = '{layer.name}' "
        f"AND h.source = s.source AND h.source_id = s.source_id"
        for layer in query.layers
    )
    nearest = " UNION ALL ".join(
        _nearest(layer, query, sql, point) for layer in query.layers if layer.nearest and query.nearest
    )
    return sql.build(f"""
WITH {hits},
everything AS MATERIALIZED ({everything}),
shown AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY distance_m, place, {_KEYS}) AS rank, layer, {_KEYS}
    FROM everything ORDER BY rank LIMIT {limit}
)
SELECT json_build_object(
    'place', json_build_object('divisions', (
        SELECT coalesce(json_agg(json_build_object('code', source_id, 'name', name, 'level', level, 'demo', demo)
               ORDER BY length(source_id), source_id, source), '[]'::json)
        FROM divisions WHERE ST_Covers(geom, {point}))),
    'counts', (SELECT coalesce(json_agg(json_build_object('layer', layer, 'grade', coalesce(grade, 'none'),
                   'ring_m', ring_m, 'count', n) ORDER BY place, severity, ring_m), '[]'::json)
        FROM (SELECT layer, place, grade,
                     coalesce(array_position(ARRAY['red','orange','yellow','blue'], grade), 5) AS severity,
                     (SELECT min(ring) FROM unnest({rings}) AS ring WHERE ring >= distance_m) AS ring_m, count(*) AS n
              FROM everything GROUP BY 1, 2, 3, 4, 5) AS counted),
    'total', (SELECT count(*) FROM everything),
    'features', json_build_object('type', 'FeatureCollection', 'features',
        (SELECT coalesce(json_agg(feature ORDER BY rank), '[]'::json) FROM ({features}) AS listed)),
    'nearest', (SELECT coalesce(json_agg(item), '[]'::json) FROM ({nearest or _NOTHING}) AS n),
    'truncated', (SELECT count(*) FROM everything) > {limit},
    'data', json_build_object(
        'revisions', (SELECT coalesce(json_object_agg(layer, revision ORDER BY layer), '{{}}'::json)
                      FROM onemap_revisions WHERE layer = ANY ({sql.value(names, "text[]")})),
        'oldest_data_date', (SELECT min(data_date) FROM everything),
        'undated', (SELECT count(*) FROM everything WHERE data_date IS NULL),
        'demo', (SELECT count(*) FROM everything WHERE demo))
)::text""")
