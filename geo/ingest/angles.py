"""Degrees that are written without their signs: packed (1155638.4) and ddd.mmss (115.5638); and the box of China."""

from __future__ import annotations

import math

__all__ = ["EAST", "NORTH", "SOUTH", "WEST", "is_chinese", "packed_pair", "sexagesimal", "unpacked"]

WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
"""The box around China, in degrees."""


def is_chinese(lon: float, lat: float) -> bool:
    """Whether a place lies in the box around China."""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def unpacked(value: float) -> float | None:
    """1155638.4 as degrees, minutes, seconds; None where that is none."""
    if not math.isfinite(value) or not 10_000 <= abs(value) < 1_800_000:
        return None
    degrees, minutes, seconds = abs(value) // 10_000, abs(value) // 100 % 100, abs(value) % 100
    return None if minutes >= 60 or seconds >= 60 else math.copysign(degrees + minutes / 60 + seconds / 3600, value)


def sexagesimal(value: float) -> float | None:
    """115.5638 as degrees, minutes, seconds (ddd.mmss); None where that is none."""
    if not math.isfinite(value) or abs(value) > 180:
        return None
    degrees = math.floor(abs(value))
    fraction = round((abs(value) - degrees) * 1e8)
    minutes, seconds = fraction // 1_000_000, fraction % 1_000_000 / 1e4
    return None if minutes >= 60 or seconds >= 60 else math.copysign(degrees + minutes / 60 + seconds / 3600, value)


def packed_pair(lon_value: float, lat_value: float) -> tuple[float, float] | None:
    """Two packed numbers as longitude and latitude in China; None where they are none."""
    lon, lat = unpacked(lon_value), unpacked(lat_value)
    return (lon, lat) if lon is not None and lat is not None and is_chinese(lon, lat) else None
