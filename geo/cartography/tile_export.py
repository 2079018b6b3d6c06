"""Tiles for a wall without a network: every tile that touches a division, in one PMTiles file (version 3)."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import atan, degrees, pi, sinh
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

from geo.cartography.tile_address import HALF_WORLD_M, TileAddress
from geo.cartography.tilejson import vector_layers
from geo.cartography.tiles import Tile, fetch_tile
from geo.cartography.versions import fetch_revisions
from geo.database import Database, StatementBuilder
from geo.errors import FileUnwritable, NotFound
from geo.selection import Selection, division_prefix
from layers.text import Text

__all__ = ["ExportedTiles", "export_tiles", "tiles_touching"]

_AT_A_TIME = 4


@dataclass(frozen=True, slots=True)
class ExportedTiles:
    """What was written, and what a reader must be told: tiles that left features out, by layer."""

    tiles: int
    empty: int
    bytes: int
    left_out: dict[str, int]


def tiles_touching(area: BaseGeometry, zooms: range) -> Iterator[TileAddress]:
    """The tiles of these zooms that touch ``area`` (Web Mercator, metres), zoom by zoom."""
    shapely.prepare(area)
    found = [TileAddress(0, 0, 0)]
    for z in range(zooms.stop):
        if z:
            found = [
                TileAddress(z, 2 * tile.x + right, 2 * tile.y + down)
                for tile in found
                for right in (0, 1)
                for down in (0, 1)
            ]
        found = [tile for tile in found if area.intersects(_square(tile))]
        if z in zooms:
            yield from found


def _square(tile: TileAddress) -> BaseGeometry:
    edge = 2 * HALF_WORLD_M / 2**tile.z
    west, north = tile.x * edge - HALF_WORLD_M, HALF_WORLD_M - tile.y * edge
    square: BaseGeometry = shapely.box(west, north - edge, west + edge, north)
    return square


async def division_area(database: Database, code: str) -> tuple[str, BaseGeometry]:
    """The name of a division and its outline in Web Mercator metres.

    Raises:
        InputError: not a code. NotFound: no outline of it is loaded. Busy, DatabaseUnreachable: see ``Database``.
    """
    sql = StatementBuilder()
    prefix = division_prefix(code)
    # 360700 and 360700000000 are the same place: the first in length is the most usual of its spellings.
    rows = await database.fetch(
        sql.build(
            "SELECT name, ST_AsBinary(ST_Transform(geom, 3857)) AS wkb FROM divisions WHERE retired_at IS NULL "
            f"AND source_id = rpad({sql.value(prefix, 'text')}, greatest(length(source_id), {len(prefix)}), '0') "
            "ORDER BY length(source_id), source LIMIT 1"
        )
    )
    if not rows:
        raise NotFound(
            Text(
                f"没有代码为 {code} 的行政区划界线;请先导入 divisions 图层",
                f"there is no outline of division {code}; import the divisions layer first",
            )
        )
    return str(rows[0]["name"] or code), shapely.from_wkb(rows[0]["wkb"])


async def export_tiles(
    database: Database,
    selection: Selection,
    division: str,
    zooms: range,
    out: Path,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> ExportedTiles:
    """Write every tile of ``selection`` that touches ``division`` to ``out``: whole, or not at all.

    ``progress`` is told how many tiles are done, and of how many.

    Raises:
        InputError, NotFound: see ``division_area``. Busy, DatabaseUnreachable: see ``Database``.
        FileUnwritable: ``out`` cannot be written.
    """
    name, area = await division_area(database, division)
    revisions = await fetch_revisions(database, (layer.name for layer in selection.layers))
    addresses = sorted(tiles_touching(area, zooms), key=lambda tile: int(zxy_to_tileid(tile.z, tile.x, tile.y)))
    with _whole(out) as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call] # has no annotations
        written = await _write(writer, database, selection, addresses, progress)
        metadata = {
            "name": f"onemap {name}",
            "format": "pbf",
            "vector_layers": vector_layers(selection.layers),
            "onemap:division": division,
            "onemap:revisions": revisions,
        }
        writer.finalize(_header(area, zooms), metadata)
    return written


@contextmanager
def _whole(out: Path) -> Iterator[IO[bytes]]:
    """A file beside ``out`` that takes its place when all went well, and leaves nothing behind otherwise."""
    try:
        with NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            part = Path(file.name)
            try:
                yield file
                os.fchmod(file.fileno(), 0o644)
                file.flush()
                os.fsync(file.fileno())
                part.replace(out)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritable(
            Text(f"无法写入 {out}:{error.strerror}", f"{out} cannot be written: {error.strerror}")
        ) from error


async def _write(
    writer: Any,
    database: Database,
    selection: Selection,
    addresses: list[TileAddress],
    progress: Callable[[int, int], None],
) -> ExportedTiles:
    under_way: deque[tuple[TileAddress, asyncio.Task[Tile]]] = deque()
    waiting, done, empty, size = deque(addresses), 0, 0, 0
    left_out: dict[str, int] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < _AT_A_TIME:
                address = waiting.popleft()
                under_way.append((address, asyncio.create_task(fetch_tile(database, selection, address))))
            address, task = under_way[0]
            tile = await task
            under_way.popleft()
            if tile.mvt:
                packed = gzip.compress(tile.mvt, 6, mtime=0)
                writer.write_tile(zxy_to_tileid(address.z, address.x, address.y), packed)
                size += len(packed)
            else:
                empty += 1
            for name in tile.left_out:
                left_out[name] = left_out.get(name, 0) + 1
            done += 1
            progress(done, len(addresses))
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
    return ExportedTiles(done - empty, empty, size, left_out)


def _header(area: BaseGeometry, zooms: range) -> dict[str, object]:
    def degrees_e7(x: float, y: float) -> tuple[int, int]:
        lat = degrees(atan(sinh(y / HALF_WORLD_M * pi)))
        return round(x / HALF_WORLD_M * 180 * 1e7), round(lat * 1e7)

    west, south, east, north = area.bounds
    (min_lon, min_lat), (max_lon, max_lat) = degrees_e7(west, south), degrees_e7(east, north)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": min_lon,
        "min_lat_e7": min_lat,
        "max_lon_e7": max_lon,
        "max_lat_e7": max_lat,
        "center_zoom": zooms.start,
        "center_lon_e7": (min_lon + max_lon) // 2,
        "center_lat_e7": (min_lat + max_lat) // 2,
    }
