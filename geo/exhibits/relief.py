"""The relief under a map: tinted heights with light and shadow, a picture that fills the frame; from loaded grids."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from geo.database import Database
from geo.exhibits.sheet import Sheet
from geo.rasters import Grids, RasterEntry, RasterKind, entries_statement, read_entries
from geo.rasters.reading import read_elevations
from geo.rasters.relief import Light, relief_rgba
from layers.text import Lang, Text

__all__ = ["Relief", "make_relief"]

Floats = npt.NDArray[np.float64]

_DPI = 150
_LOW, _HIGH = np.array([238.0, 242.0, 226.0]), np.array([218.0, 202.0, 182.0])
"""Tints of the lowest and the highest ground; sRGB."""
_GROUND = np.array([246.0, 243.0, 234.0])
_SHADOW = 0.62
"""Of the shadow's opacity: what lies upon the relief must stay readable."""
_LEAST_SHARE = 0.25
"""Of the frame with known heights: below it there is no relief."""
_LEAST_RANGE_M = 60.0


@dataclass(frozen=True, slots=True)
class Relief:
    """A picture of the whole frame, opaque, and what it was made from."""

    picture: bytes
    ending: str
    """``jpg`` or ``png``."""
    source: str
    heights: str | None
    """The vertical datum of the elevation grid, as registered."""
    demo: bool = False


async def make_relief(database: Database, grids: Grids | None, sheet: Sheet, lang: Lang) -> Relief | None:
    """The relief of a sheet's frame; None where no grid of heights knows enough of it.

    Raises:
        RenderError: a grid cannot be read. Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    if grids is None:
        return None
    entries = read_entries(await database.fetch_text(entries_statement()))
    box = sheet.outline.bounds
    elevations = tuple(
        each
        for each in entries
        if each.kind is RasterKind.ELEVATION
        and each.west < box[2]
        and each.east > box[0]
        and each.south < box[3]
        and each.north > box[1]
    )
    if not elevations:
        return None
    return await asyncio.to_thread(_drawn, grids, elevations, sheet, lang)


def _drawn(grids: Grids, elevations: tuple[RasterEntry, ...], sheet: Sheet, lang: Lang) -> Relief | None:
    width, height = (round(edge / 25.4 * _DPI) for edge in (sheet.box.w, sheet.box.h))
    west, south, east, north = sheet.frame.extent
    unit_x, unit_y = (east - west) / width, (north - south) / height
    # A pixel more on every side: a slope needs its neighbours.
    extent = (west - unit_x, south - unit_y, east + unit_x, north + unit_y)
    heights = read_elevations(grids.directory, elevations, sheet.frame.srs, extent, (width + 2, height + 2))
    inner = heights[1:-1, 1:-1]
    known = np.isfinite(inner)
    if known.mean() < _LEAST_SHARE:
        return None
    across, down = (np.full((height, 1), unit) for unit in (unit_x, unit_y))
    shade = relief_rgba(heights, across, down, Light())
    picture = _tinted(inner, known)
    alpha = shade[..., 3:4].astype(float) / 255 * _SHADOW
    picture = picture * (1 - alpha) + shade[..., :3].astype(float) * alpha
    out = io.BytesIO()
    Image.fromarray(picture.round().clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=82, optimize=True)
    title = Text("地形晕渲", "relief").get(lang)
    return Relief(out.getvalue(), "jpg", f"{title} {elevations[0].name}", None, any(each.demo for each in elevations))


def _tinted(heights: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    low, high = np.percentile(heights[known], (2, 98))
    share = np.clip((heights - low) / max(float(high - low), _LEAST_RANGE_M), 0.0, 1.0)[..., None]
    tint = _LOW + np.nan_to_num(share) * (_HIGH - _LOW)
    return np.asarray(np.where(known[..., None], tint, _GROUND))
