"""How many people live within 500 m of a plant with a major hazard, the α that follows, and whether its class holds.

α by the people permanently within 500 m outside the boundary: ≥ 100 2.0; 50–99 1.5; 30–49 1.2; 1–29 1.0; 0 0.5.
R = α · Σ βᵢ qᵢ/Qᵢ; class 1 R ≥ 100, 2 ≥ 50, 3 ≥ 10, else 4. Source: 安全监管总局令第40号 annex 1 (domain brief 2.9).
"""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import asyncpg
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
    unreadable_notes,
    words_of,
)
from geo.crs import Crs
from geo.database import Database, Statement, StatementBuilder
from geo.limits import WhereLimits
from geo.rasters import PeopleEstimate, RasterEntry, RasterKind, entries_statement, people_within, read_entries
from geo.risk.rings import ring_shape
from geo.risk.where import around_geometry
from layers.layer import Layer
from layers.severity import MAJOR_HAZARD
from layers.text import Text

__all__ = ["AUDIT", "DISTANCE_M", "alpha_of", "class_of", "ring_outside"]

DISTANCE_M = 500.0
_ALPHAS = ((100, 2.0), (50, 1.5), (30, 1.2), (1, 1.0), (0, 0.5))
_CLASSES = ((100.0, "class_1"), (50.0, "class_2"), (10.0, "class_3"), (0.0, "class_4"))
_KNOWN = 0.995
_CLASS_WORDS = words_of(MAJOR_HAZARD)


def alpha_of(people: int) -> float:
    """α by the number of people within 500 m outside the boundary."""
    return next(alpha for least, alpha in _ALPHAS if people >= least)


def class_of(r: float) -> str:
    """The class of a major hazard by R."""
    return next(code for least, code in _CLASSES if r >= least)


def ring_outside(shape: BaseGeometry) -> BaseGeometry:
    """What lies within 500 m of a plant and outside it, in degrees; of a point, the disc."""
    where = around_geometry(shape, Crs("EPSG:4490"), WhereLimits())
    around = ring_shape(where, DISTANCE_M)
    return shapely.difference(around, shape) if shapely.get_dimensions(shape) == 2 else around


def _statement(query: AuditQuery, layer: Layer) -> Statement:
    sql = StatementBuilder()
    selection = query.asked(layer)
    return sql.build(
        f"SELECT {base_columns(selection, layer, 't')}, t.major_hazard_level, t.hazard_r, t.recorded_alpha "
        f"FROM enterprises t WHERE t.major_hazard_level IS NOT NULL AND {selection.where(layer, sql)} "
        "ORDER BY t.major_hazard_level, t.source, t.source_id"
    )


def _new_class(row: asyncpg.Record, alpha: float) -> str | None:
    """The class with the new α; None when R or the α it was computed with is not on record."""
    r, recorded = row["hazard_r"], row["recorded_alpha"]
    if r is None or not recorded:
        return None
    # In decimals: 50 computed again from 50 must not become 49.999….
    return class_of(float(Decimal(str(r)) / Decimal(str(recorded)) * Decimal(str(alpha))))


def _least_and_most(people: int, known_share: float) -> tuple[float, float]:
    """α by the people who are known of, and by as many as may live where nobody knows."""
    least = alpha_of(people)
    return (least, least) if known_share >= _KNOWN else (least, _ALPHAS[0][1])


def _ground(row: asyncpg.Record) -> Text:
    """From where 500 m are measured."""
    if json.loads(row["geojson"])["type"] in ("Polygon", "MultiPolygon"):
        return Text("边界", "the boundary")
    return Text("点位(没有边界)", "its point (no boundary on record)")


def _counted(row: asyncpg.Record, estimate: PeopleEstimate, people: int, alphas: tuple[float, float]) -> Text:
    """How many people there are, of what part of the area that is known, and α."""
    ground, (least, most) = _ground(row), alphas
    zh = f"{ground.zh}外 500 米内约 {people:,} 人"
    en = f"about {people:,} people within 500 m of {ground.en}"
    if estimate.known_share >= _KNOWN:
        return Text(f"{zh},α={least:g}", f"{en}: α {least:g}")
    part = f"{estimate.known_share:.0%}"
    zh, en = f"{zh}(只知道其中 {part} 的面积,其余未知)", f"{en} (of {part} of the area; the rest is unknown)"
    if least == most:
        return Text(f"{zh},α={least:g}", f"{en}: α {least:g}")
    return Text(f"{zh},α 至少为 {least:g}", f"{en}: α is at least {least:g}")


