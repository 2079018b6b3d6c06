"""How high a place lies and how steep it is, by the elevation grids; unknown where no grid says."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import Geod
from rasterio.windows import Window

from geo.rasters.entries import RasterEntry, RasterKind
from geo.rasters.grids import Grid, Grids

__all__ = ["elevation_at", "elevations_at", "slope_at"]

FloatArray = npt.NDArray[np.float64]

_TILE = 512
"""Cells are read by squares of this edge: a question of far-apart places reads only the squares that hold one."""

_GRS80 = Geod(ellps="GRS80")


def elevations_at(grids: Grids, entries: Iterable[RasterEntry], places: FloatArray) -> FloatArray:
    """Heights in metres at places (n × 2, CGCS2000 degrees), NaN where unknown; bilinear between cells' centres.

    A place whose four cells are not all known takes the height of its own cell. A place off the first grid is asked
    of the next. Blocking: call it in a thread.
    """
    found = np.full(len(places), np.nan)
    for grid in grids.of(entries, RasterKind.ELEVATION):
        open_ = np.flatnonzero(np.isnan(found))
        if len(open_):
            found[open_] = _heights(grid, places[open_])
    return found


def elevation_at(grids: Grids, entries: Iterable[RasterEntry], lon: float, lat: float) -> float | None:
    """The height at one place in metres, or None."""
    height = float(elevations_at(grids, entries, np.array([[lon, lat]]))[0])
    return None if np.isnan(height) else height


def slope_at(grids: Grids, entries: Iterable[RasterEntry], lon: float, lat: float) -> float | None:
    """The slope at a place in degrees by Horn's method on its cell and the eight around it; None where one is unknown.

    Horn (1981), "Hill shading and the reflectance map", Proceedings of the IEEE 69.
    """
    for grid in grids.of(entries, RasterKind.ELEVATION):
        own = grid.to_own(np.array([[lon, lat]]))[0]
        with grid.reading() as dataset:
            inverse = ~dataset.transform
            column = int(np.floor(inverse.a * own[0] + inverse.c))
            row = int(np.floor(inverse.e * own[1] + inverse.f))
            z = _read(dataset, row - 1, column - 1, 3, 3)
            a, e = dataset.transform.a, dataset.transform.e
        if not np.isnan(z).any():
            east_m, north_m = _cell_m(lon, lat, abs(a), abs(e)) if grid.is_geographic else (abs(a), abs(e))
            by_east = (z[0, 2] + 2 * z[1, 2] + z[2, 2] - z[0, 0] - 2 * z[1, 0] - z[2, 0]) / (8 * east_m)
            by_north = (z[2, 0] + 2 * z[2, 1] + z[2, 2] - z[0, 0] - 2 * z[0, 1] - z[0, 2]) / (8 * north_m)
            return float(np.degrees(np.arctan(np.hypot(by_east, by_north))))
    return None


def _cell_m(lon: float, lat: float, width_deg: float, height_deg: float) -> tuple[float, float]:
    """Width and height in metres of a cell at a place."""
    _, _, width_m = _GRS80.inv(lon, lat, lon + width_deg, lat)
    _, _, height_m = _GRS80.inv(lon, lat - height_deg / 2, lon, lat + height_deg / 2)
    return float(width_m), float(height_m)


def _read(dataset: rasterio.DatasetReader, row: int, column: int, rows: int, columns: int) -> FloatArray:
    """A window of the first band with NaN for what is unknown or off the grid."""
    found = np.full((rows, columns), np.nan)
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + rows, dataset.height), min(column + columns, dataset.width)
    if top < bottom and left < right:
        band = dataset.read(1, window=Window(left, top, right - left, bottom - top), masked=True)
        found[top - row : bottom - row, left - column : right - column] = band.astype(float).filled(np.nan)
    return found


def _heights(grid: Grid, places: FloatArray) -> FloatArray:
    own = grid.to_own(places)
    with grid.reading() as dataset:
        inverse = ~dataset.transform
        x = inverse.a * own[:, 0] + inverse.c - 0.5
        y = inverse.e * own[:, 1] + inverse.f - 0.5
        on_grid = (x >= -0.5) & (x <= dataset.width - 0.5) & (y >= -0.5) & (y <= dataset.height - 0.5)
        found = np.full(len(places), np.nan)
        squares = np.column_stack((np.floor(y / _TILE), np.floor(x / _TILE))).astype(np.int64)
        squares[~on_grid] = -9
        for top, left in np.unique(squares[on_grid], axis=0).tolist():
            here = np.flatnonzero((squares[:, 0] == top) & (squares[:, 1] == left))
            z = _read(dataset, top * _TILE - 1, left * _TILE - 1, _TILE + 3, _TILE + 3)
            found[here] = _bilinear(z, y[here] - top * _TILE + 1, x[here] - left * _TILE + 1)
    return found


def _bilinear(z: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    v, u = y - row, x - column
    upper = z[row, column] * (1 - u) + z[row, column + 1] * u
    lower = z[row + 1, column] * (1 - u) + z[row + 1, column + 1] * u
    blended = upper * (1 - v) + lower * v
    own_cell = z[np.floor(y + 0.5).astype(np.int64), np.floor(x + 0.5).astype(np.int64)]
    return np.where(np.isnan(blended), own_cell, blended)
