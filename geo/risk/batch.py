"""Many sites at once: a few hundred a statement, several statements in flight, answers in the order of the rows."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from geo.database import Database, Statement, StatementBuilder
from geo.risk.sites import BadSite, Site
from geo.selection import Reader, Selection, quote
from layers.feature import GeometryKind
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["BatchPlan", "batch_answers"]

_CHUNK = 250
_IN_FLIGHT = 3


@dataclass(frozen=True)
class BatchPlan:
    """What is asked of every site."""

    layers: tuple[Layer, ...]
    grades: frozenset[RiskGrade | None] | None = None
    reader: Reader = field(default_factory=Reader)


def _site_hits(layer: Layer, plan: BatchPlan, sql: StatementBuilder) -> str:
    """Rows ``(n, layer, place, grade, distance_m, id, name)`` of one layer within each site's own radius.

    Points: PostGIS geography is exact. Of lines and polygons only those are projected to the site's plane whose
    distance is so near to the radius that it decides (see ``Around.predicate``).
    """
    where = Selection((layer,), grades=plan.grades, reader=plan.reader).where(layer, sql)
    distance = "g.distance_m"
    if layer.geometry is not GeometryKind.POINT:
        distance = f"""CASE WHEN ST_Dimension(t.geom) = 0 OR abs({distance} - s.radius_m) > s.radius_m * 0.002 + 1
            THEN {distance} ELSE ST_Distance(ST_Transform(t.geom, s.plane), ST_MakePoint(0, 0)) END"""
    # The index alone finds candidates, and OFFSET 0 has each measured once.
    return f"""SELECT s.n, '{layer.name}' AS layer, t.grade, d.distance_m, t.source, t.source_id, t.name
    FROM sites s JOIN {quote(layer.name)} t
        ON t.geom::geography && _ST_Expand(s.place, s.radius_m * 1.002 + 1) AND {where}
    CROSS JOIN LATERAL (SELECT ST_Distance(t.geom::geography, s.place) AS distance_m OFFSET 0) AS g
    CROSS JOIN LATERAL (SELECT {distance} AS distance_m OFFSET 0) AS d
    WHERE d.distance_m <= s.radius_m"""


def _statement(sites: list[Site], plan: BatchPlan) -> Statement:
    sql = StatementBuilder()
    columns = (
        sql.value([site.lon for site in sites], "float8[]"),
        sql.value([site.lat for site in sites], "float8[]"),
        sql.value([site.radius_m for site in sites], "float8[]"),
    )
    found = " UNION ALL ".join(_site_hits(layer, plan, sql) for layer in plan.layers)
    return sql.build(f"""
WITH sites AS MATERIALIZED (
    SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4490)::geography AS place, radius_m,
           format('+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m +no_defs +type=crs', lat, lon) AS plane
    FROM unnest({", ".join(columns)}) WITH ORDINALITY AS site (lon, lat, radius_m, n)
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


def _line(site: Site | BadSite, found: dict[str, dict[str, dict[str, int]]] | None) -> bytes:
    if isinstance(site, BadSite):
        answer: dict[str, object] = {"row": site.row, "site": site.key, "error": site.why.as_dict()}
    else:
        counts = found["counts"] if found else {}
        grades = {grade for of_layer in counts.values() for grade in of_layer}
        answer = {
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
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


async def _answer_chunk(database: Database, chunk: list[Site | BadSite], plan: BatchPlan) -> list[bytes]:
    sites = [site for site in chunk if isinstance(site, Site)]
    found = json.loads(await database.fetch_text(_statement(sites, plan))) if sites else {}
    places = {id(site): str(n) for n, site in enumerate(sites, start=1)}
    return [_line(site, found.get(places.get(id(site), ""))) for site in chunk]


def _chunks(sites: Iterable[Site | BadSite]) -> Iterator[list[Site | BadSite]]:
    rest = iter(sites)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


async def batch_answers(database: Database, sites: Iterable[Site | BadSite], plan: BatchPlan) -> AsyncIterator[bytes]:
    """One NDJSON line per row, in the order of the rows, as they are ready.

    Nothing is held for the slow: at most ``_IN_FLIGHT`` statements run ahead of the reader. When the reader goes away
    the statements are cancelled.

    Raises:
        InputError: what ``read_sites`` refuses, met on the way.
    """
    waiting: deque[asyncio.Task[list[bytes]]] = deque()
    try:
        for chunk in _chunks(sites):
            waiting.append(asyncio.create_task(_answer_chunk(database, chunk, plan)))
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
