"""The drawn rings of a query. A ring is a drawing: membership is decided by distance, never by this polygon."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

__all__ = ["RING_VERTICES", "ring_coordinates", "ring_features"]

RING_VERTICES = 128
"""The apothem of a 128-gon is 0.03% short of its radius: 3 m at 10 km."""

_GRS80 = Geod(ellps="GRS80")


def ring_coordinates(lon: float, lat: float, radius_m: float) -> list[tuple[float, float]]:
    """The closed ring of ``RING_VERTICES`` places, each ``radius_m`` from the centre on the ellipsoid.

    Counter-clockwise (RFC 7946). Longitudes run on past ±180, so that the ring stays one piece.
    """
    azimuths = -np.linspace(0.0, 360.0, RING_VERTICES, endpoint=False)
    count = len(azimuths)
    lons, lats, _ = _GRS80.fwd(np.full(count, lon), np.full(count, lat), azimuths, np.full(count, radius_m))
    lons = lon + (np.asarray(lons) - lon + 180.0) % 360.0 - 180.0
    ring = [(round(float(x), 8), round(float(y), 8)) for x, y in zip(lons, lats, strict=True)]
    return [*ring, ring[0]]


def ring_features(lon: float, lat: float, radii_m: tuple[float, ...]) -> list[dict[str, object]]:
    """GeoJSON polygons, innermost first, each with its ``radius_m``."""
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring_coordinates(lon, lat, radius_m)]},
            "properties": {"radius_m": radius_m},
        }
        for radius_m in radii_m
    ]
