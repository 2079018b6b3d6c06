"""Where every coordinate enters: from a declared CRS to CGCS2000 (EPSG:4490) longitude and latitude.

x is east and y is north everywhere (``always_xy``), whatever the authority's axis order. A CRS is accepted when its
datum is a realisation of the ITRF (CGCS2000, WGS 84, JGD2011 …: equal to CGCS2000 within decimetres). Xian 1980 and
Beijing 1954 are refused: PROJ's default there is a ballpark with zero shift, up to about 100 m wrong.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError

from geo.errors import CoordinateError, CrsUnknown
from geo.obfuscation import bd09_to_wgs84, gcj02_to_wgs84
from layers.text import Text

__all__ = ["CRS84", "Crs", "require_lonlat"]

FloatArray = npt.NDArray[np.float64]

_MODERN_DATUMS = ("China 2000", "World Geodetic System 1984", "Japanese Geodetic Datum 2011", "Taiwan Datum 1997")
_OLD_CHINESE_DATUMS = ("Xian 1980", "Beijing 1954", "New Beijing")


def require_lonlat(lon: float, lat: float) -> None:
    """Accept a finite longitude within ±180 and latitude within ±90 degrees.

    Raises:
        CoordinateError: otherwise; a pair that would fit when swapped is named as such.
    """
    if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90:
        return
    swapped = math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 180 and abs(lon) <= 90
    zh = f"坐标 (lon={lon:.10g}, lat={lat:.10g}) 不在经度 ±180、纬度 ±90 度之内"
    en = f"lon={lon:.10g}, lat={lat:.10g} is not within ±180 and ±90 degrees"
    if swapped:
        zh, en = f"{zh};经纬度像是写反了,请交换", f"{en}; the two look swapped: exchange them"
    else:
        zh, en = f"{zh};请给出以度为单位的经度和纬度", f"{en}; give longitude and latitude in degrees"
    raise CoordinateError(Text(zh, en), field="lon" if not abs(lon) <= 180 else "lat")


@dataclass(frozen=True, slots=True)
class Crs:
    """A CRS in which coordinates may arrive. ``code`` is canonical: ``CRS84``, ``EPSG:4547``, ``GCJ02``, ``BD09``."""

    code: str
    wkt: str | None = None
    """The definition that a file carried, when it has no EPSG code."""

    @staticmethod
    def parse(text: str) -> Crs:
        """Read ``CRS84``, ``EPSG:n``, ``GCJ02``/``GCJ-02`` or ``BD09``/``BD-09``, in any case.

        Raises:
            CrsUnknown: anything else, and datums that cannot be converted without local parameters.
        """
        folded = text.strip().upper().replace("-", "").replace(" ", "")
        if folded in ("CRS84", "OGC:CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84", "URN:OGC:DEF:CRS:OGC::CRS84"):
            return CRS84
        if folded in ("GCJ02", "BD09"):
            return Crs(folded)
        epsg = re.fullmatch(r"(?:EPSG|URN:OGC:DEF:CRS:EPSG):{1,2}(?:[\d.]*:)?(\d{4,6})", folded)
        if epsg is None:
            raise CrsUnknown(
                Text(
                    f"不认识的坐标系 {text!r};可用 CRS84、EPSG:4490、EPSG:4513…4554、GCJ02、BD09",
                    f"unknown CRS {text!r}; use CRS84, EPSG:4490, EPSG:4513…4554, GCJ02 or BD09",
                ),
                field="crs",
            )
        found = Crs(f"EPSG:{epsg.group(1)}")
        _to_own_degrees(found)
        return found

    @staticmethod
    def from_file(definition: str) -> Crs:
        """The CRS that a file declares about itself (an EPSG code or WKT).

        Raises:
            CrsUnknown: not a definition, or a datum that cannot be converted.
        """
        if re.fullmatch(r"\s*(EPSG:\d+|OGC:CRS84)\s*", definition, re.IGNORECASE):
            return Crs.parse(definition)
        try:
            epsg = pyproj.CRS.from_user_input(definition).to_epsg()
        except CRSError as error:
            raise CrsUnknown(
                Text("文件里的坐标系无法识别;请用 --crs 声明", "the file's CRS cannot be read; declare it with --crs")
            ) from error
        found = Crs(f"EPSG:{epsg}") if epsg else Crs("WKT", definition)
        _to_own_degrees(found)
        return found

    def to_cgcs2000(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """CGCS2000 longitudes and latitudes in degrees of places given in this CRS (x east, y north).

        Arrays of one shape; where an input is no place (not finite, outside ±180/±90, or of a plane where it is not
        meant to be used: degrees, or northing before easting) both outputs are NaN.
        """
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if self.code == "GCJ02":
            lon, lat = gcj02_to_wgs84(x, y)
        elif self.code == "BD09":
            lon, lat = bd09_to_wgs84(x, y)
        else:
            plane = _to_own_degrees(self)
            lon, lat = (x, y) if plane is None else plane.degrees(x, y)
        wrong = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        return np.where(wrong, np.nan, lon), np.where(wrong, np.nan, lat)

    def point_to_cgcs2000(self, x: float, y: float) -> tuple[float, float]:
        """One place as CGCS2000 longitude and latitude.

        Raises:
            CoordinateError: it is no place in this CRS.
        """
        if self is CRS84:
            require_lonlat(x, y)
            return x, y
        lon, lat = self.to_cgcs2000(np.array([x]), np.array([y]))
        if np.isnan(lon[0]):
            if self.code in ("CRS84", "EPSG:4490", "EPSG:4326", "GCJ02", "BD09"):
                require_lonlat(x, y)
            raise self._no_place(x, y)
        return float(lon[0]), float(lat[0])

    def _no_place(self, x: float, y: float) -> CoordinateError:
        zh, en = f"({x:.12g}, {y:.12g}) 不是 {self.code} 中的地点", f"({x:.12g}, {y:.12g}) is no place in {self.code}"
        if _look_like_degrees(np.array([x]), np.array([y]))[0]:
            zh, en = f"{zh};像是经纬度(度),请用 CRS84", f"{en}; these look like degrees: say CRS84"
        elif not np.isnan(self.to_cgcs2000(np.array([y]), np.array([x]))[0][0]):
            zh = f"{zh};像是先写了北坐标(测量的 X),请把东坐标写在前"
            en = f"{en}; the northing (a survey's X) seems to stand first: give easting, northing"
        return CoordinateError(Text(zh, en), field="lon")


def _look_like_degrees(x: FloatArray, y: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether metres are degrees in truth: as metres they lie within 180 m of a projection's origin."""
    return np.asarray((np.abs(x) <= 180) & (np.abs(y) <= 180), dtype=bool)


