"""The ground that every generator stands on: townships with their index, terrain, and random places by weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import shapely

from geo.demo.figures import DATA_DATE
from geo.demo.terrain import CELL_DEG, Grid, Terrain, city_terrain
from geo.demo.townships import Township, city_townships

__all__ = ["KM_LAT", "KM_LON", "Ground", "Places", "Row", "city_ground", "nearest_within", "thin", "to_rows"]

KM_LON, KM_LAT = 100.2, 110.8
"""Kilometres in a degree at the city's latitude: to spread things, never to measure them."""

Row = dict[str, object]
"""One feature by column name, as ``geo.ingest.load_rows`` takes it."""

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """Places in the city: degrees, and for each the number of the township that it lies in."""

    lon: Grid
    lat: Grid
    township: Index

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, chosen: Index) -> Places:
        """These places in this order."""
        return Places(self.lon[chosen], self.lat[chosen], self.township[chosen])

    def plus(self, other: Places) -> Places:
        """These places, then the others."""
        return Places(
            np.concatenate((self.lon, other.lon)),
            np.concatenate((self.lat, other.lat)),
            np.concatenate((self.township, other.township)),
        )


@dataclass(frozen=True)
class Ground:
    """Townships, whose place in the tuple is their number; terrain; ``inside``, the cells whose centre is inside."""

    townships: tuple[Township, ...]
    terrain: Terrain
    tree: shapely.STRtree
    inside: npt.NDArray[np.bool_]
    stream_km: Grid
    """Distance to the nearest water course that drains at least 25 km²; 9 where there is none near."""

    def locate(self, lon: Grid, lat: Grid) -> Index:
        """The number of the township that each place lies in; -1 outside the city."""
        found = np.full(len(lon), -1, np.int64)
        place, township = self.tree.query(shapely.points(lon, lat), predicate="within")
        found[place] = township
        return found

    def scatter(self, rng: np.random.Generator, weight: Grid, count: int) -> Places:
        """``count`` random places in the city, as dense as ``weight`` (a terrain grid)."""
        likely = np.where(self.inside, weight, 0.0).ravel()
        cells = rng.choice(likely.size, int(count * 1.15) + 40, p=likely / likely.sum())
        row, column = np.divmod(cells, weight.shape[1])
        aside = rng.uniform(-0.5, 0.5, (2, len(cells))) * CELL_DEG
        lon = np.round(self.terrain.lon[column] + aside[0], 6)
        lat = np.round(self.terrain.lat[row] + aside[1], 6)
        township = self.locate(lon, lat)
        kept = np.flatnonzero(township >= 0)[:count]
        if len(kept) < count:
            raise RuntimeError(f"only {len(kept)} of {count} places fell into the city")
        return Places(lon[kept], lat[kept], township[kept])

    def near(self, rng: np.random.Generator, at: Places, spread_km: float) -> Places:
        """One random place near each of ``at``, in the same township; the place itself where none was found."""
        lon, lat = at.lon.copy(), at.lat.copy()
        open_ = np.arange(len(at))
        for _ in range(6):
            aside = rng.normal(0.0, spread_km, (2, len(open_)))
            new_lon = np.round(at.lon[open_] + aside[0] / KM_LON, 6)
            new_lat = np.round(at.lat[open_] + aside[1] / KM_LAT, 6)
            good = self.locate(new_lon, new_lat) == at.township[open_]
            lon[open_[good]], lat[open_[good]] = new_lon[good], new_lat[good]
            open_ = open_[~good]
        return Places(lon, lat, at.township)

    def county_name(self, township: int) -> str:
        """The county of a township."""
        return self.townships[township].county.name

    def address(self, township: int, rest: str = "") -> str:
        """County, township and ``rest``, as an address is written."""
        return f"{self.county_name(township)}{self.townships[township].name}{rest}"

    def codes(self, township: Index) -> list[str]:
        """The nine-digit codes of these townships."""
        return [self.townships[each].code for each in township]


def _stream_km(terrain: Terrain) -> Grid:
    streams = terrain.drainage.upstream_cells >= 23
    tree = shapely.STRtree(shapely.points(*(np.argwhere(streams).T.astype(float))))
    rows, columns = np.indices(streams.shape)
    cells = shapely.points(rows.ravel().astype(float), columns.ravel().astype(float))
    (asked, _), distance = tree.query_nearest(cells, max_distance=8.0, return_distance=True, all_matches=False)
    found = np.full(streams.size, 9.0)
    found[asked] = distance * 1.05
    return found.reshape(streams.shape)


@cache
def city_ground() -> Ground:
    """The demo city's ground; made once in a process."""
    terrain, townships = city_terrain(), city_townships()
    shapes = [each.geom for each in townships]
    shapely.prepare(shapes)
    lon, lat = np.meshgrid(terrain.lon, terrain.lat)
    tree = shapely.STRtree(shapes)
    inside = np.zeros(lon.shape, bool)
    cells = tree.query(shapely.points(lon.ravel(), lat.ravel()), predicate="within")[0]
    inside.ravel()[cells] = True
    return Ground(townships, terrain, tree, inside, _stream_km(terrain))


def thin(places: Places, wanted: Mapping[int, int], apart_km: float) -> Places:
    """From candidates, ``wanted[township]`` places for each township, kept apart where there are enough."""
    x, y = places.lon * KM_LON, places.lat * KM_LAT
    chosen: list[int] = []
    for township in sorted(wanted):
        here = np.flatnonzero(places.township == township)
        kept: list[int] = []
        late: list[int] = []
        for candidate in here.tolist():
            if len(kept) == wanted[township]:
                break
            close = kept and np.min((x[kept] - x[candidate]) ** 2 + (y[kept] - y[candidate]) ** 2) < apart_km**2
            (late if close else kept).append(candidate)
        kept += late[: wanted[township] - len(kept)]
        if len(kept) < wanted[township]:
            raise RuntimeError(f"township {township}: {len(kept)} candidates for {wanted[township]} places")
        chosen += kept
    return places.take(np.array(chosen, np.int64))


def nearest_within(asked: Places, among: Places) -> Index:
    """For each asked place the number of the nearest of ``among`` in the same township, which must have one."""
    found = np.full(len(asked), -1, np.int64)
    for township in np.unique(asked.township):
        here, there = np.flatnonzero(asked.township == township), np.flatnonzero(among.township == township)
        dx = (asked.lon[here, None] - among.lon[None, there]) * KM_LON
        dy = (asked.lat[here, None] - among.lat[None, there]) * KM_LAT
        found[here] = there[np.argmin(dx**2 + dy**2, axis=1)]
    return found


def to_rows(columns: Mapping[str, Sequence[object] | npt.NDArray[np.generic]]) -> list[Row]:
    """Rows from columns of one length, dated; numpy's scalars become Python's and NaN becomes None."""
    plain = {
        name: values.tolist() if isinstance(values, np.ndarray) else list(values) for name, values in columns.items()
    }
    for name, values in plain.items():
        plain[name] = [None if isinstance(value, float) and value != value else value for value in values]
    length = {len(values) for values in plain.values()}
    if len(length) != 1:
        raise ValueError(f"columns of different lengths: { {name: len(values) for name, values in plain.items()} }")
    return [dict(zip(plain, row, strict=True), data_date=DATA_DATE) for row in zip(*plain.values(), strict=True)]
