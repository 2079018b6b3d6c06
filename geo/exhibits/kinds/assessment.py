"""研判专报: the assessment of a month, quarter or year: cover, maps, counts with charts, changes, what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from geo.exhibits.base import Base, lay_base
from geo.exhibits.content import Content, KeyFigure, Section, Table
from geo.exhibits.counting import by_division, division_table, grade_chart, grade_figures, layer_table
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Counts, Found, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.kinds.assessment_lists import change_section, overdue_of, overdue_section, period_asked
from geo.exhibits.kinds.four_colours import areas_km2, draw_four_colours, four_colour_paragraphs
from geo.exhibits.kinds.hazards import hazard_paragraphs
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table, numbered_of
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.provenance import origin_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.wording import printable
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["KIND"]

_UNGRADED = Text("未分级隐患", "hazards not graded")


async def _hazard_section(
    order: Order, region: Region, layers: Sequence[Layer], found: Found, signs: dict[str, str]
) -> tuple[Section, Base]:
    lang, grid = order.lang, order.grid()
    base = await lay_base(order, region, grid, grid.map)
    sheet = base.panel.sheet
    numbered = min(numbered_of(found.items), 60)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], named=8, numbered=numbered)
    add_marks(base.panel, arranged)
    legend = legend_of_items(found.items, order.theme, lang, signs)
    title = Text("风险隐患分布", "Where the hazards are").get(lang)
    part = base.part(order, "hazards", title, legend, arranged.items)
    counted = Text("分区划统计（重大、较大多者在前）", "By division, the worst first").get(lang)
    tables = [layer_table(order, layers, found.counts, signs)]
    if region.parts:
        tables.append(division_table(order, region, found.counts, signs, title=counted, chart=False))
    worst = [item for item in arranged.items if item.grade is RiskGrade.RED][:40]
    if worst:
        total = found.counts.of(grade=RiskGrade.RED)
        tables.append(
            list_table(order, worst, signs, what=Text("重大隐患", "Major hazards"), total=total, region=region)
        )
    drawn = len(found.items)
    cut = (
        Text(f"图上绘等级最高的 {drawn} 处。", f"The worst {drawn} are drawn.").get(lang) if drawn < found.total else ""
    )
    section = Section(
        "hazards",
        title,
        (part,),
        grade_figures(found.counts, lang, Text("风险隐患", "hazards"), Text("处", "")),
        tuple(tables),
        (),
        hazard_paragraphs(region, found.counts, worst, lang),
        Text("研判要点", "Findings").get(lang),
        cut + unplaced_text(arranged.unplaced, lang),
    )
    return section, base


async def _enterprise_section(
    order: Order, region: Region, found: Found, signs: dict[str, str]
) -> tuple[Section, Base]:
    lang, grid = order.lang, order.grid()
    few = found.total <= 150 or not region.parts
    base = await lay_base(order, region, grid, grid.map, relief=not region.parts, names=few, filled=True)
    part, unplaced = await draw_four_colours(order, region, found, base, signs)
    title = Text("企业安全风险四色图", "Enterprises by grade").get(lang)
    tables: tuple[Table, ...] = ()
    if region.parts:
        counted = Text("各区划四级数量（红、橙多者在前）", "Grades by division, the worst first").get(lang)
        areas = areas_km2(region)
        tables = (division_table(order, region, found.counts, signs, title=counted, areas_km2=areas),)
    section = Section(
        "enterprises",
        title,
        (replace(part, free_corner=None),),
        grade_figures(found.counts, lang, Text("重点企业", "enterprises"), Text("家", "")),
        tables,
        (),
        four_colour_paragraphs(region, found.counts, lang),
        Text("研判要点", "Findings").get(lang),
        unplaced_text(unplaced, lang),
    )
    return section, base


def _chart_section(order: Order, region: Region, hazards: Counts, enterprises: Counts) -> Section:
    lang = order.lang
    charts = []
    for counts, title in (
        (hazards, Text("各区划风险隐患等级", "Hazards by division and grade")),
        (enterprises, Text("各区划企业等级", "Enterprises by division and grade")),
    ):
        rows = [(name or Text("区划不详", "unknown").get(lang), own) for _, name, own in by_division(region, counts)]
        charts.append(grade_chart(order, rows, title.get(lang), most=30))
    by_layer = [
        (layer.title.get(lang), Counts({cell: n for cell, n in hazards.cells.items() if cell[0] == layer.name}))
        for layer in order.layers_of(Family.RISK)
    ]
    charts.append(grade_chart(order, by_layer, Text("各类风险隐患等级", "Hazards by kind and grade").get(lang)))
    return Section("charts", Text("等级与区划统计", "Counts by grade and division").get(lang), charts=tuple(charts))


def _cover(order: Order, region: Region, hazards: Found, enterprises: Found, overdue: int, heading: str) -> Section:
    lang, period = order.lang, period_asked(order)
    last = period.end - timedelta(days=1)
    figures = (
        KeyFigure(hazards.total, Text("处", "").get(lang), Text("风险隐患", "hazards").get(lang)),
        KeyFigure(
            hazards.total if hazards.counts.is_ungraded else hazards.counts.of(grade=RiskGrade.RED),
            Text("处", "").get(lang),
            (_UNGRADED if hazards.counts.is_ungraded else Text("重大隐患", "major hazards")).get(lang),
        ),
        KeyFigure(enterprises.total, Text("家", "").get(lang), Text("重点企业", "enterprises").get(lang)),
        KeyFigure(overdue, Text("家", "").get(lang), Text("检查逾期企业", "inspections overdue").get(lang)),
    )
    said = Text(
        f"时段：{period.start} 至 {last}。数量为制作本报告时库中的现状；变化按写入与销号时间统计。",
        f"Period: {period.start} to {last}. Counts are of the day this was made; changes go by time of writing.",
    )
    return Section("cover", heading, (), figures if order.wants("figures") else (), paragraphs=(said.get(lang),))


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    period = period_asked(order)
    region = await fetch_region(order, request.division)
    layers = order.layers_of(Family.RISK)
    plants = (order.registry["enterprises"],)
    signs: dict[str, str] = {}
    hazards = await fetch_found(
        order,
        Selection(layers, None, request.grade_set(), region.code, order.reader),
        order.most(1000),
        seen=region.shape,
    )
    enterprises = await fetch_found(
        order,
        Selection(plants, None, request.grade_set(), region.code, order.reader),
        order.most(1000),
        seen=region.shape,
    )
    answer = await overdue_of(order, region)
    late = sum(each.values.get("state") == "overdue" for each in answer.findings)
    name = Text(*period.title).get(lang)
    own = f"{region.name}{name}安全风险研判专报" if lang == "zh" else f"Risk assessment of {region.name}, {name}"
    heading = order.heading(own, region.name)
    first, first_base = await _hazard_section(order, region, layers, hazards, signs)
    second, second_base = await _enterprise_section(order, region, enterprises, signs)
    sections = [_cover(order, region, hazards, enterprises, late, heading), first, second]
    if order.wants("charts"):
        sections.append(_chart_section(order, region, hazards.counts, enterprises.counts))
    if order.wants("counts"):
        sections.append(await change_section(order, region, layers, signs))
    if order.wants("list"):
        sections.append(overdue_section(order, region, answer))
    items: list[Item] = [*hazards.items, *enterprises.items]
    bases = (first_base, second_base)
    number = printable(request.number)
    tail = (Text("　编号：", "   No. ").get(lang) + number) if number else ""
    return Content(
        "assessment",
        heading,
        f"{region.name} · {name}{tail}",
        tuple(sections),
        signs,
        origin_of(order, (*layers, *plants), items, bases),
        facts={"period": request.period or ""},
    )


KIND = Kind(
    "assessment",
    Text(
        "一个月、季度或年度的风险研判:图、统计、变化、逾期",
        "a month, quarter or year: maps, counts, changes, what is overdue",
    ),
    ("locator", "relief", "figures", "counts", "charts", "list"),
    _compose,
)
