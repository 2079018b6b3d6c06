"""The frame: which ground a picture shows, in which projection, and where each place falls in it.

A picture is drawn in a transverse Mercator of its own, on the ellipsoid of CGCS2000 with its centre as origin: angles
are true everywhere and the scale is true at the centre (1.00005 at 64 km from its meridian), so a ring of 5 km is a
circle and a scale bar measures. A frame wider than ``_LOCAL_REACH_M`` is drawn in Web Mercator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, isfinite, log2, radians
from threading import get_ident

import numpy as np
import numpy.typing as npt
import pyproj

from geo.errors import InputError
from geo.selection import Box
from layers.text import Text

__all__ = ["METRES_PER_PX_AT_ZOOM_0", "WEB_MERCATOR", "Floats", "Frame", "Inset", "frame_around", "frame_of_box"]

Floats = npt.NDArray[np.float64]

_LOCAL_REACH_M = 1_500_000.0
WEB_MERCATOR = "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"
_WEB_MERCATOR_LATITUDE = 85.0
METRES_PER_PX_AT_ZOOM_0 = 2 * 20_037_508.342789244 / 512
"""Of Web Mercator on the equator, with tiles of 512 px."""
_LEAST_SPAN_M = 20.0
_MARGIN_PX = 64


@lru_cache(maxsize=64)
def _projection(srs: str, thread: int) -> pyproj.Proj:
    """Kept, for it takes a millisecond to make; each thread has its own, for two must not use one at a time."""
    return pyproj.Proj(srs)


@dataclass(frozen=True, slots=True)
class Inset:
    """Pixels at the picture's edges that are not map: legend to the right, scale and notes below."""

    right: int = 0
    bottom: int = 0


