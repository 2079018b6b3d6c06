"""What lies within 1 km of a tailings pond and downstream of it: people, schools, hospitals, shelters, plants.

头顶库 means homes or important facilities within 1 km downstream. Where a river is loaded near the pond the way of the
water is that of the river, for 1 km from the place nearest to the pond; else, with an elevation grid, it is traced down
the steepest slope for 1 km beyond the pond (``geo/audits/downstream.py``). What lies within a declared breadth of that
way is downstream. With neither everything within 1 km by straight line is named; each row says which it was.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import asyncpg
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.audits.audit import (
    UNKNOWN,
    Audit,
    AuditAnswer,
    AuditQuery,
    Column,
    Finding,
    base_columns,
    finding,
    rows_of,
    unreadable_notes,
    words_of,
)
from geo.audits.downstream import DISTANCE_M, Way, corridor, ground_way, reached, river_way
from geo.audits.pond_words import METHODS, PondGround, notes_of, why_of
from geo.crs import Crs
from geo.database import Database, Statement, StatementBuilder
from geo.limits import WhereLimits
from geo.rasters import (
    Grids,
    PeopleEstimate,
    RasterEntry,
    elevations_at,
    entries_statement,
    people_within,
    read_entries,
)
from geo.risk.rings import ring_shape
from geo.risk.where import around_geometry
from layers.rivers import LAYER as RIVERS
from layers.tailings_ponds import LAYER as PONDS
from layers.tailings_ponds import POND_CLASS, above_homes
from layers.text import Text

__all__ = ["AUDIT"]

_TARGETS = ("schools", "hospitals", "shelters", "enterprises")


def _statement(query: AuditQuery) -> Statement:
    sql, ponds = StatementBuilder(), query.registry[PONDS.name]
    selection, rivers = query.asked(ponds), query.registry[RIVERS.name]
    within = sql.value(DISTANCE_M, "float8")
    targets = " UNION ALL ".join(
        f"SELECT '{name}' AS layer, source, source_id, name, geom, "
        f"ST_DWithin(t.geom::geography, p.geom::geography, {within}) AS is_near FROM "
        f"{rows_of(query.seen(query.registry[name]), query.registry[name], sql)} t WHERE ST_DWithin(t.geom::geography, "
        f"p.geom::geography, {sql.value(DISTANCE_M + query.river_snap_m + query.downstream_breadth_m, 'float8')})"
        for name in _TARGETS
    )
    reach = sql.value(DISTANCE_M + query.river_snap_m + 10.0, "float8")
    return sql.build(f"""
SELECT {base_columns(selection, ponds, "p")}, p.pond_class, p.above_homes, p.downstream_people, n.near, r.rivers
FROM {rows_of(selection, ponds, sql)} p
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', layer || '/' || source || '/' || source_id, 'layer', layer,
        'name', name, 'is_near', is_near, 'lon', ST_X(ST_PointOnSurface(geom)), 'lat', ST_Y(ST_PointOnSurface(geom)),
        'geometry', ST_AsGeoJSON(geom, 8, 0)::json) ORDER BY layer, source, source_id), '[]'::json)::text AS near
    FROM ({targets}) AS t) n
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', source || '/' || source_id, 'name', name, 'flow', flow_direction,
        'geometry', ST_AsGeoJSON(geom, 8, 0)::json) ORDER BY source, source_id), '[]'::json)::text AS rivers
    FROM {rows_of(query.seen(rivers), rivers, sql)} w
    WHERE ST_DWithin(w.geom::geography, p.geom::geography, {reach})) r
