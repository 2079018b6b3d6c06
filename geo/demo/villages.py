"""Villages: where people live in the demo city. No layer of its own; hazards threaten them and shelters serve them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from geo.demo.figures import SHELTERS, stream
from geo.demo.ground import KM_LAT, KM_LON, Ground, Places, city_ground, thin
from geo.demo.names import NameBook
from geo.demo.terrain import Grid

__all__ = ["Villages", "city_villages", "habitation"]

_LEAST_PER_TOWNSHIP = 5
_APART_KM = 0.8


@dataclass(frozen=True)
class Villages:
    """Where the villages are, what they are called (某某村, 某某社区), how many people live there, km to their town."""

    places: Places
    names: tuple[str, ...]
    people: npt.NDArray[np.int64]
    town_km: Grid


def _weight(ground: Ground) -> Grid:
    """People settle where it is low, gentle and near water, and around towns."""
    terrain = ground.terrain
    lon, lat = np.meshgrid(terrain.lon, terrain.lat)
    town_km = np.full(lon.shape, np.inf)
    for each in ground.townships:
        km = np.hypot((lon - each.centre[0]) * KM_LON, (lat - each.centre[1]) * KM_LAT)
        town_km = np.minimum(town_km, km)
    gentle = np.exp(-terrain.relief_m / 45.0) * np.exp(-np.maximum(terrain.elevation_m - 180.0, 0) / 260.0)
    watered = 0.35 + np.exp(-ground.stream_km / 2.0) + 0.8 * np.exp(-terrain.river_km / 6.0)
    return np.asarray((0.004 + gentle * watered) * (1 + 5 * np.exp(-((town_km / 2.0) ** 2))))


def _wanted(ground: Ground, candidates: Places) -> dict[int, int]:
    """How many villages each township gets: as its candidates say, none fewer than five, all of them 3,946."""
    counts = np.bincount(candidates.township, minlength=len(ground.townships)).astype(float)
    damped = counts**0.7
    free = SHELTERS - _LEAST_PER_TOWNSHIP * len(damped)
    exact = damped / damped.sum() * free
    extra = np.floor(exact).astype(int)
    extra[np.argsort(extra - exact, kind="stable")[: free - int(extra.sum())]] += 1
    return {number: _LEAST_PER_TOWNSHIP + int(each) for number, each in enumerate(extra)}


@cache
def city_villages() -> Villages:
    """The villages of the demo city; made once in a process."""
    rng, ground = stream("villages"), city_ground()
    weight = _weight(ground)
    dense = ground.scatter(rng, weight, 24_000)
    even = ground.scatter(rng, np.sqrt(weight), 16_000)
    candidates = dense.plus(even)
    places = thin(candidates, _wanted(ground, dense), _APART_KM)
    centres = np.array([each.centre for each in ground.townships])[places.township]
    town_km = np.hypot((places.lon - centres[:, 0]) * KM_LON, (places.lat - centres[:, 1]) * KM_LAT)
    people = np.exp(rng.normal(7.2, 0.45, len(places)) + 0.6 * np.exp(-town_km / 2.0)).astype(np.int64)
    names = NameBook(rng).take(len(places))
    full = tuple(name + ("社区" if km < 1.2 else "村") for name, km in zip(names, town_km.tolist(), strict=True))
    return Villages(places, full, people, town_km)


def habitation(ground: Ground, villages: Villages) -> Grid:
    """How inhabited each cell and its surroundings are: villages within about 3 km, the near ones count more."""
    counts = np.zeros(ground.terrain.elevation_m.shape)
    np.add.at(counts, ground.terrain.cell_of(villages.places.lon, villages.places.lat), 1.0)
    for _ in range(3):
        padded = np.pad(counts, 1, mode="edge")
        counts = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).mean(axis=(2, 3))
    return np.asarray(counts)
