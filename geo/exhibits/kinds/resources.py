"""资源保障图: shelters, helipads, depots and teams with their reach, and what no shelter or depot reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.exhibits.content import (
    Cell,
    Column,
    Content,
    KeyFigure,
    LegendEntry,
    LegendGroup,
    MapPart,
    Row,
    Section,
    Table,
)
from geo.exhibits.counting import layer_table
from geo.exhibits.draft import arrow_room, data_until, geometry_of, is_demo, sources_of
from geo.exhibits.features import Found, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.kinds.hazards import chosen_layers, numbered_of
from geo.exhibits.legend import legend_of_borders, legend_of_items
from geo.exhibits.listing import list_table
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.panel import Panel, feature
from geo.exhibits.region import Region, fetch_region, lay_base, level_title
from geo.exhibits.wording import count_text, printable
from geo.rasters import entries_statement, people_within, read_entries
from geo.risk.rings import ring_coordinates
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.text import Lang, Text

__all__ = ["KIND", "REACH_LINES", "REACH_M"]

_GEOD = Geod(ellps="GRS80")
_MOST = 2000
REACH_M: Mapping[str, float] = {"shelters": 5000, "supply_depots": 9000, "helipads": 15_000, "rescue_teams": 10_000}
"""How far a resource is counted to help, in metres as the crow flies; the request or the template may say otherwise."""

_COVERING = ("shelters", "supply_depots")
"""The layers whose reach together counts as covered."""
REACH_LINES: Mapping[str, tuple[str, float, tuple[float, ...], str]] = {
    "shelters": ("#1E6B4A", 0.2, (), "#CFE3D6"),
    "supply_depots": ("#7A5A1E", 0.32, (2.2, 0.9), "#F2E9D8"),
    "helipads": ("#1C3D5C", 0.32, (0.1, 0.75), ""),
    "rescue_teams": ("#7A3E8C", 0.26, (1.2, 0.5, 0.2, 0.5), ""),
}
"""By layer: colour, width and dashes (mm) of the line around what it reaches, and the fill within; all told in grey."""
_OTHER = ("#5A6773", 0.24, (0.8, 0.8), "")
_GAP_COLOUR = "#A50E26"
_HATCH_MM = 1.4


def _reaches(order: Order, layers: Sequence[Layer]) -> dict[str, float]:
    own = {name: metres for name, metres in REACH_M.items() if any(layer.name == name for layer in layers)}
    given = order.request.reach_m or {}
    return {**own, **{name: metres for name, metres in given.items() if any(layer.name == name for layer in layers)}}


def _is_usable(item: Item) -> bool:
    layer = item.symbology.layer
    return all(item.properties.get(column) not in codes for column, codes in layer.unusable.items())


def _unions(items: Sequence[Item], reaches: Mapping[str, float]) -> dict[str, BaseGeometry]:
    """What each layer's usable features reach together."""
    unions: dict[str, BaseGeometry] = {}
    for name, reach_m in reaches.items():
        own = [each for each in items if each.symbology.layer.name == name and _is_usable(each)]
        rings = [shapely.Polygon(ring_coordinates(each.lon, each.lat, reach_m)) for each in own]
        if rings:
            unions[name] = shapely.union_all(rings, grid_size=1e-7)
    return unions


def _km2(shape: BaseGeometry) -> float:
    return abs(float(_GEOD.geometry_area_perimeter(shape)[0])) / 1e6


def _add_reaches(panel: Panel, unions: Mapping[str, BaseGeometry]) -> None:
    for name, union in unions.items():
        panel.add("reach", [feature(geometry_of(union), layer=name if name in REACH_LINES else "other")])


