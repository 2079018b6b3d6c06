"""The tile matrix sets of WMTS: WebMercatorQuad, and the degree grid of CGCS2000 as 天地图 numbers its levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.cartography.ogc_crs import MAP_CRSS, Extent, MapCrs
from geo.cartography.ogc_errors import OgcError
from layers.text import Text

__all__ = ["GRIDS", "TILE_PX", "GridTile", "TileGrid", "find_grid"]

TILE_PX = 256
_PIXEL_M = 0.00028
"""The standard's pixel (OGC 07-057r7 clause 6.1)."""

_METRES_PER_DEGREE = 111_319.490_793_273_58
"""2π × 6,378,137 m / 360: so the standard turns degrees into scale denominators."""


@dataclass(frozen=True, slots=True)
class TileGrid:
    """A tile matrix set whose levels double. ``levels`` counts from ``first``; tiles are squares of ``TILE_PX``."""

    name: str
    crs: MapCrs
    urn: str
    well_known: str | None
    left: float
    top: float
    first: int
    last: int
    columns: int
    rows: int
    """Of level ``first``."""
    unit_per_px: float
    """Units of the CRS in one pixel of level ``first``."""

    def size(self, level: int) -> tuple[int, int]:
        """Columns and rows of a level."""
        factor = 2 ** (level - self.first)
        return self.columns * factor, self.rows * factor

    def pixel(self, level: int) -> float:
        """Units of the CRS in one pixel of a level."""
        return self.unit_per_px / 2.0 ** (level - self.first)

    def scale_denominator(self, level: int) -> float:
        """As the standard writes it."""
        return self.pixel(level) * (_METRES_PER_DEGREE if self.crs.degrees else 1.0) / _PIXEL_M

    def extent(self, level: int, column: int, row: int, columns: int = 1, rows: int = 1) -> Extent:
        """The extent of a block of tiles, x and y in units of the CRS."""
        edge = self.pixel(level) * TILE_PX
        west, north = self.left + column * edge, self.top - row * edge
        return west, north - rows * edge, west + columns * edge, north


@dataclass(frozen=True, slots=True)
class GridTile:
    """A tile of a grid.

    Raises:
        OgcError: ``InvalidParameterValue`` for a level, ``TileOutOfRange`` for a column or row that it does not have.
    """

    grid: TileGrid
    level: int
    column: int
    row: int

    def __post_init__(self) -> None:
        if not self.grid.first <= self.level <= self.grid.last:
            raise OgcError(
                "InvalidParameterValue",
                Text(
                    f"TILEMATRIX={self.level} 应在 {self.grid.first} 到 {self.grid.last} 之间",
                    f"TILEMATRIX={self.level} should be {self.grid.first} to {self.grid.last}",
                ),
                "TILEMATRIX",
            )
        columns, rows = self.grid.size(self.level)
        for name, value, most in (("TILECOL", self.column, columns), ("TILEROW", self.row, rows)):
            if not 0 <= value < most:
                raise OgcError(
                    "TileOutOfRange",
                    Text(
                        f"{name}={value} 不在第 {self.level} 级的 0 到 {most - 1} 之间",
                        f"{name}={value} is not within 0 to {most - 1} of level {self.level}",
                    ),
                    name,
                )


_HALF_WORLD_M = 20_037_508.342789244

_WEB_MERCATOR_QUAD = TileGrid(
    "WebMercatorQuad",
    MAP_CRSS["EPSG:3857"],
    "urn:ogc:def:crs:EPSG::3857",
    "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible",
    -_HALF_WORLD_M,
    _HALF_WORLD_M,
    0,
    20,
    1,
    1,
    2 * _HALF_WORLD_M / TILE_PX,
)
_CGCS2000_QUAD = TileGrid(
    "CGCS2000Quad", MAP_CRSS["EPSG:4490"], "urn:ogc:def:crs:EPSG::4490", None, -180.0, 90.0, 1, 20, 2, 1, 180 / TILE_PX
)

GRIDS: Mapping[str, TileGrid] = {grid.name: grid for grid in (_WEB_MERCATOR_QUAD, _CGCS2000_QUAD)}

_ALIASES = {
    "GoogleMapsCompatible": "WebMercatorQuad",
    "EPSG:3857": "WebMercatorQuad",
    "w": "WebMercatorQuad",
    "EPSG:4490": "CGCS2000Quad",
    "c": "CGCS2000Quad",
}
"""What other servers call them; ``w`` and ``c`` are 天地图's names."""


def find_grid(name: str) -> TileGrid:
    """The tile matrix set of a name.

    Raises:
        OgcError: there is none.
    """
    found = GRIDS.get(_ALIASES.get(name, name))
    if found is None:
        known = ", ".join(GRIDS)
        raise OgcError(
            "InvalidParameterValue",
            Text(f"没有 TILEMATRIXSET {name[:60]!r};可用 {known}", f"no TILEMATRIXSET {name[:60]!r}; use {known}"),
            "TILEMATRIXSET",
        )
    return found
