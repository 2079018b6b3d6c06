"""Drafting: what most kinds of exhibits do alike: ground, locator, relief, furniture on the map, sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import draw_mark
from geo.exhibits.content import SignCell
from geo.exhibits.ground import Division, fetch_divisions, fetch_locator
from geo.exhibits.kind import Order
from geo.exhibits.locator import locator_caption, locator_panel
from geo.exhibits.marks import Item
from geo.exhibits.panel import Panel, feature
from geo.exhibits.paper import Grid
from geo.exhibits.placing import Rect
from geo.exhibits.relief import Relief, make_relief
from geo.exhibits.sheet import Sheet
from geo.exhibits.terrain import add_ground
from layers.text import Lang

__all__ = [
    "add_arrow_room",
    "arrow_room",
    "data_until",
    "geometry_of",
    "grade_cell",
    "ground_levels",
    "is_demo",
    "lay_ground",
    "locate",
    "relief_of",
    "sources_of",
]

_TOWNSHIPS_TO = 500_000
_VILLAGES_TO = 60_000
_ARROW_MM = (12.0, 18.0)


def geometry_of(shape: BaseGeometry) -> dict[str, object]:
    """A shape as GeoJSON."""
    geometry: dict[str, object] = json.loads(shapely.to_geojson(shape))
    return geometry


def ground_levels(scale: float) -> tuple[str, ...]:
    """The levels of divisions that a map of this scale shows."""
    levels = ["province", "city", "county"]
    if scale <= _TOWNSHIPS_TO:
        levels.append("township")
    if scale <= _VILLAGES_TO:
        levels.append("village")
    return tuple(levels)


async def lay_ground(
    order: Order,
    panel: Panel,
    relief: Relief | None,
    *,
    named: tuple[str, ...] = ("county", "township", "village"),
    quiet: frozenset[str] = frozenset(),
) -> list[Division]:
    """Draw land (unless there is relief), graticule, borders and names; the divisions that are seen."""
    levels = ground_levels(panel.sheet.scale)
    divisions = await fetch_divisions(order.database, order.registry["divisions"], panel.sheet, levels, order.reader)
    add_ground(panel, divisions, named=named, land=relief is None, quiet=quiet)
    return divisions


async def relief_of(order: Order, sheet: Sheet) -> Relief | None:
    """The relief under a sheet, where grids of heights are loaded and the template wants it."""
    if not order.wants("relief"):
        return None
    return await make_relief(order.database, order.workshop.extras.grids, sheet, order.lang)


async def locate(order: Order, sheet: Sheet, grid: Grid) -> tuple[Panel | None, str]:
    """The locator and its caption; none where no city is known or the template leaves it out."""
    if not order.wants("locator"):
        return None, ""
    centre = (sheet.lon, sheet.lat)
    found = await fetch_locator(order.database, order.registry["divisions"], centre, order.reader)
    if found is not None and shapely.box(*sheet.outline.bounds).covers(found[0].shape):
        # The map shows the whole city: a locator would show the map again.
        return None, ""
    return locator_panel(found, sheet, grid), locator_caption(found, sheet)


def arrow_room(sheet: Sheet) -> Rect:
    """What the north arrow takes of the frame."""
    return Rect(sheet.box.w - _ARROW_MM[0], 0, sheet.box.w, _ARROW_MM[1])


def add_arrow_room(panel: Panel) -> None:
    """Keep the names of the ground off the north arrow."""
    across, down = _ARROW_MM
    corner = panel.place_mm(panel.sheet.box.w - across / 2, down / 2)
    panel.add("obstacles", [feature(corner, across=across, down=down)])


def grade_cell(item: Item, lang: Lang, signs: dict[str, str]) -> SignCell | str:
    """The grade as sign and word; a dash for what has none by nature."""
    if item.grade is None and not item.symbology.layer.graded:
        return "—"
    bare = item.symbology.mark(item.grade, None)
    signs.setdefault(bare.icon, draw_mark(bare).text)
    return SignCell(bare.icon, item.symbology.grade_title(item.grade).get(lang))


def sources_of(items: Iterable[Item], lang: Lang, further: Sequence[str] = ()) -> str:
    """The layers that are shown, by title, and what else the map is made of."""
    titles = dict.fromkeys([*(item.symbology.layer.title.get(lang) for item in items), *further])
    return ("、" if lang == "zh" else ", ").join(titles)


def data_until(items: Iterable[Item]) -> str | None:
    """The newest date that any feature's data has."""
    return max((str(each.properties["data_date"]) for each in items if each.properties.get("data_date")), default=None)


def is_demo(items: Iterable[Item], divisions: Iterable[Division], *reliefs: Relief | None) -> bool:
    """Whether anything that is shown is demonstration data."""
    return (
        any(item.properties.get("demo") for item in items)
        or any(each.demo for each in divisions)
        or any(each is not None and each.demo for each in reliefs)
    )
