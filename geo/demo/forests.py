"""森林防火区 of the demo: wooded hills divided into compartments, each within one township."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.demo.figures import FOREST_ZONES, stream
from geo.demo.ground import KM_LAT, KM_LON, Ground, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.outlines import GRID_DEG
from geo.demo.shapes import multipolygon

__all__ = ["forest_rows"]

_TOWNSHIPS_WITH_FOREST = 109
"""Townships with a forest-fire team of their own (宜春's 2023 report); here, those with the hilliest land."""
_SPECIES = ("马尾松", "杉木", "湿地松", "毛竹", "木荷", "阔叶混交", "油茶")
_CLASSES: tuple[str | None, ...] = ("class_5", "class_4", "class_3", "class_2", "class_1", None)
_CLASS_SHARES = {True: (0.09, 0.27, 0.36, 0.18, 0.05, 0.05), False: (0.01, 0.1, 0.34, 0.34, 0.16, 0.05)}
_PROTECTION = ("国家级公益林", "省级公益林", "商品林")


@dataclass(frozen=True, slots=True)
class _Zone:
    township: int
    number: int
    """Of the compartment within its forest."""
    geom: shapely.MultiPolygon
    dry: bool
    """On a conifer-covered height, where fires start easily."""


def _heights(ground: Ground) -> npt.NDArray[np.int64]:
    """The hilliest cell of each township as an index into the flat grid; -1 for a township with no cell."""
    lon, lat = np.meshgrid(ground.terrain.lon, ground.terrain.lat)
    township = ground.locate(lon.ravel(), lat.ravel())
    score = (ground.terrain.elevation_m + 1.5 * ground.terrain.relief_m).ravel()
    best = np.full(len(ground.townships), -1)
    for cell in np.argsort(score, kind="stable"):
        if township[cell] >= 0:
            best[township[cell]] = cell
    return best


def _outline(rng: np.random.Generator, lon: float, lat: float, radius_km: float) -> shapely.Polygon:
    """A rounded, irregular outline around a height."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    waves, phases = rng.normal(0, 0.13, 5), rng.uniform(0, 2 * np.pi, 5)
    radius = radius_km * np.clip(1 + sum(waves[k] * np.sin((k + 2) * angle + phases[k]) for k in range(5)), 0.45, 1.8)
    return shapely.Polygon(
        np.column_stack((lon + radius * np.cos(angle) / KM_LON, lat + radius * np.sin(angle) / KM_LAT))
    )


def _compartments(rng: np.random.Generator, forest: shapely.Geometry, count: int) -> list[shapely.MultiPolygon]:
    """The forest divided into ``count`` parts that share their borders exactly."""
    west, south, east, north = shapely.bounds(forest).tolist()
    cloud = np.column_stack((rng.uniform(west, east, 1500), rng.uniform(south, north, 1500)))
    cloud = cloud[shapely.contains_xy(forest, cloud[:, 0], cloud[:, 1])]
    seeds = cloud[:count]
    for _ in range(4):
        nearest = np.argmin(((cloud[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2), axis=1)
        seeds = np.array([cloud[nearest == k].mean(axis=0) for k in range(count)])
    borders = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=forest, only_edges=True)
    lines = shapely.union_all([shapely.boundary(forest), shapely.intersection(borders, forest)], grid_size=GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    middle = shapely.get_coordinates(shapely.point_on_surface(faces))
    seed_of = np.argmin(((middle[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2), axis=1)
    inside = shapely.contains_xy(forest, middle[:, 0], middle[:, 1])
    return [multipolygon(shapely.coverage_union_all(faces[(seed_of == k) & inside])) for k in range(count)]


def _zones(ground: Ground, rng: np.random.Generator) -> list[_Zone]:
    heights = _heights(ground)
    elevation, relief = ground.terrain.elevation_m.ravel(), ground.terrain.relief_m.ravel()
    score = np.where(heights >= 0, elevation[heights] + relief[heights], -np.inf)
    hilliest = np.sort(np.argsort(-score, kind="stable")[:_TOWNSHIPS_WITH_FOREST])
    counts = np.full(len(hilliest), FOREST_ZONES // len(hilliest))
    counts[: FOREST_ZONES - int(counts.sum())] += 1
    counts = rng.permutation(counts)
    zones = []
    for township, count in zip(hilliest.tolist(), counts.tolist(), strict=True):
        row, column = divmod(int(heights[township]), len(ground.terrain.lon))
        blob = _outline(rng, ground.terrain.lon[column], ground.terrain.lat[row], rng.uniform(2.6, 4.6))
        # A hand's breadth inside the border, so that rounding to the grid cannot carry a vertex across it.
        own = shapely.buffer(ground.townships[township].geom, -2e-5)
        parts = shapely.get_parts(shapely.intersection(blob, own))
        forest = max(parts, key=lambda part: float(part.area))
        dry = bool(elevation[heights[township]] > 520)
        zones += [_Zone(township, k, geom, dry) for k, geom in enumerate(_compartments(rng, forest, count), 1)]
    return zones


def forest_rows() -> list[Row]:
    """486 compartments in 109 forests; the layer's rule grades them by their fire class."""
    rng, ground = stream("forest_zones"), city_ground()
    zones = _zones(ground, rng)
    size = len(zones)
    township = np.array([zone.township for zone in zones])
    book = NameBook(rng)
    farm = dict(zip(dict.fromkeys(township.tolist()), book.take(_TOWNSHIPS_WITH_FOREST), strict=True))
    danger = [_CLASSES[int(rng.choice(6, p=_CLASS_SHARES[zone.dry]))] for zone in zones]
    area_m2 = shapely.area([zone.geom for zone in zones]) * KM_LON * KM_LAT * 1e6
    species = [_SPECIES[i] for i in rng.choice(7, size, p=(0.3, 0.27, 0.1, 0.12, 0.05, 0.12, 0.04))]
    return to_rows(
        {
            "source_id": [f"{ground.townships[z.township].code}-LB{z.number:02d}" for z in zones],
            "name": [f"{farm[z.township]}林场第{z.number}林班" for z in zones],
            "geom": [zone.geom for zone in zones],
            "division_code": ground.codes(township),
            "address": [ground.address(t, f"{farm[t]}林场") for t in township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "fire_danger": danger,
            "compartment": [f"{zone.number:03d}" for zone in zones],
            "dominant_species": species,
            "origin": [("人工", "天然")[i] for i in rng.choice(2, size, p=(0.6, 0.4))],
            "protection_class": [_PROTECTION[i] for i in rng.choice(3, size, p=(0.25, 0.3, 0.45))],
            "canopy_density": np.round(rng.uniform(0.4, 0.9, size), 2),
            "recorded_area_m2": np.round(area_m2, -3),
        }
    )
