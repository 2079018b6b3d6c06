"""The base of a map: relief, land, borders, water courses and names, the locator, and what the page says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.exhibits.content import Area, LegendGroup, MapPart
from geo.exhibits.draft import add_arrow_room
from geo.exhibits.ground import Division, fetch_divisions, fetch_locator
from geo.exhibits.kind import Order
from geo.exhibits.legend import legend_of_ground
from geo.exhibits.locator import locator_caption, locator_panel
from geo.exhibits.marks import Item
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.paper import Box, Grid
from geo.exhibits.region import Region
from geo.exhibits.relief import Relief, make_relief
from geo.exhibits.sheet import Sheet, sheet_around, sheet_of_extent
from geo.exhibits.terrain import add_ground
from geo.exhibits.waters import Water, add_waters, fetch_waters, water_layers
from layers.layer import Layer

__all__ = ["Base", "ground_levels", "lay_base", "lay_base_around"]

_TOWNSHIPS_TO = 500_000
_VILLAGES_TO = 60_000
_NAMED = ("county", "township", "village")


@dataclass(frozen=True)
class Base:
    """A panel with its ground drawn, and what comes with it."""

    panel: Panel
    relief: Relief | None
    divisions: tuple[Division, ...]
    waters: tuple[Water, ...]
    layers: tuple[Layer, ...]
    """Whose features were asked for, whether or not any lies here: a recipe names their revisions."""
    inset: Panel | None
    inset_caption: str
    quiet: frozenset[str] = frozenset()

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of the borders that are drawn."""
        subject = ("subject",) if "subject" in self.panel.features else ()
        return (*subject, *("quiet" if each.code in self.quiet else each.level for each in self.divisions))

    @property
    def demo(self) -> bool:
        """Whether any of it is demonstration data."""
        told = [*(each.demo for each in self.divisions), *(each.demo for each in self.waters)]
        return any(told) or (self.relief is not None and self.relief.demo)

    def part(
        self,
        order: Order,
        key: str,
        alt: str,
        legend: Iterable[LegendGroup],
        items: tuple[Item, ...],
        *,
        title: str | None = None,
        areas: tuple[Area, ...] = (),
        free_corner: Box | None = None,
    ) -> MapPart:
        """The map that was drawn on it; the borders and water courses follow in its ``legend``."""
        of_ground = legend_of_ground(self.levels, self.waters, order.theme, order.lang)
        return MapPart(
            key,
            title,
            alt,
            self.panel,
            (*legend, *of_ground),
            items,
            areas,
            self.relief,
            self.inset,
            self.inset_caption,
            free_corner,
        )

    def sources(self, order: Order) -> tuple[str, ...]:
        """What its pictures and lines are made of, beside the divisions."""
        relief = (self.relief.source,) if self.relief else ()
        return (*relief, *dict.fromkeys(each.layer.title.get(order.lang) for each in self.waters))


def ground_levels(scale: float) -> tuple[str, ...]:
    """The levels of divisions that a map of this scale shows."""
    levels = ["province", "city", "county"]
    if scale <= _TOWNSHIPS_TO:
        levels.append("township")
    if scale <= _VILLAGES_TO:
        levels.append("village")
    return tuple(levels)


async def lay_base(
    order: Order,
    region: Region,
    grid: Grid,
    box: Box,
    *,
    relief: bool = True,
    names: bool = True,
    filled: bool = False,
    scale: float | None = None,
) -> Base:
    """The base of a map of a region: its outline stands out, and a veil lies over what is outside.

    Where its parts are ``filled`` they have thin borders, and there is neither relief nor water: fills tell them apart.
    """
    sheet = sheet_of_extent(box, region.shape, scale or order.request.scale, enlarged=grid.enlarged)
    named = _NAMED if names else ()
    quiet = frozenset(each.code for each in region.parts) if filled else frozenset()
    base = await _lay(order, sheet, grid, relief=relief, named=named, quiet=quiet, within=region.shape)
    around = shapely.box(*sheet.outline.buffer(0.2 * sheet.outline.length).bounds)
    base.panel.add("outside", [feature(geometry_of(around.difference(region.shape)))])
    base.panel.add("subject", [feature(geometry_of(region.shape.boundary))])
    return base


async def lay_base_around(order: Order, grid: Grid) -> Base:
    """The base of a map around the asked place, as far as the last of the asked radii."""
    request = order.request
    assert request.lon is not None
    assert request.lat is not None
    sheet = sheet_around(grid.map, request.lon, request.lat, request.radius_m[-1], request.scale, grid.enlarged)
    return await _lay(order, sheet, grid, relief=True, named=_NAMED, quiet=frozenset(), within=None)


async def _lay(
    order: Order,
    sheet: Sheet,
    grid: Grid,
    *,
    relief: bool,
    named: tuple[str, ...],
    quiet: frozenset[str],
    within: BaseGeometry | None,
) -> Base:
    database, reader, divisions_layer = order.database, order.reader, order.registry["divisions"]
    panel = Panel(sheet, {})
    shaded = await _relief_of(order, sheet) if relief else None
    divisions = await fetch_divisions(database, divisions_layer, sheet, ground_levels(sheet.scale), reader)
    add_ground(panel, divisions, named=named, land=shaded is None, quiet=quiet)
    of_water = () if quiet else water_layers(order.registry)
    waters = await fetch_waters(database, of_water, sheet, reader)
    add_waters(panel, waters, within)
    add_arrow_room(panel)
    inset, caption = await _locate(order, sheet, grid)
    layers = (divisions_layer, *of_water)
    return Base(panel, shaded, tuple(divisions), tuple(waters), layers, inset, caption, quiet)


async def _relief_of(order: Order, sheet: Sheet) -> Relief | None:
    """The relief under a sheet, where grids of heights are loaded and the template wants it."""
    if not order.wants("relief"):
        return None
    return await make_relief(order.database, order.workshop.extras.grids, sheet, order.lang)


async def _locate(order: Order, sheet: Sheet, grid: Grid) -> tuple[Panel | None, str]:
    """The locator and its caption; none where no city is known or the template leaves it out."""
    if not order.wants("locator"):
        return None, ""
    centre = (sheet.lon, sheet.lat)
    found = await fetch_locator(order.database, order.registry["divisions"], centre, order.reader)
    if found is not None and shapely.box(*sheet.outline.bounds).covers(found[0].shape):
        # The map shows the whole city: a locator would show the map again.
        return None, ""
    return locator_panel(found, sheet, grid), locator_caption(found, sheet)
