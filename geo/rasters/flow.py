"""The way of the water: down the steepest slope of an elevation grid, over the lowest sill where it would stand.

D8 (O'Callaghan and Mark 1984): from a cell to the neighbour of eight to which the ground falls most steeply. Hollows
are filled by priority flood (Barnes, Lehman and Mulla 2014), which also says which way a flat drains.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import Geod
from rasterio.enums import Resampling
from rasterio.windows import Window

from geo.rasters.entries import RasterEntry, RasterKind
from geo.rasters.grids import Grid, Grids

__all__ = ["FlowPath", "flow_path"]

FloatArray = npt.NDArray[np.float64]
Cell = tuple[int, int]

_GRS80 = Geod(ellps="GRS80")
_MOST_CELLS = 400
"""Cells of a window's edge; a finer grid is averaged to them."""
_AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


@dataclass(frozen=True, slots=True)
class FlowPath:
    """Longitudes and latitudes (n × 2) from the start downstream, and by which grid."""

    places: FloatArray
    grid: str
    whole: bool
    """False: it ends before its length, where the grid ends or is unknown."""

    @property
    def length_m(self) -> float:
        """Metres along the path."""
        return float(_GRS80.line_length(self.places[:, 0], self.places[:, 1]))


@dataclass(frozen=True, slots=True)
class _Ground:
    """A window of heights with the way from its cells to degrees."""

    z: FloatArray
    lons: FloatArray
    lats: FloatArray
    cell_m: tuple[float, float]
    """Height and width of a cell."""


def flow_path(grids: Grids, entries: Iterable[RasterEntry], lon: float, lat: float, length_m: float) -> FlowPath | None:
    """The way of the water from a place (CGCS2000 degrees), ``length_m`` long; None where no grid knows its height.

    Blocking: call it in a thread.
    """
    for grid in grids.of(entries, RasterKind.ELEVATION):
        ground = _read(grid, lon, lat, 1.5 * length_m)
        if ground is None:
            continue
        start = _nearest_cell(ground, lon, lat)
        if np.isnan(ground.z[start]):
            continue
        places, whole = _trace(ground, start, length_m)
        return FlowPath(places, grid.entry.name, whole)
    return None


def _read(grid: Grid, lon: float, lat: float, reach_m: float) -> _Ground | None:
    """The heights within ``reach_m`` of a place, NaN where unknown; None where the grid does not lie there."""
    if not (grid.entry.west <= lon <= grid.entry.east and grid.entry.south <= lat <= grid.entry.north):
        return None
    around = _GRS80.fwd([lon] * 4, [lat] * 4, [0, 90, 180, 270], [reach_m] * 4)
    own = grid.to_own(np.column_stack(around[:2]))
    with grid.reading() as dataset:
        window = _window(dataset, own)
        if window is None:
            return None
        step = max(1, math.ceil(max(window.width, window.height) / _MOST_CELLS))
        shape = max(1, window.height // step), max(1, window.width // step)
        band = dataset.read(1, window=window, out_shape=shape, masked=True, resampling=Resampling.average)
        transform = dataset.transform
        z = band.astype(float).filled(np.nan)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    x = transform.c + transform.a * (window.col_off + (columns + 0.5) * window.width / shape[1])
    y = transform.f + transform.e * (window.row_off + (rows + 0.5) * window.height / shape[0])
    degrees = grid.from_own(np.column_stack((x.ravel(), y.ravel())))
    lons, lats = degrees[:, 0].reshape(shape), degrees[:, 1].reshape(shape)
    return _Ground(z, lons, lats, _cell_m(lons, lats))


def _window(dataset: rasterio.DatasetReader, own: FloatArray) -> Window | None:
    inverse = ~dataset.transform
    columns, rows = inverse.a * own[:, 0] + inverse.c, inverse.e * own[:, 1] + inverse.f
    left, right = max(0, math.floor(columns.min())), min(dataset.width, math.ceil(columns.max()))
    top, bottom = max(0, math.floor(rows.min())), min(dataset.height, math.ceil(rows.max()))
    return Window(left, top, right - left, bottom - top) if right - left > 2 and bottom - top > 2 else None


def _cell_m(lons: FloatArray, lats: FloatArray) -> tuple[float, float]:
    row, column = lons.shape[0] // 2, lons.shape[1] // 2
    here = float(lons[row, column]), float(lats[row, column])
    _, _, height_m = _GRS80.inv(*here, float(lons[row - 1, column]), float(lats[row - 1, column]))
    _, _, width_m = _GRS80.inv(*here, float(lons[row, column - 1]), float(lats[row, column - 1]))
    return float(height_m), float(width_m)


def _nearest_cell(ground: _Ground, lon: float, lat: float) -> Cell:
    off = np.hypot((ground.lons - lon) * math.cos(math.radians(lat)), ground.lats - lat)
    row, column = np.unravel_index(int(np.argmin(off)), off.shape)
    return int(row), int(column)


def _filled(z: FloatArray) -> tuple[FloatArray, dict[Cell, Cell]]:
    """The ground with its hollows filled, and for each cell the one that it was flooded from: the way out of a flat."""
    rows, columns = z.shape
    filled, parents = z.copy(), {}
    seen = np.isnan(z)
    edge = np.zeros(z.shape, dtype=bool)
    edge[[0, -1], :] = edge[:, [0, -1]] = True
    # What lies beside the unknown may drain into it.
    for row, column in np.argwhere(seen).tolist():
        edge[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = True
    open_ = [(float(z[row, column]), row, column) for row, column in np.argwhere(edge & ~seen).tolist()]
    for _, row, column in open_:
        seen[row, column] = True
    heapq.heapify(open_)
    while open_:
        level, row, column = heapq.heappop(open_)
        for down, right in _AROUND:
            y, x = row + down, column + right
            if 0 <= y < rows and 0 <= x < columns and not seen[y, x]:
                seen[y, x] = True
                filled[y, x] = max(filled[y, x], level)
                parents[y, x] = (row, column)
                heapq.heappush(open_, (float(filled[y, x]), y, x))
    return filled, parents


def _steepest(filled: FloatArray, cell: Cell, cell_m: tuple[float, float]) -> Cell | None:
    """The neighbour to which the ground falls most steeply; None on a flat and in a corner of the window."""
    best, fall = None, 0.0
    for down, right in _AROUND:
        y, x = cell[0] + down, cell[1] + right
        if 0 <= y < filled.shape[0] and 0 <= x < filled.shape[1]:
            drop = (filled[cell] - filled[y, x]) / math.hypot(down * cell_m[0], right * cell_m[1])
            if drop > fall:
                best, fall = (y, x), float(drop)
    return best


def _trace(ground: _Ground, start: Cell, length_m: float) -> tuple[FloatArray, bool]:
    """Places from ``start`` down; whether it is as long as asked. Levels never rise, so no cell comes twice."""
    filled, parents = _filled(ground.z)
    cell, gone_m = start, 0.0
    places = [(float(ground.lons[start]), float(ground.lats[start]))]
    while gone_m < length_m:
        following = _steepest(filled, cell, ground.cell_m) or parents.get(cell)
        if following is None:
            break
        here = float(ground.lons[following]), float(ground.lats[following])
        gone_m += float(_GRS80.inv(*places[-1], *here)[2])
        cell = following
        places.append(here)
    return np.array(places), gone_m >= length_m
