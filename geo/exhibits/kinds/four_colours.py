"""四色图: enterprises (or other graded layers) by grade and by division: choropleth, columns or marks, table."""

from __future__ import annotations

from pyproj import Geod

from geo.exhibits.base import Base, lay_base
from geo.exhibits.choropleth import (
    MOST_COLUMNS,
    add_choropleth,
    add_columns,
    areas_of,
    choropleth_legend,
    columns_legend,
    steps_of,
)
from geo.exhibits.content import Chart, Content, LegendGroup, MapPart, Section, Table
from geo.exhibits.counting import by_division, division_table, grade_chart, grade_figures, worst
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Counts, Found, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table
from geo.exhibits.marks import Arranged, add_marks, arrange
from geo.exhibits.provenance import origin_of
from geo.exhibits.region import Region, fetch_region, free_corner
from geo.exhibits.wording import printable
from geo.selection import Selection, choose_layers
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["KIND", "areas_km2", "draw_four_colours"]

_GEOD = Geod(ellps="GRS80")
_MOST = 1000
_MARKED = 150
"""Up to so many features are drawn one by one; more are columns in their divisions."""


def areas_km2(region: Region) -> dict[str, float]:
    """The areas of the counted divisions on the ellipsoid."""
    return {each.code: abs(_GEOD.geometry_area_perimeter(each.shape)[0]) / 1e6 for each in region.parts}


async def draw_four_colours(
    order: Order, region: Region, found: Found, base: Base, signs: dict[str, str]
) -> tuple[MapPart, tuple[int, ...]]:
    """The map: divisions filled by 重大 and 较大, with the features themselves or columns of their numbers."""
    lang = order.lang
    rows = by_division(region, found.counts)
    # A division in which nothing is graded stays without fill: a 0 would say that nothing there is bad.
    values = {code: worst(counts) for code, _, counts in rows if code and not counts.is_ungraded}
    steps = steps_of(list(values.values()))
    known = [] if found.counts.is_ungraded else [each for each in region.parts if each.code in values]
    areas = areas_of(known, values, steps)
    add_choropleth(base.panel, areas)
    legend: list[LegendGroup] = []
    if areas:
        caption = Text("底色：重大、较大合计", "Fill: major and considerable").get(lang)
        legend.append(choropleth_legend(order, areas, steps, caption, Text("家", "").get(lang)))
    arranged = Arranged((), (), (), (), ())
    if found.total <= _MARKED or not areas:
        sheet = base.panel.sheet
        arranged = arrange(found.items, sheet, [arrow_room(sheet)])
        add_marks(base.panel, arranged)
        legend += legend_of_items(found.items, order.theme, lang, signs)
    else:
        pairs = {
            code: (counts.of(grade=RiskGrade.RED), counts.of(grade=RiskGrade.ORANGE))
            for code, _, counts in rows
            if code in values
        }
        if len(region.parts) <= MOST_COLUMNS:
            legend.append(columns_legend(order, add_columns(base.panel, order, region.parts, pairs), lang))
    corner = free_corner(base.panel.sheet, region.shape)
    alt = Text(f"{region.name}四色图", f"four-colour map of {region.name}").get(lang)
    part = base.part(order, "four-colours", alt, legend, arranged.items, areas=areas, free_corner=corner)
    return part, arranged.unplaced


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    region = await fetch_region(order, request.division)
    layers = choose_layers(order.registry, request.layers or ("enterprises",))
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
    grid = order.grid("wide")
    found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
    few = found.total <= _MARKED or not region.parts or len(region.parts) > MOST_COLUMNS
    base = await lay_base(order, region, grid, grid.map, relief=not region.parts, names=few, filled=True)
    signs: dict[str, str] = {}
    part, unplaced = await draw_four_colours(order, region, found, base, signs)
    what = layers[0].title.get(lang)
    own = f"{region.name}{what}安全风险四色图" if lang == "zh" else f"{what} by grade: {region.name}"
    heading = order.heading(own if len(own) <= 30 else f"{region.name}四色图" if lang == "zh" else own, region.name)
    section = Section(
        "map",
        None,
        (part,),
        grade_figures(found.counts, lang, layers[0].title, Text("家", "")) if order.wants("figures") else (),
        _tables(order, region, found, part, signs),
        _charts(order, region, found.counts),
        four_colour_paragraphs(region, found.counts, lang) if order.wants("text") else (),
        Text("研判要点", "Findings").get(lang),
        _note(lang) + unplaced_text(unplaced, lang),
    )
    number = printable(request.number)
    fill = ("　底色：重大、较大合计", "   fill: major and considerable") if part.areas else ("", "")
    said = Text(
        f"登记{what} {found.total} 家{fill[0]}" + (f"　编号：{number}" if number else ""),
        f"{found.total} in the register{fill[1]}" + (f"   No. {number}" if number else ""),
    )
    return Content(
        "four_colours",
        heading,
        said.get(lang),
        (section,),
        signs,
        origin_of(order, layers, found.items, [base]),
        "wide",
    )


