"""The demo's two grids: people and heights, about 250 m fine, made from its villages, towns and terrain.

Invented like the rest, and marked so: nobody may decide anything by them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.features
import shapely
from affine import Affine

from geo.demo.figures import CITY_PEOPLE, DATA_DATE, stream
from geo.demo.ground import Ground, city_ground
from geo.demo.terrain import CELL_DEG, Grid
from geo.demo.towns import seat_townships
from geo.demo.villages import city_villages
from geo.rasters import RasterEntry, RasterKind, add_raster

__all__ = ["elevation_grid", "load_demo_rasters", "population_grid"]

_FINER = 4
"""Cells of the grids in one of the terrain's, each way."""
_CELL_DEG = CELL_DEG / _FINER
_UNKNOWN = -99999.0
_SHARES = ((0.66, 1.6), (0.14, 2.2), (0.2, 5.0))
"""Of the people in villages, towns and county seats: their share, and how far they spread (cells, one sigma)."""

Band = npt.NDArray[np.float32]


def _origin(ground: Ground) -> tuple[float, float]:
    """The north-western corner of the terrain."""
    return float(ground.terrain.lon[0] - CELL_DEG / 2), float(ground.terrain.lat[0] + CELL_DEG / 2)


def _shape(ground: Ground) -> tuple[int, int]:
    return len(ground.terrain.lat) * _FINER, len(ground.terrain.lon) * _FINER


def _transform(ground: Ground) -> Affine:
    west, north = _origin(ground)
    return Affine(_CELL_DEG, 0.0, west, 0.0, -_CELL_DEG, north)


def _spread(counts: Grid, sigma: float) -> Grid:
    """``counts`` blurred by a Gaussian, row by row, then column by column; what spreads over the edge is lost."""
    reach = int(3 * sigma + 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padded = np.pad(counts, [(reach, reach) if axis == each else (0, 0) for each in (0, 1)])
        length = counts.shape[axis]
        counts = sum(
            weight * np.take(padded, np.arange(at, at + length), axis=axis) for at, weight in enumerate(kernel.tolist())
        )
    return counts


def _gathered(ground: Ground, places: Grid, weight: Grid) -> Grid:
    """The weights of places, each in its cell; they add up to 1."""
    west, north = _origin(ground)
    counts = np.zeros(_shape(ground))
    row = np.floor((north - places[:, 1]) / _CELL_DEG).astype(np.int64)
    column = np.floor((places[:, 0] - west) / _CELL_DEG).astype(np.int64)
    np.add.at(counts, (row, column), weight / weight.sum())
    return counts


def population_grid() -> Band:
    """People in each cell, nine million in all; unknown (nodata) outside the city, 0 where nobody lives in it."""
    ground, villages = city_ground(), city_villages()
    towns = np.array([each.centre for each in ground.townships])
    seats = towns[seat_townships(ground)]
    in_villages = np.column_stack((villages.places.lon, villages.places.lat))
    # The three urban districts come first, and hold more than a county's town.
    sizes = np.array([6.0, 2.0, 2.0] + [1.0] * (len(seats) - 3))
    weights = (villages.people.astype(float), np.ones(len(towns)), sizes)
    people = np.zeros(_shape(ground))
    for (share, sigma), places, weight in zip(_SHARES, (in_villages, towns, seats), weights, strict=True):
        people += share * _spread(_gathered(ground, places, weight), sigma)
    outline = shapely.union_all([each.geom for each in ground.townships])
    inside = rasterio.features.rasterize(
        [outline], out_shape=people.shape, transform=_transform(ground), dtype="uint8"
    ).astype(bool)
    people[people < 1e-9] = 0.0
    people *= CITY_PEOPLE / people[inside].sum()
    return np.where(inside, np.round(people, 3), _UNKNOWN).astype(np.float32)


def elevation_grid() -> Band:
    """Heights in metres: the terrain, smooth between its cells, with small hills where it is hilly."""
    ground = city_ground()
    terrain, (west, north), (rows, columns) = ground.terrain, _origin(ground), _shape(ground)
    lon = west + (np.arange(columns) + 0.5) * _CELL_DEG
    lat = north - (np.arange(rows) + 0.5) * _CELL_DEG
    everywhere = (each.ravel() for each in np.meshgrid(lon, lat))
    height = terrain.elevation_at(*everywhere).reshape(rows, columns)
    rough = _spread(stream("small hills").standard_normal((rows, columns)), 2.0)
    relief = np.repeat(np.repeat(terrain.relief_m, _FINER, axis=0), _FINER, axis=1)
    return np.round(np.maximum(height + 0.6 * np.minimum(relief, 120.0) * rough, 1.0), 1).astype(np.float32)


def load_demo_rasters(dsn: str, directory: Path) -> list[RasterEntry]:
    """Make both grids and register them, marked as demonstration data.

    Raises:
        FileUnwritable, DatabaseUnreachable: see ``add_raster``.
    """
    loaded = []
    bands = ((RasterKind.POPULATION, population_grid(), _UNKNOWN), (RasterKind.ELEVATION, elevation_grid(), None))
    with tempfile.TemporaryDirectory() as folder:
        for kind, band, nodata in bands:
            path = Path(folder) / f"demo-{kind.value}.tif"
            _write(path, band, nodata)
            loaded.append(add_raster(dsn, directory, path, kind, data_date=DATA_DATE, demo=True))
    return loaded


def _write(path: Path, band: Band, nodata: float | None) -> None:
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4490", "nodata": nodata}
    with rasterio.open(
        path,
        "w",
        **profile,
        height=band.shape[0],
        width=band.shape[1],
        transform=_transform(city_ground()),
    ) as dataset:
        dataset.write(band, 1)
