"""What lies within 1 km of a tailings pond: people, schools, hospitals, shelters, plants; and what of it lies lower.

头顶库 means homes or important facilities within 1 km downstream. The way of the water is not traced here: by straight
line everything within 1 km is named; with an elevation grid, what lies lower than the pond is told apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np
import shapely

from geo.audits.audit import (
    Audit,
    AuditAnswer,
    AuditQuery,
    Column,
    Finding,
    base_columns,
    finding,
    rows_of,
    unreadable_notes,
)
from geo.crs import Crs
from geo.database import Database, Statement, StatementBuilder
from geo.rasters import (
    PeopleEstimate,
    RasterEntry,
    RasterKind,
    elevations_at,
    entries_statement,
    people_within,
    read_entries,
)
from geo.risk.rings import ring_shape
from geo.risk.where import WhereLimits, around_geometry
from layers.tailings_ponds import LAYER as PONDS
from layers.tailings_ponds import above_homes
from layers.text import Text

__all__ = ["AUDIT", "DISTANCE_M"]

DISTANCE_M = 1000.0
_TARGETS = ("schools", "hospitals", "shelters", "enterprises")


@dataclass(frozen=True)
class _Ground:
    """What the grids say around one pond: its people, its height and the heights of what is near (NaN: unknown)."""

    people: PeopleEstimate | None
    pond_m: float
    near_m: Sequence[float]


def _statement(query: AuditQuery) -> Statement:
    sql, ponds = StatementBuilder(), query.registry[PONDS.name]
    selection = query.asked(ponds)
    targets = " UNION ALL ".join(
        f"SELECT '{name}' AS layer, source, source_id, name, geom FROM "
        f"{rows_of(query.seen(query.registry[name]), query.registry[name], sql)} t "
        f"WHERE ST_DWithin(t.geom::geography, p.geom::geography, {sql.value(DISTANCE_M, 'float8')})"
        for name in _TARGETS
    )
    return sql.build(f"""
SELECT {base_columns(selection, ponds, "p")}, p.pond_class, p.above_homes, p.downstream_people, n.near
FROM {rows_of(selection, ponds, sql)} p
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', layer || '/' || source || '/' || source_id, 'layer', layer,
        'name', name, 'lon', ST_X(ST_PointOnSurface(geom)), 'lat', ST_Y(ST_PointOnSurface(geom)))
        ORDER BY layer, source, source_id), '[]'::json)::text AS near
    FROM ({targets}) AS t) n
