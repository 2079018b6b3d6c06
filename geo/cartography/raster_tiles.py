"""Raster tiles: a loaded grid in its own colours, or hillshade, in WebMercatorQuad with an address for each version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, log2, radians
from pathlib import Path

from geo.cartography.frame import Frame
from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.pixels import Rgba, encode_png
from geo.cartography.service_frame import service_frame
from geo.cartography.tile_address import HALF_WORLD_M, TileAddress
from geo.cartography.underlay import draw_grid, draw_hillshade
from geo.rasters.entries import RasterEntry, RasterKind
from geo.rasters.relief import Light
from layers.text import Text

__all__ = ["HILLSHADE", "RasterSource", "RasterTile", "TILE_PX", "ogc_sources", "raster_sources"]

HILLSHADE = "hillshade"
"""The name under which relief is asked for like a grid."""

TILE_PX = 256
_TILE_FORMAT = "1"
"""Part of every version: raised when the same grid gives other tiles."""

_DEEPEST_ZOOM = 18


@dataclass(frozen=True, slots=True)
class RasterTile:
    """A tile as PNG."""

    png: bytes

    @property
    def weight_bytes(self) -> int:
        """Of the picture."""
        return len(self.png)


@dataclass(frozen=True, slots=True)
class RasterSource:
    """What tiles are made of: one grid, or all grids of heights under a light."""

    name: str
    grids: tuple[RasterEntry, ...]
    light: Light | None = None

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        edges = [(each.west, each.south, each.east, each.north) for each in self.grids]
        west, south, east, north = zip(*edges, strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def most_zoom(self) -> int:
        """Where a tile's pixel is as fine as the finest grid's cell; deeper tiles are the same drawn larger."""
        finest = min(each.resolution_m for each in self.grids)
        middle = radians((self.extent[1] + self.extent[3]) / 2)
        return min(max(ceil(log2(2 * HALF_WORLD_M * cos(middle) / TILE_PX / finest)) + 1, 1), _DEEPEST_ZOOM)

    def version(self, *, dark: bool = False) -> str:
        """Differs when any tile may."""
        parts = [(each.file, each.colours if self.light is None else None) for each in self.grids]
        told = repr((_TILE_FORMAT, self.name, parts, self.light, dark and self.light is not None))
        return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()

    def draw(self, directory: Path, tile: TileAddress, ratio: int, *, dark: bool = False) -> RasterTile:
        """The tile at ``ratio`` device pixels per pixel. Blocking: call it in a thread.

        Raises:
            RenderError: a grid cannot be read.
        """
        edge = 2 * HALF_WORLD_M / 2**tile.z
        west, north = tile.x * edge - HALF_WORLD_M, HALF_WORLD_M - tile.y * edge
        frame = service_frame(MAP_CRSS["EPSG:3857"], (west, north - edge, west + edge, north), TILE_PX, TILE_PX)
        pixels = self.pixels(directory, frame, float(ratio), dark=dark)
        return RasterTile(encode_png(pixels, TILE_PX * ratio, TILE_PX * ratio))

    def pixels(self, directory: Path, frame: Frame, scale: float, *, dark: bool) -> Rgba:
        """The same at a frame's device pixels. Blocking.

        Raises:
            RenderError: a grid cannot be read.
        """
        if self.light is not None:
            return draw_hillshade(directory, self.grids, frame, scale, self.light, dark=dark)
        return draw_grid(directory, self.grids[0], frame, scale)

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text("地形晕渲", "Hillshade") if self.light is not None else self.grids[0].table.title.text()

    @property
    def ogc_name(self) -> str:
        """Its name in WMS and WMTS: no layer's and no family's name holds a colon."""
        return self.name if self.light is not None else f"raster:{self.name}"


def raster_sources(entries: Sequence[RasterEntry], light: Light | None = None) -> dict[str, RasterSource]:
    """Every grid by name, and hillshade where there are heights."""
    found = {each.name: RasterSource(each.name, (each,)) for each in entries}
    heights = tuple(each for each in entries if each.kind is RasterKind.ELEVATION)
    return {**found, **({HILLSHADE: RasterSource(HILLSHADE, heights, light or Light())} if heights else {})}


def ogc_sources(entries: Sequence[RasterEntry]) -> dict[str, RasterSource]:
    """The same by the names that WMS and WMTS use."""
    return {each.ogc_name: each for each in raster_sources(entries).values()}
