"""Raster tiles of one's own: in a folder, in MBTiles or in PMTiles, never anything from outside."""

from __future__ import annotations

import gzip
import sqlite3
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from geo.cartography.basemap import LocalTiles, media_type, unusable
from geo.cartography.engine import read_picture
from geo.cartography.tile_address import MAX_ZOOM, TileAddress
from geo.errors import FileUnreadable

__all__ = ["open_local_tiles"]

_ENDINGS = ("png", "jpg", "jpeg", "webp")
_RASTER_TYPES = {TileType.PNG, TileType.JPEG, TileType.WEBP}
_PACKINGS = {Compression.NONE, Compression.UNKNOWN, Compression.GZIP}
"""How a PMTiles may pack its tiles; pictures are packed already, and some writers leave it open."""

_BROKEN_DIRECTORY = (OSError, EOFError, ValueError, IndexError, struct.error, zlib.error)
"""What reading a PMTiles may raise, whatever its directories hold: they are read where they say that they lie."""


class _Folder(LocalTiles):
    """``{z}/{x}/{y}.png`` (or .jpg, .webp)."""

    def __init__(self, path: Path, attribution: str) -> None:
        super().__init__(path, attribution)
        zooms = [int(each.name) for each in path.iterdir() if each.is_dir() and each.name.isdecimal()]
        if not zooms:
            raise unusable(
                path,
                "文件夹里没有 层级/列/行 的瓦片,应如 12/3355/1743.png",
                "the folder holds no tiles as z/x/y, such as 12/3355/1743.png",
            )
        self.least_zoom, self.most_zoom = min(zooms), max(zooms)

    def tile(self, tile: TileAddress) -> bytes | None:
        column = self.path / str(tile.z) / str(tile.x)
        for ending in _ENDINGS:
            try:
                return (column / f"{tile.y}.{ending}").read_bytes()
            except FileNotFoundError:
                continue
        return None

    def any_tile(self) -> bytes | None:
        found = (each for ending in _ENDINGS for each in self.path.glob(f"[0-9]*/[0-9]*/[0-9]*.{ending}"))
        first = next(found, None)
        return None if first is None else first.read_bytes()


class _MbTiles(LocalTiles):
    """MBTiles 1.3: rows count from the south."""

    def __init__(self, path: Path, attribution: str) -> None:
        super().__init__(path, attribution)
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise unusable(path, f"打不开({error})", f"cannot be opened ({error})") from error
        try:
            self._read_metadata(attribution)
        except BaseException:
            self._database.close()
            raise

    def _read_metadata(self, attribution: str) -> None:
        try:
            told = dict(self._database.execute("SELECT name, value FROM metadata").fetchall())
            zooms = self._database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        except sqlite3.Error as error:
            raise unusable(self.path, f"不是可读的 MBTiles:{error}", f"no MBTiles that can be read: {error}") from error
        if (kind := told.get("format")) not in (None, *_ENDINGS):
            raise _no_pictures(self.path, str(kind), is_vector=kind in ("pbf", "mvt"))
        if zooms[0] is None:
            raise unusable(self.path, "没有瓦片", "holds no tile")
        self.least_zoom, self.most_zoom = int(zooms[0]), int(zooms[1])
        self.attribution = attribution or str(told.get("attribution") or "")

    def tile(self, tile: TileAddress) -> bytes | None:
        row = 2**tile.z - 1 - tile.y
        try:
            with self._lock:
                found = self._database.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    (tile.z, tile.x, row),
                ).fetchone()
        except sqlite3.Error as error:
            raise _unreadable(self.path, tile, error) from error
        return bytes(found[0]) if found else None

    def any_tile(self) -> bytes | None:
        try:
            with self._lock:
                found = self._database.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
        except sqlite3.Error as error:
            raise unusable(self.path, f"读不出瓦片({error})", f"no tile can be read ({error})") from error
        return bytes(found[0]) if found else None

    def close(self) -> None:
        """Close the database."""
        self._database.close()


