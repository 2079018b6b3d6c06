"""Requests for tiles as they were read, and the answer to one: shared by the ordinary route and the short way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from starlette.responses import Response
from starlette.types import Scope

from geo.cartography.tile_address import TileAddress
from geo.cartography.tiles import Tile
from geo.cartography.versions import version
from geo.selection import Reader, Selection

__all__ = ["MOST_RISKS_ALLOWED", "MVT", "AskedTile", "AskedTiles"]

MVT = "application/vnd.mapbox-vector-tile"
MOST_RISKS_ALLOWED = range(1, 6001)
"""How many risks a tile may be asked to show one by one."""

_REMEMBERED = 10_000
_LONGEST_QUERY = 500


@dataclass(frozen=True)
class AskedTile:
    """A request for a tile, read and checked.

    ``asked`` is the version that its address names, ``most_risks`` how many risks it may show one by one.
    """

    selection: Selection
    address: TileAddress
    asked: str | None
    most_risks: int | None = None
    _made: dict[str, tuple[str, int | None, list[tuple[bytes, bytes]]]] = field(default_factory=dict, compare=False)

    @cached_property
    def of(self) -> tuple[object, ...]:
        """What a version is worked out for: layers, grades and the reader's scope."""
        chosen = self.selection
        return tuple(layer.name for layer in chosen.layers), chosen.grades, chosen.reader.cache_key()

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Finds the tile in memory, whatever its version; scopes never share one."""
        return (*self.of, self.address, self.most_risks)

    def tag(self, current: str) -> str:
        """The ETag of the tile in a version."""
        return f'"{current}-{self.address.z}-{self.address.x}-{self.address.y}"'

    def is_held(self, if_none_match: str | None, current: str) -> bool:
        """Whether the client has the tile already."""
        if if_none_match is None:
            return False
        known = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
        return self.tag(current) in known or "*" in known

    def answer(self, current: str, found: Tile | None) -> Response:
        """The tile with what caches and clients must know of it; None is a tile that the client holds already."""
        headers = self._headers(current, found)
        if found is None:
            return Response(status_code=304, headers=headers)
        return Response(found.mvt, media_type=MVT, headers=headers)

    def raw_headers(self, current: str, found: Tile | None) -> list[tuple[bytes, bytes]]:
        """The headers of the same answer as ASGI wants them; made once for a version of the tile."""
        size = None if found is None else len(found.mvt)
        kept = self._made.get("raw")
        if kept is not None and kept[:2] == (current, size):
            return kept[2]
        made = [(name.lower().encode(), value.encode()) for name, value in self._headers(current, found).items()]
        if found is not None:
            made += [(b"content-type", MVT.encode()), (b"content-length", str(len(found.mvt)).encode())]
        self._made["raw"] = (current, size, made)
        return made

    def _headers(self, current: str, found: Tile | None) -> dict[str, str]:
        """What caches and clients must know of a tile.

        ``X-Onemap-Counted: shelters=21200`` tells that the features of a layer are shown as counts;
        ``X-Onemap-Truncated: divisions=12/6012`` how many of how many were left out.
        """
        headers = {"ETag": self.tag(current), "Cache-Control": self._cache_control(self.asked == current)}
        if found is None:
            return headers
        if found.left_out:
            left_out = (f"{name}={left}/{total}" for name, (left, total) in found.left_out.items())
            headers["X-Onemap-Truncated"] = ", ".join(left_out)
        if found.counted:
            headers["X-Onemap-Counted"] = ", ".join(f"{name}={total}" for name, total in found.counted.items())
        return headers

    def _cache_control(self, versioned: bool) -> str:
        """For ever under an address with the present version; else to be asked again. Scoped answers stay private."""
        whose = "public" if self.selection.reader == Reader() else "private"
        return f"{whose}, max-age=31536000, immutable" if versioned else f"{whose}, no-cache"


class AskedTiles:
    """What requests have been read as, by path and query string, and the versions worked out; the oldest goes first."""

    def __init__(self) -> None:
        self._read: OrderedDict[tuple[str, bytes], AskedTile] = OrderedDict()
        self._versions: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], str]] = OrderedDict()

    def remember(self, scope: Scope, asked: AskedTile) -> None:
        """Keep what the request has been read as."""
        path, query = scope["path"], scope["query_string"]
        if len(query) <= _LONGEST_QUERY:
            self._read[path, query] = asked
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)

    def find(self, scope: Scope) -> AskedTile | None:
        """What a request of this path and query has been read as."""
        return self._read.get((scope["path"], scope["query_string"]))

    def version(self, asked: AskedTile, revisions: Mapping[str, int], tile_version: str) -> str:
        """The version of a tile, worked out once for each revision of its layers."""
        basis = (tile_version, *(revisions.get(layer.name, 0) for layer in asked.selection.layers))
        known = self._versions.get(asked.of)
        if known is not None and known[0] == basis:
            return known[1]
        present = {layer.name: revisions.get(layer.name, 0) for layer in asked.selection.layers}
        current = version(asked.selection, present, (tile_version,))
        self._versions[asked.of] = (basis, current)
        if len(self._versions) > _REMEMBERED:
            self._versions.popitem(last=False)
        return current
