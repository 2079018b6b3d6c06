"""Where a pair of numbers can be: the declared CRS first, then what the magnitudes allow, then the named area."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geo.ingest.angles import EAST, WEST, packed_pair, sexagesimal, unpacked
from geo.ingest.geometry import unspoilt
from geo.ingest.placed import OBFUSCATED, Habits, Placed
from geo.ingest.projected import CENTRAL_MERIDIANS, Metres, central_meridian, projected_code, read_metres
from geo.ingest.staged import Candidate

__all__ = ["Habits", "Placing"]

_FAR_WEST_SOUTH, _FAR_WEST_NORTH = 27.0, 50.0
"""Latitudes of China west of 90°E: as longitudes, with a latitude of 73° and more, they are in the Barents Sea."""
_COARSE = 2


class Placing(Placed):
    """Places the rows of one batch by what their numbers can be."""

    def place(self) -> None:
        """Read every row as what its numbers can be; what can be several places is left to ``settle``."""
        self._mark_unusable()
        self._name_axes()
        self._read_dms_habit()
        if self._geographic:
            self._place_degrees(self._open(), declared=True)
            if self._crs.code not in OBFUSCATED:
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
        settled = ~unspoilt(self.problem)
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
        suspect = fits & (y >= WEST) & (x >= _FAR_WEST_SOUTH) & (x <= _FAR_WEST_NORTH)
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
        self.candidates[at] = tuple(each for each in places if WEST <= each.lon <= EAST)

    # Packed degrees, minutes, seconds.

    def _place_packed(self, rows: npt.NDArray[np.bool_]) -> None:
        for at in np.flatnonzero(rows).tolist():
            found = packed_pair(self._x[at], self._y[at]) or packed_pair(self._y[at], self._x[at])
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

    def _mark_coarse(self) -> None:
        """Flag degrees that are written to two decimals or fewer: they may be a kilometre off."""
        with np.errstate(invalid="ignore", over="ignore"):  # a cell may hold 1e308, which no rounding survives
            coarse = (np.round(self._x, _COARSE) == self._x) & (np.round(self._y, _COARSE) == self._y)
            coarse &= (np.abs(self._x) <= 180) & (np.abs(self._y) <= 180) & np.isfinite(self.lon)
        for at in np.flatnonzero(coarse).tolist():
            if at not in self._odd:
                self._flag(at, "coordinate-coarse")


def _order(metres: Metres, i: int) -> str:
    order = "survey order" if metres.north_first[i] else "GIS order"
    return f"gauss-kruger, {order}, {f'zone {metres.zone[i]}' if metres.zone[i] else 'no zone'}"