def _why(row: asyncpg.Record, estimate: PeopleEstimate | None, people: int | None, by: str | None) -> Text:
    if people is None or estimate is None:
        ground = _ground(row)
        return Text(
            f"{ground.zh}外 500 米内人口未知,α 无从确定",
            f"people within 500 m of {ground.en} are unknown, and so is α",
        )
    alphas, recorded = _least_and_most(people, estimate.known_share), row["recorded_alpha"]
    counted = _counted(row, estimate, people, alphas)
    zh, en = counted.zh, counted.en
    if not recorded:
        return Text(
            f"{zh};没有备案 α,等级是否变化无从判断", f"{en}; no α on record, so whether the class changes is unknown"
        )
    zh, en = f"{zh},备案为 {recorded:g}", f"{en}, on record {recorded:g}"
    if row["hazard_r"] is None:
        return Text(
            f"{zh};没有 R 值,等级是否变化无从判断", f"{en}; no R on record, so whether the class changes is unknown"
        )
    if by is None:
        return Text(
            f"{zh};其余人口未知,等级是否变化无从判断",
            f"{en}; how many live in the rest is unknown, and so is whether the class changes",
        )
    old, new = MAJOR_HAZARD.by_code(row["major_hazard_level"]).title, MAJOR_HAZARD.by_code(by).title
    if by == row["major_hazard_level"]:
        return Text(f"{zh};等级仍为{old.zh}", f"{en}; it remains {old.en}")
    return Text(f"{zh};等级应由{old.zh}变为{new.zh}", f"{en}; it would go from {old.en} to {new.en}")


def _finding(layer: Layer, row: asyncpg.Record, estimate: PeopleEstimate | None) -> Finding:
    known = estimate.people if estimate is not None else None
    people = None if known is None else round(known)
    alpha, by = None, None
    if people is not None and estimate is not None:
        least, most = _least_and_most(people, estimate.known_share)
        alpha = least if least == most else None
        # Where part of the ground is unknown a class is told only when it holds whoever lives there.
        by = _new_class(row, least)
        by = by if by == _new_class(row, most) else None
    values: dict[str, object] = {
        "people": people,
        "known_share": None if estimate is None else round(estimate.known_share, 3),
        "alpha": alpha,
        "recorded_alpha": row["recorded_alpha"],
        "recorded_class": row["major_hazard_level"],
        "class_by_alpha": by,
        "class_changes": None if by is None else by != row["major_hazard_level"],
    }
    return finding(layer, row, values, _why(row, estimate, people, by))


def _estimates(
    query: AuditQuery, entries: tuple[RasterEntry, ...], shapes: list[BaseGeometry]
) -> list[PeopleEstimate | None]:
    if query.grids is None:
        return [None] * len(shapes)
    return people_within(query.grids, entries, [ring_outside(shape) for shape in shapes])


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    layer = query.registry["enterprises"]
    rows = await database.fetch(_statement(query, layer))
    entries = read_entries(await database.fetch_text(entries_statement()))
    shapes = [shapely.from_geojson(row["geojson"]) for row in rows]
    estimates = await asyncio.to_thread(_estimates, query, entries, shapes)
    findings = [_finding(layer, row, estimate) for row, estimate in zip(rows, estimates, strict=True)]
    findings.sort(key=lambda each: (not each.values["class_changes"], str(each.values["recorded_class"])))
    changed = sum(each.values["class_changes"] is True for each in findings)
    return AuditAnswer(
        len(rows),
        tuple(findings),
        Text(
            f"{len(rows)} 处重大危险源中,{changed} 处按现有人口等级应变化",
            f"of {len(rows)} major hazards {changed} would change class by the people who live around",
        ),
        (*_notes(query, entries), *await unreadable_notes(query, entries)),
    )


def _notes(query: AuditQuery, entries: tuple[RasterEntry, ...]) -> list[Text]:
    grids = [] if query.grids is None else query.grids.of(entries, RasterKind.POPULATION)
    if not grids:
        return [
            Text(
                "没有人口栅格,人数未知;请用 onemap rasters add 载入",
                "no population grid is loaded, so people are unknown; load one with onemap rasters add",
            )
        ]
    coarsest_m = max(grid.entry.resolution_m for grid in grids)
    return [
        Text(
            f"人数按人口栅格(像元至多 {coarsest_m:.0f} 米)估算,只供筛查,不能代替实地核查",
            f"people are estimated from a grid of cells of up to {coarsest_m:.0f} m: to screen, not to decide",
        )
    ]


AUDIT = Audit(
    "plant-neighbours",
    Text("重大危险源周边 500 米人口与 α", "People within 500 m of a major hazard, and α"),
    Text(
        "厂界外 500 米常住人口、由此得出的 α,以及备案等级是否应变化",
        "people within 500 m outside the boundary, the α that follows, and whether the class on record holds",
    ),
    ("enterprises",),
    (
        Column("people", Text("500 米内人数", "people within 500 m"), none=UNKNOWN),
        Column("known_share", Text("已知面积占比", "share known"), is_share=True),
        Column("alpha", Text("α", "α"), none=UNKNOWN),
        Column("recorded_alpha", Text("备案 α", "α on record"), none=Text("没有记录", "none on record")),
        Column("recorded_class", Text("备案等级", "class on record"), _CLASS_WORDS),
        Column("class_by_alpha", Text("按现有人口的等级", "class by α"), _CLASS_WORDS, none=UNKNOWN),
        Column("class_changes", Text("等级变化", "class changes"), none=UNKNOWN),
    ),
    _run,
)
