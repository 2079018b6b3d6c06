"""周边分析: rings around a place, the numbered features within them, what they add up to, and where help is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import shapely

from geo.cartography.drawing import draw_dot
from geo.exhibits.base import Base, lay_base_around
from geo.exhibits.content import Column, Content, MapPart, Row, Section, Table
from geo.exhibits.draft import arrow_room, grade_cell
from geo.exhibits.features import size_text, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.kinds.surroundings_rings import POINT_MM, add_rings, asked_legend
from geo.exhibits.kinds.surroundings_text import paragraphs_of, ring_table_of
from geo.exhibits.legend import legend_of_items
from geo.exhibits.marks import Item, add_marks, arrange, item_of, size_of_drawing
from geo.exhibits.panel import feature
from geo.exhibits.provenance import origin_of
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.sheet import Sheet
from geo.exhibits.wording import compass, printable
from geo.risk import RiskQuery, around_point, risk_answer
from geo.risk.rings import ring_coordinates
from geo.selection import choose_layers
from layers.layer import Family, Layer
from layers.text import Lang, Text

__all__ = ["KIND"]

Answer = dict[str, object]

_FAMILIES = (Family.RISK, Family.PROTECTED, Family.RESOURCE, Family.MONITORING)
_MOST = 300


async def _compose(order: Order) -> Content:
    """Ask once, then draw, list and tell from the same answer."""
    request, lang = order.request, order.lang
    chosen = choose_layers(order.registry, request.layers)
    query = _query(order, chosen)
    answer = json.loads(await risk_answer(order.database, query, order.workshop.extras))
    radii = query.rings_m
    place = _place_name(request, answer)
    heading = order.heading(_title(place, lang))
    part, base, unplaced, signs = await _draw(order, answer, radii, heading)
    tables = (ring_table_of(answer, radii, lang),) if order.wants("counts") else ()
    if order.wants("list"):
        tables = (*tables, _table(part.items, answer, lang, signs))
    section = Section(
        "map",
        None,
        (part,),
        (),
        tables,
        (),
        paragraphs_of(answer, part.items, radii[-1], lang) if order.wants("text") else (),
        Text("风险说明", "Explanation").get(lang),
        _note(unplaced, lang),
    )
    rules = order.workshop.extras.rules
    return Content(
        "surroundings",
        heading,
        _subtitle(request, place, radii),
        (section,),
        signs,
        origin_of(order, chosen, part.items, [base]),
        rules_version=rules.version if rules else None,
    )


def _query(order: Order, chosen: tuple[Layer, ...]) -> RiskQuery:
    request = order.request
    assert request.lon is not None
    assert request.lat is not None
    return RiskQuery(
        around_point(request.lon, request.lat),
        request.radius_m,
        chosen,
        grades=request.grade_set(),
        limit=order.most(_MOST),
        nearest=1,
        reader=order.reader,
        helpers=order.registry.helpers(),
    )


async def _draw(
    order: Order, answer: Answer, radii: Sequence[float], heading: str
) -> tuple[MapPart, Base, tuple[int, ...], dict[str, str]]:
    """The map with its legend, its base, the numbers that found no place, and the signs of the tables."""
    request, lang, grid = order.request, order.lang, order.grid()
    assert request.lon is not None
    assert request.lat is not None
    at = (request.lon, request.lat)
    base = await lay_base_around(order, grid)
    panel, sheet = base.panel, base.panel.sheet
    title = printable(request.place, 12) if request.place else Text("中心点", "Asked place").get(lang)
    items = _items(order, answer, sheet, radii[-1])
    arranged = arrange(items, sheet, [*add_rings(panel, items, *at, radii, title), arrow_room(sheet)])
    add_marks(panel, arranged)
    size = size_of_drawing(draw_dot(order.theme).edge_px, POINT_MM)
    panel.add("marks", [feature({"type": "Point", "coordinates": at}, icon="question", size=size)])
    signs = {"question": draw_dot(order.theme).text}
    legend = (asked_legend(radii, title, order.theme, lang), *legend_of_items(arranged.items, order.theme, lang, signs))
    part = base.part(order, "map", heading, legend, arranged.items)
    return part, base, arranged.unplaced, signs


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
