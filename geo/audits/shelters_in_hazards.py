"""Which shelters lie in a hazard's polygon or within its reach: 集中安置点 must avoid landslides, debris flows, floods.

The rule of siting: avoid places where landslides, rockfalls and debris flows may come and what floods may cover
(domain brief 2.10). It states no distances; the reaches here are the project's own and may be given with the question.
"""

from __future__ import annotations

from types import MappingProxyType

import asyncpg

from geo.audits.audit import (
    GRADE_WORDS,
    UNGRADED,
    UNKNOWN,
    Audit,
    AuditAnswer,
    AuditQuery,
    Column,
    base_columns,
    finding,
    rows_of,
)
from geo.database import Database, Statement, StatementBuilder
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["AUDIT", "REACHES_M"]

REACHES_M = MappingProxyType(
    {"hazard_points": 200.0, "flood_spots": 50.0, "tailings_ponds": 1000.0, "forest_zones": 0.0}
)
"""Metres from a hazard within which a shelter is named; 0: only inside its polygon. Ours, no standard's."""

_DISTANCE = """CASE WHEN GeometryType(h.geom) = 'POINT' THEN ST_Distance(h.geom::geography, s.geom::geography)
    ELSE ST_Distance(ST_Transform(h.geom, format(
        '+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m +no_defs +type=crs', ST_Y(s.geom), ST_X(s.geom)
    )), ST_Point(0, 0)) END"""
"""Geography is exact between points. On a line or polygon it finds the nearest place as on a sphere, and was seen to
tell 0.7 m too much at 800 m from an edge of 9 km: those are measured in the plane centred on the shelter."""

_ORDER = {grade.value: grade.rank for grade in RiskGrade}


def _statement(query: AuditQuery) -> Statement:
    sql, shelters = StatementBuilder(), query.registry["shelters"]
    selection = query.asked(shelters)
    parts = []
    for name, own_reach_m in REACHES_M.items():
        layer = query.registry[name]
        reach_m = own_reach_m if query.reach_m is None or own_reach_m == 0 else query.reach_m
        reach = sql.value(reach_m, "float8")
        near = "ST_Intersects(h.geom, s.geom)"
        if reach_m:
            near = f"ST_DWithin(h.geom::geography, s.geom::geography, {reach} * 1.002 + 1)"
        parts.append(
            f"SELECT s.*, '{name}' AS hazard_layer, h.source || '/' || h.source_id AS hazard_key, "
            f"h.name AS hazard_name, h.grade AS hazard_grade, {reach} AS reach_m, "
            f"{_DISTANCE if reach_m else '0::float8'} AS exact_m "
            f"FROM {rows_of(selection, shelters, sql)} s JOIN {rows_of(query.seen(layer), layer, sql)} h ON {near}"
        )
    # OFFSET 0: measured once, not again for the condition.
    return sql.build(
        f"SELECT {base_columns(selection, shelters, 'p')}, p.capacity_people, p.hazard_layer, p.hazard_key, "
        "p.hazard_name, p.hazard_grade, p.reach_m, round(p.exact_m::numeric, 1)::float8 AS distance_m "
        f"FROM ({' UNION ALL '.join(parts)} OFFSET 0) AS p WHERE p.exact_m <= p.reach_m"
    )


def _count(query: AuditQuery) -> Statement:
    sql, shelters = StatementBuilder(), query.registry["shelters"]
    return sql.build(f"SELECT count(*) AS n FROM shelters WHERE {query.asked(shelters).where(shelters, sql)}")


def _why(row: asyncpg.Record, hazard_title: Text) -> Text:
    name, hazard = row["name"] or row["source_id"], row["hazard_name"] or row["hazard_key"]
    known = RiskGrade(row["hazard_grade"]) if row["hazard_grade"] else None
    grade_zh = f"{known.code_text.zh}色" if known else "未分级的"
    which = f"{hazard} ({hazard_title.en}, {known.value if known else 'not graded'})"
    distance_m, reach_m, capacity = row["distance_m"], row["reach_m"], row["capacity_people"]
    if reach_m == 0 or distance_m == 0:
        zh, en = f"{name}在{grade_zh}{hazard_title.zh}“{hazard}”之内", f"{name} lies within {which}"
    else:
        zh = f"{name}距{grade_zh}{hazard_title.zh}“{hazard}” {distance_m:,.0f} 米,在 {reach_m:,.0f} 米影响范围内"
        en = f"{name} is {distance_m:,.0f} m from {which}, whose reach is {reach_m:,.0f} m"
    if capacity is None:
        return Text(f"{zh};可容纳人数未知", f"{en}; its capacity is unknown")
    return Text(f"{zh};可容纳 {capacity:,} 人", f"{en}; it takes {capacity:,} people")


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    layer = query.registry["shelters"]
    rows = await database.fetch(_statement(query))
    (count,) = await database.fetch(_count(query))
    findings = []
    rows.sort(
        key=lambda row: (
            _ORDER.get(row["hazard_grade"], 5),
            row["distance_m"],
            row["source"],
            row["source_id"],
            row["hazard_layer"],
            row["hazard_key"],
        )
    )
    for row in rows:
        hazard_layer = query.registry[row["hazard_layer"]]
        values = {
            "capacity_people": row["capacity_people"],
            "hazard": f"{hazard_layer.name}/{row['hazard_key']}",
            "hazard_name": row["hazard_name"],
            "hazard_grade": row["hazard_grade"],
            "distance_m": row["distance_m"],
            "reach_m": row["reach_m"],
        }
        findings.append(finding(layer, row, values, _why(row, hazard_layer.title)))
    shelters = len({each.feature["id"] for each in findings})
    return AuditAnswer(
        int(count["n"]),
        tuple(findings),
        Text(
            f"{count['n']:,} 处避难场所中,{shelters:,} 处在灾害影响范围内(共 {len(findings):,} 组)",
            f"of {count['n']:,} shelters {shelters:,} lie within a hazard's reach ({len(findings):,} pairs)",
        ),
        (
            Text(
                "影响范围为本项目的取值,不是标准规定;可用 reach_m 给出",
                "the reaches are this project's own, not a standard's; give others with reach_m",
            ),
        ),
    )


AUDIT = Audit(
    "shelters-in-hazards",
    Text("处于灾害影响范围内的避难场所", "Shelters within a hazard's reach"),
    Text(
        "避难场所落在隐患点、易涝点、尾矿库的影响距离内,或落在林火区内",
        "shelters within the reach of a geological hazard, flood spot or tailings pond, or inside a forest fire zone",
    ),
    ("shelters", *REACHES_M),
    (
        Column("capacity_people", Text("可容纳人数", "capacity"), none=UNKNOWN),
        Column("hazard_name", Text("灾害隐患", "hazard"), none=Text("没有名称", "unnamed")),
        Column("hazard_grade", Text("隐患等级", "its grade"), GRADE_WORDS, none=UNGRADED),
        Column("distance_m", Text("距离(米)", "distance (m)")),
        Column("reach_m", Text("影响范围(米)", "reach (m)")),
    ),
    _run,
)
