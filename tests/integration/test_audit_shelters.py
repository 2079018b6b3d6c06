"""Shelters within a hazard's reach, held to geodesics (pyproj, shapely) over a thousand shelters and hazards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
import shapely

from geo.audits import AUDITS, AuditAnswer, AuditQuery
from geo.database import Database
from layers.registry import discover
from tests.independent import GRS80, Ground
from tests.seeding import insert_many

REACHES_M = {"hazard_points": 200.0, "flood_spots": 50.0, "tailings_ponds": 1000.0, "forest_zones": 0.0}
"""The reaches that the README names; reservoirs are hazards too and have none."""
RANK = {"red": 1, "orange": 2, "yellow": 3, "blue": 4, None: 5}
GRADES = (*RANK, None)
WEST, SOUTH, WIDE = 115.0, 25.0, 0.12
LONG_EDGE = shapely.LineString([(115.2, 25.3), (115.27, 25.36)])
"""Nine kilometres: on a sphere its nearest place is found decimetres beside the true one."""


@dataclass(frozen=True)
class Hazard:
    layer: str
    key: str
    shape: shapely.Geometry
    grade: str | None
    name: str | None


def _blob(rng: np.random.Generator, lon: float, lat: float) -> shapely.Polygon:
    """A star-shaped polygon 100 to 900 m across, every third with a hole."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 14))
    metres = rng.uniform(50, 450) * rng.uniform(0.6, 1.0, 14)
    ring = np.column_stack((lon + metres * np.cos(angles) / 101_000, lat + metres * np.sin(angles) / 111_000))
    outer = shapely.Polygon(ring)
    if not outer.is_valid or rng.uniform() > 0.35:
        return outer.buffer(0) if not outer.is_valid else outer
    hole = shapely.Polygon((ring - (lon, lat)) * 0.4 + (lon, lat))
    return shapely.Polygon(ring, [hole.exterior.coords]) if outer.contains(hole) else outer