ORDER BY p.source, p.source_id""")


def _ask_grids(query: AuditQuery, entries: tuple[RasterEntry, ...], rows: Sequence[asyncpg.Record]) -> list[_Ground]:
    shapes = [shapely.from_geojson(row["geojson"]) for row in rows]
    near = [json.loads(row["near"]) for row in rows]
    if query.grids is None:
        return [_Ground(None, float("nan"), [float("nan")] * len(each)) for each in near]
    rings = [ring_shape(around_geometry(shape, Crs("EPSG:4490"), WhereLimits()), DISTANCE_M) for shape in shapes]
    people = people_within(query.grids, entries, rings)
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    places = np.array([(one["lon"], one["lat"]) for each in near for one in each]).reshape(-1, 2)
    heights = elevations_at(query.grids, entries, np.vstack((middles, places)))
    parts = np.split(heights[len(middles) :], np.cumsum([len(each) for each in near])[:-1])
    return [
        _Ground(estimate, float(pond), part.tolist())
        for estimate, pond, part in zip(people, heights[: len(middles)], parts, strict=True)
    ]


def _finding(row: asyncpg.Record, ground: _Ground) -> Finding:
    near = json.loads(row["near"])
    heights_known = ground.pond_m == ground.pond_m
    lower = [each for each, height in zip(near, ground.near_m, strict=True) if height < ground.pond_m]
    recorded = above_homes({"above_homes": row["above_homes"], "downstream_people": row["downstream_people"]})
    people = ground.people.people if ground.people is not None else None
    values: dict[str, object] = {
        "pond_class": row["pond_class"],
        "recorded_above_homes": recorded,
        "recorded_people": row["downstream_people"],
        "people_1km": None if people is None else round(people),
        "near_1km": len(near),
        "lower_1km": len(lower) if heights_known else None,
        "features": [each["id"] for each in (lower if heights_known else near)],
        "should_check": not recorded and bool(lower if heights_known else near),
    }
    return finding(PONDS, row, values, _why(values, lower if heights_known else near, heights_known, recorded))


def _why(values: dict[str, object], named: list[dict[str, object]], lower: bool, recorded: bool | None) -> Text:
    names = [str(each["name"] or each["id"]) for each in named[:3]]
    more = "等" if len(named) > 3 else ""
    where_zh, where_en = ("且低于库区", " and lower than it") if lower else ("(直线距离)", " (straight line)")
    zh = f"1 公里内{where_zh}的学校、医院、避难场所、企业 {len(named)} 处"
    en = f"{len(named)} schools, hospitals, shelters and plants within 1 km{where_en}"
    if names:
        zh, en = f"{zh}:{'、'.join(names)}{more}", f"{en}: {', '.join(names)}{' …' if more else ''}"
    people = values["people_1km"]
    zh += f";1 公里内约 {people:,} 人" if people is not None else ";1 公里内人口未知"
    en += f"; about {people:,} people within 1 km" if people is not None else "; people within 1 km unknown"
    if values["should_check"]:
        zh, en = f"{zh};登记为非头顶库或未登记,应核查", f"{en}; not on record as above homes: to be checked"
    elif recorded:
        zh, en = f"{zh};登记为头顶库", f"{en}; on record as above homes"
    return Text(zh, en)


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    rows = await database.fetch(_statement(query))
    entries = read_entries(await database.fetch_text(entries_statement()))
    grounds = await asyncio.to_thread(_ask_grids, query, entries, rows) if rows else []
    findings = [_finding(row, ground) for row, ground in zip(rows, grounds, strict=True)]
    findings.sort(key=lambda each: (not each.values["should_check"], not each.values["recorded_above_homes"]))
    check = sum(bool(each.values["should_check"]) for each in findings)
    traced = any(entry.kind is RasterKind.ELEVATION for entry in entries) and query.grids is not None
    note = Text(
        "未沿水流追踪:1 公里为直线距离" + (",“低于库区”按高程栅格判断" if traced else ";没有高程栅格,未区分高低"),
        "the way of the water is not traced: 1 km is a straight line"
        + (
            ", lower is by the elevation grid"
            if traced
            else "; no elevation grid is loaded, so high and low are not told apart"
        ),
    )
    return AuditAnswer(
        len(rows),
        tuple(findings),
        Text(
            f"{len(rows)} 座尾矿库中,{check} 座未登记为头顶库但下方有目标,应核查",
            f"of {len(rows)} tailings ponds {check} have targets below and are not on record as above homes",
        ),
        (note, *await unreadable_notes(query, entries)),
    )


AUDIT = Audit(
    "below-tailings-ponds",
    Text("尾矿库下游 1 公里", "Within 1 km below a tailings pond"),
    Text(
        "尾矿库 1 公里内的人口与学校、医院、避难场所、企业,与头顶库登记对照",
        "people and targets within 1 km of a tailings pond, held against what is on record",
    ),
    (PONDS.name, *_TARGETS),
    (
        Column("pond_class", Text("等别", "class")),
        Column("recorded_above_homes", Text("登记为头顶库", "on record as above homes")),
        Column("recorded_people", Text("登记人数", "people on record")),
        Column("people_1km", Text("1 公里内人数", "people within 1 km")),
        Column("near_1km", Text("1 公里内目标", "targets within 1 km")),
        Column("lower_1km", Text("其中低于库区", "of these lower")),
        Column("should_check", Text("应核查", "to be checked")),
    ),
    _run,
)