def _add_gap(panel: Panel, gap: BaseGeometry) -> None:
    """Real hatch lines, 1.4 mm apart at 45°, cut by the gap."""
    if gap.is_empty:
        return
    sheet = panel.sheet
    lines = []
    step = _HATCH_MM * 2**0.5
    count = int((sheet.box.w + sheet.box.h) / step) + 1
    for at in range(count):
        start = at * step
        places = [(start - share * sheet.box.h, share * sheet.box.h) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        lines.append(shapely.LineString([sheet.lonlat(*place) for place in places]))
    simple = gap.simplify(sheet.simplify_deg * 2).buffer(0)
    hatch = shapely.intersection(shapely.MultiLineString(lines), simple)
    if not hatch.is_empty:
        panel.add("gap", [feature(geometry_of(hatch))])


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    region = await fetch_region(order, request.division)
    layers = chosen_layers(order, Family.RESOURCE)
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
    grid = order.grid()
    base = await lay_base(order, region, grid, grid.map)
    sheet = base.panel.sheet
    found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
    reaches = _reaches(order, layers)
    unions = await asyncio.to_thread(_unions, found.items, reaches)
    covered = shapely.union_all([unions[name] for name in _COVERING if name in unions])
    covering = [layer for layer in layers if layer.name in _COVERING and layer.name in reaches]
    gap = region.shape.difference(covered) if covering else shapely.Polygon()
    _add_reaches(base.panel, unions)
    _add_gap(base.panel, gap)
    numbered = numbered_of(found.items)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], numbered=numbered)
    add_marks(base.panel, arranged)
    signs: dict[str, str] = {}
    legend = (
        *legend_of_items(found.items, order.theme, lang, signs),
        LegendGroup(
            Text("保障范围（直线距离）", "Reach as the crow flies").get(lang),
            tuple(_reach_entries(order, unions, reaches, gap)),
        ),
        *legend_of_borders(base.levels, lang),
    )
    own = f"{region.name}应急资源保障图" if lang == "zh" else f"Emergency resources of {region.name}"
    heading = order.heading(own, region.name)
    part = MapPart(
        "map", None, heading, base.panel, legend, arranged.items, (), base.relief, base.inset, base.inset_caption
    )
    people = await _people(order, gap) if covering else None
    section = Section(
        "map",
        None,
        (part,),
        _figures(region, found, gap, people, lang, known=bool(covering)) if order.wants("figures") else (),
        _tables(order, region, layers, found, arranged.items, gap, signs, known=bool(covering)),
        (),
        _paragraphs(region, covering, reaches, gap, people, lang) if order.wants("text") else (),
        Text("说明", "Notes").get(lang),
        Text(
            "保障范围为椭球面直线距离，不是道路里程；停用的资源不计。",
            "Reach is the distance on the ellipsoid, not by road; what is out of use does not count. ",
        ).get(lang)
        + unplaced_text(arranged.unplaced, lang),
    )
    return Content(
        "resources",
        heading,
        _subtitle(order, layers, reaches, found.total),
        (section,),
        signs,
        tuple(layer.name for layer in (*layers, order.registry["divisions"])),
        sources_of(found.items, lang, [base.relief.source] if base.relief else []),
        data_until(found.items),
        is_demo(found.items, base.divisions, base.relief),
    )


def _reach_entries(
    order: Order, unions: Mapping[str, BaseGeometry], reaches: Mapping[str, float], gap: BaseGeometry
) -> list[LegendEntry]:
    lang = order.lang
    entries = []
    for name in unions:
        colour, width, dash, fill = REACH_LINES.get(name, _OTHER)
        text = f"{order.registry[name].title.get(lang)} {reaches[name] / 1000:g} km"
        key = f"reach-{name}"
        if fill:
            entries.append(LegendEntry(key, "fill", text, colour=fill, edge=colour, width_mm=width, dash_mm=dash))
        else:
            entries.append(LegendEntry(key, "line", text, colour=colour, width_mm=width, dash_mm=dash))
    if not gap.is_empty:
        text = Text("保障盲区", "Not covered").get(lang)
        entries.append(LegendEntry("gap", "hatch", text, colour=_GAP_COLOUR))
    return entries


async def _people(order: Order, gap: BaseGeometry) -> int | None:
    """People in the gap by the population grids; None where none tells."""
    grids = order.workshop.extras.grids
    if grids is None or gap.is_empty:
        return None
    entries = read_entries(await order.database.fetch_text(entries_statement()))
    (estimate,) = await asyncio.to_thread(people_within, grids, entries, [gap])
    return None if estimate is None or estimate.people is None else round(estimate.people)


def _figures(
    region: Region, found: Found, gap: BaseGeometry, people: int | None, lang: Lang, *, known: bool
) -> tuple[KeyFigure, ...]:
    figures = [KeyFigure(found.total, Text("处", "").get(lang), Text("应急资源", "resources").get(lang))]
    if known:
        share = 100 * _km2(gap) / _km2(region.shape)
        figures.append(KeyFigure(_km2(gap), "km²", Text("保障盲区", "not covered").get(lang)))
        figures.append(KeyFigure(share, "%", Text("盲区占面积", "of the area").get(lang), 1))
    if people is not None:
        figures.append(
            KeyFigure(people, Text("人", "").get(lang), Text("盲区人口（格网估算）", "people there (grid)").get(lang))
        )
    return tuple(figures)


