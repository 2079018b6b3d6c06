"""Basemaps of one's own: raster tiles in a folder, in MBTiles or in PMTiles, never anything from outside.

All hold WebMercatorQuad. A tile that is not there is told as missing, never taken for an empty one.
"""

from __future__ import annotations

import gzip
import sqlite3
import struct
import threading
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from geo.cartography.tile_address import TileAddress
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["Basemap", "LocalTiles", "media_type", "open_local_tiles"]

_ENDINGS = ("png", "jpg", "jpeg", "webp")
_RASTER_TYPES = {TileType.PNG, TileType.JPEG, TileType.WEBP}
_PACKINGS = {Compression.NONE, Compression.UNKNOWN, Compression.GZIP}
"""How a PMTiles may pack its tiles; pictures are packed already, and some writers leave it open."""

_SIGNATURES = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"))


class Basemap(Protocol):
    """Where the pixels below a map come from."""

    name: str
    """The word of the ``basemap`` parameter."""
    least_zoom: int
    most_zoom: int
    attribution: str
    version: str
    """Differs when the tiles may."""

    def tiles(self, tile: TileAddress) -> list[bytes] | None:
        """The pictures of a tile, the lowest first; None where it has none. Blocking.

        Raises:
            OnemapError: it could not be asked. Never None for that.
        """


class LocalTiles(ABC):
    """A folder or file of raster tiles."""

    name = "tiles"

    def __init__(self, path: Path, attribution: str) -> None:
        self.path = path
        self.attribution = attribution
        self.least_zoom, self.most_zoom = 0, 22
        told = path.stat()
        self.version = f"{told.st_mtime_ns:x}-{told.st_size:x}"

    @abstractmethod
    def tile(self, tile: TileAddress) -> bytes | None:
        """The picture of a tile, or None. Blocking."""

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Close the file."""

    def tiles(self, tile: TileAddress) -> list[bytes] | None:
        """As of any basemap."""
        found = self.tile(tile)
        return None if found is None else [found]


class _Folder(LocalTiles):
    """``{z}/{x}/{y}.png`` (or .jpg, .webp)."""

    def __init__(self, path: Path, attribution: str) -> None:
        super().__init__(path, attribution)
        zooms = [int(each.name) for each in path.iterdir() if each.is_dir() and each.name.isdigit()]
        if not zooms:
            raise _unusable(path, "文件夹里没有 层级/列/行 的瓦片", "the folder holds no tiles as z/x/y")
        self.least_zoom, self.most_zoom = min(zooms), max(zooms)

    def tile(self, tile: TileAddress) -> bytes | None:
        column = self.path / str(tile.z) / str(tile.x)
        for ending in _ENDINGS:
            try:
                return (column / f"{tile.y}.{ending}").read_bytes()
            except FileNotFoundError:
                continue
        return None


class _MbTiles(LocalTiles):
    """MBTiles 1.3: rows count from the south."""

    def __init__(self, path: Path, attribution: str) -> None:
        super().__init__(path, attribution)
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise _unusable(path, f"打不开({error})", f"cannot be opened ({error})") from error
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
            raise _unusable(
                self.path, f"不是可读的 MBTiles:{error}", f"no MBTiles that can be read: {error}"
            ) from error
        if (kind := told.get("format")) not in (None, *_ENDINGS):
            raise _no_pictures(self.path, str(kind), is_vector=kind in ("pbf", "mvt"))
        if zooms[0] is None:
            raise _unusable(self.path, "没有瓦片", "holds no tile")
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
            self._reader = Reader(MmapSource(self._file))  # type: ignore[no-untyped-call]  # it ships no types
            header = self._reader.header()  # type: ignore[no-untyped-call]  # as above
            told = self._reader.metadata()  # type: ignore[no-untyped-call]  # as above
        except Exception as error:
            self._file.close()
            raise _unusable(path, f"不是可读的 PMTiles:{error}", f"no PMTiles that can be read: {error}") from error
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
            return gzip.decompress(found) if found and self._packing is Compression.GZIP else found
        except (OSError, EOFError, ValueError, IndexError, struct.error, zlib.error) as error:
            # Whatever its directories hold: they are read where they say that they lie.
            raise _unreadable(self.path, tile, error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _unusable(path: Path, zh: str, en: str) -> FileUnreadable:
    return FileUnreadable(Text(f"底图 {path.name}:{zh}", f"basemap {path.name}: {en}"), field="basemap")


def _no_pictures(path: Path, kind: str, *, is_vector: bool) -> FileUnreadable:
    if is_vector:
        return _unusable(
            path,
            f"装的是矢量瓦片({kind}),底图要栅格瓦片(PNG、JPEG、WebP)",
            f"holds vector tiles ({kind}); a basemap needs pictures (PNG, JPEG, WebP)",
        )
    return _unusable(
        path,
        f"瓦片格式 {kind} 不支持;底图要 PNG、JPEG 或 WebP",
        f"the tiles are {kind}, which is not read; a basemap needs PNG, JPEG or WebP",
    )


def _unreadable(path: Path, tile: TileAddress, error: Exception) -> FileUnreadable:
    told = f"{tile.z}/{tile.x}/{tile.y}"
    return _unusable(path, f"读不出瓦片 {told}({error})", f"the tile {told} cannot be read ({error})")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(path, f"打不开({error.strerror})", f"cannot be opened ({error.strerror})") from error


def open_local_tiles(path: Path, attribution: str = "") -> LocalTiles:
    """The raster tiles at ``path``: a folder, an ``.mbtiles`` or a ``.pmtiles``.

    Raises:
        FileUnreadable: none of these, or it holds vector tiles.
    """
    with _told(path):
        if path.is_dir():
            return _Folder(path, attribution)
        if path.suffix == ".mbtiles":
            return _MbTiles(path, attribution)
        if path.suffix == ".pmtiles":
            return _PmTiles(path, attribution)
        raise _unusable(
            path, "应是文件夹、.mbtiles 或 .pmtiles", "should be a folder of tiles, an .mbtiles or a .pmtiles"
        )


def media_type(content: bytes) -> str:
    """What kind of picture a tile is, by its first bytes.

    Raises:
        FileUnreadable: none that a browser shows.
    """
    for signature, found in _SIGNATURES:
        if content.startswith(signature):
            return found
    raise FileUnreadable(Text("瓦片不是 PNG、JPEG 或 WebP", "the tile is no PNG, JPEG or WebP"))
