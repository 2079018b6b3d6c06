"""The CRSs of WMS and WMTS: how each is written, which of its axes comes first, and how the engine projects to it.

WMS 1.3.0 writes a BBOX in the order of the authority's axes: EPSG:4490 and EPSG:4326 as latitude, longitude, and the
Gauss-Krüger zones as northing, easting. WMS 1.1.1 always writes x, y (OGC 06-042 clause 6.7.2; 01-068r3 clause 6.5.5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pyproj

from geo.cartography.engine import CGCS2000_DEGREES
from geo.cartography.frame import WEB_MERCATOR
from geo.cartography.ogc_errors import OgcError
from layers.text import Text

__all__ = ["MAP_CRSS", "Extent", "MapCrs", "parse_map_crs"]

Extent = tuple[float, float, float, float]
"""West, south, east, north: x, y, x, y in units of a CRS, whatever its axis order."""


@dataclass(frozen=True, slots=True)
class MapCrs:
    """A CRS in which maps are asked for. ``srs`` is its definition for the engine, x east and y north."""

    code: str
    srs: str
    north_first: bool
    degrees: bool

    def ordered(self, numbers: Extent, *, by_authority: bool) -> Extent:
        """A box with its axes exchanged where the authority's come north first; doing it twice undoes it."""
        a, b, c, d = numbers
        return (b, a, d, c) if by_authority and self.north_first else numbers

    def of_degrees(self, west: float, south: float, east: float, north: float) -> Extent:
        """The extent of a box in degrees; for Web Mercator cut at the latitudes that it knows."""
        if self.degrees:
            return west, south, east, north
        if self.code == "EPSG:3857":
            south, north = (min(max(latitude, -85.05), 85.05) for latitude in (south, north))
        left, bottom, right, top = _from_degrees(self.srs).transform_bounds(west, south, east, north)
        return left, bottom, right, top


@lru_cache(maxsize=64)
def _from_degrees(srs: str) -> pyproj.Transformer:
    """Kept: making one takes longer than everything else in a capabilities document."""
    return pyproj.Transformer.from_crs(CGCS2000_DEGREES, srs, always_xy=True)


def _zone(central_meridian: int, false_easting_m: int) -> str:
    return f"+proj=tmerc +lat_0=0 +lon_0={central_meridian} +k=1 +x_0={false_easting_m} +y_0=0 +ellps=GRS80 +units=m"


def _known() -> dict[str, MapCrs]:
    found = [
        MapCrs("EPSG:4490", CGCS2000_DEGREES, True, True),
        MapCrs("EPSG:4326", CGCS2000_DEGREES, True, True),
        MapCrs("CRS:84", CGCS2000_DEGREES, False, True),
        MapCrs("EPSG:3857", WEB_MERCATOR, False, False),
    ]
    zones = range(25, 46)
    found += [
        MapCrs(f"EPSG:{4513 + zone - 25}", _zone(3 * zone, zone * 1_000_000 + 500_000), True, False) for zone in zones
    ]
    found += [MapCrs(f"EPSG:{4534 + zone - 25}", _zone(3 * zone, 500_000), True, False) for zone in zones]
    return {each.code: each for each in found}


MAP_CRSS: Mapping[str, MapCrs] = _known()
"""By canonical code: CGCS2000, WGS 84, CRS84, Web Mercator and the 3° zones of CGCS2000 with and without prefix."""


def parse_map_crs(word: str, exception_code: str = "InvalidCRS", locator: str = "CRS") -> MapCrs:
    """Read ``EPSG:4490``, ``CRS:84`` or the URN of one, in any case.

    Raises:
        OgcError: it is none in which maps are drawn.
    """
    folded = word.strip().upper()
    urn = re.fullmatch(r"URN:OGC:DEF:CRS:(EPSG|OGC):[\d.]*:(?:CRS)?(\d{2,6})", folded)
    if urn:
        folded = f"EPSG:{urn[2]}" if urn[1] == "EPSG" else f"CRS:{urn[2]}"
    elif folded in ("OGC:CRS84", "CRS84"):
        folded = "CRS:84"
    found = MAP_CRSS.get(folded)
    if found is None:
        raise OgcError(
            exception_code,
            Text(
                f"{locator}={word[:60]!r} 不支持;可用 EPSG:4490、EPSG:4326、CRS:84、EPSG:3857、EPSG:4513…4554",
                f"{locator}={word[:60]!r} is not offered; use EPSG:4490, EPSG:4326, CRS:84, EPSG:3857, EPSG:4513…4554",
            ),
            locator,
        )
    return found
