"""Places typed into a search: degrees in any notation, or Gauss-Krüger metres with or without their zone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.ingest.notation import Written, read_pair
from geo.ingest.projected import CENTRAL_MERIDIANS, projected_code, read_metres

__all__ = ["TypedPlace", "typed_places"]

Extent = tuple[float, float, float, float]

_AROUND_DEG = 0.5
"""A place just outside the data is still meant."""


@dataclass(frozen=True, slots=True)
class TypedPlace:
    """CGCS2000 degrees, and the CRS in which the place was typed."""

    lon: float
    lat: float
    crs: str

    def as_dict(self) -> dict[str, object]:
        """As ``/search`` tells it."""
        return {"lon": round(self.lon, 8), "lat": round(self.lat, 8), "crs": self.crs}


def typed_places(text: str, extent: Extent | None) -> list[TypedPlace]:
    """Every place that ``text`` can mean; none when it is no pair of coordinates.

    Metres without a zone are a place in each of 21 zones: those within ``extent`` (of the data) are meant, and without
    an extent none is, for a guess would be 300 km off.
    """
    pair = read_pair(text)
    if pair is None:
        return []
    first, second = pair
    metres = read_metres(np.array([first.value]), np.array([second.value]))
    if metres.fits[0]:
        zone, lat, offset = int(metres.zone[0]), float(metres.lat[0]), float(metres.from_meridian[0])
        meridians = CENTRAL_MERIDIANS if zone == 0 else (float(metres.meridian[0]),)
        found = [TypedPlace(each + offset, lat, projected_code(zone, each)) for each in meridians]
        return found if zone else [each for each in found if _within(each, extent)]
    lon, lat = (second.value, first.value) if _is_latitude_first(first, second) else (first.value, second.value)
    fits = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
    return [TypedPlace(lon, lat, "EPSG:4490")] if fits else []


def _is_latitude_first(first: Written, second: Written) -> bool:
    """By the names of the axes; without them the larger one is the longitude, as everywhere in China."""
    if first.axis or second.axis:
        return first.axis == "N" or second.axis == "E"
    return abs(first.value) < abs(second.value)


def _within(place: TypedPlace, extent: Extent | None) -> bool:
    if extent is None:
        return False
    west, south, east, north = extent
    margin = _AROUND_DEG
    return west - margin <= place.lon <= east + margin and south - margin <= place.lat <= north + margin
