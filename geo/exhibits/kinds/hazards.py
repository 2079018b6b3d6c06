"""隐患分布图与清单: the hazards of a village, township, county or city on a map, by division, and all listed."""

from __future__ import annotations

from collections.abc import Sequence

from geo.exhibits.base import lay_base
from geo.exhibits.content import Chart, Content, Section, Table
from geo.exhibits.counting import by_division, division_table, grade_chart, grade_figures, layer_table, worst
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Counts, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table, numbered_of
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.provenance import origin_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.wording import printable
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["KIND", "hazard_paragraphs"]

_MOST = 2000
_NAMED = 12


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    region = await fetch_region(order, request.division)
    layers = order.layers_of(Family.RISK)
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
    grid = order.grid()
    base = await lay_base(order, region, grid, grid.map)
    sheet = base.panel.sheet
    found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
    numbered = numbered_of(found.items)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], named=_NAMED, numbered=numbered)
    add_marks(base.panel, arranged)
    signs: dict[str, str] = {}
    legend = legend_of_items(found.items, order.theme, lang, signs)
    own = f"{region.name}风险隐患分布图" if lang == "zh" else f"Hazards of {region.name}"
    heading = order.heading(own, region.name)
    part = base.part(order, "map", heading, legend, arranged.items)
    hazards = Text("风险隐患", "hazards")
    section = Section(
        "map",
        None,
        (part,),
        grade_figures(found.counts, lang, hazards, Text("处", "")) if order.wants("figures") else (),
        _tables(order, region, layers, found.counts, arranged.items, signs),
        _charts(order, region, found.counts),
        hazard_paragraphs(region, found.counts, arranged.items, lang) if order.wants("text") else (),
        Text("说明", "Notes").get(lang),
        _note(numbered, len(found.items), found.total, arranged.unplaced, lang),
    )
    return Content(
        "hazards",
        heading,
        _subtitle(order, region, layers, found.total),
        (section,),
        signs,
        origin_of(order, layers, found.items, [base]),
    )


def _tables(
    order: Order,
    region: Region,
    layers: Sequence[Layer],
    counts: Counts,
    items: Sequence[Item],
    signs: dict[str, str],
) -> tuple[Table, ...]:
    tables = []
    if order.wants("counts"):
        if len(layers) > 1:
            tables.append(layer_table(order, layers, counts, signs))
        if region.parts:
            own = Text("分区划统计（重大、较大多者在前）", "By division, the worst first").get(order.lang)
            tables.append(division_table(order, region, counts, signs, title=own, chart=False))
    if order.wants("list"):
        what = Text("隐患清单", "List of hazards")
        tables.append(list_table(order, items, signs, what=what, total=counts.total, region=region))
    return tuple(tables)


def _charts(order: Order, region: Region, counts: Counts) -> tuple[Chart, ...]:
    if not order.wants("charts") or not region.parts or not counts.total:
        return ()
    rows = [(name or "—", own) for _, name, own in by_division(region, counts)]
    return (grade_chart(order, rows, Text("各区划隐患等级", "Grades by division").get(order.lang)),)


def _subtitle(order: Order, region: Region, layers: Sequence[Layer], total: int) -> str:
    lang, request = order.lang, order.request
    titles = [layer.title.get(lang) for layer in layers]
    grades = "" if request.grades is None else "、".join(_grade_words(request.grades, lang))
    number = printable(request.number)
    if lang == "zh":
        said = f"范围：{region.name}（{region.code}）　要素 {total} 处" + (f"　等级：{grades}" if grades else "")
        named = "、".join(titles[:3]) + (f"等 {len(titles)} 类" if len(titles) > 3 else "")
        return f"{said}　图层：{named}" + (f"　编号：{number}" if number else "")
    named = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    said = f"{region.name} ({region.code})   {total} features" + (f"   grades: {grades}" if grades else "")
    return f"{said}   layers: {named}" + (f"   No. {number}" if number else "")


def _grade_words(grades: Sequence[str], lang: Lang) -> list[str]:
    return [(RiskGrade(name).label if name != "none" else Text("未分级", "ungraded")).get(lang) for name in grades]


def hazard_paragraphs(region: Region, counts: Counts, items: Sequence[Item], lang: Lang) -> tuple[str, ...]:
    """How many of each grade, where most of the worst lie, and the first of ``items``."""
    if not counts.total:
        return ()
    if counts.is_ungraded:
        n = counts.total
        said_so = Text(
            f"{region.name}登记风险隐患 {n} 处，均未分级，重大、较大各有多少不详。",
            f"{region.name} has {n} registered hazards, none graded: how many are major is unknown.",
        )
        return (said_so.get(lang),)
    numbers = [(grade.label.get(lang), counts.of(grade=grade)) for grade in RiskGrade]
    numbers.append((Text("未分级", "ungraded").get(lang), counts.of(grade=None)))
    told = [(word, n) for word, n in numbers if n]
    bad = worst(counts)
    share = f"{100 * bad / counts.total:.1f}%"
    rows = [row for row in by_division(region, counts) if row[0] and worst(row[2])]
    if lang == "zh":
        parts = "、".join(f"{word} {n} 处" for word, n in told)
        said = [f"{region.name}登记风险隐患 {counts.total} 处：{parts}。重大、较大合计 {bad} 处，占 {share}。"]
        if rows:
            said.append("重大、较大隐患最多的是" + "、".join(f"{n}（{worst(c)} 处）" for _, n, c in _most(rows)) + "。")
        if bad and items:
            said.append(f"等级最高的是{items[0].name}（1 号）。")
        return tuple(said)
    parts = ", ".join(f"{word} {n}" for word, n in told)
    said = [f"{region.name} has {counts.total} registered hazards: {parts}. Major and considerable: {bad} ({share})."]
    if rows:
        said.append("Most of them lie in " + ", ".join(f"{n} ({worst(c)})" for _, n, c in _most(rows)) + ".")
    return tuple(said)


def _most(rows: Sequence[tuple[str, str, Counts]]) -> list[tuple[str, str, Counts]]:
    return sorted(rows, key=lambda row: (-worst(row[2]), row[0]))[:3]


def _note(numbered: int, listed: int, total: int, unplaced: Sequence[int], lang: Lang) -> str:
    said = []
    if numbered < listed:
        said.append(
            Text(
                f"图上只注等级最高的 {numbered} 处编号；其余只绘符号，见清单。",
                f"Only the worst {numbered} are numbered on the map; the others are in the list.",
            ).get(lang)
        )
    if total > listed:
        said.append(
            Text(f"图上绘 {listed} 处，另有 {total - listed} 处未绘。", f"{total - listed} more are not drawn.").get(
                lang
            )
        )
    said.append(unplaced_text(unplaced, lang))
    return "".join(said)


KIND = Kind(
    "hazards",
    Text(
        "一个村、乡镇、县或市有哪些风险隐患,在哪里,各级多少",
        "which hazards a division has, where, how many of each grade",
    ),
    ("locator", "relief", "figures", "counts", "charts", "list", "text"),
    _compose,
)
