"""The addresses of tiles: WebMercatorQuad, the units inside a tile, and its extent in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, atan, degrees, pi, radians, sinh, tan

from geo.errors import InputError
from geo.selection import Box
from layers.text import Text

__all__ = [
    "BUFFER",
    "EXTENT",
    "HALF_WORLD_M",
    "MAX_ZOOM",
    "SOURCE_MAX_ZOOM",
    "TileAddress",
    "degrees_north",
    "world_place",
]

MAX_ZOOM = 22
SOURCE_MAX_ZOOM = 14
"""The deepest zoom that a client asks for; beyond it draws the same tile larger. A unit is 0.6 m there."""

EXTENT = 4096
BUFFER = 160
"""20 px of a 512 px tile: half the largest mark at the deepest zoom, so that none is cut at a tile's edge."""

HALF_WORLD_M = 20_037_508.342789244

_MOST_NORTH = 85.06
"""Degrees; a little more than the world's square has. As in ``geo/sql/20_cells.sql``."""


def world_place(lon: float, lat: float) -> tuple[float, float]:
    """A place in degrees as shares (0 to 1) of the world's Web Mercator square, from its north-western corner."""
    y = 0.5 - asinh(tan(radians(min(max(lat, -_MOST_NORTH), _MOST_NORTH)))) / (2 * pi)
    return min(max((lon + 180) / 360, 0.0), 1.0), min(max(y, 0.0), 1.0)


def degrees_north(share: float) -> float:
    """The latitude at a share of the world's square from its northern edge."""
    return degrees(atan(sinh(pi * (1 - 2 * share))))


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile of WebMercatorQuad."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise InputError(
                Text(f"缩放级别 z={self.z} 应在 0 到 {MAX_ZOOM} 之间", f"zoom z={self.z} should be 0 to {MAX_ZOOM}"),
                field="z",
            )
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 2**self.z:
                raise InputError(
                    Text(
                        f"{name}={value} 不在第 {self.z} 级的 0 到 {2**self.z - 1} 之间",
                        f"{name}={value} is not within 0 to {2**self.z - 1} of zoom {self.z}",
                    ),
                    field=name,
                )

    def box(self) -> Box:
        """Its buffered extent in degrees; a little more than the buffer, never less."""
        margin = BUFFER / EXTENT + 0.001

        def latitude(row: float) -> float:
            return degrees_north(min(max(row / 2**self.z, 0.0), 1.0))

        west, east = ((self.x + side) / 2**self.z * 360 - 180 for side in (-margin, 1 + margin))
        return Box(max(west, -180.0), latitude(self.y + 1 + margin), min(east, 180.0), latitude(self.y - margin))

    @property
    def unit_m(self) -> float:
        """Metres of Web Mercator in one unit of the tile."""
        return float(2 * HALF_WORLD_M / 2**self.z / EXTENT)
