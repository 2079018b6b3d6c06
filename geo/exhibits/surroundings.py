"""周边分析: rings around a place, the numbered features within them, what they add up to, and where help is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import shapely

from geo.cartography.drawing import draw_dot, draw_mark
from geo.cartography.theme import Theme
from geo.exhibits.ground import fetch_divisions, fetch_locator
from geo.exhibits.legend import legend_of_borders, legend_of_items
from geo.exhibits.locator import locator_caption, locator_panel
from geo.exhibits.marks import Item, add_marks, arrange, item_of, size_of_drawing
from geo.exhibits.page import Column, Composed, Json, LegendGroup, Table
from geo.exhibits.panel import Panel, feature
from geo.exhibits.paper import grid_of
from geo.exhibits.placing import Rect
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.sheet import Sheet, sheet_around
from geo.exhibits.surroundings_text import paragraphs_of, small_table_of
from geo.exhibits.terrain import add_ground
from geo.exhibits.wording import compass, count_text, kilometres, printable
from geo.exhibits.workshop import Workshop
from geo.risk import RiskQuery, around_point, risk_answer
from geo.risk.rings import ring_coordinates
from geo.selection import choose_layers
from layers.field import FieldKind
from layers.layer import Family
from layers.text import Lang, Text

__all__ = ["Answer", "compose_surroundings"]

Answer = dict[str, object]

_FAMILIES = (Family.RISK, Family.PROTECTED, Family.RESOURCE, Family.MONITORING)
_RING_LINES = ((0.45, None), (0.35, (1.2, 0.8)), (0.30, (2.4, 1.0)))
_POINT_MM = 5.6
_MOST = 300


async def compose_surroundings(workshop: Workshop, request: ExhibitRequest) -> Composed:
    """Ask once, then draw, list and tell from the same answer.

    Raises:
        InputError: a bound is exceeded. Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    assert request.lon is not None
    assert request.lat is not None
    registry, lang = workshop.extras.registry, request.lang
    grid = grid_of(request.paper, request.orientation)
    chosen = choose_layers(registry, request.layers)
    query = RiskQuery(
        around_point(request.lon, request.lat),
        request.radius_m,
        chosen,
        limit=request.features_max or _MOST,
        nearest=1,
        reader=workshop.reader,
        helpers=registry.helpers(),
    )
    answer = json.loads(await risk_answer(workshop.database, query, workshop.extras))
    radii = query.rings_m
    sheet = sheet_around(grid.map, request.lon, request.lat, radii[-1], request.scale)
    panel = Panel(sheet, {})
    divisions_layer = registry["divisions"]
    levels = ("province", "city", "county", *(("township",) if sheet.scale <= 500_000 else ()))
    divisions = await fetch_divisions(workshop.database, divisions_layer, sheet, levels, workshop.reader)
    found = await fetch_locator(workshop.database, divisions_layer, (request.lon, request.lat), workshop.reader)
    add_ground(panel, divisions)
    title = _place_title(request)
    rings = _add_rings(panel, request.lon, request.lat, radii, title)
    items = _items(workshop, answer, sheet, radii[-1], request)
    arranged = arrange(items, sheet, [*rings, *_furniture(sheet)])
    numbered = arranged.items
    add_marks(panel, arranged)
    _add_point(panel, request.lon, request.lat, workshop.theme)
    icons = {"question": draw_dot(workshop.theme).text}
    legend = (
        _asked_legend(radii, title, lang),
        *legend_of_items(numbered, workshop.theme, lang, icons),
        *legend_of_borders((each.level for each in divisions), lang),
    )
    place = _place_name(request, answer)
    return Composed(
        grid,
        sheet,
        panel,
        request.title or _title(place, lang),
        _subtitle(request, place, radii),
        legend,
        _table(numbered, answer, workshop.theme, lang, icons, request.features_max or _MOST),
        paragraphs_of(answer, numbered, place, radii[-1], lang),
        _note(lang),
        tuple(layer.name for layer in (*chosen, divisions_layer)),
        _sources(numbered, lang),
        max((str(item.properties["data_date"]) for item in numbered if item.properties.get("data_date")), default=None),
        any(item.properties.get("demo") for item in numbered) or any(each.demo for each in divisions),
        icons,
        (),
        small_table_of(answer, radii, lang),
        locator_panel(found, sheet, grid),
        locator_caption(found, sheet),
        workshop.extras.rules.version if workshop.extras.rules else None,
    )


