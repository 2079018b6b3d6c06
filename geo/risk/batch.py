"""Many sites at once: a few hundred a statement, several statements in flight, answers in the order of the rows."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import nan

import numpy as np

from geo.database import Database, Statement, StatementBuilder
from geo.rasters import (
    Grids,
    RasterEntry,
    RasterKind,
    elevations_at,
    entries_statement,
    people_within,
    read_entries,
)
from geo.risk.rings import ring_shape
from geo.risk.sites import BadSite, Site
from geo.risk.where import around_point
from geo.selection import Reader, Selection, box_around, quote
from layers.feature import GeometryKind
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["BatchPlan", "batch_answers", "batch_statement"]

_CHUNK = 250
_IN_FLIGHT = 3


@dataclass(frozen=True)
class BatchPlan:
    """What is asked of every site."""

    layers: tuple[Layer, ...]
    grades: frozenset[RiskGrade | None] | None = None
    reader: Reader = field(default_factory=Reader)
    grids: Grids | None = None
    """Asked for the people within each site's radius and for its height, where grids are loaded."""


def _site_hits(layer: Layer, plan: BatchPlan, sql: StatementBuilder, *, boxed: bool) -> str:
    """Rows ``(n, layer, place, grade, distance_m, id, name)`` of one layer within each site's own radius.

    Points: PostGIS geography is exact, and where every site has a box of degrees around it (``boxed``) the plain index
    finds them. Of lines and polygons only those are projected to the site's plane whose distance is so near to the
    radius that it decides (see ``Around.predicate``).
    """
    where = Selection((layer,), grades=plan.grades, reader=plan.reader).where(layer, sql)
    distance, near = "g.distance_m", "t.geom::geography && _ST_Expand(s.place, s.radius_m * 1.002 + 1)"
    if layer.geometry is GeometryKind.POINT:
        near = "t.geom && s.box" if boxed else near
    else:
        distance = f"""CASE WHEN ST_Dimension(t.geom) = 0 OR abs({distance} - s.radius_m) > s.radius_m * 0.002 + 1
            THEN {distance} ELSE ST_Distance(ST_Transform(t.geom, s.plane), ST_MakePoint(0, 0)) END"""
    # The index alone finds candidates, and OFFSET 0 has each measured once.
    return f"""SELECT s.n, '{layer.name}' AS layer, t.grade, d.distance_m, t.source, t.source_id, t.name
    FROM sites s JOIN {quote(layer.name)} t ON {near} AND {where}
    CROSS JOIN LATERAL (SELECT ST_Distance(t.geom::geography, s.place) AS distance_m OFFSET 0) AS g
    CROSS JOIN LATERAL (SELECT {distance} AS distance_m OFFSET 0) AS d
    WHERE d.distance_m <= s.radius_m"""


def batch_statement(sites: list[Site], plan: BatchPlan) -> Statement:
    """SQL whose single value is a JSON object: the counts and closest features of each site, by its place from 1."""
    sql = StatementBuilder()
    boxes = [box_around(site.lon, site.lat, site.radius_m) for site in sites]
    edges = zip(*(box or (nan, nan, nan, nan) for box in boxes), strict=True)
    given = [[site.lon for site in sites], [site.lat for site in sites], [site.radius_m for site in sites], *edges]
    columns = [sql.value(list(column), "float8[]") for column in given]
    found = " UNION ALL ".join(_site_hits(layer, plan, sql, boxed=None not in boxes) for layer in plan.layers)
    return sql.build(f"""
WITH sites AS MATERIALIZED (
    SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4490)::geography AS place, radius_m,
           ST_MakeEnvelope(west, south, east, north, 4490) AS box,
           format('+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m +no_defs +type=crs', lat, lon) AS plane
    FROM unnest({", ".join(columns)}) WITH ORDINALITY
        AS site (lon, lat, radius_m, west, south, east, north, n)
), hits AS ({found}),
counted AS (
    SELECT n, layer, coalesce(grade, 'none') AS grade, count(*) AS count FROM hits GROUP BY 1, 2, 3
), closest AS (
    SELECT DISTINCT ON (n, layer) n, layer, distance_m, source, source_id, name
    FROM hits ORDER BY n, layer, distance_m, source, source_id
)
SELECT coalesce(json_object_agg(n, json_build_object('counts', counts, 'closest', closest)), '{{}}'::json)::text
FROM (SELECT n, json_object_agg(layer, grades) AS counts
      FROM (SELECT n, layer, json_object_agg(grade, count) AS grades FROM counted GROUP BY n, layer) AS by_layer
      GROUP BY n) AS c
JOIN (SELECT n, json_object_agg(layer, json_build_object('id', layer || '/' || source || '/' || source_id,
              'name', name, 'distance_m', round(distance_m::numeric, 3))) AS closest
      FROM closest GROUP BY n) AS k USING (n)""")


