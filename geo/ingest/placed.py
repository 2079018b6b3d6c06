"""Rows with their places and doubts, and how the areas that they name settle the doubts."""

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
from geo.ingest.angles import sexagesimal
from geo.ingest.geometry import Codes
from geo.ingest.named import Area, NamedAreas
from geo.ingest.notation import Written
from geo.ingest.staged import Candidate

__all__ = ["OBFUSCATED", "Habits", "Placed"]

OBFUSCATED = ("GCJ02", "BD09")
_SAME_PLACE_DEG = 1e-7
_INFERRED = "coordinate-notation-inferred"


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


@lru_cache(maxsize=64)
def _is_geographic(crs: Crs) -> bool:
    return crs.code in (CRS84.code, *OBFUSCATED) or bool(pyproj.CRS.from_user_input(crs.wkt or crs.code).is_geographic)


class Placed:
    """The rows of one batch: ``lon`` and ``lat`` (NaN where there is no place), or a ``problem``."""

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

    def notes(self) -> dict[int, dict[str, object]]:
        """How the rows were read that are not plain degrees of the declared CRS: method and CRS."""
        told: dict[int, dict[str, object]] = {}
        if self._crs.code in OBFUSCATED or not self._geographic:
            told = {at: {"method": "decimal", "crs": self._crs.code} for at in range(len(self._x))}
        for at, written in self._odd.items():
            told[at] = {"method": "+".join(sorted({each.method for each in written})), "crs": self._degrees_crs.code}
        for at, (method, code) in self._methods.items():
            notation = told.get(at, {}).get("method") if at in self._odd else None
            told[at] = {"method": f"{notation}, {method}" if notation else method, "crs": code}
        return told


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
