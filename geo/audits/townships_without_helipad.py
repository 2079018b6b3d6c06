"""Which townships have no usable place for a helicopter to land, and where the nearest one is."""

from __future__ import annotations

from geo.audits.audit import Audit, AuditAnswer, AuditQuery, Column, base_columns, finding, rows_of
from geo.database import Database, Statement, StatementBuilder
from geo.selection import quote
from layers.text import Text

__all__ = ["AUDIT"]


def _statement(query: AuditQuery) -> Statement:
    sql, divisions, helipads = StatementBuilder(), query.registry["divisions"], query.registry["helipads"]
    selection = query.asked(divisions)
    usable = " AND ".join(
        f"(p.{quote(column)} IS NULL OR p.{quote(column)} <> ALL ({sql.value(list(codes), 'text[]')}))"
        for column, codes in helipads.unusable.items()
    )
    pads = rows_of(query.seen(helipads), helipads, sql)
    middle = "ST_PointOnSurface(d.geom)::geography"
    # The index orders as on a sphere, which may put two at like distances the wrong way round.
    nearest_by_sphere = (
        f"(SELECT max(m) + 1 FROM (SELECT ST_Distance(p.geom::geography, {middle}) AS m FROM {pads} p "
        f"WHERE {usable or 'true'} ORDER BY p.geom::geography <-> {middle} LIMIT 1) AS by_sphere)"
    )
    return sql.build(f"""
SELECT {base_columns(selection, divisions, "d")}, n.name AS nearest_name, n.key AS nearest_key, n.nearest_m,
       (SELECT count(*) FROM {pads} p WHERE ST_Covers(d.geom, p.geom)) AS unusable
FROM {rows_of(selection, divisions, sql)} d
LEFT JOIN LATERAL (
    SELECT p.name, p.source || '/' || p.source_id AS key,
           round(ST_Distance(p.geom::geography, {middle})::numeric)::float8 AS nearest_m
    FROM {pads} p WHERE {usable or "true"} AND ST_DWithin(p.geom::geography, {middle}, {nearest_by_sphere})
    ORDER BY ST_Distance(p.geom::geography, {middle}), p.source, p.source_id LIMIT 1) n ON true
WHERE d.level = 'township' AND NOT EXISTS (
    SELECT FROM {pads} p WHERE {usable or "true"} AND ST_Covers(d.geom, p.geom))
ORDER BY d.division_code, d.source, d.source_id""")


def _count(query: AuditQuery) -> Statement:
    sql, divisions = StatementBuilder(), query.registry["divisions"]
    where = query.asked(divisions).where(divisions, sql)
    return sql.build(
        "SELECT count(*) FILTER (WHERE level = 'township') AS n, count(*) FILTER (WHERE level IS NULL) AS unlevelled "
        f"FROM divisions WHERE {where}"
    )


def _why(name: str, unusable: int, nearest: str | None, nearest_m: float | None) -> Text:
    zh = f"{name}没有可用的起降点" + (f"(有 {unusable} 处已停用)" if unusable else "")
    en = f"{name} has no usable helipad" + (f" ({unusable} out of use)" if unusable else "")
    if nearest_m is None:
        return Text(f"{zh};别处也没有", f"{en}, nor is there one elsewhere")
    km = f"{nearest_m / 1000:.1f}"
    return Text(
        f"{zh};最近的是“{nearest}”,距中部 {km} 公里", f"{en}; the nearest is {nearest}, {km} km from its middle"
    )


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    layer = query.registry["divisions"]
    rows = await database.fetch(_statement(query))
    (count,) = await database.fetch(_count(query))
    findings = tuple(
        finding(
            layer,
            row,
            {
                "unusable_helipads": row["unusable"],
                "nearest_helipad": row["nearest_name"] or row["nearest_key"],
                "nearest_m": row["nearest_m"],
            },
            _why(
                row["name"] or row["source_id"],
                row["unusable"],
                row["nearest_name"] or row["nearest_key"],
                row["nearest_m"],
            ),
        )
        for row in rows
    )
    notes = [] if count["n"] else [Text("没有乡级行政区划边界", "no outlines of townships are loaded")]
    if count["unlevelled"]:
        notes.append(
            Text(
                f"{count['unlevelled']:,} 个行政区划没有登记级别,未审查;请在导入时给出“行政级别”",
                f"{count['unlevelled']:,} divisions have no level on record and were not audited; import them with one",
            )
        )
    return AuditAnswer(
        int(count["n"]),
        findings,
        Text(
            f"{count['n']:,} 个乡镇中,{len(findings):,} 个没有可用的直升机起降点",
            f"of {count['n']:,} townships {len(findings):,} have no usable helipad",
        ),
        tuple(notes),
    )


AUDIT = Audit(
    "townships-without-helipad",
    Text("没有可用起降点的乡镇", "Townships without a usable helipad"),
    Text(
        "乡镇境内没有可用的直升机起降点(停用的不算),并给出最近的一处",
        "townships in whose outline there is no usable helipad, and where the nearest one is",
    ),
    ("divisions", "helipads"),
    (
        Column("unusable_helipads", Text("停用起降点", "out of use")),
        Column("nearest_helipad", Text("最近起降点", "nearest helipad")),
        Column("nearest_m", Text("距离(米)", "distance (m)")),
    ),
    _run,
)
