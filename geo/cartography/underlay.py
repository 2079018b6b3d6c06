"""What lies under a map's features: a basemap, hillshade and grids, each as pixels of the map's own frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj

from geo.cartography.basemap import Basemap
from geo.cartography.engine import DrawImage
from geo.cartography.frame import Floats, Frame
from geo.cartography.mosaic import draw_mosaic
from geo.cartography.own_basemap import OwnBasemap
from geo.cartography.pixels import Rgba
from geo.cartography.theme import Theme, contrast
from geo.errors import InputError
from geo.rasters.entries import RasterEntry, RasterKind
from geo.rasters.reading import Extent, FloatArray, Resampling, read_elevations, read_framed
from geo.rasters.relief import Light, relief_rgba
from layers.text import Text

__all__ = [
    "NO_BASEMAP",
    "OWN",
    "OWN_GROUND",
    "DrawnUnderlay",
    "Grounds",
    "Underlay",
    "draw_grid",
    "draw_hillshade",
    "is_dark",
]

OWN = "own"
"""The basemap of one's own vectors: divisions and whatever else the family of base layers holds."""

NO_BASEMAP = "none"

LOCAL = "tiles"
"""The basemap of raster tiles in a folder or file of one's own."""

_BAND_ROWS = 256
_GEOD = pyproj.Geod(ellps="GRS80")


