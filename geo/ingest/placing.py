"""Where a pair of numbers can be: the declared CRS first, then what the magnitudes allow, then the named area."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj

from geo.crs import CRS84, Crs
from geo.ingest.geometry import Codes
from geo.ingest.named import Area, NamedAreas
from geo.ingest.notation import Written
from geo.ingest.projected import CENTRAL_MERIDIANS, Metres, central_meridian, projected_code, read_metres
from geo.ingest.staged import Candidate

__all__ = ["Habits", "Placing", "is_chinese", "sexagesimal", "unpacked"]

_WEST, _EAST, _SOUTH, _NORTH = 73.0, 136.0, 3.0, 54.0
_FAR_WEST_SOUTH, _FAR_WEST_NORTH = 27.0, 50.0
"""Latitudes of China west of 90°E: as longitudes, with a latitude of 73° and more, they are in the Barents Sea."""
_OBFUSCATED = ("GCJ02", "BD09")
_COARSE = 2
_SAME_PLACE_DEG = 1e-7


@dataclass(frozen=True, slots=True)
class Habits:
    """What a whole file does with its coordinates.

    ``either_order``: the columns are X and Y, or one column of pairs, so that neither order is a mistake.
    ``dms``: declared: bare numbers are degrees, minutes and seconds (115.56.38.4, 1155638.4, 115.5638).
    ``packed``: every large number of the columns has minutes and seconds below 60, in enough rows to be no chance.
    ``sexagesimal``: the same of every decimal's fraction: 115.5638 may be 115°56′38″.
    """

    either_order: bool = False
    dms: bool = False
    packed: bool = False
    sexagesimal: bool = False


def is_chinese(lon: float, lat: float) -> bool:
    """Whether a place lies in the box around China."""
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


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


@lru_cache(maxsize=64)
def _is_geographic(crs: Crs) -> bool:
    return crs.code in (CRS84.code, *_OBFUSCATED) or bool(pyproj.CRS.from_user_input(crs.wkt or crs.code).is_geographic)


class Placing:
    """Places the rows of one batch: ``lon`` and ``lat`` (NaN where there is no place), or a ``problem``."""

    def __init__(
        self,
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        odd: Mapping[int, tuple[Written, Written]],
        crs: Crs,
        habits: Habits,
    ) -> None:
        self._x, self._y, self._odd, self._crs, self._habits = x, y, odd, crs, habits
        self._geographic = _is_geographic(crs)
        self._degrees_crs = crs if self._geographic else CRS84
        self.lon = np.full(len(x), np.nan)
        self.lat = np.full(len(x), np.nan)
        self.problem: Codes = np.full(len(x), None, dtype=object)
        self.flags: dict[int, tuple[str, ...]] = {}
        self.candidates: dict[int, tuple[Candidate, ...]] = {}
        self._why: dict[int, str] = {}
        self._methods: dict[int, tuple[str, str]] = {}

    def place(self) -> None:
        """Read every row as what its numbers can be; what can be several places is left to ``settle``."""
        self._mark_unusable()
        self._name_axes()
        self._read_dms_habit()
        if self._geographic:
            self._place_degrees(self._open(), declared=True)
            if self._crs.code not in _OBFUSCATED:
                self._place_metres(self._open(), None)
        else:
            self._place_projected()
        self._place_packed(self._open())
        self.problem[self._open()] = "coordinate-out-of-range"
        self._mark_coarse()

    # What is no pair of numbers at all.

    def _mark_unusable(self) -> None:
        x, y = self._x, self._y
        missing, unreadable = np.isnan(x) | np.isnan(y), np.isinf(x) | np.isinf(y)
        self.problem[(x == 0) | (y == 0)] = "coordinate-zero"
        self.problem[missing] = "coordinate-missing"
        self.problem[unreadable] = "coordinate-unreadable"
        for at, written in self._odd.items():
            if self.problem[at] is None and any(each.method == "dotted" for each in written) and not self._habits.dms:
                self._doubt(at, "coordinate-ambiguous", [(self._x[at], self._y[at], "dotted", self._degrees_crs)])

    def _open(self) -> npt.NDArray[np.bool_]:
        settled = np.fromiter((code is not None for code in self.problem), np.bool_, len(self.problem))
        if self.candidates:
            settled[list(self.candidates)] = True
        free: npt.NDArray[np.bool_] = np.isnan(self.lon) & ~settled
        return free

    def _name_axes(self) -> None:
        """Exchange pairs whose texts say that they stand in the other order (N… in the column of longitudes)."""
        for at, (first, second) in self._odd.items():
            if self.problem[at] is None and (first.axis == "N" or second.axis == "E") and first.axis != second.axis:
                self._x[at], self._y[at] = self._y[at], self._x[at]
                self._exchange(at)

    def _exchange(self, at: int) -> None:
        if not self._habits.either_order:
            self._flag(at, "coordinate-exchanged")

    def _read_dms_habit(self) -> None:
        """Where bare numbers are declared to be degrees, minutes and seconds, read them so."""
        if not self._habits.dms:
            return
        for at in np.flatnonzero(self._open()):
            written = self._odd.get(int(at))
            pair = []
            for i, value in enumerate((self._x[at], self._y[at])):
                bare = written is None or written[i].method == "decimal"
                reading = sexagesimal(value) if abs(value) <= 180 else unpacked(value)
                pair.append((reading if reading is not None else math.inf) if bare else value)
            if all(map(math.isfinite, pair)):
                self._x[at], self._y[at] = pair
                self._methods[int(at)] = ("dms-declared", self._degrees_crs.code)
            else:
                self.problem[at] = "coordinate-unreadable"

    # Degrees.

    def _place_degrees(self, rows: npt.NDArray[np.bool_], declared: bool) -> None:
        x, y = self._x, self._y
        fits = rows & (np.abs(x) <= 180) & (np.abs(y) <= 90)
        exchanged = rows & ~fits & (np.abs(x) <= 90) & (np.abs(y) <= 180)
        suspect = fits & (y >= _WEST) & (x >= _FAR_WEST_SOUTH) & (x <= _FAR_WEST_NORTH)
        for at in np.flatnonzero(suspect).tolist():
            if self._habits.either_order:
                exchanged[at], fits[at] = True, False
            else:
                pairs = [(x[at], y[at], "degrees", self._degrees_crs), (y[at], x[at], "exchanged", self._degrees_crs)]
                self._doubt(at, "coordinate-exchanged", pairs)
                fits[at] = False
        if self._habits.sexagesimal:
            self._doubt_decimals(fits)
        self._put(fits, x, y)
        self._put(exchanged, y, x)
        for at in np.flatnonzero(exchanged).tolist():
            self._exchange(at)
            self._methods[at] = ("exchanged", self._degrees_crs.code)
        if not declared:
            for at in np.flatnonzero(fits | exchanged).tolist():
                self._flag(at, "coordinate-crs-inferred")
                self._methods[at] = ("degrees", self._degrees_crs.code)

    def _doubt_decimals(self, rows: npt.NDArray[np.bool_]) -> None:
        """A file whose every decimal could be ddd.mmss: each row is either, until its county says."""
        for at in np.flatnonzero(rows).tolist():
            if at in self._odd or at in self._methods:
                continue
            other = sexagesimal(self._x[at]), sexagesimal(self._y[at])
            if other[0] is not None and other[1] is not None:
                pairs = [
                    (self._x[at], self._y[at], "degrees", self._degrees_crs),
                    (other[0], other[1], "ddd.mmss", self._degrees_crs),
                ]
                self._doubt(at, "coordinate-notation-inferred", pairs)
                rows[at] = False

    def _put(self, rows: npt.NDArray[np.bool_], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
        if rows.any():
            self.lon[rows], self.lat[rows] = self._degrees_crs.to_cgcs2000(x[rows], y[rows])

    # Metres.

    def _place_projected(self) -> None:
        meridian = central_meridian(self._crs)
        small = (np.abs(self._x) <= 180) & (np.abs(self._y) <= 180)  # metres from the origin of a projection: degrees
        self._place_degrees(self._open() & small, declared=False)
        if meridian is not None:
            self._place_metres(self._open(), meridian[0])
            return
        rows = self._open()
        self.lon[rows], self.lat[rows] = self._crs.to_cgcs2000(self._x[rows], self._y[rows])

    def _place_metres(self, rows: npt.NDArray[np.bool_], declared: float | None) -> None:
        """Gauss-Krüger metres; ``declared`` is the central meridian that the file declares, if it does."""
        at = np.flatnonzero(rows)
        if not len(at):
            return
        metres = read_metres(self._x[at], self._y[at])
        for i, row in enumerate(at.tolist()):
            if not metres.fits[i]:
                continue
            meridian = float(metres.meridian[i])
            if math.isnan(meridian):
                if declared is None:
                    self._doubt_zones(row, metres, i)
                    continue
                meridian = declared
            elif meridian != declared:
                self._flag(row, "coordinate-crs-inferred")
            self.lon[row] = meridian + metres.from_meridian[i]
            self.lat[row] = metres.lat[i]
            self._methods[row] = (_order(metres, i), projected_code(int(metres.zone[i]), meridian))

    def _doubt_zones(self, at: int, metres: Metres, i: int) -> None:
        lat, method = float(metres.lat[i]), _order(metres, i)
        places = [
            Candidate(each + float(metres.from_meridian[i]), lat, method, projected_code(0, each))
            for each in CENTRAL_MERIDIANS
        ]
        self._why[at] = "coordinate-zone-inferred"
        self.candidates[at] = tuple(each for each in places if _WEST <= each.lon <= _EAST)

    # Packed degrees, minutes, seconds.

    def _place_packed(self, rows: npt.NDArray[np.bool_]) -> None:
        for at in np.flatnonzero(rows).tolist():
            found = _packed_pair(self._x[at], self._y[at]) or _packed_pair(self._y[at], self._x[at])
            if found is None:
                continue
            if self._habits.packed:
                lon, lat = self._degrees_crs.to_cgcs2000(np.array([found[0]]), np.array([found[1]]))
                self.lon[at], self.lat[at] = lon[0], lat[0]
                self._methods[at] = ("packed", self._degrees_crs.code)
                self._flag(at, "coordinate-notation-inferred")
            else:
                self._doubt(at, "coordinate-notation-inferred", [(*found, "packed", self._degrees_crs)])

    # Doubts, and how they are settled.

    def _doubt(self, at: int, why: str, pairs: Iterable[tuple[float, float, str, Crs]]) -> None:
        """Several places are possible; ``why`` is the flag of the row when the area that it names decides."""
        found = []
        for x, y, method, crs in pairs:
            lon, lat = crs.to_cgcs2000(np.array([x]), np.array([y]))
            if not math.isnan(lon[0]):
                found.append(Candidate(float(lon[0]), float(lat[0]), method, crs.code))
        self._why[at], self.candidates[at] = why, tuple(found)

    def settle(self, areas: Sequence[Area | None], known: NamedAreas | None) -> None:
        """Decide doubts by the areas that the rows name, and flag places outside them."""
        for at in list(self.candidates):
            self._settle_doubt(at, areas[at] if at < len(areas) else None, known)
        rows_of: dict[Area, list[int]] = defaultdict(list)
        for at, area in enumerate(areas):
            if area is not None and self.problem[at] is None and at not in self._why:
                rows_of[area].append(at)
        for area, rows in rows_of.items():
            inside = area.holds(self.lon[rows], self.lat[rows])
            for at in (row for row, good in zip(rows, inside.tolist(), strict=True) if not good):
                self._mend(at, area)

    def _settle_doubt(self, at: int, area: Area | None, known: NamedAreas | None) -> None:
        chosen = None
        if self._why[at] != "coordinate-ambiguous":  # dotted numbers are taken only when declared
            tried = area
            while tried is not None and chosen is None:
                chosen = _only(self.candidates[at], tried)
                tried = tried.outer
            everywhere = known.everywhere() if area is None and known else None
            if everywhere is not None and len(self.candidates[at]) > 1:
                chosen = _only(self.candidates[at], everywhere)
        if chosen is None:
            self.problem[at] = "coordinate-ambiguous"
            return
        del self.candidates[at]
        self._take(at, chosen, self._why[at])
        if area is not None and not area.holds(np.array([chosen.lon]), np.array([chosen.lat]))[0]:
            self._flag(at, "coordinate-outside-division")

    def _take(self, at: int, chosen: Candidate, why: str) -> None:
        self.lon[at], self.lat[at] = chosen.lon, chosen.lat
        if chosen.method != "degrees":  # as it stands, in the declared CRS: the area has confirmed it
            self._methods[at] = (chosen.method, chosen.crs)
            self._flag(at, why)

    def _mend(self, at: int, area: Area) -> None:
        """A place outside the area that its row names: another reading that lies inside, or a flag."""
        others = _only(self._alternatives(at), area)
        if others is None:
            self._flag(at, "coordinate-outside-division")
        else:
            self._take(at, others, "coordinate-exchanged" if others.method == "exchanged" else _INFERRED)

    def _alternatives(self, at: int) -> list[Candidate]:
        """Other places that the same numbers can be."""
        x, y, crs = float(self._x[at]), float(self._y[at]), self._degrees_crs
        pairs = [(y, x, "exchanged")] if abs(x) <= 90 and abs(y) <= 180 else []
        if at not in self._odd and at not in self._methods:
            lon, lat = sexagesimal(x), sexagesimal(y)
            if lon is not None and lat is not None:
                pairs.append((lon, lat, "ddd.mmss"))
        found = []
        for first, second, method in pairs:
            lons, lats = crs.to_cgcs2000(np.array([first]), np.array([second]))
            if not math.isnan(lons[0]):
                found.append(Candidate(float(lons[0]), float(lats[0]), method, crs.code))
        return found

    def _flag(self, at: int, code: str) -> None:
        if code not in self.flags.get(at, ()):
            self.flags[at] = (*self.flags.get(at, ()), code)

    def _mark_coarse(self) -> None:
        """Flag degrees that are written to two decimals or fewer: they may be a kilometre off."""
        with np.errstate(invalid="ignore"):
            coarse = (np.round(self._x, _COARSE) == self._x) & (np.round(self._y, _COARSE) == self._y)
            coarse &= (np.abs(self._x) <= 180) & (np.abs(self._y) <= 180) & np.isfinite(self.lon)
        for at in np.flatnonzero(coarse).tolist():
            if at not in self._odd:
                self._flag(at, "coordinate-coarse")

    def notes(self) -> dict[int, dict[str, object]]:
        """How the rows were read that are not plain degrees of the declared CRS: method and CRS."""
        told: dict[int, dict[str, object]] = {}
        if self._crs.code in _OBFUSCATED or not self._geographic:
            told = {at: {"method": "decimal", "crs": self._crs.code} for at in range(len(self._x))}
        for at, written in self._odd.items():
            told[at] = {"method": "+".join(sorted({each.method for each in written})), "crs": self._degrees_crs.code}
        for at, (method, code) in self._methods.items():
            notation = told.get(at, {}).get("method") if at in self._odd else None
            told[at] = {"method": f"{notation}, {method}" if notation else method, "crs": code}
        return told


_INFERRED = "coordinate-notation-inferred"


def _order(metres: Metres, i: int) -> str:
    order = "survey order" if metres.north_first[i] else "GIS order"
    return f"gauss-kruger, {order}, {f'zone {metres.zone[i]}' if metres.zone[i] else 'no zone'}"


def _packed_pair(lon_value: float, lat_value: float) -> tuple[float, float] | None:
    lon, lat = unpacked(lon_value), unpacked(lat_value)
    return (lon, lat) if lon is not None and lat is not None and is_chinese(lon, lat) else None


def _only(candidates: Sequence[Candidate], area: Area) -> Candidate | None:
    """The one candidate that lies in ``area``; None when none does or several places do."""
    if not candidates:
        return None
    lon = np.array([each.lon for each in candidates])
    lat = np.array([each.lat for each in candidates])
    found = [each for each, good in zip(candidates, area.holds(lon, lat).tolist(), strict=True) if good]
    if not found:
        return None
    first = found[0]
    same = all(
        abs(each.lon - first.lon) < _SAME_PLACE_DEG and abs(each.lat - first.lat) < _SAME_PLACE_DEG for each in found
    )
    return first if same else None
