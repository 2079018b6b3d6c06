"""What lies within 1 km of a tailings pond and downstream of it: people, schools, hospitals, shelters, plants.

头顶库 means homes or important facilities within 1 km downstream. With an elevation grid the way of the water is traced
from the pond down the steepest slope (``geo/rasters/flow.py``) for 1 km beyond it, and what lies within ``CORRIDOR_M``
of that way is downstream. Without one everything within 1 km by straight line is named, and the answer says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np
import numpy.typing as npt
import pyproj
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
from geo.crs import Crs
from geo.database import Database, Statement, StatementBuilder
from geo.rasters import (
    Grids,
    PeopleEstimate,
    RasterEntry,
    elevations_at,
    entries_statement,
    flow_path,
    people_within,
    read_entries,
)
from geo.risk.rings import ring_shape
from geo.risk.where import WhereLimits, around_geometry, plane_definition
from layers.tailings_ponds import LAYER as PONDS
from layers.tailings_ponds import POND_CLASS, above_homes
from layers.text import Text

__all__ = ["AUDIT", "CORRIDOR_M", "DISTANCE_M"]

DISTANCE_M = 1000.0
CORRIDOR_M = 200.0
"""How far to either side of the water's way tailings are taken to spread. Ours, no standard's."""
_TARGETS = ("schools", "hospitals", "shelters", "enterprises")


@dataclass(frozen=True)
class FlowWay:
    """The way of the water below one pond: its line (degrees), and the people and the near targets along it."""

    line: shapely.LineString
    whole: bool
    people: PeopleEstimate | None
    reached: Sequence[bool]


@dataclass(frozen=True)
class _Ground:
    """What the grids say around one pond: its people, its height and the heights of what is near (NaN: unknown)."""

    people: PeopleEstimate | None
    pond_m: float
    near_m: Sequence[float]
    way: FlowWay | None = None

    @property
    def heights_known(self) -> bool:
        """Whether the pond's own height is known."""
        return self.pond_m == self.pond_m


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
    ways = [_way(query.grids, entries, *each) for each in zip(shapes, middles.tolist(), near, strict=True)]
    return [
        _Ground(estimate, float(pond), part.tolist(), way)
        for estimate, pond, part, way in zip(people, heights[: len(middles)], parts, ways, strict=True)
    ]


def _way(
    grids: Grids,
    entries: tuple[RasterEntry, ...],
    pond: BaseGeometry,
    middle: Sequence[float],
    near: Sequence[Mapping[str, object]],
) -> FlowWay | None:
    """The way from the pond's middle to ``DISTANCE_M`` beyond its edge; None where no grid knows the height there."""
    lon, lat = float(middle[0]), float(middle[1])
    plane = pyproj.Proj(plane_definition(lon, lat))

    def to_plane(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(plane(degrees[:, 0], degrees[:, 1]))

    flat_pond = shapely.transform(pond, to_plane)
    across_m = shapely.minimum_bounding_radius(flat_pond) * 2.0
    path = flow_path(grids, entries, lon, lat, DISTANCE_M + across_m)
    if path is None or len(path.places) < 2:
        return None
    inside = np.flatnonzero(shapely.intersects_xy(pond, path.places[:, 0], path.places[:, 1]))
    leaves = int(inside[-1]) if len(inside) else 0
    flat = to_plane(path.places)
    gone_m = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(flat[leaves:], axis=0).T))))
    kept = path.places[leaves:][gone_m <= DISTANCE_M]
    if len(kept) < 2:
        return None
    line = shapely.LineString(kept)
    corridor = ring_shape(around_geometry(line, Crs("EPSG:4490"), WhereLimits()), CORRIDOR_M)
    flat_line = shapely.LineString(to_plane(kept))
    places = np.array([(each["lon"], each["lat"]) for each in near], dtype=float).reshape(-1, 2)
    reached = np.asarray(shapely.distance(shapely.points(to_plane(places)), flat_line) <= CORRIDOR_M)
    (people,) = people_within(grids, entries, [corridor])
    return FlowWay(line, path.whole or float(gone_m[-1]) >= DISTANCE_M, people, reached.tolist())


