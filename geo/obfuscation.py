"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, and their exact (iterated) inverses.

The formula is an unofficial reverse engineering: a = 6 378 245 m, ee = 0.00669342162296594323 (domain brief 2.4).
Newer copies with a = 6 378 137 m differ by 8–10 mm. A one-step inverse is wrong by 0.2–1.4 m; the fixed point
used here is wrong by less than 1 µm (GCJ-02) and 0.1 mm (BD-09).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bd09_to_gcj02", "bd09_to_wgs84", "gcj02_to_bd09", "gcj02_to_wgs84", "wgs84_to_gcj02"]

Degrees = npt.NDArray[np.float64]

_A_M = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_ITERATIONS = 30
_DONE_DEG = 1e-13


def _shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """The shift GCJ-02 − WGS 84 at a WGS 84 place, in degrees; 0 outside the formula's box around China."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat = dlat * 180.0 / ((_A_M * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    dlon = dlon * 180.0 / (_A_M / np.sqrt(magic) * np.cos(phi) * np.pi)
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return np.where(inside, dlon, 0.0), np.where(inside, dlat, 0.0)


def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """WGS 84 (or CGCS2000) degrees → GCJ-02 degrees, arrays of one shape."""
    dlon, dlat = _shift(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """GCJ-02 degrees → WGS 84 degrees by fixed-point iteration, arrays of one shape."""
    place_lon, place_lat = np.array(lon, dtype=float), np.array(lat, dtype=float)
    for _ in range(_ITERATIONS):
        dlon, dlat = _shift(place_lon, place_lat)
        step_lon, step_lat = lon - dlon - place_lon, lat - dlat - place_lat
        place_lon, place_lat = place_lon + step_lon, place_lat + step_lat
        if not (
            np.nanmax(np.abs(step_lon), initial=0.0) > _DONE_DEG or np.nanmax(np.abs(step_lat), initial=0.0) > _DONE_DEG
        ):
            break
    return place_lon, place_lat


def gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """GCJ-02 degrees → BD-09 degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(theta) + 0.0065, radius * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """BD-09 degrees → GCJ-02 degrees by fixed-point iteration."""
    place_lon, place_lat = lon - 0.0065, lat - 0.006
    for _ in range(_ITERATIONS):
        bd_lon, bd_lat = gcj02_to_bd09(place_lon, place_lat)
        step_lon, step_lat = lon - bd_lon, lat - bd_lat
        place_lon, place_lat = place_lon + step_lon, place_lat + step_lat
        if not (
            np.nanmax(np.abs(step_lon), initial=0.0) > _DONE_DEG or np.nanmax(np.abs(step_lat), initial=0.0) > _DONE_DEG
        ):
            break
    return place_lon, place_lat


def bd09_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """BD-09 degrees → WGS 84 degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