def _tables(
    order: Order,
    region: Region,
    layers: Sequence[Layer],
    found: Found,
    items: Sequence[Item],
    gap: BaseGeometry,
    signs: dict[str, str],
    *,
    known: bool,
) -> tuple[Table, ...]:
    tables = []
    if order.wants("counts"):
        tables.append(layer_table(order, layers, found.counts, signs))
        if region.parts and known:
            tables.append(_gap_table(order, region, items, gap))
    if order.wants("list"):
        what = Text("资源清单", "List of resources")
        tables.append(list_table(order, items, signs, what=what, total=found.total, region=region))
    return tuple(tables)


def _gap_table(order: Order, region: Region, items: Sequence[Item], gap: BaseGeometry) -> Table:
    """For each division its area, what of it is not covered, and how far its middle is from a shelter."""
    lang = order.lang
    shelters = [each for each in items if each.symbology.layer.name == "shelters" and _is_usable(each)]
    rows = []
    for part in region.parts:
        area, open_ = _km2(part.shape), _km2(part.shape.intersection(gap))
        middle = part.shape.representative_point()
        away = [_GEOD.inv(middle.x, middle.y, each.lon, each.lat)[2] / 1000 for each in shelters]
        rows.append((open_ / area if area else 0.0, part, area, open_, min(away, default=None)))
    rows.sort(key=lambda row: (-row[0], row[1].code))
    columns = (
        Column("division", level_title(region.by, lang), "text", 18),
        Column("area_km2", Text("面积 km²", "Area km²").get(lang), "integer", 12),
        Column("gap_km2", Text("盲区 km²", "Gap km²").get(lang), "integer", 12),
        Column("gap_share", Text("占比 %", "Share %").get(lang), "integer", 11),
        Column("nearest_km", Text("最近避难 km", "Shelter km").get(lang), "number", 16, 1),
    )
    made = []
    for share, part, area, open_, near in rows:
        none = round(100 * share) == 0
        cells: tuple[Cell, ...] = (
            printable(part.name, 14) or part.code,
            round(area),
            "–" if none else round(open_),
            "–" if none else round(100 * share),
            near,
        )
        made.append(
            Row(cells, tone="alert" if share > 0.5 else "plain", keys=frozenset() if none else frozenset({"gap"}))
        )
    title = Text("保障缺口（按盲区占比降序；红色过半）", "Gaps, the largest share first (red: more than half)").get(
        lang
    )
    return Table("gaps", title, columns, tuple(made))


def _paragraphs(
    region: Region,
    covering: Sequence[Layer],
    reaches: Mapping[str, float],
    gap: BaseGeometry,
    people: int | None,
    lang: Lang,
) -> tuple[str, ...]:
    if not covering:
        return ()
    named = [f"{layer.title.get(lang)} {reaches[layer.name] / 1000:g} km" for layer in covering]
    share = 100 * _km2(gap) / _km2(region.shape)
    if lang == "zh":
        area = count_text(_km2(gap))
        said = f"盲区：{'、'.join(named)}均未覆盖的范围，计 {area} km²，占{region.name}面积的 {share:.1f}%"
        return (said + (f"，格网估算人口 {people} 人。" if people is not None else "。"),)
    said = f"Not covered by {', '.join(named)}: {_km2(gap):,.0f} km², {share:.1f}% of {region.name}"
    return (said + (f", about {people:,} people by the grid." if people is not None else "."),)


def _subtitle(order: Order, layers: Sequence[Layer], reaches: Mapping[str, float], total: int) -> str:
    lang = order.lang
    number = printable(order.request.number)
    told = [f"{layer.title.get(lang)} {reaches[layer.name] / 1000:g} km" for layer in layers if layer.name in reaches]
    if lang == "zh":
        return f"资源 {total} 处　保障半径：{'、'.join(told)}（直线）" + (f"　编号：{number}" if number else "")
    return f"{total} resources   reach: {', '.join(told)} (straight)" + (f"   No. {number}" if number else "")


KIND = Kind(
    "resources",
    Text("应急资源在哪里、够得着哪里、哪里够不着", "where resources are, what they reach, and what they do not"),
    ("locator", "relief", "figures", "counts", "list", "text"),
    _compose,
)
