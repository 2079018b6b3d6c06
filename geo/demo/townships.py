"""Generated townships: a partition of each real county, so that every place lies in exactly one.

Seeds are spread evenly over the county (Lloyd's relaxation), their Voronoi borders are bent a little, and all
borders of the city are noded together on a 1 cm grid before the faces are built: neighbours share every vertex.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from geo.demo.figures import TOWNSHIPS, stream
from geo.demo.names import NameBook
from geo.demo.outlines import GRID_DEG, Outline, city_outlines
from geo.demo.seats import SEATS
from geo.demo.shapes import multipolygon
from geo.demo.terrain import Terrain, city_terrain

__all__ = ["Township", "city_townships", "county_shapes"]

Points = npt.NDArray[np.float64]

_LEAST_PER_COUNTY = 8
_RELAXATIONS = 12
_SUBDISTRICTS = {"360702": 5, "360703": 2, "360704": 1, "360781": 1, "360783": 1}
"""街道 of the urban districts and county-level cities; elsewhere the seat's township is a 镇."""
_TOWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Township:
    """One generated township. ``centre`` is its town: (lon, lat) of a low, flat place in it."""

    code: str
    name: str
    county: Outline
    centre: tuple[float, float]
    geom: shapely.MultiPolygon


def _counties() -> list[Outline]:
    return [each for each in city_outlines() if each.level == "county"]


def _shares(counties: list[Outline]) -> list[int]:
    """How many townships each county gets: by area, none fewer than eight (largest remainders)."""
    areas = np.array([shapely.area(each.geom) for each in counties])
    free = TOWNSHIPS - _LEAST_PER_COUNTY * len(counties)
    # A small county already has its eight; the rest is shared by what the area asks beyond them.
    wanted = np.maximum(areas / areas.sum() * TOWNSHIPS - _LEAST_PER_COUNTY, 0)
    exact = wanted / wanted.sum() * free
    extra = np.floor(exact).astype(int)
    for index in np.argsort(extra - exact, kind="stable")[: free - int(extra.sum())]:
        extra[index] += 1
    return [int(each) + _LEAST_PER_COUNTY for each in extra]


def _spread(county: Outline, count: int, rng: np.random.Generator) -> Points:
    """``count`` places in the county, evenly spread; the first is its seat and stays there."""
    west, south, east, north = county.geom.bounds
    cloud = np.column_stack((rng.uniform(west, east, 9000), rng.uniform(south, north, 9000)))
    cloud = cloud[shapely.contains_xy(county.geom, cloud[:, 0], cloud[:, 1])][:2400]
    seat = np.array([SEATS[county.code]])
    seeds = np.vstack((seat, cloud[: count - 1]))
    for _ in range(_RELAXATIONS):
        nearest = np.argmin(((cloud[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2), axis=1)
        for index in range(1, count):
            if np.any(nearest == index):
                seeds[index] = cloud[nearest == index].mean(axis=0)
    return seeds


def _bend(edges: Points, rng: np.random.Generator) -> list[shapely.LineString]:
    """Each straight border (n × 2 × 2) as a line that wavers by a few hundredths of its length."""
    lines = []
    for start, end in edges:
        steps = max(int(np.hypot(*(end - start)) / 0.004), 2)
        along = np.linspace(0, 1, steps + 1)[:, None]
        waves, phases = rng.normal(0, 0.022, 6), rng.uniform(0, 2 * np.pi, 6)
        aside = sum(
            waves[k] / (k + 1) * (np.sin((k + 1) * 2 * np.pi * along + phases[k]) - np.sin(phases[k])) for k in range(6)
        )
        normal = np.array([start[1] - end[1], end[0] - start[0]])
        lines.append(shapely.LineString(start + along * (end - start) + aside * normal * np.sin(np.pi * along) ** 0.5))
    return lines


def _borders(county: Outline, seeds: Points, rng: np.random.Generator) -> shapely.Geometry:
    """The bent borders between the townships of one county, cut at the county's outline."""
    diagram = shapely.voronoi_polygons(
        shapely.MultiPoint(seeds), extend_to=shapely.buffer(county.geom, 0.2), only_edges=True
    )
    edges = [pair for part in shapely.get_parts(diagram) for pair in _pairs(shapely.get_coordinates(part))]
    ordered = np.array(sorted(edges))
    return shapely.intersection(shapely.multilinestrings(_bend(ordered, rng)), county.geom)


def _pairs(xy: Points) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    ends = [(float(x), float(y)) for x, y in xy]
    return [(a, b) if a < b else (b, a) for a, b in pairwise(ends)]


def _faces(lines: list[shapely.Geometry]) -> npt.NDArray[np.object_]:
    """The faces between all lines, noded together on the grid."""
    noded = shapely.union_all(lines, grid_size=GRID_DEG)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))


