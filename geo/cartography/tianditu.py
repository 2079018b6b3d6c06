"""天地图 as a basemap, for who has a key and a network: asked tile by tile, and never needed.

The key stands in addresses only. No log, no error and no answer of ours holds an address.
"""

from __future__ import annotations

import hashlib
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from geo.cartography.tile_address import TileAddress
from geo.errors import Busy, InputError
from layers.text import Text

__all__ = ["TIANDITU_LAYERS", "Tianditu", "TiandituUnreachable"]

TIANDITU_LAYERS = ("vec", "cva", "img", "cia", "ter", "cta", "ibo")
"""Vectors, their names, imagery, its names, relief, its names, boundaries."""

_HOSTS = 8
_KEPT_TILES = 512
_MOST_BYTES = 2_000_000


class TiandituUnreachable(Busy):
    """天地图 did not answer, or did not accept the key."""

    code = "basemap-unreachable"


class Tianditu:
    """Its WMTS in spherical Mercator (``w``). ``url`` may hold ``{s}`` for the number of a host, 0 to 7."""

    name = "tianditu"
    least_zoom = 1
    most_zoom = 18
    attribution = "天地图"

    def __init__(self, key: str, layers: Sequence[str] = ("vec", "cva"), *, url: str, timeout_s: float = 5.0) -> None:
        unknown = [layer for layer in layers if layer not in TIANDITU_LAYERS]
        if unknown or not layers:
            known = ", ".join(TIANDITU_LAYERS)
            raise InputError(
                Text(f"天地图没有图层 {unknown};可用 {known}", f"Tianditu has no layers {unknown}; use {known}"),
                field="tianditu_layers",
            )
        self._key = key
        self._url = url.rstrip("/")
        self._layers = tuple(layers)
        self._timeout_s = timeout_s
        self._kept: OrderedDict[tuple[str, int, int, int], bytes | None] = OrderedDict()
        self._lock = threading.Lock()
        told = f"{self._url} {self._layers} {hashlib.sha256(key.encode()).hexdigest()}"
        self.version = hashlib.sha256(told.encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"Tianditu({','.join(self._layers)})"

    def tiles(self, tile: TileAddress) -> list[bytes] | None:
        """The pictures of a tile, names on top. Blocking.

        Raises:
            TiandituUnreachable: no answer, or one that is no picture.
        """
        found = [self._tile(layer, tile) for layer in self._layers]
        pictures = [each for each in found if each is not None]
        return pictures or None

    def prefetch(self, tiles: Sequence[TileAddress]) -> None:
        """Ask for several at a time, so that a map does not wait for each in turn."""
        with ThreadPoolExecutor(_HOSTS, thread_name_prefix="onemap-tianditu") as pool:
            list(pool.map(self.tiles, tiles))

    def _tile(self, layer: str, tile: TileAddress) -> bytes | None:
        key = (layer, tile.z, tile.x, tile.y)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._asked(layer, tile)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT_TILES:
                self._kept.popitem(last=False)
        return found

    def _asked(self, layer: str, tile: TileAddress) -> bytes | None:
        asked = {
            "SERVICE": "WMTS",
            "REQUEST": "GetTile",
            "VERSION": "1.0.0",
            "LAYER": layer,
            "STYLE": "default",
            "TILEMATRIXSET": "w",
            "FORMAT": "tiles",
            "TILEMATRIX": str(tile.z),
            "TILEROW": str(tile.y),
            "TILECOL": str(tile.x),
            "tk": self._key,
        }
        host = self._url.replace("{s}", str((tile.x + tile.y) % _HOSTS))
        request = urllib.request.Request(f"{host}/{layer}_w/wmts?{urllib.parse.urlencode(asked)}")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                content: bytes = answer.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
            if status == 404:
                return None
            raise _unreachable(f"HTTP {status}") from None
        except (OSError, ValueError) as error:
            # ``from None`` and no words of the library's: they may hold the address, and with it the key.
            raise _unreachable(type(error).__name__) from None
        if not content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")):
            raise _unreachable("no picture")
        return content


def _unreachable(why: str) -> TiandituUnreachable:
    return TiandituUnreachable(
        Text(
            f"天地图没有给出瓦片({why});请检查网络与密钥,或用 basemap=own",
            f"Tianditu gave no tile ({why}); check network and key, or use basemap=own",
        ),
        field="basemap",
    )
