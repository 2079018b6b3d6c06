"""What lies under a map as raster tiles: what any basemap can do, and what those of one's own share.

All hold WebMercatorQuad. A tile that is not there is told as missing, never taken for an empty one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

from geo.cartography.tile_address import TileAddress
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["Basemap", "LocalTiles", "media_type", "unusable"]

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

    @abstractmethod
    def any_tile(self) -> bytes | None:
        """The picture of one tile, whichever; None where there is none. Blocking."""

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Close the file."""

    def tiles(self, tile: TileAddress) -> list[bytes] | None:
        """As of any basemap."""
        found = self.tile(tile)
        return None if found is None else [found]


def unusable(path: Path, zh: str, en: str) -> FileUnreadable:
    """A basemap that cannot be used: which, by its name only, and why."""
    told = Text(f"底图 {path.name}(ONEMAP_BASEMAP):{zh}", f"basemap {path.name} (ONEMAP_BASEMAP): {en}")
    return FileUnreadable(told, field="basemap")


def media_type(content: bytes) -> str:
    """What kind of picture a tile is, by its first bytes.

    Raises:
        FileUnreadable: none that a browser shows.
    """
    for signature, found in _SIGNATURES:
        if content.startswith(signature):
            return found
    raise FileUnreadable(Text("瓦片不是 PNG、JPEG 或 WebP", "the tile is no PNG, JPEG or WebP"))