def _assign(
    faces: npt.NDArray[np.object_], counties: list[Outline], seeds: list[Points]
) -> dict[tuple[int, int], list[shapely.Polygon]]:
    """Faces by (county, seed): a face belongs to the county that it lies in and, there, to the nearest seed."""
    inner = shapely.point_on_surface(faces)
    tree = shapely.STRtree([each.geom for each in counties])
    owner: dict[tuple[int, int], list[shapely.Polygon]] = {}
    for face, county in sorted(tree.query(inner, predicate="intersects").T.tolist()):
        here = seeds[county]
        holds = np.flatnonzero(shapely.contains_xy(faces[face], here[:, 0], here[:, 1]))
        middle = shapely.get_coordinates(inner[face])[0]
        seed = int(holds[0]) if len(holds) else int(np.argmin(((here - middle) ** 2).sum(axis=1)))
        owner.setdefault((county, seed), []).append(faces[face])
    return owner


def _centre(geom: shapely.Geometry, seed: Points, is_seat: bool, terrain: Terrain) -> tuple[float, float]:
    """The township's town: the county seat, or the lowest of places around the seed that lie well inside."""
    if is_seat:
        return float(seed[0]), float(seed[1])
    step = np.linspace(-0.03, 0.03, 7)
    lon, lat = (each.ravel() for each in np.meshgrid(seed[0] + step, seed[1] + step))
    inside = shapely.contains_xy(shapely.buffer(geom, -0.008), lon, lat)
    if not inside.any():
        point = shapely.point_on_surface(geom)
        return round(point.x, 7), round(point.y, 7)
    cost = terrain.elevation_at(lon, lat) + 2 * terrain.at(terrain.relief_m, lon, lat)
    best = int(np.argmin(np.where(inside, cost, np.inf)))
    return round(float(lon[best]), 7), round(float(lat[best]), 7)


def _kinds(county: Outline, seeds: Points) -> list[str]:
    """街道, 镇 or 乡 of each seed: 街道 next to the seat, then 镇, 乡 farthest out."""
    order = np.argsort(((seeds - seeds[0]) ** 2).sum(axis=1), kind="stable")
    subdistricts = _SUBDISTRICTS.get(county.code, 0)
    towns = subdistricts + max(1, round((len(seeds) - subdistricts) * _TOWN_SHARE))
    kinds = [""] * len(seeds)
    for place, index in enumerate(order):
        kinds[index] = "街道" if place < subdistricts else "镇" if place < towns else "乡"
    return kinds


_FIRST_NUMBER = {"街道": 1, "镇": 100, "乡": 200}
"""The last three digits of a nine-digit code: 001–099 街道, 100–199 镇, 200–399 乡 (GB/T 10114)."""


@cache
def city_townships() -> tuple[Township, ...]:
    """All townships of the demo city, sorted by code; together exactly the city, each a valid multipolygon."""
    rng, counties, terrain = stream("townships"), _counties(), city_terrain()
    book = NameBook(rng)
    seeds = [_spread(county, count, rng) for county, count in zip(counties, _shares(counties), strict=True)]
    lines: list[shapely.Geometry] = [shapely.boundary(each.geom) for each in counties]
    lines += [_borders(county, here, rng) for county, here in zip(counties, seeds, strict=True)]
    owner = _assign(_faces(lines), counties, seeds)
    found = []
    for number, county in enumerate(counties):
        numbers = dict(_FIRST_NUMBER)
        kinds, names = _kinds(county, seeds[number]), book.take(len(seeds[number]))
        for index, kind in enumerate(kinds):
            whole = shapely.coverage_union_all(owner[number, index])
            centre = _centre(whole, seeds[number][index], index == 0, terrain)
            code = f"{county.code}{numbers[kind]:03d}"
            numbers[kind] += 1
            found.append(Township(code, names[index] + kind, county, centre, multipolygon(whole)))
    return tuple(sorted(found, key=lambda each: each.code))


@cache
def county_shapes() -> dict[str, shapely.MultiPolygon]:
    """Each county by code, as the sum of its townships: its outline, with the vertices where their borders meet it."""
    parts: dict[str, list[shapely.Geometry]] = {}
    for each in city_townships():
        parts.setdefault(each.county.code, []).append(each.geom)
    return {code: multipolygon(shapely.coverage_union_all(geoms)) for code, geoms in sorted(parts.items())}