_Counted = dict[str, dict[str, dict[str, int]]]


def _answer(site: Site | BadSite, found: _Counted | None) -> dict[str, object]:
    if isinstance(site, BadSite):
        return {"row": site.row, "site": site.key, "error": site.why.as_dict()}
    counts = found["counts"] if found else {}
    grades = {grade for of_layer in counts.values() for grade in of_layer}
    return {
        "row": site.row,
        "site": site.key,
        "lon": site.lon,
        "lat": site.lat,
        "radius_m": site.radius_m,
        "total": sum(sum(of_layer.values()) for of_layer in counts.values()),
        "worst": next((grade.value for grade in RiskGrade if grade.value in grades), None),
        "counts": counts,
        "closest": found["closest"] if found else {},
    }


def _ground(grids: Grids, entries: tuple[RasterEntry, ...], sites: list[Site]) -> list[dict[str, object]]:
    """What the grids say of each site: people within its radius, its height; only what a grid is loaded for."""
    kinds = {entry.kind for entry in entries}
    told: list[dict[str, object]] = [{} for _ in sites]
    if RasterKind.POPULATION in kinds:
        rings = [ring_shape(around_point(site.lon, site.lat), site.radius_m) for site in sites]
        for each, estimate in zip(told, people_within(grids, entries, rings), strict=True):
            each["people"] = estimate.as_dict() if estimate else None
    if RasterKind.ELEVATION in kinds:
        heights = elevations_at(grids, entries, np.array([(site.lon, site.lat) for site in sites]))
        for each, height in zip(told, heights.tolist(), strict=True):
            each["elevation_m"] = round(height, 1) if height == height else None
    return told


async def _answer_chunk(
    database: Database, chunk: list[Site | BadSite], plan: BatchPlan, entries: tuple[RasterEntry, ...]
) -> list[bytes]:
    sites = [site for site in chunk if isinstance(site, Site)]
    found = json.loads(await database.fetch_text(batch_statement(sites, plan))) if sites else {}
    places = {id(site): str(n) for n, site in enumerate(sites, start=1)}
    answers = [_answer(site, found.get(places.get(id(site), ""))) for site in chunk]
    if sites and entries and plan.grids is not None:
        told = iter(await asyncio.to_thread(_ground, plan.grids, entries, sites))
        answers = [
            each | next(told) if isinstance(site, Site) else each for site, each in zip(chunk, answers, strict=True)
        ]
    return [json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for each in answers]


def _chunks(sites: Iterable[Site | BadSite]) -> Iterator[list[Site | BadSite]]:
    rest = iter(sites)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


async def batch_answers(database: Database, sites: Iterable[Site | BadSite], plan: BatchPlan) -> AsyncGenerator[bytes]:
    """One NDJSON line per row, in the order of the rows, as they are ready.

    Nothing is held for the slow: at most ``_IN_FLIGHT`` statements run ahead of the reader. When the reader goes away
    the statements are cancelled.

    Raises:
        InputError: what ``read_sites`` refuses, met on the way.
    """
    entries = read_entries(await database.fetch_text(entries_statement())) if plan.grids is not None else ()
    waiting: deque[asyncio.Task[list[bytes]]] = deque()
    try:
        for chunk in _chunks(sites):
            waiting.append(asyncio.create_task(_answer_chunk(database, chunk, plan, entries)))
            if len(waiting) >= _IN_FLIGHT:
                for line in await waiting.popleft():
                    yield line
        while waiting:
            for line in await waiting.popleft():
                yield line
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
