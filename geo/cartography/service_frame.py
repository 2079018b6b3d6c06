"""The frame of a WMS or WMTS picture: the client's own CRS, box and size, stretched where these do not agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import cos, isfinite, radians

import numpy as np
import pyproj

from geo.cartography.frame import Frame, Inset
from geo.cartography.ogc_crs import Extent, MapCrs
from geo.selection import Box

__all__ = ["ServiceFrame", "service_frame"]

_METRES_PER_DEGREE = 111_319.49
_MOST_LATITUDE = 89.0
_GEOD = pyproj.Geod(ellps="GRS80")


@dataclass(frozen=True)
class ServiceFrame(Frame):
    """All of it is map. A box may reach beyond the world or its CRS: there it is empty, and nothing fails."""

    in_degrees: bool = False

    @cached_property
    def center(self) -> tuple[float, float]:
        """The middle of the picture, kept off the poles; of a box that is no place at all, (0, 0)."""
        lon, lat = self.lonlat(self.width / 2, self.height / 2)
        if not (isfinite(lon) and isfinite(lat)):
            return 0.0, 0.0
        return lon, min(max(lat, -_MOST_LATITUDE), _MOST_LATITUDE)

    @cached_property
    def metres_per_px(self) -> float:
        """Ground metres in one pixel at the centre, northwards, by the geodesic between two places a little apart."""
        part = min(self.height, 1.0)
        one = self.lonlat(self.width / 2, (self.height - part) / 2)
        other = self.lonlat(self.width / 2, (self.height + part) / 2)
        if all(map(isfinite, (*one, *other))) and max(abs(one[1]), abs(other[1])) <= 90:
            measured = abs(float(_GEOD.inv(*one, *other)[2])) / part
            if measured > 0:
                return measured
        # No place on earth: any scale will do, since nothing is there.
        return self.unit_per_px_down * (_METRES_PER_DEGREE if self.in_degrees else cos(radians(self.center[1])))

    @cached_property
    def box(self) -> Box:
        """The extent with a margin for marks, in degrees within the world; the whole world where it cannot be told."""
        with np.errstate(invalid="ignore"):
            found = self._box_by_grid()
        return Box(max(found.west, -180.0), max(found.south, -90.0), min(found.east, 180.0), min(found.north, 90.0))

    def _box_by_grid(self) -> Box:
        if self.in_degrees:
            mx, my = 64 * self.unit_per_px, 64 * self.unit_per_px_down
            west, south, east, north = self.extent
            return Box(west - mx, south - my, east + mx, north + my)
        lon, lat = self._inverse_grid()
        good = np.isfinite(lon) & np.isfinite(lat)
        if not good.any():
            return Box(-180.0, -90.0, 180.0, 90.0)
        lon, lat = lon[good], lat[good]
        return Box(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))

    @cached_property
    def outline(self) -> tuple[tuple[float, float], ...]:
        """The box's four corners: a service's picture has no legend that counts what lies within."""
        box = self.box
        corners = ((box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north))
        return (*corners, corners[0])


def service_frame(crs: MapCrs, extent: Extent, width: int, height: int, scale: float = 1.0) -> ServiceFrame:
    """The frame of ``width`` × ``height`` device pixels of which ``scale`` make one design pixel."""
    return ServiceFrame(width / scale, height / scale, Inset(), crs.srs, extent, crs.degrees)
