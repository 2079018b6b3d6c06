"""周边分析: rings around a place, the numbered features within them, what they add up to, and where help is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import shapely

from geo.cartography.drawing import draw_dot
from geo.exhibits.content import Column, Content, LegendEntry, LegendGroup, MapPart, Row, Section, Table
from geo.exhibits.draft import (
    add_arrow_room,
    arrow_room,
    data_until,
    geometry_of,
    grade_cell,
    is_demo,
    lay_ground,
    locate,
    relief_of,
    sources_of,
)
from geo.exhibits.features import size_text, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.kinds.surroundings_text import paragraphs_of, ring_table_of
from geo.exhibits.legend import legend_of_borders, legend_of_items
from geo.exhibits.marks import Item, add_marks, arrange, item_of, size_of_drawing, text_width_mm
from geo.exhibits.panel import Panel, feature
from geo.exhibits.placing import Label, Rect, Taken, place_labels
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.sheet import Sheet, sheet_around
from geo.exhibits.wording import compass, printable
from geo.risk import RiskQuery, around_point, risk_answer
from geo.risk.rings import ring_coordinates
from geo.selection import choose_layers
from layers.layer import Family
from layers.text import Lang, Text

__all__ = ["KIND"]

Answer = dict[str, object]

_FAMILIES = (Family.RISK, Family.PROTECTED, Family.RESOURCE, Family.MONITORING)
_RING_LINES: tuple[tuple[float, tuple[float, ...]], ...] = ((0.45, ()), (0.35, (1.2, 0.8)), (0.30, (2.4, 1.0)))
_RING_COLOUR = "#A50E26"
_POINT_MM = 5.6
_MOST = 300
_RING_PT, _TITLE_PT = 8.0, 9.5


async def _compose(order: Order) -> Content:
    """Ask once, then draw, list and tell from the same answer."""
    request, lang, registry = order.request, order.lang, order.registry
    assert request.lon is not None
    assert request.lat is not None
    grid = order.grid()
    chosen = choose_layers(registry, request.layers)
    query = RiskQuery(
        around_point(request.lon, request.lat),
        request.radius_m,
        chosen,
        grades=request.grade_set(),
        limit=order.most(_MOST),
        nearest=1,
        reader=order.reader,
        helpers=registry.helpers(),
    )
    answer = json.loads(await risk_answer(order.database, query, order.workshop.extras))
    radii = query.rings_m
    sheet = sheet_around(grid.map, request.lon, request.lat, radii[-1], request.scale, grid.enlarged)
    panel = Panel(sheet, {})
    relief = await relief_of(order, sheet)
    divisions = await lay_ground(order, panel, relief)
    title = printable(request.place, 12) if request.place else Text("中心点", "Asked place").get(lang)
    items = _items(order, answer, sheet, radii[-1])
    obstacles = [*_add_rings(panel, items, request.lon, request.lat, radii, title), arrow_room(sheet)]
    arranged = arrange(items, sheet, obstacles)
    add_marks(panel, arranged)
    size = size_of_drawing(draw_dot(order.theme).edge_px, _POINT_MM)
    panel.add(
        "marks", [feature({"type": "Point", "coordinates": [request.lon, request.lat]}, icon="question", size=size)]
    )
    add_arrow_room(panel)
    signs = {"question": draw_dot(order.theme).text}
    place = _place_name(request, answer)
    inset, caption = await locate(order, sheet, grid)
    legend = (
        _asked_legend(radii, title, lang),
        *legend_of_items(arranged.items, order.theme, lang, signs),
        *legend_of_borders((each.level for each in divisions), lang),
    )
    heading = order.heading(_title(place, lang))
    part = MapPart("map", None, heading, panel, legend, arranged.items, (), relief, inset, caption)
    tables = (ring_table_of(answer, radii, lang),) if order.wants("counts") else ()
    if order.wants("list"):
        tables = (*tables, _table(arranged.items, answer, lang, signs))
    section = Section(
        "map",
        None,
        (part,),
        (),
        tables,
        (),
        paragraphs_of(answer, arranged.items, radii[-1], lang) if order.wants("text") else (),
        Text("风险说明", "Explanation").get(lang),
        _note(arranged.unplaced, lang),
    )
    rules = order.workshop.extras.rules
    return Content(
        "surroundings",
        heading,
        _subtitle(request, place, radii),
        (section,),
        signs,
        tuple(layer.name for layer in (*chosen, registry["divisions"])),
        sources_of(arranged.items, lang, [relief.source] if relief else []),
        data_until(arranged.items),
        is_demo(arranged.items, divisions, relief),
        rules_version=rules.version if rules else None,
    )


def _place_name(request: ExhibitRequest, answer: Answer) -> str:
    """The given name, else the smallest division, else the coordinates."""
    if request.place:
        return printable(request.place)
    place = answer["place"]
    assert isinstance(place, dict)
    names = [printable(each["name"], 16) for each in place["divisions"] if each["level"] in ("county", "township")]
    return "".join(names[-2:]) if names else f"{request.lon:.5f}°, {request.lat:.5f}°"


def _title(place: str, lang: Lang) -> str:
    named = f"{place}周边分析图" if lang == "zh" else f"Surroundings of {place}"
    # A place without a name is told by its coordinates under the title.
    return named if len(named) <= 30 and "°" not in place else Text("周边分析图", "Surroundings").get(lang)


def _subtitle(request: ExhibitRequest, place: str, radii: Sequence[float]) -> str:
    rings = " / ".join(f"{radius / 1000:g}" for radius in radii)
    number = printable(request.number)
    at = f"{request.lon:.5f}°E {request.lat:.5f}°N"
    if request.lang == "zh":
        return f"位置：{place}（{at}）　分析圈层：{rings} km" + (f"　编号：{number}" if number else "")
    return f"Place: {place} ({at})   Rings: {rings} km" + (f"   No. {number}" if number else "")


def _ring_name(radius_m: float) -> str:
    return f"{radius_m / 1000:g} km" if radius_m >= 1000 else f"{radius_m:g} m"


def _add_rings(
    panel: Panel, items: Sequence[Item], lon: float, lat: float, radii: Sequence[float], title: str
) -> list[Rect]:
    """Draw the rings with their labels, each at the free bearing nearest to north; what they take of the frame."""
    sheet, made = panel.sheet, []
    outer = ring_coordinates(lon, lat, radii[-1])
    veil = shapely.Polygon(sheet.outline.buffer(0.2 * sheet.outline.length).exterior, [outer])
    panel.add("veil", [feature(geometry_of(veil))])
    x, y = sheet.mm(lon, lat)
    marks = [Rect.around(*sheet.mm(each.lon, each.lat), 4.0, 4.0) for each in items]
    titled = _add_title(panel, title, (x, y), marks)
    taken = Taken([*marks, *titled, arrow_room(sheet)])
    for turn, radius in enumerate(radii):
        ring = ring_coordinates(lon, lat, radius)
        panel.add("rings", [feature({"type": "LineString", "coordinates": ring}, turn=turn)])
        name = _ring_name(radius)
        wide = text_width_mm(name, _RING_PT) + 1.2
        boxes = [Rect.around(*sheet.mm(*place), wide, 3.4) for place in _from_north(ring)]
        inside = [each for each in boxes if each.top > 0.5 and each.left > 0.5 and each.right < sheet.box.w - 0.5]
        if not inside:
            continue
        box = next((each for each in inside if taken.is_free(each)), inside[0])
        taken.add(box)
        made.append(box)
        middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        panel.add("ring-names", [feature(panel.place_mm(*middle), name=name)])
    return [*made, *titled, Rect.around(x, y, _POINT_MM, _POINT_MM)]


def _add_title(panel: Panel, title: str, at: tuple[float, float], marks: Sequence[Rect]) -> list[Rect]:
    """What the asked place is called, over it or where there is room; nothing in a crowd: the legend tells the sign."""
    wide, high = text_width_mm(title, _TITLE_PT) + 1, 3.8
    box = panel.sheet.box
    above = Rect.around(at[0], at[1] - 5.2, wide, high)
    obstacles = [*marks, arrow_room(panel.sheet)]
    if Taken(obstacles).is_free(above):
        panel.add("titles", [feature(panel.place_mm(at[0], at[1] - 5.2), name=title)])
        return [above]
    # The crowd will spread when its symbols part: far enough from all of it.
    wider = [Rect(each.left - 3, each.top - 3, each.right + 3, each.bottom + 3) for each in obstacles]
    (placed,) = place_labels([Label(*at, _POINT_MM / 2 + 9, wide, high)], wider, box.w, box.h)
    if placed is None:
        return []
    panel.add("titles", [feature(panel.place_mm(placed.x, placed.y), name=title)])
    panel.add("leaders", [feature(panel.line_mm((at, (placed.x, placed.y))))])
    return [Rect.around(placed.x, placed.y, wide, high)]


def _from_north(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """The places of a ring, from its north alternately to both sides."""
    count = len(ring) - 1
    order = [0, *(step * side for step in range(1, count // 3) for side in (1, -1))]
    return [(ring[at % count][0], ring[at % count][1]) for at in order]


def _items(order: Order, answer: Answer, sheet: Sheet, reach_m: float) -> list[Item]:
    """The features in the order of the table: risks, protected places, resources; the nearest first."""
    collection = answer["features"]
    assert isinstance(collection, dict)
    request = order.request
    assert request.lon is not None
    assert request.lat is not None
    ring = shapely.Polygon(ring_coordinates(request.lon, request.lat, reach_m))
    seen = ring.intersection(sheet.outline)
    items = [
        item_of(
            order.symbologies[each["properties"]["layer"]],
            each["properties"],
            shapely.geometry.shape(each["geometry"]),
            seen,
        )
        for each in collection["features"]
    ]
    return sorted(items, key=lambda item: _FAMILIES.index(item.symbology.layer.family))


def _asked_legend(radii: Sequence[float], title: str, lang: Lang) -> LegendGroup:
    entries = [LegendEntry("question", "sign", title, "question", 4.6)]
    for turn, radius in enumerate(radii):
        width, dash = _RING_LINES[min(turn, 2)]
        text = _ring_name(radius) + ("圈" if lang == "zh" else "")
        entries.append(LegendEntry(f"ring-{turn}", "line", text, colour=_RING_COLOUR, width_mm=width, dash_mm=dash))
    return LegendGroup(None, tuple(entries))


def _table(items: Sequence[Item], answer: Answer, lang: Lang, signs: dict[str, str]) -> Table:
    columns = (
        Column("number", Text("号", "No.").get(lang), "integer", 6),
        Column("name", Text("名称", "Name").get(lang), "text", 33),
        Column("layer", Text("类别", "Kind").get(lang), "text", 20),
        Column("grade", Text("等级", "Grade").get(lang), "sign", 15),
        Column("distance_km", Text("距离 km", "km").get(lang), "number", 12, 2),
        Column("bearing", Text("方位", "Dir.").get(lang), "text", 9, align="center"),
        Column("size", Text("规模或能力", "Size or capacity").get(lang), "text", 29),
    )
    rows: list[Row] = []
    for family in _FAMILIES:
        own = [item for item in items if item.symbology.layer.family is family]
        if own:
            unit = " 处" if lang == "zh" else ""
            rows.append(Row((f"{family.label.get(lang)} {len(own)}{unit}",), "band"))
            rows.extend(_row(item, lang, signs) for item in own)
    title = Text(
        "圈层内要素（编号与图上一致，组内按距离排列）",
        "Features within the rings (numbers as on the map, nearest first)",
    )
    total = answer["total"]
    assert isinstance(total, int)
    if answer["truncated"]:
        title = Text(
            f"圈层内要素：共 {total} 处，列出最近的 {len(items)} 处", f"The nearest {len(items)} of {total} features"
        )
    return Table("list", title.get(lang), columns, tuple(rows), of=total)


def _row(item: Item, lang: Lang, signs: dict[str, str]) -> Row:
    distance = item.properties["distance_m"]
    assert isinstance(distance, int | float)
    cells = (
        item.number,
        item.name,
        item.symbology.layer.title.get(lang),
        grade_cell(item, lang, signs),
        distance / 1000,
        compass(item.properties.get("bearing_deg"), lang),
        size_text(item, lang),
    )
    return Row(cells, keys=frozenset({item.mark.icon}))


def _note(unplaced: Sequence[int], lang: Lang) -> str:
    said = Text(
        "距离按 CGCS2000 椭球面计算；圈线以 128 段折线绘制，圈内外以距离判定。",
        "Distances on the CGCS2000 ellipsoid; rings are drawn with 128 sides, membership is by distance. ",
    ).get(lang)
    return said + unplaced_text(unplaced, lang)


KIND = Kind(
    "surroundings",
    Text("一个地点周围有什么风险、要保护谁、谁能救援", "what is at risk around a place, whom to protect, who can help"),
    ("locator", "relief", "counts", "list", "text"),
    _compose,
)
