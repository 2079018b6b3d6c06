"""1,000 random questions of every shape over 100,000 features, held against pyproj and shapely."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import psycopg
import pytest
import shapely
from pyproj import Geod

from geo.crs import CRS84
from geo.database import Database
from geo.risk import RiskQuery, Where, WhereLimits, around_geometry, around_point, in_sector, risk_answer
from layers.registry import discover
from tests.independent import Ground, Shape

pytestmark = pytest.mark.anyio

REGISTRY = discover()
GRS80 = Geod(ellps="GRS80")
WEST, SOUTH, SPAN = 114.0, 25.0, 1.5
COUNTS = {"shelters": 70_000, "hazard_points": 15_000, "forest_zones": 15_000}
SHARES = {"point": 400, "line": 250, "polygon": 250, "sector": 100}


@dataclass(frozen=True)
class Land:
    """The features by key, in the database and outside it."""

    dsn: str
    ground: Ground
    shapes: dict[str, shapely.Geometry]
    tree: shapely.STRtree
    keys: list[str]
    flat: np.ndarray
    """The shapes in a plane of metres that is true within 1% over this land: it tells what is far out of reach."""


def _flat(geometry: shapely.Geometry) -> shapely.Geometry:
    scale = 111_000 * np.array([np.cos(np.radians(SOUTH + SPAN / 2)), 1.0])
    return shapely.transform(geometry, lambda places: places * scale)


def _places(chance: np.random.Generator, count: int) -> np.ndarray:
    return np.column_stack([WEST + SPAN * chance.random(count), SOUTH + SPAN * chance.random(count)])


def _walks(chance: np.random.Generator, count: int, steps: int, stride_deg: float) -> list[np.ndarray]:
    return [place + np.cumsum(chance.normal(0, stride_deg, (steps, 2)), axis=0) for place in _places(chance, count)]


def _features(chance: np.random.Generator) -> dict[str, list[shapely.Geometry]]:
    return {
        "shelters": [shapely.Point(place) for place in _places(chance, COUNTS["shelters"])],
        "hazard_points": [
            shapely.MultiLineString([walk]) for walk in _walks(chance, COUNTS["hazard_points"], 4, 0.006)
        ],
        "forest_zones": [
            shapely.MultiPolygon([shapely.MultiPoint(walk).convex_hull])
            for walk in _walks(chance, COUNTS["forest_zones"], 5, 0.004)
        ],
    }


@pytest.fixture(scope="module")
def land(module_database_url: str) -> Land:
    shapes: dict[str, shapely.Geometry] = {}
    with psycopg.connect(module_database_url) as connection:
        for layer, geometries in _features(np.random.default_rng(4)).items():
            with connection.cursor().copy(f"COPY {layer} (source, source_id, grade_basis, geom) FROM STDIN") as copy:
                for number, geometry in enumerate(geometries):
                    copy.write_row(
                        (
                            "test",
                            str(number),
                            "{}",
                            shapely.to_wkb(shapely.set_srid(geometry, 4490), hex=True, include_srid=True),
                        )
                    )
                    shapes[f"{layer}/test/{number}"] = geometry
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    keys, geometries = list(shapes), list(shapes.values())
    flat = np.array([_flat(geometry) for geometry in geometries], dtype=object)
    return Land(module_database_url, Ground(keys, geometries), shapes, shapely.STRtree(geometries), keys, flat)


@dataclass(frozen=True)
class Question:
    """A place with its radius, and the shape to measure from independently (None: a point or sector)."""

    where: Where
    radius_m: float
    shape: Shape | None


def _questions(chance: np.random.Generator) -> list[Question]:
    found = []
    limits = WhereLimits()
    for kind, count in SHARES.items():
        for (lon, lat), walk in zip(_places(chance, count), _walks(chance, count, 5, 0.03), strict=True):
            radius_m = float(np.exp(chance.uniform(np.log(200), np.log(8000))))
            if kind == "point":
                found.append(Question(around_point(float(lon), float(lat)), radius_m, None))
            elif kind == "sector":
                start, end = chance.uniform(0, 360, 2)
                found.append(Question(in_sector(float(lon), float(lat), float(start), float(end)), radius_m, None))
            else:
                line = shapely.LineString(walk)
                shape = line if kind == "line" else line.convex_hull
                found.append(Question(around_geometry(shape, CRS84, limits), radius_m, Shape(shape)))
    return found


def _truth(land: Land, question: Question) -> dict[str, float]:
    """Distances of everything near, by key, computed without the database."""
    lon, lat = question.where.centre
    if question.shape is None:
        near = {each.key: each.distance_m for each in land.ground.within(lon, lat, question.radius_m)}
        sector = question.where.sector
        if sector is None:
            return near
        width = (sector.end_deg - sector.start_deg) % 360 or 360
        inside = {}
        for key, distance_m in near.items():
            if key.startswith("shelters/"):
                point = land.shapes[key]
                bearing = GRS80.inv(lon, lat, point.x, point.y)[0]
                if (bearing - sector.start_deg) % 360 <= width:
                    inside[key] = distance_m
        return inside
    return _near_shape(land, question.shape, question.radius_m)


def _near_shape(land: Land, shape: Shape, radius_m: float) -> dict[str, float]:
    """True distances of all that may be within or just beyond the radius; the plane says what is out of reach."""
    reach = (radius_m + 5) / 95_000
    nearby = sorted(land.tree.query(shapely.box(*shape.geometry.bounds).buffer(reach)))
    away = shapely.distance(_flat(shape.dense), land.flat[nearby])
    found = {}
    for at, about_m in zip(nearby, away, strict=True):
        if about_m < radius_m * 0.97 - 20:
            found[land.keys[at]] = float("nan")  # inside beyond doubt: the figure itself is not needed
        elif about_m <= radius_m * 1.03 + 20:
            found[land.keys[at]] = shape.distance_m(land.shapes[land.keys[at]])
    return found


async def test_every_shape_finds_exactly_what_is_within_its_radius(land):
    database = Database(land.dsn)
    wrong, members, worst_m = [], 0, 0.0
    try:
        for question in _questions(np.random.default_rng(1)):
            layers = tuple(REGISTRY[name] for name in COUNTS)
            if question.where.sector is not None:
                layers = (REGISTRY["shelters"],)
            query = RiskQuery(question.where, (question.radius_m,), layers, limit=50_000)
            answer = json.loads(await risk_answer(database, query))
            found = {f["id"]: f["properties"]["distance_m"] for f in answer["features"]["features"]}
            truth = _truth(land, question)
            members += len(found)
            for key in found.keys() | truth.keys():
                true_m = truth.get(key, np.inf)
                allowed_m = 0.01 + (1e-5 * true_m if question.shape is not None else 0)
                inside = np.isnan(true_m) or true_m <= question.radius_m
                if (key in found) != inside and not abs(true_m - question.radius_m) <= allowed_m:
                    wrong.append((question.where.kind, question.where.centre, question.radius_m, key, true_m))
                if key in found and np.isfinite(true_m):
                    worst_m = max(worst_m, abs(found[key] - true_m))
    finally:
        await database.close()
    print(f"1000 questions, {members} members, {len(wrong)} differences, worst distance {worst_m:.4f} m")
    assert wrong == []
    assert members > 10_000


async def test_along_a_winding_river_of_three_thousand_vertices_everything_within_500_m_is_found(land):
    along, chance = np.linspace(0, 1, 3000), np.random.default_rng(500)
    river = np.column_stack((along * 1.3, along * 1.1)) + 0.012 * np.column_stack(
        (np.sin(along * 290), np.cos(along * 250))
    )
    line = shapely.LineString(river + (WEST + 0.1, SOUTH + 0.2) + chance.normal(0, 2e-5, (3000, 2)))  # noqa: RUF005
    layers, database = tuple(REGISTRY[name] for name in COUNTS), Database(land.dsn)
    try:
        query = RiskQuery(around_geometry(line, CRS84, WhereLimits()), (500.0,), layers, limit=50_000)
        answer = json.loads(await risk_answer(database, query))
    finally:
        await database.close()
    found = {each["id"]: each["properties"]["distance_m"] for each in answer["features"]["features"]}
    truth: dict[str, float] = {}
    for start in range(0, 2999, 100):
        # In pieces: a feature is measured to a hundred edges, not to all.
        for key, metres in _near_shape(
            land, Shape(shapely.LineString(line.coords[start : start + 101])), 500.0
        ).items():
            # Not a number is inside beyond doubt, and stays so.
            truth[key] = float(np.minimum(metres, truth.get(key, np.inf)))
    assert GRS80.geometry_length(line) > 250_000
    assert set(found) == {key for key, metres in truth.items() if np.isnan(metres) or metres <= 500.0}
    assert len(found) > 1_000
    known = [(found[key], metres) for key, metres in truth.items() if key in found and np.isfinite(metres)]
    assert max(abs(told - metres) for told, metres in known) <= 0.01