@dataclass(frozen=True, slots=True)
class Underlay:
    """What is asked for. Grids lie in the order given, the first at the bottom; hillshade is under them.

    ``basemap`` is ``own``, ``none``, or the name of one that is configured; ``version`` is the basemap's, so that two
    of these are equal only when they show the same.
    """

    basemap: str = OWN
    version: str = ""
    grids: tuple[RasterEntry, ...] = ()
    light: Light | None = None
    elevations: tuple[RasterEntry, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies there but the ground of our own vectors."""
        return self.basemap in (OWN, NO_BASEMAP) and not self.grids and self.light is None


OWN_GROUND = Underlay()
"""Our own vectors and nothing else."""


@dataclass(frozen=True, slots=True)
class DrawnUnderlay:
    """The pictures from the bottom up, the basemap's attribution, and how many of its tiles were missing."""

    images: tuple[DrawImage, ...] = ()
    attribution: str = ""
    missing: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Grounds:
    """What a service has to lay under its maps: where its grids lie, and its basemaps by name."""

    directory: Path | None = None
    basemaps: Mapping[str, Basemap] | None = None
    local: OwnBasemap | None = None
    """Called ``tiles``."""

    @property
    def names(self) -> tuple[str, ...]:
        """What ``basemap`` may be."""
        return (OWN, NO_BASEMAP, *([LOCAL] if self.local else []), *(self.basemaps or {}))

    def _basemap(self, name: str) -> Basemap | None:
        if name == LOCAL and self.local is not None:
            return self.local.tiles()
        return (self.basemaps or {}).get(name)

    def underlay(
        self, basemap: str, names: tuple[str, ...], light: Light | None, entries: tuple[RasterEntry, ...]
    ) -> Underlay:
        """The underlay of these words.

        Raises:
            InputError: no basemap or no grid of that name, or hillshade without any grid of heights.
            FileUnreadable: the basemap that is asked for cannot be used.
        """
        if basemap not in self.names:
            known = ", ".join(self.names)
            raise InputError(
                Text(
                    f"没有底图 {basemap[:40]!r};可用 {known}(其余的要在配置里给出)",
                    f"there is no basemap {basemap[:40]!r}; use {known} (others are configured)",
                ),
                field="basemap",
            )
        by_name = {entry.name: entry for entry in entries}
        unknown = [name for name in names if name not in by_name]
        if unknown:
            known = ", ".join(by_name) or "—"
            raise InputError(
                Text(f"没有栅格 {unknown[0][:60]!r};已载入 {known}", f"no raster {unknown[0][:60]!r}; loaded: {known}"),
                field="rasters",
            )
        heights = tuple(entry for entry in entries if entry.kind is RasterKind.ELEVATION)
        if light is not None and not heights:
            raise InputError(
                Text(
                    "没有高程栅格,不能画地形晕渲;请先 onemap rasters add 高程.tif --kind elevation",
                    "no grid of heights, so no hillshade; load one: onemap rasters add dem.tif --kind elevation",
                ),
                field="hillshade",
            )
        found = self._basemap(basemap)
        chosen = tuple(by_name[name] for name in dict.fromkeys(names))
        return Underlay(basemap, found.version if found else "", chosen, light, heights if light else ())

    def draw(self, asked: Underlay, frame: Frame, scale: float, theme: Theme) -> DrawnUnderlay:
        """Its pictures for a frame. Blocking: call it in a thread.

        Raises:
            OnemapError: a grid or a basemap could not be read. Never less than what was asked for, unsaid.
        """
        images = []
        basemap = self._basemap(asked.basemap)
        mosaic = draw_mosaic(basemap, frame, scale) if basemap else None
        if mosaic is not None:
            images.append(DrawImage("basemap", mosaic.pixels))
        directory = self.directory or Path()
        if asked.light is not None:
            shaded = draw_hillshade(directory, asked.elevations, frame, scale, asked.light, dark=is_dark(theme))
            images.append(DrawImage("hillshade", shaded))
        images += [DrawImage(each.name, draw_grid(directory, each, frame, scale)) for each in asked.grids]
        return DrawnUnderlay(
            tuple(images),
            basemap.attribution if basemap else "",
            mosaic.missing if mosaic else 0,
            mosaic.asked if mosaic else 0,
        )


def is_dark(theme: Theme) -> bool:
    """Whether a theme's ground is nearer to black than to white."""
    return contrast(theme.surface.land, "#000000") < contrast(theme.surface.land, "#FFFFFF")


def draw_grid(directory: Path, entry: RasterEntry, frame: Frame, scale: float) -> Rgba:
    """A grid in its own colours at the frame's device pixels.

    Raises:
        RenderError: it cannot be read.
    """
    table = entry.table
    resampling: Resampling = "bilinear" if table.is_smooth else "nearest"

    def band(extent: Extent, width: int, rows: int) -> Rgba:
        return table.colour(read_framed(directory, entry, frame.srs, extent, (width, rows), resampling))

    return _in_bands(frame, scale, band)


def draw_hillshade(
    directory: Path, elevations: tuple[RasterEntry, ...], frame: Frame, scale: float, light: Light, *, dark: bool
) -> Rgba:
    """Light and shadow at the frame's device pixels, from the first grid of heights that knows each place.

    Raises:
        RenderError: a grid cannot be read.
    """
    width, height = round(frame.width * scale), round(frame.height * scale)
    found = np.zeros((height, width, 4), np.uint8)
    unit_x, unit_y = (frame.extent[2] - frame.extent[0]) / width, (frame.extent[3] - frame.extent[1]) / height
    for top, rows in _bands(height):
        # A pixel more on every side: a slope needs its neighbours.
        extent = (
            frame.extent[0] - unit_x,
            frame.extent[3] - (top + rows + 1) * unit_y,
            frame.extent[2] + unit_x,
            frame.extent[3] - (top - 1) * unit_y,
        )
        heights: FloatArray = read_elevations(directory, elevations, frame.srs, extent, (width + 2, rows + 2))
        across, down = ground_steps(frame, np.linspace(top + 0.5, top + rows - 0.5, rows) / scale, 1 / scale)
        found[top : top + rows] = relief_rgba(heights, across, down, light, dark=dark)
    return found


def ground_steps(frame: Frame, ys: Floats, step_px: float) -> tuple[Floats, Floats]:
    """Ground metres of ``step_px`` pixels across and down, at the middle of each row ``ys``; each ``(rows, 1)``."""
    middle = np.full(ys.shape, frame.width / 2)
    half = step_px / 2

    def places(dx: float, dy: float) -> tuple[Floats, Floats]:
        return frame.lonlats(middle + dx, ys + dy)

    def apart(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
        metres = np.abs(np.asarray(_GEOD.inv(*one, *other)[2], np.float64))
        good = np.isfinite(metres) & (metres > 0)
        return np.where(good, metres, frame.metres_per_px * step_px)[:, None]

    return apart(places(-half, 0), places(half, 0)), apart(places(0, -half), places(0, half))


def _bands(height: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows: a large picture is made part by part, so that it takes little memory."""
    return ((top, min(_BAND_ROWS, height - top)) for top in range(0, height, _BAND_ROWS))


def _in_bands(frame: Frame, scale: float, band: Callable[[Extent, int, int], Rgba]) -> Rgba:
    width, height = round(frame.width * scale), round(frame.height * scale)
    found = np.zeros((height, width, 4), np.uint8)
    west, south, east, north = frame.extent
    unit = (north - south) / height
    for top, rows in _bands(height):
        found[top : top + rows] = band((west, north - (top + rows) * unit, east, north - top * unit), width, rows)
    return found
