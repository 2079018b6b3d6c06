"""Reach: what resources reach as the crow flies, the gap that none of them covers, both drawn, told and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.exhibits.content import Cell, Column, LegendEntry, Row, Table
from geo.exhibits.design import GAP, REACH_OPACITY, REACH_OTHER, REACHES, over_ground
from geo.exhibits.kind import Order
from geo.exhibits.legend import line_entry
from geo.exhibits.marks import Item
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.region import Region, level_title
from geo.exhibits.wording import printable
from geo.risk.rings import ring_coordinates
from layers.layer import Layer
from layers.text import Text

__all__ = [
    "COVERING",
    "REACH_M",
    "add_gap",
    "add_reaches",
    "gap_table",
    "km2",
    "reach_entries",
    "reaches_of",
    "unions_of",
]

_GEOD = Geod(ellps="GRS80")
REACH_M: Mapping[str, float] = {"shelters": 5000, "supply_depots": 9000, "helipads": 15_000, "rescue_teams": 10_000}
"""How far a resource is counted to help, in metres as the crow flies; the request or the template may say otherwise."""

COVERING = ("shelters", "supply_depots")
"""The layers whose reach together counts as covered."""
_HATCH_MM = 1.4


def reaches_of(order: Order, layers: Sequence[Layer]) -> dict[str, float]:
    """Metres by layer: those asked for, else those that are usual."""
    own = {name: metres for name, metres in REACH_M.items() if any(layer.name == name for layer in layers)}
    given = order.request.reach_m or {}
    return {**own, **{name: metres for name, metres in given.items() if any(layer.name == name for layer in layers)}}


def _is_usable(item: Item) -> bool:
    layer = item.symbology.layer
    return all(item.properties.get(column) not in codes for column, codes in layer.unusable.items())


def unions_of(items: Sequence[Item], reaches: Mapping[str, float]) -> dict[str, BaseGeometry]:
    """What each layer's usable features reach together."""
    unions: dict[str, BaseGeometry] = {}
    for name, reach_m in reaches.items():
        own = [each for each in items if each.symbology.layer.name == name and _is_usable(each)]
        rings = [shapely.Polygon(ring_coordinates(each.lon, each.lat, reach_m)) for each in own]
        if rings:
            unions[name] = shapely.union_all(rings, grid_size=1e-7)
    return unions


def km2(shape: BaseGeometry) -> float:
    """The area on the ellipsoid of a shape in degrees."""
    return abs(float(_GEOD.geometry_area_perimeter(shape)[0])) / 1e6


def add_reaches(panel: Panel, unions: Mapping[str, BaseGeometry]) -> None:
    """Draw what each layer reaches."""
    for name, union in unions.items():
        panel.add("reach", [feature(geometry_of(union), layer=name if name in REACHES else "other")])


def add_gap(panel: Panel, gap: BaseGeometry) -> None:
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


def reach_entries(
    order: Order, unions: Mapping[str, BaseGeometry], reaches: Mapping[str, float], gap: BaseGeometry
) -> list[LegendEntry]:
    """The legend of what is drawn: a line or fill of each layer's reach, and the hatch of the gap."""
    lang = order.lang
    entries = []
    for name in unions:
        stroke = REACHES.get(name, REACH_OTHER)
        text = f"{order.registry[name].title.get(lang)} {reaches[name] / 1000:g} km"
        entry = line_entry(f"reach-{name}", text, stroke)
        if stroke.fill:
            seen = over_ground(stroke.fill, REACH_OPACITY)
            entry = replace(entry, kind="fill", colour=seen, edge=stroke.colour)
        entries.append(entry)
    if not gap.is_empty:
        text = Text("保障盲区", "Not covered").get(lang)
        entries.append(LegendEntry("gap", "hatch", text, colour=GAP.colour))
    return entries


def gap_table(order: Order, region: Region, items: Sequence[Item], gap: BaseGeometry) -> Table:
    """For each division its area, what of it is not covered, and how far its middle is from a shelter."""
    lang = order.lang
    shelters = [each for each in items if each.symbology.layer.name == "shelters" and _is_usable(each)]
    rows = []
    for part in region.parts:
        area, open_ = km2(part.shape), km2(part.shape.intersection(gap))
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
