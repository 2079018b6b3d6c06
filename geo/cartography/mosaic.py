"""The mosaic: a basemap's tiles put together and bent into a picture's frame, and how many of them were not there."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, floor, log2, radians

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import Resampling, reproject

from geo.cartography.basemap import Basemap
from geo.cartography.engine import read_picture
from geo.cartography.frame import WEB_MERCATOR, Frame
from geo.cartography.pixels import Rgba
from geo.cartography.tianditu import Tianditu
from geo.cartography.tile_address import HALF_WORLD_M, TileAddress
from geo.errors import FileUnreadable, InputError
from layers.text import Text

__all__ = ["Mosaic", "draw_mosaic"]

_MOST_TILES = 240
_MERCATOR_LATITUDE = 85.05
_WORLD_PX = 256
_SPHERE_M_PER_PX = 2 * HALF_WORLD_M / _WORLD_PX


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Pixels of the whole frame, and of how many tiles how many the basemap does not hold."""

    pixels: Rgba
    missing: int
    asked: int


def draw_mosaic(basemap: Basemap, frame: Frame, scale: float) -> Mosaic:
    """``basemap`` at the frame's device pixels. Blocking: call it in a thread.

    Raises:
        InputError: the frame is so wide that the basemap's coarsest level has too many tiles in it.
        OnemapError: the basemap could not be asked, or a tile of it is no picture.
    """
    zoom = _zoom(basemap, frame, scale)
    columns, rows = _range(basemap, frame, zoom)
    tiles = [TileAddress(zoom, x, y) for y in rows for x in columns]
    if isinstance(basemap, Tianditu):
        basemap.prefetch(tiles)
    found = {tile: basemap.tiles(tile) for tile in tiles}
    pictures = {tile: _stacked(tile, content) for tile, content in found.items() if content}
    width, height = round(frame.width * scale), round(frame.height * scale)
    if not pictures:
        return Mosaic(np.zeros((height, width, 4), np.uint8), len(tiles), len(tiles))
    edge = next(iter(pictures.values())).shape[0]
    sheet = np.zeros((len(rows) * edge, len(columns) * edge, 4), np.uint8)
    for tile, picture in pictures.items():
        if picture.shape[:2] != (edge, edge):
            raise _uneven(tile)
        top, left = (tile.y - rows[0]) * edge, (tile.x - columns[0]) * edge
        sheet[top : top + edge, left : left + edge] = picture
    tile_m = 2 * HALF_WORLD_M / 2**zoom
    left_m, top_m = columns[0] * tile_m - HALF_WORLD_M, HALF_WORLD_M - rows[0] * tile_m
    origin = Affine(tile_m / edge, 0.0, left_m, 0.0, -tile_m / edge, top_m)
    west, south, east, north = frame.extent
    bent = np.zeros((4, height, width), np.uint8)
    reproject(
        np.moveaxis(sheet, 2, 0),
        bent,
        src_transform=origin,
        src_crs=CRS.from_string(WEB_MERCATOR),
        dst_transform=Affine((east - west) / width, 0.0, west, 0.0, (south - north) / height, north),
        dst_crs=CRS.from_string(frame.srs),
        resampling=Resampling.bilinear,
    )
    return Mosaic(np.ascontiguousarray(np.moveaxis(bent, 0, 2)), len(tiles) - len(pictures), len(tiles))


def _zoom(basemap: Basemap, frame: Frame, scale: float) -> int:
    """The level whose pixels are no coarser than the frame's, as far as the basemap has it."""
    metres = frame.metres_per_px / scale
    wanted = log2(_SPHERE_M_PER_PX * max(cos(radians(frame.center[1])), 0.05) / metres)
    zoom = min(max(ceil(wanted - 0.25), basemap.least_zoom), basemap.most_zoom)
    while zoom > basemap.least_zoom and _count(basemap, frame, zoom) > _MOST_TILES:
        zoom -= 1
    if _count(basemap, frame, zoom) > _MOST_TILES:
        raise InputError(
            Text(
                f"范围太大:底图最粗为第 {basemap.least_zoom} 级,要 {_count(basemap, frame, zoom)} 幅瓦片"
                f"(最多 {_MOST_TILES});请缩小范围或用 basemap=own",
                f"the frame is too wide: the basemap's coarsest level is {basemap.least_zoom}, with "
                f"{_count(basemap, frame, zoom)} tiles in it (at most {_MOST_TILES}); use basemap=own",
            ),
            field="basemap",
        )
    return zoom


def _count(basemap: Basemap, frame: Frame, zoom: int) -> int:
    columns, rows = _range(basemap, frame, zoom)
    return len(columns) * len(rows)


def _range(basemap: Basemap, frame: Frame, zoom: int) -> tuple[range, range]:
    """Columns and rows that touch the frame."""
    box, world = frame.box, 2**zoom

    def row(latitude: float) -> float:
        bounded = np.radians(min(max(latitude, -_MERCATOR_LATITUDE), _MERCATOR_LATITUDE))
        return float((1 - np.arcsinh(np.tan(bounded)) / np.pi) / 2 * world)

    def bounded(number: float) -> int:
        return int(min(max(floor(number), 0), world - 1))

    columns = range(bounded((box.west + 180) / 360 * world), bounded((box.east + 180) / 360 * world) + 1)
    return columns, range(bounded(row(box.north)), bounded(row(box.south)) + 1)


def _uneven(tile: TileAddress) -> FileUnreadable:
    told = f"{tile.z}/{tile.x}/{tile.y}"
    return FileUnreadable(
        Text(f"底图瓦片 {told} 的大小与其他瓦片不同", f"the basemap's tile {told} is of another size than the others"),
        field="basemap",
    )


def _picture(tile: TileAddress, content: bytes) -> Rgba:
    try:
        return read_picture(content)
    except FileUnreadable as error:
        told = f"{tile.z}/{tile.x}/{tile.y}"
        raise FileUnreadable(
            Text(f"底图的瓦片 {told} 不是可读的图片", f"the basemap's tile {told} is no picture that can be read"),
            field="basemap",
        ) from error


def _stacked(tile: TileAddress, contents: list[bytes]) -> Rgba:
    """Several pictures of one tile, the later over the earlier."""
    below, *above = [_picture(tile, content) for content in contents]
    for picture in above:
        if picture.shape != below.shape:
            raise _uneven(tile)
        share = picture[..., 3:].astype(np.float64) / 255
        mixed = below.copy()
        mixed[..., :3] = np.rint(picture[..., :3] * share + below[..., :3] * (1 - share))
        mixed[..., 3] = np.maximum(below[..., 3], picture[..., 3])
        below = mixed
    return below
