"""水库 of the demo: on water courses whose catchment fits the size, with the row of levels in its right order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.demo.figures import RESERVOIRS_BY_SCALE, stream
from geo.demo.ground import KM_LAT, KM_LON, Ground, Places, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.terrain import CELL_DEG, CELL_KM2

__all__ = ["reservoir_rows"]

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Size:
    """Ranges of one scale: storage (m³, the bounds of SL 252), dam height and length (m), catchment (km²), spacing."""

    storage_m3: tuple[float, float]
    height_m: tuple[float, float]
    length_m: tuple[float, float]
    catchment_km2: tuple[float, float]
    apart_km: float
    relief_m: float
    """Least height range around the site: a dam needs a gorge."""


_SIZES = {
    "large_1": _Size((1.0e9, 1.3e9), (105, 125), (380, 520), (1200, 6000), 30, 50),
    "large_2": _Size((1.0e8, 7e8), (45, 92), (200, 480), (250, 2500), 22, 45),
    "medium": _Size((1.0e7, 9e7), (26, 62), (120, 380), (40, 400), 7, 35),
    "small_1": _Size((1.0e6, 8e6), (16, 40), (70, 260), (6, 40), 2.4, 25),
    "small_2": _Size((1.0e5, 9e5), (8, 26), (40, 180), (1, 8), 1.2, 25),
}
_GRADES: tuple[str | None, ...] = ("red", "orange", "yellow", "blue", None)
_GRADE_SHARES = (0.02, 0.08, 0.27, 0.56, 0.07)
_SAFETY = {"red": "三类坝", "orange": "二类坝", "yellow": "二类坝", "blue": "一类坝", None: "未鉴定"}


def _candidates(ground: Ground, size: _Size, rng: np.random.Generator) -> Places:
    """Places on cells whose catchment fits, in random order, hilly ones only."""
    terrain = ground.terrain
    area = terrain.drainage.upstream_cells * CELL_KM2
    fits = (area >= size.catchment_km2[0]) & (area < size.catchment_km2[1]) & ground.inside
    fits &= terrain.relief_m > size.relief_m
    row, column = np.nonzero(fits)
    order = rng.permutation(len(row))
    aside = rng.uniform(-0.4, 0.4, (2, len(row))) * CELL_DEG
    lon = np.round(terrain.lon[column[order]] + aside[0], 6)
    lat = np.round(terrain.lat[row[order]] + aside[1], 6)
    township = ground.locate(lon, lat)
    inside = np.flatnonzero(township >= 0)
    return Places(lon[inside], lat[inside], township[inside])


def _dams(ground: Ground, rng: np.random.Generator) -> tuple[Places, list[str]]:
    """Sites of all dams, the largest first, each apart from those before it."""
    x: list[float] = []
    y: list[float] = []
    scales: list[str] = []
    chosen: list[tuple[float, float, int]] = []
    for scale, count in RESERVOIRS_BY_SCALE.items():
        places, found = _candidates(ground, _SIZES[scale], rng), 0
        apart_km = _SIZES[scale].apart_km
        for lon, lat, township in zip(*(getattr(places, f).tolist() for f in ("lon", "lat", "township")), strict=True):
            if found == count:
                break
            km = np.hypot(np.array(x) - lon * KM_LON, np.array(y) - lat * KM_LAT)
            if km.size and km.min() < apart_km:
                continue
            x.append(lon * KM_LON)
            y.append(lat * KM_LAT)
            chosen.append((lon, lat, township))
            scales.append(scale)
            found += 1
        if found < count:
            raise RuntimeError(f"only {found} of {count} sites for {scale}")
    lon_, lat_, township_ = (np.array(each) for each in zip(*chosen, strict=True))
    return Places(lon_, lat_, township_), scales


def _between(rng: np.random.Generator, bounds: Numbers) -> Numbers:
    """Log-uniform values within each row of bounds."""
    return np.asarray(np.exp(rng.uniform(np.log(bounds[:, 0]), np.log(bounds[:, 1]))))


def _levels(rng: np.random.Generator, foot_m: Numbers, height_m: Numbers) -> dict[str, Numbers]:
    """死水位 < 汛限水位 ≤ 正常蓄水位 < 设计洪水位 < 校核洪水位 < 坝顶高程, in metres."""
    size = len(foot_m)
    crest = foot_m + height_m
    check = crest - height_m * rng.uniform(0.04, 0.08, size)
    design = check - height_m * rng.uniform(0.02, 0.06, size)
    normal = design - height_m * rng.uniform(0.03, 0.08, size)
    lowered = np.where(rng.uniform(size=size) < 0.45, rng.uniform(0.02, 0.1, size), 0.0)
    dead = foot_m + height_m * rng.uniform(0.18, 0.42, size)
    found = {
        "dead_level_m": dead,
        "flood_limit_level_m": normal - height_m * lowered,
        "normal_level_m": normal,
        "design_flood_level_m": design,
        "check_flood_level_m": check,
        "dam_crest_m": crest,
    }
    return {name: np.round(values, 2) for name, values in found.items()}


def _rivers(ground: Ground, sites: Places) -> list[str]:
    terrain = ground.terrain
    which = terrain.river[terrain.cell_of(sites.lon, sites.lat)]
    on_it = terrain.at(terrain.river_km, sites.lon, sites.lat) < 1.5
    return [terrain.river_names[i] + ("" if near else "支流") for i, near in zip(which, on_it.tolist(), strict=True)]


def reservoir_rows() -> list[Row]:
    """About a thousand reservoirs of all five sizes, graded as their (invented) source says."""
    rng, ground = stream("reservoirs"), city_ground()
    sites, scales = _dams(ground, rng)
    size = len(sites)
    sizes = [_SIZES[scale] for scale in scales]
    height = np.round(_between(rng, np.array([each.height_m for each in sizes])), 1)
    levels = _levels(rng, np.round(ground.terrain.elevation_at(sites.lon, sites.lat), 1), height)
    unsurveyed = (np.array(scales) == "small_2") & (rng.uniform(size=size) < 0.05)
    levels = {name: np.where(unsurveyed, np.nan, values) for name, values in levels.items()}
    datum = rng.choice(3, size, p=(0.86, 0.11, 0.03))
    grades = [_GRADES[i] for i in rng.choice(5, size, p=_GRADE_SHARES)]
    return to_rows(
        {
            "source_id": [
                f"{ground.townships[t].county.code}-SK{i:04d}" for i, t in enumerate(sites.township.tolist(), 1)
            ],
            "name": [name + "水库" for name in NameBook(rng).take(size)],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "grade": grades,
            "scale": scales,
            "storage_m3": np.round(_between(rng, np.array([each.storage_m3 for each in sizes])), -3),
            "dam_height_m": height,
            "dam_length_m": np.round(_between(rng, np.array([each.length_m for each in sizes])), 0),
            **levels,
            "vertical_datum": [
                None if missing else ("yellow_sea_1985", "yellow_sea_1956", None)[i]
                for i, missing in zip(datum.tolist(), unsurveyed.tolist(), strict=True)
            ],
            "river": _rivers(ground, sites),
            "extra": [{"大坝安全类别": _SAFETY[grade]} for grade in grades],
        }
    )