def _finding(row: asyncpg.Record, ground: _Ground) -> Finding:
    near = json.loads(row["near"])
    lower = [each for each, height in zip(near, ground.near_m, strict=True) if height < ground.pond_m]
    way = ground.way
    named = lower if ground.heights_known else near
    if way is not None:
        named = [each for each, reached in zip(near, way.reached, strict=True) if reached]
    recorded = above_homes({"above_homes": row["above_homes"], "downstream_people": row["downstream_people"]})
    values: dict[str, object] = {
        "pond_class": row["pond_class"],
        "recorded_above_homes": recorded,
        "recorded_people": row["downstream_people"],
        "people_1km": _rounded(ground.people),
        "near_1km": len(near),
        "lower_1km": len(lower) if ground.heights_known else None,
        "downstream_1km": None if way is None else len(named),
        "people_downstream": None if way is None else _rounded(way.people),
        "features": [each["id"] for each in named],
        "should_check": not recorded and bool(named),
        "flow_path": None if way is None else shapely.geometry.mapping(way.line),
    }
    return finding(PONDS, row, values, _why(values, named, ground, recorded))


def _rounded(estimate: PeopleEstimate | None) -> int | None:
    return None if estimate is None or estimate.people is None else round(estimate.people)


def _where(ground: _Ground) -> Text:
    if ground.way is not None:
        ends = Text("", "") if ground.way.whole else Text(",高程栅格只到一段", ", as far as the elevation grid goes")
        return Text(
            f"下游 1 公里内(沿水流两侧各 {CORRIDOR_M:.0f} 米{ends.zh})",
            f"within 1 km downstream ({CORRIDOR_M:.0f} m to either side of the water's way{ends.en})",
        )
    if ground.heights_known:
        return Text("1 公里内且低于库区", "within 1 km and lower than it")
    return Text("1 公里内(直线距离)", "within 1 km (straight line)")


def _why(values: dict[str, object], named: list[dict[str, object]], ground: _Ground, recorded: bool | None) -> Text:
    names = [str(each["name"] or each["id"]) for each in named[:3]]
    more = "等" if len(named) > 3 else ""
    where = _where(ground)
    zh = f"{where.zh}的学校、医院、避难场所、企业 {len(named)} 处"
    en = f"{len(named)} schools, hospitals, shelters and plants {where.en}"
    if names:
        zh, en = f"{zh}:{'、'.join(names)}{more}", f"{en}: {', '.join(names)}{' …' if more else ''}"
    people, below = values["people_1km"], values["people_downstream"]
    zh += f";1 公里内约 {people:,} 人" if people is not None else ";1 公里内人口未知"
    en += f"; about {people:,} people within 1 km" if people is not None else "; people within 1 km unknown"
    if below is not None:
        zh, en = f"{zh},其中水流沿线约 {below:,} 人", f"{en}, about {below:,} of them along the water"
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
    traced = sum(ground.way is not None for ground in grounds)
    return AuditAnswer(
        len(rows),
        tuple(findings),
        Text(
            f"{len(rows)} 座尾矿库中,{check} 座未登记为头顶库但下方有目标,应核查",
            f"of {len(rows)} tailings ponds {check} have targets below and are not on record as above homes",
        ),
        (_note(len(rows), traced), *await unreadable_notes(query, entries)),
    )


def _note(ponds: int, traced: int) -> Text:
    """By what way the answer was found."""
    zh = f"{traced} 座沿高程栅格的最陡坡向(D8)追踪水流,两侧各 {CORRIDOR_M:.0f} 米为本项目取值"
    en = (
        f"of {traced} the water was traced down the steepest slope of the elevation grid (D8); {CORRIDOR_M:.0f} m to "
        "either side is this project's own"
    )
    blind = ponds - traced
    if not traced:
        return Text(
            "没有高程栅格可用,未沿水流追踪:1 公里为直线距离",
            "no elevation grid knows the ground here, so the way of the water is not traced: 1 km is a straight line",
        )
    if blind:
        zh += f";另 {blind} 座没有高程,1 公里为直线距离"
        en += f"; of {blind} others no height is known, and 1 km is a straight line"
    return Text(zh, en)


AUDIT = Audit(
    "below-tailings-ponds",
    Text("尾矿库下游 1 公里", "Within 1 km below a tailings pond"),
    Text(
        "尾矿库 1 公里内的人口与学校、医院、避难场所、企业,与头顶库登记对照",
        "people and targets within 1 km of a tailings pond, held against what is on record",
    ),
    (PONDS.name, *_TARGETS),
    (
        Column("pond_class", Text("等别", "class"), words_of(POND_CLASS), none=UNKNOWN),
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
