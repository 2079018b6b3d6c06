"""Basemaps of one's own: raster tiles in a folder, in MBTiles or in PMTiles, never anything from outside.

All hold WebMercatorQuad. A tile that is not there is told as missing, never taken for an empty one.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import TileType

from geo.cartography.tile_address import TileAddress
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["Basemap", "LocalTiles", "media_type", "open_local_tiles"]

_ENDINGS = ("png", "jpg", "jpeg", "webp")
_RASTER_TYPES = {TileType.PNG, TileType.JPEG, TileType.WEBP}
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
            told = dict(self._database.execute("SELECT name, value FROM metadata").fetchall())
            zooms = self._database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        except sqlite3.Error as error:
            raise _unusable(path, f"不是可读的 MBTiles:{error}", f"no MBTiles that can be read: {error}") from error
        if told.get("format") not in (None, *_ENDINGS):
            raise _unusable(path, "装的是矢量瓦片,底图要栅格瓦片", "holds vector tiles; a basemap needs pictures")
        if zooms[0] is None:
            raise _unusable(path, "没有瓦片", "holds no tile")
        self.least_zoom, self.most_zoom = int(zooms[0]), int(zooms[1])
        self.attribution = attribution or str(told.get("attribution") or "")

    def tile(self, tile: TileAddress) -> bytes | None:
        row = 2**tile.z - 1 - tile.y
        with self._lock:
            found = self._database.execute(
                "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                (tile.z, tile.x, row),
            ).fetchone()
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
        if header["tile_type"] not in _RASTER_TYPES:
            raise _unusable(path, "装的是矢量瓦片,底图要栅格瓦片", "holds vector tiles; a basemap needs pictures")
        self.least_zoom, self.most_zoom = int(header["min_zoom"]), int(header["max_zoom"])
        self.attribution = attribution or str(told.get("attribution") or "")

    def tile(self, tile: TileAddress) -> bytes | None:
        with self._lock:
            found: bytes | None = self._reader.get(tile.z, tile.x, tile.y)  # type: ignore[no-untyped-call]  # as above
        return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _unusable(path: Path, zh: str, en: str) -> FileUnreadable:
    return FileUnreadable(Text(f"底图 {path.name}:{zh}", f"basemap {path.name}: {en}"), field="basemap")


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
