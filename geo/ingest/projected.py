"""Gauss-Krüger metres: which of two numbers is the northing, and which zone the easting is in.

Chinese sheets write X for the northing (survey order) or for the easting (GIS order), with the zone before the easting
or without. The magnitude settles the order, for a northing of China is 1.8 to 6.0 million metres and an easting is
0.1 to 0.9 million behind its zone; the prefix settles the zone: 13–23 are 6° zones, 25–45 are 3° zones (domain brief
2.3). Without prefix the zone is open: the same numbers are a place in each of 21 zones, 3° apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.crs import Crs

__all__ = ["CENTRAL_MERIDIANS", "Metres", "central_meridian", "projected_code", "read_metres"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LEAST_NORTHING, _MOST_NORTHING = 1.8e6, 6.0e6
_LEAST_EASTING, _MOST_EASTING = 1e5, 9e5
_ZONE = 1e6
CENTRAL_MERIDIANS = tuple(range(75, 136, 3))
"""Of the 3° zones 25 to 45; those of the 6° zones are among them, and there the two agree."""

_PLAIN_ZONE = "EPSG:4548"  # CM 117°E: any zone, for longitudes are counted from the central meridian
_PLAIN_MERIDIAN = 117.0


@dataclass(frozen=True, slots=True)
class Metres:
    """Pairs read as Gauss-Krüger metres. ``fits`` says where they can be; elsewhere nothing else counts.

    ``from_meridian`` is the longitude from the central meridian and ``lat`` the latitude, in degrees; ``zone`` is the
    prefix (13–23, 25–45) or 0 where there is none; ``north_first`` says that the first number is the northing.
    """

    fits: Flags
    from_meridian: Floats
    lat: Floats
    zone: npt.NDArray[np.int64]
    north_first: Flags

    @property
    def meridian(self) -> Floats:
        """The central meridian that the prefix means, NaN without one."""
        three = np.where(self.zone >= 25, self.zone * 3.0, self.zone * 6.0 - 3.0)
        return np.where(self.zone == 0, np.nan, three)


def _split_easting(values: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Zone prefix (0 for none) and easting within the zone; NaN where the value can be no easting."""
    prefix = np.floor(np.nan_to_num(values, nan=-1.0, posinf=-1.0, neginf=-1.0) / _ZONE)
    rest = values - prefix * _ZONE
    known = (prefix == 0) | ((prefix >= 13) & (prefix <= 23)) | ((prefix >= 25) & (prefix <= 45))
    good = known & (rest >= _LEAST_EASTING) & (rest <= _MOST_EASTING)
    return np.where(good, prefix, 0).astype(np.int64), np.where(good, rest, np.nan)


def read_metres(first: Floats, second: Floats) -> Metres:
    """Read pairs as Gauss-Krüger metres of CGCS2000, in whichever order they stand."""
    first_zone, first_easting = _split_easting(first)
    second_zone, second_easting = _split_easting(second)
    with np.errstate(invalid="ignore"):
        first_northing = (first >= _LEAST_NORTHING) & (first <= _MOST_NORTHING)
        second_northing = (second >= _LEAST_NORTHING) & (second <= _MOST_NORTHING)
    north_first = first_northing & ~np.isnan(second_easting)
    north_second = second_northing & ~np.isnan(first_easting)
    fits = north_first | north_second
    easting = np.where(north_first, second_easting, first_easting)
    northing = np.where(north_first, first, second)
    zone = np.where(north_first, second_zone, first_zone)
    lon, lat = np.full(len(first), np.nan), np.full(len(first), np.nan)
    if fits.any():
        lon[fits], lat[fits] = Crs.parse(_PLAIN_ZONE).to_cgcs2000(easting[fits], northing[fits])
    return Metres(fits, lon - _PLAIN_MERIDIAN, lat, np.where(fits, zone, 0), north_first)


def central_meridian(crs: Crs) -> tuple[float, int] | None:
    """Central meridian and zone prefix (0 for none) of a Gauss-Krüger CRS of CGCS2000; None of any other."""
    found = re.fullmatch(r"EPSG:(\d{4})", crs.code)
    code = int(found[1]) if found else 0
    if 4491 <= code <= 4501:
        return 6.0 * (code - 4478) - 3.0, code - 4478
    if 4502 <= code <= 4512:
        return 6.0 * (code - 4502) + 75.0, 0
    if 4513 <= code <= 4533:
        return 3.0 * (code - 4488), code - 4488
    if 4534 <= code <= 4554:
        return 3.0 * (code - 4534) + 75.0, 0
    return None


def projected_code(zone: int, meridian: float) -> str:
    """The EPSG code of a zone prefix, or without one of the 3° zone of a central meridian."""
    if zone == 0:
        return f"EPSG:{4534 + round((meridian - 75) / 3)}"
    return f"EPSG:{zone + (4488 if zone >= 25 else 4478)}"
