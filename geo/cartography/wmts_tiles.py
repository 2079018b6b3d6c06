"""WMTS tiles: drawn as metatiles of 4 × 4, so that names are placed once and are not cut at every tile's edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.cartography.engine import ImageFormat
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.service_frame import service_frame
from geo.cartography.service_picture import ServiceTiles, draw_service_tiles
from geo.cartography.studio import Studio
from geo.cartography.wmts_grids import TILE_PX, GridTile
from geo.database import Database
from geo.selection import Selection

__all__ = ["DrawnTile", "fetch_grid_tile"]

_METATILE = 4


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """The bytes, and by layer how many features its metatile left out of how many (absent: none)."""

    content: bytes
    left_out: dict[str, tuple[int, int]]


async def fetch_grid_tile(
    studio: Studio,
    database: Database,
    selection: Selection,
    tile: GridTile,
    theme: str,
    image_format: ImageFormat,
    version: str,
    grids: Sequence[RasterSource] = (),
) -> DrawnTile:
    """A tile, from its metatile: in memory under ``version``, being drawn for a neighbour, or drawn now.

    Raises:
        ThemeError, FontMissing, Busy, DatabaseUnreachable, RenderError: as ``draw_picture``.
    """
    columns, rows = tile.grid.size(tile.level)
    left, top = tile.column // _METATILE * _METATILE, tile.row // _METATILE * _METATILE
    across, down = min(_METATILE, columns - left), min(_METATILE, rows - top)

    async def drawn() -> ServiceTiles:
        extent = tile.grid.extent(tile.level, left, top, across, down)
        frame = service_frame(tile.grid.crs, extent, across * TILE_PX, down * TILE_PX)
        return await draw_service_tiles(studio, database, selection, frame, theme, image_format, TILE_PX, grids)

    key = ("wmts", version, tile.grid.name, tile.level, left, top, theme, image_format)
    found = await studio.drawn.get(key, ServiceTiles, drawn)
    return DrawnTile(found.cells[tile.row - top][tile.column - left], found.left_out)