ORDER BY p.source, p.source_id""")


def _ask_grids(query: AuditQuery, entries: tuple[RasterEntry, ...], rows: Sequence[asyncpg.Record]) -> list[PondGround]:
    shapes = [shapely.from_geojson(row["geojson"]) for row in rows]
    near = [json.loads(row["near"]) for row in rows]
    ways = [_way(query, entries, *each) for each in zip(shapes, rows, strict=True)]
    along = [
        [False] * len(each)
        if way is None
        else reached(way, shape, [shapely.from_geojson(json.dumps(one["geometry"])) for one in each], breadth)
        for way, shape, each in zip(ways, shapes, near, strict=True)
        for breadth in (query.downstream_breadth_m,)
    ]
    if query.grids is None:
        unknown = float("nan")
        return [
            PondGround(None, unknown, [unknown] * len(each), way, None, which)
            for each, way, which in zip(near, ways, along, strict=True)
        ]
    people = _people(query.grids, entries, query, shapes, ways)
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    places = np.array([(one["lon"], one["lat"]) for each in near for one in each]).reshape(-1, 2)
    heights = elevations_at(query.grids, entries, np.vstack((middles, places)))
    parts = np.split(heights[len(middles) :], np.cumsum([len(each) for each in near])[:-1])
    return [
        PondGround(around, float(pond), part.tolist(), way, down, which)
        for (around, down), pond, part, way, which in zip(
            people, heights[: len(middles)], parts, ways, along, strict=True
        )
    ]


def _way(query: AuditQuery, entries: tuple[RasterEntry, ...], pond: BaseGeometry, row: asyncpg.Record) -> Way | None:
    """Along a river where one is near, else over the ground where its heights are known."""
    by_river = river_way(query.grids, entries, pond, json.loads(row["rivers"]), query.river_snap_m)
    if by_river is not None or query.grids is None:
        return by_river
    return ground_way(query.grids, entries, pond)


def _people(
    grids: Grids,
    entries: tuple[RasterEntry, ...],
    query: AuditQuery,
    shapes: Sequence[BaseGeometry],
    ways: Sequence[Way | None],
) -> list[tuple[PeopleEstimate | None, PeopleEstimate | None]]:
    """People within 1 km of each pond, and along the way of its water."""
    rings = [ring_shape(around_geometry(shape, Crs("EPSG:4490"), WhereLimits()), DISTANCE_M) for shape in shapes]
    corridors = [corridor(way, query.downstream_breadth_m) for way in ways if way is not None]
    found = people_within(grids, entries, [*rings, *corridors])
    rest = iter(found[len(rings) :])
    return [(around, None if way is None else next(rest)) for around, way in zip(found, ways, strict=False)]


def _finding(row: asyncpg.Record, ground: PondGround, query: AuditQuery) -> Finding:
    near = json.loads(row["near"])
    within = [(each, height) for each, height in zip(near, ground.near_m, strict=True) if each["is_near"]]
    lower = [each for each, height in within if height < ground.pond_m]
    way = ground.way
    named = lower if ground.heights_known else [each for each, _ in within]
    if way is not None:
        named = [each for each, is_reached in zip(near, ground.reached, strict=True) if is_reached]
    recorded = above_homes({"above_homes": row["above_homes"], "downstream_people": row["downstream_people"]})
    values: dict[str, object] = {
        "pond_class": row["pond_class"],
        "method": ground.method,
        "direction": None if way is None or way.rivers is None else way.direction.value,
        "rivers": None if way is None or way.rivers is None else "、".join(way.rivers),
        "river_m": None if way is None or way.river_m is None else round(way.river_m, 1),
        "way_m": None if way is None else round(way.length_m),
        "recorded_above_homes": recorded,
        "recorded_people": row["downstream_people"],
        "people_1km": _rounded(ground.people),
        "near_1km": len(within),
        "lower_1km": len(lower) if ground.heights_known else None,
        "downstream_1km": None if way is None else len(named),
        "people_downstream": None if way is None else _rounded(ground.people_along),
        "features": [each["id"] for each in named],
        "should_check": not recorded and bool(named),
        "flow_path": None if way is None else shapely.geometry.mapping(way.shape),
    }
    return finding(PONDS, row, values, why_of(values, named, ground, recorded, query))


def _rounded(estimate: PeopleEstimate | None) -> int | None:
    return None if estimate is None or estimate.people is None else round(estimate.people)


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    rows = await database.fetch(_statement(query))
    entries = read_entries(await database.fetch_text(entries_statement()))
    grounds = await asyncio.to_thread(_ask_grids, query, entries, rows) if rows else []
    findings = [_finding(row, ground, query) for row, ground in zip(rows, grounds, strict=True)]
    findings.sort(key=lambda each: (not each.values["should_check"], not each.values["recorded_above_homes"]))
    check = sum(bool(each.values["should_check"]) for each in findings)
    return AuditAnswer(
        len(rows),
        tuple(findings),
        Text(
            f"{len(rows)} 座尾矿库中,{check} 座未登记为头顶库但下方有目标,应核查",
            f"of {len(rows)} tailings ponds {check} have targets below and are not on record as above homes",
        ),
        (*notes_of(grounds, query), *await unreadable_notes(query, entries)),
    )


AUDIT = Audit(
    "below-tailings-ponds",
    Text("尾矿库下游 1 公里", "Within 1 km below a tailings pond"),
    Text(
        "尾矿库下游 1 公里(沿河道线或高程栅格,否则为直线)的人口与学校、医院、避难场所、企业,与头顶库登记对照",
        "people and targets within 1 km below a tailings pond (by river lines or heights, else by straight line), "
        "held against what is on record",
    ),
    (PONDS.name, RIVERS.name, *_TARGETS),
    (
        Column("pond_class", Text("等别", "class"), words_of(POND_CLASS), none=UNKNOWN),
        Column("method", Text("依据", "found by"), METHODS),
        Column("rivers", Text("河流", "river")),
        Column("recorded_above_homes", Text("登记为头顶库", "on record as above homes"), none=UNKNOWN),
        Column("recorded_people", Text("登记人数", "people on record"), none=UNKNOWN),
        Column("people_1km", Text("1 公里内人数", "people within 1 km"), none=UNKNOWN),
        Column("near_1km", Text("1 公里内目标", "targets within 1 km")),
        Column("lower_1km", Text("其中低于库区", "of these lower"), none=UNKNOWN),
        Column("downstream_1km", Text("其中在水流沿线", "of these downstream"), none=UNKNOWN),
        Column("people_downstream", Text("水流沿线人数", "people downstream"), none=UNKNOWN),
        Column("should_check", Text("应核查", "to be checked")),
    ),
    _run,
)
