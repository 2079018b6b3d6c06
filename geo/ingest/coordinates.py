"""Points from columns: longitudes and latitudes of a declared CRS, as numbers or as text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Crs
from geo.ingest.geometry import Codes, Judged, unspoilt
from geo.ingest.values import is_missing, tidy

__all__ = ["read_points"]

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)
_MISSING, _UNREADABLE = math.nan, math.inf


def _number(cell: object) -> float:
    """The number in a cell; NaN when the cell is empty, infinite when it cannot be read."""
    if cell is None:
        return _MISSING
    if isinstance(cell, str):
        if _PLAIN.fullmatch(cell):
            return float(cell)
        text = tidy(cell).removesuffix("°")
        if is_missing(text):
            return _MISSING
        return float(text) if _PLAIN.fullmatch(text) else _UNREADABLE
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _MISSING if math.isnan(cell) else float(cell)
    return _UNREADABLE


def _problems(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], lon: npt.NDArray[np.float64]) -> Codes:
    """Why a pair is no place; what is named last counts."""
    problem: Codes = np.full(len(x), None, dtype=object)
    problem[np.isnan(lon)] = "coordinate-out-of-range"
    problem[np.isnan(lon) & (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)] = "coordinate-swapped"
    problem[(x == 0) & (y == 0)] = "coordinate-zero"
    problem[np.isinf(x) | np.isinf(y)] = "coordinate-unreadable"
    problem[np.isnan(x) | np.isnan(y)] = "coordinate-missing"
    return problem


def read_points(x_cells: Sequence[object], y_cells: Sequence[object], crs: Crs) -> Judged:
    """Points of two columns in ``crs`` (x east, y north), brought into EPSG:4490; else the reason, row by row."""
    x = np.fromiter((_number(cell) for cell in x_cells), np.float64, len(x_cells))
    y = np.fromiter((_number(cell) for cell in y_cells), np.float64, len(y_cells))
    lon, lat = crs.to_cgcs2000(x, y)
    problem = _problems(x, y, lon)
    good = unspoilt(problem)
    geometry = np.full(len(x), None, dtype=object)
    geometry[good] = shapely.points(lon[good], lat[good])
    return Judged(geometry, problem, np.zeros(len(x), dtype=bool))