_BEYOND_DEG = 10.0
"""So far beyond its area of use a projection may be used: neighbouring zones, a country's rim."""


@dataclass(frozen=True, slots=True)
class _Plane:
    """A projection: how metres become degrees, and where they may lie (west, south, east, north; None: anywhere)."""

    transformer: pyproj.Transformer
    area: tuple[float, float, float, float] | None

    def degrees(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Longitudes and latitudes; NaN for what was never meant for this plane and would land on another continent."""
        lon, lat = self.transformer.transform(x, y)
        astray = _look_like_degrees(x, y)
        if self.area is not None:
            west, south, east, north = self.area
            if west <= east:
                astray |= (lon < west - _BEYOND_DEG) | (lon > east + _BEYOND_DEG)
            astray |= (lat < south - _BEYOND_DEG) | (lat > north + _BEYOND_DEG)
        return np.where(astray, np.nan, lon), np.where(astray, np.nan, lat)


@lru_cache(maxsize=128)
def _to_own_degrees(crs: Crs) -> _Plane | None:
    """The way from ``crs`` to its own longitude and latitude; None when it already is."""
    if crs.code == "CRS84":
        return None
    try:
        projected = pyproj.CRS.from_user_input(crs.wkt or crs.code)
    except CRSError as error:
        raise CrsUnknown(Text(f"没有坐标系 {crs.code}", f"there is no CRS {crs.code}"), field="crs") from error
    base = projected.geodetic_crs
    datum = base.datum.name if base is not None and base.datum is not None else ""
    if base is None or not datum.startswith(_MODERN_DATUMS):
        old = any(name in datum for name in _OLD_CHINESE_DATUMS)
        reason_zh = "需要当地转换参数,不能直接换算" if old else "没有与 CGCS2000 的可靠换算关系"
        reason_en = "needs local parameters" if old else "has no dependable relation to CGCS2000"
        raise CrsUnknown(
            Text(
                f"{crs.code} 的基准 {datum or '未知'} {reason_zh};请先转换为 CGCS2000(EPSG:4490)",
                f"the datum of {crs.code}, {datum or 'unknown'}, {reason_en}; convert to CGCS2000 (EPSG:4490) first",
            ),
            field="crs",
        )
    if projected.is_geographic:
        return None
    if not projected.is_projected:
        raise CrsUnknown(
            Text(
                f"{crs.code} 不是平面或经纬度坐标系;请用 EPSG:4490 等",
                f"{crs.code} is neither a plane nor longitude and latitude; use EPSG:4490 or the like",
            ),
            field="crs",
        )
    use = projected.area_of_use
    area = None if use is None else (use.west, use.south, use.east, use.north)
    return _Plane(pyproj.Transformer.from_crs(projected, base, always_xy=True), area)


CRS84 = Crs("CRS84")
"""WGS 84 longitude, latitude: what GeoJSON carries; equal to CGCS2000 within centimetres."""