def _place_title(request: ExhibitRequest) -> str:
    return printable(request.place, 12) if request.place else Text("中心点", "Asked place").get(request.lang)


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
    return named if len(named) <= 30 else Text("周边分析图", "Surroundings").get(lang)


def _subtitle(request: ExhibitRequest, place: str, radii: Sequence[float]) -> str:
    rings = " / ".join(f"{radius / 1000:g}" for radius in radii)
    number = printable(request.number)
    at = f"{request.lon:.5f}°E {request.lat:.5f}°N"
    if request.lang == "zh":
        return f"位置：{place}（{at}）　分析圈层：{rings} km" + (f"　编号：{number}" if number else "")
    return f"Place: {place} ({at})   Rings: {rings} km" + (f"   No. {number}" if number else "")


def _add_rings(panel: Panel, lon: float, lat: float, radii: Sequence[float], title: str) -> list[Rect]:
    """Draw the rings with their labels; what they take of the frame."""
    sheet, taken = panel.sheet, []
    outer = ring_coordinates(lon, lat, radii[-1])
    veil = shapely.Polygon(sheet.outline.buffer(0.2 * sheet.outline.length).exterior, [outer])
    panel.add("veil", [feature(json.loads(shapely.to_geojson(veil)))])
    for turn, radius in enumerate(radii):
        ring = ring_coordinates(lon, lat, radius)
        line = {"type": "LineString", "coordinates": ring}
        panel.add("rings", [feature(line, turn=turn)])
        x, y = sheet.mm(*ring[0])
        name = f"{radius / 1000:g} km" if radius >= 1000 else f"{radius:g} m"
        box = Rect.around(x, y, 1.6 * len(name) + 0.8, 3.2)
        if box.top < 0.5:
            continue
        panel.add("ring-names", [feature(panel.place_mm(x, y), name=name)])
        taken.append(box)
    x, y = sheet.mm(lon, lat)
    panel.add("titles", [feature(panel.place_mm(x, y - 5.2), name=title)])
    wide = sum(3.4 if ord(each) > 255 else 1.9 for each in title)
    return [*taken, Rect.around(x, y - 5.2, wide, 3.6), Rect.around(x, y, _POINT_MM, _POINT_MM)]


def _furniture(sheet: Sheet) -> list[Rect]:
    """The north arrow's place."""
    return [Rect(sheet.box.w - 12, 0, sheet.box.w, 18)]


def _add_point(panel: Panel, lon: float, lat: float, theme: Theme) -> None:
    size = size_of_drawing(draw_dot(theme).edge_px, _POINT_MM)
    panel.add("marks", [feature({"type": "Point", "coordinates": [lon, lat]}, icon="question", size=size)])
    width = panel.sheet.box.w
    corner = panel.place_mm(width - 6, 9)
    panel.add("obstacles", [feature(corner, across=12.0, down=18.0)])


def _items(workshop: Workshop, answer: Answer, sheet: Sheet, reach_m: float, request: ExhibitRequest) -> list[Item]:
    """The features in the order of the table: risks, protected places, resources; the nearest first."""
    collection = answer["features"]
    assert isinstance(collection, dict)
    assert request.lon is not None
    assert request.lat is not None
    ring = shapely.Polygon(ring_coordinates(request.lon, request.lat, reach_m))
    registry = workshop.extras.registry
    symbologies = {each.layer.name: each for each in workshop.studio.symbologies(workshop.theme)}
    items = [
        item_of(
            symbologies[each["properties"]["layer"]],
            each["properties"],
            shapely.geometry.shape(each["geometry"]),
            ring.intersection(sheet.outline),
        )
        for each in collection["features"]
    ]
    return sorted(items, key=lambda item: _FAMILIES.index(registry[item.symbology.layer.name].family))


