"""What grids hold under a pixel, as features beside those of the layers: the value, its unit, and its class."""

from __future__ import annotations

from math import isfinite, isnan
from pathlib import Path

from geo.cartography.wms_request import InfoRequest
from geo.rasters.reading import read_framed
from layers.text import Lang, Text

__all__ = ["read_grid_info"]


def read_grid_info(directory: Path, request: InfoRequest, lang: Lang) -> list[dict[str, object]]:
    """A GeoJSON feature for each grid asked about; ``value`` is null where the grid holds none. Blocking.

    Raises:
        RenderError: a grid cannot be read.
    """
    frame, scale = request.map.frame, request.map.scale
    x, y = request.x / scale, request.y / scale
    lon, lat = frame.lonlat(x + 0.5 / scale, y + 0.5 / scale)
    if not (isfinite(lon) and isfinite(lat)):
        return []
    west, north = frame.projected(x, y)
    east, south = frame.projected(x + 1 / scale, y + 1 / scale)
    found: list[dict[str, object]] = []
    for grid in request.grids:
        entry = grid.grids[0]
        value = float(read_framed(directory, entry, frame.srs, (west, south, east, north), (1, 1))[0, 0])
        table = entry.table
        listed = None if isnan(value) else table.class_of(value)
        properties: dict[str, object] = {
            "layer": grid.ogc_name,
            "name": grid.title.get(lang),
            "value": None if isnan(value) else round(value, 6),
            "unit": table.unit.text().get(lang) if table.unit else None,
            "class": (listed or Text("", "")).get(lang) or None,
            "data_date": entry.data_date.isoformat() if entry.data_date else None,
            "demo": entry.demo,
        }
        point = {"type": "Point", "coordinates": [round(lon, 8), round(lat, 8)]}
        found.append({"type": "Feature", "id": grid.ogc_name, "geometry": point, "properties": properties})
    return found