def _shape(rng: np.random.Generator, layer: str) -> shapely.Geometry:
    lon, lat = WEST + WIDE * rng.uniform(), SOUTH + WIDE * rng.uniform()
    kind = rng.integers(4)
    if layer == "forest_zones" or kind == 1:
        parts = [_blob(rng, lon, lat), _blob(rng, lon + 0.012, lat + 0.002)]
        whole = shapely.union_all(parts[: 1 + int(rng.integers(2))])
        return shapely.MultiPolygon([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"])
    if kind == 2:
        steps = rng.normal(0, 0.002, (6, 2)).cumsum(axis=0)
        return shapely.MultiLineString([shapely.LineString(steps + np.array((lon, lat)))])
    return shapely.Point(lon, lat)


def _hazards(rng: np.random.Generator) -> list[Hazard]:
    made = []
    for layer, count in (("hazard_points", 260), ("flood_spots", 120), ("tailings_ponds", 24), ("forest_zones", 60)):
        for number in range(count):
            shape = _shape(rng, layer)
            name = None if number % 7 == 0 else f"{layer}{number}号"
            made.append(Hazard(layer, f"test/{layer}-{number:03}", shape, GRADES[number % 6], name))
    made.append(Hazard("hazard_points", "test/edge", shapely.Point(115.3, 25.3), "red", "边界滑坡"))
    made.append(Hazard("hazard_points", "test/long", shapely.MultiLineString([LONG_EDGE]), None, None))
    twisted = shapely.MultiPolygon(
        [shapely.box(115.4, 25.3, 115.41, 25.31).difference(shapely.Point(115.405, 25.305).buffer(0.004))]
    )
    made.append(Hazard("hazard_points", "test/holed", twisted, "blue", "有洞的滑坡"))
    return made


def _off(start: tuple[float, float], azimuth: float, metres: float) -> shapely.Point:
    lon, lat, _ = GRS80.fwd(*start, azimuth, metres)
    return shapely.Point(lon, lat)


def _edge_shelters() -> dict[str, shapely.Point]:
    """A centimetre within and beyond the reach of a point and of a long line; in a hole, 200 m from its rim or less."""
    forward, _, length = GRS80.inv(*LONG_EDGE.coords[0], *LONG_EDGE.coords[1])
    lon, lat, back = GRS80.fwd(*LONG_EDGE.coords[0], forward, length * 0.37)
    along = back + 180.0
    return {
        "point-in": _off((115.3, 25.3), 63.0, 199.99),
        "point-out": _off((115.3, 25.3), 63.0, 200.01),
        "line-in": _off((lon, lat), along + 90.0, 199.99),
        "line-out": _off((lon, lat), along + 90.0, 200.01),
        "line-in-left": _off((lon, lat), along - 90.0, 199.99),
        "hole-middle": shapely.Point(115.405, 25.305),
        "hole-rim": shapely.Point(115.405 + 0.0035, 25.305),
        "in-ring": shapely.Point(115.4005, 25.3005),
    }


@pytest.fixture(scope="module")
def town(module_database_url: str) -> tuple[str, dict[str, shapely.Point], dict[str, int | None], list[Hazard]]:
    rng = np.random.default_rng(20261122)
    hazards = _hazards(rng)
    places = {
        f"s-{n:04}": shapely.Point(WEST + WIDE * rng.uniform(), SOUTH + WIDE * rng.uniform()) for n in range(400)
    } | _edge_shelters()
    # On the very edge of a forest zone, and on its corner.
    zone = next(each for each in hazards if each.layer == "forest_zones")
    places["forest-corner"] = shapely.Point(shapely.get_coordinates(zone.shape)[0])
    capacity = {key: (None, 0, 80, 1200)[at % 4] for at, key in enumerate(places)}
    insert_many(
        module_database_url,
        "shelters",
        [(place.wkt, key, {"name": f"{key}安置点", "capacity_people": capacity[key]}) for key, place in places.items()],
    )
    for layer in REACHES_M:
        rows = [
            (shapely.to_wkt(each.shape, rounding_precision=17), each.key.removeprefix("test/"),
             {"grade": each.grade, "name": each.name, "retired_at": None})
            for each in hazards if each.layer == layer
        ]  # fmt: skip
        insert_many(module_database_url, layer, rows)
    gone = {"grade": "red", "name": "已销号", "retired_at": "2026-01-01"}
    insert_many(module_database_url, "hazard_points", [("POINT(115.05 25.05)", "gone", gone)])
    insert_many(module_database_url, "reservoirs", [("POINT(115.05 25.05)", "no-reach", {"grade": "red"})])
    return module_database_url, places, capacity, hazards


async def _audit(dsn: str, reach_m: float | None = None) -> AuditAnswer:
    database = Database(dsn, pool_size=1)
    try:
        return await AUDITS["shelters-in-hazards"].run(
            database, AuditQuery(discover(), date(2026, 11, 22), reach_m=reach_m)
        )
    finally:
        await database.close()


def _expected(
    places: dict[str, shapely.Point], hazards: list[Hazard], reach_m: float | None
) -> dict[tuple[str, str], float]:
    """Metres by (shelter, hazard) of every pair within reach, by geodesics."""
    found: dict[tuple[str, str], float] = {}
    for layer, own in REACHES_M.items():
        theirs = [each for each in hazards if each.layer == layer]
        ground = Ground([each.key for each in theirs], [each.shape for each in theirs])
        limit = own if own == 0 or reach_m is None else reach_m
        for shelter, place in places.items():
            for each in ground.within(place.x, place.y, limit):
                if each.distance_m <= limit:
                    found[shelter, f"{layer}/{each.key}"] = each.distance_m
    return found


@pytest.mark.parametrize("reach_m", [None, 0.0, 900.0])
async def test_every_pair_is_found_with_its_distance_and_no_other(town, reach_m):
    dsn, places, capacity, hazards = town
    answer = await _audit(dsn, reach_m)
    expected = _expected(places, hazards, reach_m)
    found = {
        (str(each.feature["id"]).removeprefix("shelters/test/"), each.values["hazard"]): each.values
        for each in answer.findings
    }
    assert len(found) == len(answer.findings)
    assert set(found) == set(expected)
    by_key = {f"{each.layer}/{each.key}": each for each in hazards}
    for (shelter, hazard), values in found.items():
        assert values["distance_m"] == pytest.approx(expected[shelter, hazard], abs=0.055)
        assert values["hazard_grade"] == by_key[hazard].grade
        assert values["hazard_name"] == by_key[hazard].name
        assert values["capacity_people"] == capacity[shelter]
        own = REACHES_M[by_key[hazard].layer]
        assert values["reach_m"] == (own if own == 0 or reach_m is None else reach_m)
    assert answer.audited == len(places)
    shelters = len({shelter for shelter, _ in expected})
    assert f"{shelters:,} 处在灾害影响范围内(共 {len(expected):,} 组)" in answer.summary.zh
    if reach_m is None:
        inside = {pair for pair in expected if pair[0] in _edge_shelters()}
        assert {("point-in", "hazard_points/test/edge"), ("line-in", "hazard_points/test/long")} <= inside
        assert not {"point-out", "line-out", "hole-middle"} & {shelter for shelter, _ in inside}


async def test_the_worst_and_nearest_come_first_and_each_row_says_why(town):
    dsn, *_ = town
    answer = await _audit(dsn)
    keys = [(RANK[each.values["hazard_grade"]], each.values["distance_m"]) for each in answer.findings]
    assert keys == sorted(keys)
    for each in answer.findings:
        zh, en = each.why.zh, each.why.en
        if each.values["distance_m"]:
            assert f"{each.values['distance_m']:,.0f} 米" in zh
            assert f"{each.values['distance_m']:,.0f} m" in en
        else:
            assert "之内" in zh
        assert ("可容纳人数未知" in zh) == (each.values["capacity_people"] is None)
        assert ("capacity is unknown" in en) == (each.values["capacity_people"] is None)
    ungraded = [each for each in answer.findings if each.values["hazard_grade"] is None]
    assert ungraded
    assert all("未分级" in each.why.zh for each in ungraded)