def _asked_legend(radii: Sequence[float], title: str, lang: Lang) -> LegendGroup:
    point: Json = {"kind": "icon", "icon": "question", "size": 4.6, "text": title}
    lines: list[Json] = []
    for turn, radius in enumerate(radii):
        width, dash = _RING_LINES[min(turn, 2)]
        text = f"{radius / 1000:g} km" + ("圈" if lang == "zh" else "")
        lines.append({"kind": "line", "colour": "#A50E26", "width": width, "dash": dash, "text": text})
    return LegendGroup(None, (point, *lines))


def _table(items: Sequence[Item], answer: Answer, theme: Theme, lang: Lang, icons: dict[str, str], most: int) -> Table:
    columns = (
        Column(Text("号", "No.").get(lang), "right", 5.5),
        Column(Text("名称", "Name").get(lang), "left", 33),
        Column(Text("类别", "Kind").get(lang), "left", 20),
        Column(Text("等级", "Grade").get(lang), "left", 13),
        Column(Text("距离 km", "km").get(lang), "right", 12),
        Column(Text("方位", "Dir.").get(lang), "center", 9),
        Column(Text("规模或能力", "Size or capacity").get(lang), "left", 29),
    )
    rows: list[Json] = []
    for family in _FAMILIES:
        own = [item for item in items if item.symbology.layer.family is family]
        if own:
            unit = " 处" if lang == "zh" else ""
            rows.append({"band": f"{family.label.get(lang)} {len(own)}{unit}"})
            rows.extend({"cells": _row(item, lang, icons)} for item in own)
    title = Text(
        "圈层内要素（编号与图上一致，组内按距离排列）",
        "Features within the rings (numbers as on the map, nearest first)",
    )
    if answer["truncated"]:
        total = answer["total"]
        title = Text(f"圈层内要素：共 {total} 处，列出最近的 {most} 处", f"The nearest {most} of {total} features")
    return Table(title.get(lang), columns, tuple(rows))


def _row(item: Item, lang: Lang, icons: dict[str, str]) -> list[object]:
    name = printable(item.properties.get("name")) or printable(item.properties.get("source_id"))
    distance = item.properties["distance_m"]
    assert isinstance(distance, int | float)
    return [
        str(item.number) if item.number is not None else "·",
        name,
        item.symbology.layer.title.get(lang),
        _grade_cell(item, lang, icons),
        kilometres(distance),
        compass(item.properties.get("bearing_deg"), lang),
        _size(item, lang),
    ]


def _grade_cell(item: Item, lang: Lang, icons: dict[str, str]) -> object:
    if item.grade is None and not item.symbology.layer.graded:
        return "—"
    bare = item.symbology.mark(item.grade, None)
    if bare.icon not in icons:
        icons[bare.icon] = draw_mark(bare).text
    return {"icon": bare.icon, "text": item.symbology.grade_title(item.grade).get(lang)}


def _size(item: Item, lang: Lang) -> str:
    """The first of the layer's own numbers that is known, with its title and unit."""
    for field in item.symbology.layer.fields:
        value = item.properties.get(field.name)
        if field.kind in (FieldKind.INTEGER, FieldKind.NUMBER) and isinstance(value, int | float):
            unit = f" {field.unit.get(lang)}" if field.unit else ""
            return f"{field.title.get(lang)} {_figure(value, lang)}{unit}"
    return ""


def _figure(value: float, lang: Lang) -> str:
    if abs(value) >= 1e6 and lang == "zh":
        return f"{value / 1e4:,.10g}".replace(",", "\u00a0") + " 万" if value % 100 == 0 else count_text(value)
    return count_text(value) if float(value).is_integer() else f"{value:g}"


def _note(lang: Lang) -> str:
    return Text(
        "距离按 CGCS2000 椭球面计算；圈线以 128 段折线绘制，圈内外以距离判定。无编号（·）的要素因图上拥挤未注编号。",
        "Distances on the CGCS2000 ellipsoid; rings are drawn with 128 sides, membership is by distance. "
        "Features without a number (·) found no room for one on the map.",
    ).get(lang)


def _sources(items: Sequence[Item], lang: Lang) -> str:
    titles = dict.fromkeys(item.symbology.layer.title.get(lang) for item in items)
    return ("、" if lang == "zh" else ", ").join(titles)