def _tables(order: Order, region: Region, found: Found, part: MapPart, signs: dict[str, str]) -> tuple[Table, ...]:
    tables = []
    if order.wants("counts") and region.parts:
        title = Text("各区划四级数量（红、橙多者在前）", "Grades by division, the worst first").get(order.lang)
        areas = areas_km2(region)
        tables.append(division_table(order, region, found.counts, signs, title=title, areas_km2=areas))
    if order.wants("list") and (part.items or not region.parts):
        what = Text("企业清单", "List")
        tables.append(list_table(order, part.items, signs, what=what, total=found.total, region=region))
    return tuple(tables)


def _charts(order: Order, region: Region, counts: Counts) -> tuple[Chart, ...]:
    if not order.wants("charts") or not region.parts or not counts.total:
        return ()
    rows = [(name or "—", own) for _, name, own in by_division(region, counts)]
    return (grade_chart(order, rows, Text("红橙最多的区划", "Divisions with the worst grades").get(order.lang)),)


def four_colour_paragraphs(region: Region, counts: Counts, lang: Lang) -> tuple[str, ...]:
    """How many of each of the worst grades, and where they are."""
    if not counts.total:
        return ()
    if counts.is_ungraded:
        n = counts.total
        said_so = Text(
            f"{region.name}登记的 {n} 家均未分级，红色（重大）、橙色（较大）各有多少不详。",
            f"{region.name}: {n} in the register, none graded: how many are major or considerable is unknown.",
        )
        return (said_so.get(lang),)
    red, orange = counts.of(grade=RiskGrade.RED), counts.of(grade=RiskGrade.ORANGE)
    share = f"{100 * (red + orange) / counts.total:.1f}%"
    rows = sorted((row for row in by_division(region, counts) if row[0]), key=lambda row: (-worst(row[2]), row[0]))
    top = [row for row in rows[:3] if worst(row[2])]
    bare = [name for _, name, own in rows if own.is_ungraded]
    if lang == "zh":
        said = [
            f"{region.name}红色（重大）{red} 家、橙色（较大）{orange} 家，合计 {red + orange} 家，占登记数的 {share}。"
        ]
        if top:
            part = sum(worst(row[2]) for row in top)
            named = "、".join(name for _, name, _ in top)
            said.append(f"{named}合计 {part} 家，占两级合计的 {100 * part / (red + orange):.0f}%。")
        if bare:
            named = "、".join(bare[:3]) + (f"等 {len(bare)} 个区划" if len(bare) > 3 else "")
            said.append(f"{named}登记的均未分级，不着底色。")
        return (*said, "底色反映数量而非密度：面积大的区划数量多未必更密，密度见表。") if rows else tuple(said)
    said = [f"{region.name}: {red} major and {orange} considerable, together {red + orange} ({share} of all)."]
    if top:
        said.append("Most of them: " + ", ".join(f"{name} ({worst(own)})" for _, name, own in top) + ".")
    if bare:
        rest = f" and {len(bare) - 3} more" if len(bare) > 3 else ""
        said.append(f"Not filled, as none there is graded: {', '.join(bare[:3])}{rest}.")
    return (*said, "The fill tells numbers, not density: see the table.") if rows else tuple(said)


def _note(lang: Lang) -> str:
    return Text(
        "分级口径：安全风险四级（重大为红、较大为橙、一般为黄、低为蓝），每个要素只计一次。",
        "Grades: major red, considerable orange, moderate yellow, low blue; each feature counts once. ",
    ).get(lang)


KIND = Kind(
    "four_colours",
    Text("企业按等级、按区划的数量与分布", "enterprises by grade and by division"),
    ("locator", "relief", "figures", "counts", "charts", "list", "text"),
    _compose,
)