@dataclass(frozen=True)
class Frame:
    """A picture of ``width`` × ``height`` px. ``extent`` is the whole picture's in units of ``srs``."""

    width: float
    height: float
    inset: Inset
    srs: str
    extent: tuple[float, float, float, float]

    @property
    def _projection(self) -> pyproj.Proj:
        return _projection(self.srs, get_ident())

    @property
    def unit_per_px(self) -> float:
        """Units of ``srs`` in one pixel."""
        return (self.extent[2] - self.extent[0]) / self.width

    @property
    def unit_per_px_down(self) -> float:
        """Units of ``srs`` in one pixel downwards: as many as across, unless a client asked for a stretched picture."""
        return (self.extent[3] - self.extent[1]) / self.height

    @cached_property
    def center(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the map's own part of the picture."""
        return self.lonlat((self.width - self.inset.right) / 2, (self.height - self.inset.bottom) / 2)

    @cached_property
    def metres_per_px(self) -> float:
        """Ground metres in one pixel at the centre, on the ellipsoid."""
        factors = self._projection.get_factors(*self.center)
        return float(self.unit_per_px / factors.meridional_scale)

    @property
    def zoom(self) -> float:
        """The Web-Mercator zoom (512 px tiles) at which a map of the centre has this resolution."""
        return log2(METRES_PER_PX_AT_ZOOM_0 * cos(radians(self.center[1])) / self.metres_per_px)

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place falls, px from the top left."""
        x, y = self._projection(lon, lat)
        return (x - self.extent[0]) / self.unit_per_px, (self.extent[3] - y) / self.unit_per_px_down

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """The place at a pixel."""
        lon, lat = self._projection(*self.projected(x, y), inverse=True)
        return float(lon), float(lat)

    def lonlats(self, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
        """The places at pixels; not finite where there is none."""
        lon, lat = self._projection(
            self.extent[0] + xs * self.unit_per_px, self.extent[3] - ys * self.unit_per_px_down, inverse=True
        )
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def projected(self, x: float, y: float) -> tuple[float, float]:
        """Coordinates in ``srs`` of a pixel."""
        return self.extent[0] + x * self.unit_per_px, self.extent[3] - y * self.unit_per_px_down

    @cached_property
    def outline(self) -> tuple[tuple[float, float], ...]:
        """The closed edge of the map's own part of the picture, in degrees, followed and not only its corners."""
        right, bottom = self.width - self.inset.right, self.height - self.inset.bottom
        share = np.linspace(0.0, 1.0, 16, endpoint=False)
        xs = np.concatenate([share * right, np.full(16, right), right - share * right, np.zeros(16)])
        ys = np.concatenate([np.zeros(16), share * bottom, np.full(16, bottom), bottom - share * bottom])
        edge = [self.lonlat(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        return (*edge, edge[0])

    @cached_property
    def box(self) -> Box:
        """All that may reach into the picture: its extent with a margin for marks, in degrees."""
        lon, lat = self._inverse_grid()
        good = np.isfinite(lon) & np.isfinite(lat)
        return Box(float(lon[good].min()), float(lat[good].min()), float(lon[good].max()), float(lat[good].max()))

    def _inverse_grid(self) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of 17 × 17 places over picture and margin; not finite where there is none."""
        share = np.linspace(0.0, 1.0, 17)
        xs = -_MARGIN_PX + share * (self.width + 2 * _MARGIN_PX)
        ys = -_MARGIN_PX + share * (self.height + 2 * _MARGIN_PX)
        # Inside too: the northernmost place of a frame that holds a pole or an antimeridian is not on its edge.
        grid_x, grid_y = np.meshgrid(xs, ys)
        lon, lat = self._projection(
            self.extent[0] + grid_x * self.unit_per_px, self.extent[3] - grid_y * self.unit_per_px_down, inverse=True
        )
        return lon, lat


def _framed(srs: str, bounds: tuple[float, float, float, float], width: int, height: int, inset: Inset) -> Frame:
    """The frame whose map part shows ``bounds`` (in ``srs``) whole, centred, without distortion."""
    west, south, east, north = bounds
    inner_width, inner_height = width - inset.right, height - inset.bottom
    unit = max((east - west) / inner_width, (north - south) / inner_height)
    left = (west + east) / 2 - unit * inner_width / 2
    top = (south + north) / 2 + unit * inner_height / 2
    return Frame(width, height, inset, srs, (left, top - unit * height, left + unit * width, top))


def _local(lon: float, lat: float) -> str:
    return f"+proj=tmerc +lat_0={lat!r} +lon_0={lon!r} +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs"


def frame_around(lon: float, lat: float, reach_m: float, width: int, height: int, inset: Inset) -> Frame:
    """The frame that holds the circle of ``reach_m`` around a place (CGCS2000 degrees) whole.

    Raises:
        InputError: the reach is not positive, or too wide for a map with a true scale.
    """
    if not (isfinite(reach_m) and 0 < reach_m <= _LOCAL_REACH_M):
        raise InputError(
            Text(
                f"范围 {reach_m:g} 米应在 0 到 {_LOCAL_REACH_M:g} 米之间",
                f"a reach of {reach_m:g} m should be 0 to {_LOCAL_REACH_M:g} m",
            ),
            field="radius_m",
        )
    reach = max(reach_m, _LEAST_SPAN_M)
    return _framed(_local(lon, lat), (-reach, -reach, reach, reach), width, height, inset)


def frame_of_box(box: Box, width: int, height: int, inset: Inset) -> Frame:
    """The frame that shows a box in degrees whole; what is beside it, to fill the picture, is shown as well."""
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    srs = _local(lon, lat)
    bounds = _bounds(srs, box)
    if not all(map(isfinite, bounds)) or max(map(abs, bounds)) > _LOCAL_REACH_M:
        srs = WEB_MERCATOR
        reach = _WEB_MERCATOR_LATITUDE
        bounds = _bounds(srs, Box(box.west, max(box.south, -reach), box.east, min(box.north, reach)))
    west, south, east, north = bounds
    grow = max(_LEAST_SPAN_M - max(east - west, north - south), 0.0) / 2
    return _framed(srs, (west - grow, south - grow, east + grow, north + grow), width, height, inset)


def _bounds(srs: str, box: Box) -> tuple[float, float, float, float]:
    """Extent in ``srs`` of a box in degrees whose edges are followed, not only its corners."""
    share = np.linspace(0.0, 1.0, 33)
    lons = box.west + share * (box.east - box.west)
    lats = box.south + share * (box.north - box.south)
    lon = np.concatenate([lons, lons, np.full(33, box.west), np.full(33, box.east)])
    lat = np.concatenate([np.full(33, box.south), np.full(33, box.north), lats, lats])
    x, y = _projection(srs, get_ident())(lon, lat)
    return float(np.min(x)), float(np.min(y)), float(np.max(x)), float(np.max(y))