class _PmTiles(LocalTiles):
    """PMTiles 3."""

    def __init__(self, path: Path, attribution: str) -> None:
        super().__init__(path, attribution)
        self._lock = threading.Lock()
        self._file = path.open("rb")
        try:
            self._source = MmapSource(self._file)  # type: ignore[no-untyped-call]  # it ships no types
            self._reader = Reader(self._source)  # type: ignore[no-untyped-call]  # as above
            header = self._reader.header()  # type: ignore[no-untyped-call]  # as above
            told = self._reader.metadata()  # type: ignore[no-untyped-call]  # as above
        except Exception as error:
            self._file.close()
            raise unusable(path, f"不是可读的 PMTiles:{error}", f"no PMTiles that can be read: {error}") from error
        kind, self._packing = header["tile_type"], header["tile_compression"]
        if kind not in _RASTER_TYPES or self._packing not in _PACKINGS:
            self._file.close()
            if kind in _RASTER_TYPES:
                raise _no_pictures(path, f"{kind.name}, {self._packing.name}", is_vector=False)
            raise _no_pictures(path, kind.name, is_vector=kind in (TileType.MVT, TileType.MLT))
        self.least_zoom, self.most_zoom = int(header["min_zoom"]), int(header["max_zoom"])
        self.attribution = attribution or str(told.get("attribution") or "")

    def tile(self, tile: TileAddress) -> bytes | None:
        try:
            with self._lock:
                found: bytes | None = self._reader.get(tile.z, tile.x, tile.y)  # type: ignore[no-untyped-call]  # ditto
            return self._unpacked(found)
        except _BROKEN_DIRECTORY as error:
            raise _unreadable(self.path, tile, error) from error

    def any_tile(self) -> bytes | None:
        try:
            with self._lock:
                _, found = next(all_tiles(self._source), (None, None))  # type: ignore[no-untyped-call]  # ditto
            return self._unpacked(found)
        except _BROKEN_DIRECTORY as error:
            raise unusable(self.path, f"读不出瓦片({error})", f"no tile can be read ({error})") from error

    def _unpacked(self, found: bytes | None) -> bytes | None:
        return gzip.decompress(found) if found and self._packing is Compression.GZIP else found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _no_pictures(path: Path, kind: str, *, is_vector: bool) -> FileUnreadable:
    if is_vector:
        return unusable(
            path,
            f"装的是矢量瓦片({kind}),底图要栅格瓦片(PNG、JPEG、WebP)",
            f"holds vector tiles ({kind}); a basemap needs pictures (PNG, JPEG, WebP)",
        )
    return unusable(
        path,
        f"瓦片格式 {kind} 不支持;底图要 PNG、JPEG 或 WebP",
        f"the tiles are {kind}, which is not read; a basemap needs PNG, JPEG or WebP",
    )


def _unreadable(path: Path, tile: TileAddress, error: Exception) -> FileUnreadable:
    told = f"{tile.z}/{tile.x}/{tile.y}"
    return unusable(path, f"读不出瓦片 {told}({error})", f"the tile {told} cannot be read ({error})")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise unusable(
            path,
            "没有这个文件或文件夹;请检查路径,写全路径",
            "there is no such file or folder; check the path, and give all of it",
        ) from error
    except PermissionError as error:
        raise unusable(
            path, "没有权限读取;请让运行服务的用户能读它", "may not be read; let the service's user read it"
        ) from error
    except OSError as error:
        raise unusable(path, f"打不开({error.strerror})", f"cannot be opened ({error.strerror})") from error


def open_local_tiles(path: Path, attribution: str = "") -> LocalTiles:
    """The raster tiles at ``path``: a folder, an ``.mbtiles`` or a ``.pmtiles``.

    Raises:
        FileUnreadable: none of these, damaged, without tiles, or with tiles that are no pictures.
    """
    with _told(path):
        opened = _opened(path, attribution)
        try:
            _check(opened)
        except BaseException:
            opened.close()
            raise
    return opened


def _opened(path: Path, attribution: str) -> LocalTiles:
    path.stat()
    if path.is_dir():
        return _Folder(path, attribution)
    if path.suffix == ".mbtiles":
        return _MbTiles(path, attribution)
    if path.suffix == ".pmtiles":
        return _PmTiles(path, attribution)
    raise unusable(path, "应是文件夹、.mbtiles 或 .pmtiles", "should be a folder of tiles, an .mbtiles or a .pmtiles")


def _check(opened: LocalTiles) -> None:
    """Its levels, and one of its tiles: what is wrong with all of them is told before the first map."""
    path, least, most = opened.path, opened.least_zoom, opened.most_zoom
    if not 0 <= least <= min(most, MAX_ZOOM):
        raise unusable(
            path,
            f"层级 {least} 到 {most} 不对,应在 0 到 {MAX_ZOOM} 之间;请重新导出",
            f"its zooms {least} to {most} are wrong, they should be 0 to {MAX_ZOOM}; export it again",
        )
    opened.most_zoom = min(most, MAX_ZOOM)
    tile = opened.any_tile()
    if tile is None:
        raise unusable(path, "没有瓦片", "holds no tile")
    try:
        media_type(tile)
        width, height = read_picture(tile).shape[1::-1]
    except FileUnreadable as error:
        raise unusable(
            path,
            "瓦片不是可读的 PNG、JPEG 或 WebP 图片;请重新导出",
            "its tiles are no PNG, JPEG or WebP pictures that can be read; export it again",
        ) from error
    if width != height:
        raise unusable(
            path,
            f"瓦片是 {width}×{height} 像素,应为正方形(WebMercatorQuad)",
            f"its tiles are {width}×{height} px; they should be squares (WebMercatorQuad)",
        )
