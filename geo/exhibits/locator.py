"""The locator: where the map's frame lies in its city."""

from __future__ import annotations

import shapely

from geo.exhibits.ground import Division
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.paper import Box, Grid
from geo.exhibits.sheet import Sheet, sheet_of_extent
from geo.exhibits.wording import printable

__all__ = ["locator_caption", "locator_panel"]

_LEAST_BOX_MM = 1.8


def locator_panel(found: tuple[Division, list[Division]] | None, sheet: Sheet, grid: Grid) -> Panel | None:
    """The city's outline with the county of the map in it, and the frame as a red box; None where no city is known."""
    if found is None:
        return None
    whole, counties = found
    wide = grid.column.w if grid.column is not None else grid.width * 0.26
    width = round(min(wide if grid.lower else wide * 0.5, 70))
    room = Box(0, 0, width, min(40 if grid.width < 250 else 52, width))
    panel = Panel(sheet_of_extent(room, whole.shape, rounded=False), {})
    centre = shapely.Point(sheet.lon, sheet.lat)
    panel.add("land", [feature(geometry_of(whole.shape))])
    for county in counties:
        kind = "here" if county.shape.covers(centre) else "part"
        panel.add("outline", [feature(geometry_of(county.shape), kind=kind)])
    panel.add("outline", [feature(geometry_of(whole.shape.boundary), kind="subject")])
    x0, y0 = panel.sheet.mm(sheet.outline.bounds[0], sheet.outline.bounds[3])
    x1, y1 = panel.sheet.mm(sheet.outline.bounds[2], sheet.outline.bounds[1])
    half_w, half_h = (max(abs(edge), _LEAST_BOX_MM) / 2 for edge in (x1 - x0, y1 - y0))
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    corners = [(x - half_w, y - half_h), (x + half_w, y - half_h), (x + half_w, y + half_h), (x - half_w, y + half_h)]
    ring = [list(panel.sheet.lonlat(*corner)) for corner in [*corners, corners[0]]]
    panel.add("box", [feature({"type": "Polygon", "coordinates": [ring]})])
    return panel


def locator_caption(found: tuple[Division, list[Division]] | None, sheet: Sheet) -> str:
    """The city and the county that hold the centre of the map."""
    if found is None:
        return ""
    whole, counties = found
    centre = shapely.Point(sheet.lon, sheet.lat)
    here = [county for county in counties if county.shape.covers(centre)]
    return " · ".join(printable(each.name, 12) for each in (whole, *here[:1]))
