"""What lies below tailings ponds along river lines, held to places that geodesics put on the rivers metre by metre."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from affine import Affine

from geo.audits import AUDITS, AuditAnswer, AuditQuery
from geo.database import Database
from geo.rasters import Grids, RasterKind, add_raster, rasters_directory
from layers.registry import discover
from tests.independent import GRS80
from tests.seeding import insert_many

Floats = npt.NDArray[np.float64]
SNAP_M, BREADTH_M = 400.0, 150.0
RIVERS = {"declared": 25.0, "against": 25.1, "unknown": 25.2, "sloping": 25.3, "uphill": 25.4}
"""Latitude of each river; they run from 115.0 to the east, 12 km each, far from each other."""


def _courses(rng: np.random.Generator) -> dict[str, Floats]:
    """Winding rivers from source to mouth, 120 vertices each."""
    lons = np.linspace(115.0, 115.12, 120)
    return {
        name: np.column_stack((lons, lat + 0.004 * np.sin(np.arange(120) / 5 + lat) + rng.normal(0, 0.0002, 120)))
        for name, lat in RIVERS.items()
    }


def _reaches(name: str, course: Floats) -> list[tuple[str, str, dict[str, object]]]:
    """A river in reaches of ten vertices; how it was drawn and what its source declares of that hangs on the river."""
    found = []
    for n, start in enumerate(range(0, 119, 10)):
        places = course[start : start + 11]
        flow: str | None = "digitised"
        if name == "against" or (name == "declared" and n % 2):
            places, flow = places[::-1], "reversed"
        if name in ("unknown", "sloping"):
            flow = None
        line = shapely.MultiLineString([places])
        wkt = shapely.to_wkt(line, rounding_precision=17)
        found.append((wkt, f"{name}-{n:02}", {"name": f"{name}河", "flow_direction": flow}))
    return found


def _dense(course: Floats) -> tuple[Floats, Floats]:
    """Places every metre along a river, and how far each is from its source."""
    places, gone = [course[0]], [0.0]
    for (lon, lat), (to_lon, to_lat) in pairwise(course.tolist()):
        azimuth, _, length = GRS80.inv(lon, lat, to_lon, to_lat)
        steps = np.append(np.arange(1.0, length, 1.0), length)
        lons, lats, _ = GRS80.fwd(
            np.full(len(steps), lon), np.full(len(steps), lat), np.full(len(steps), azimuth), steps
        )
        begin = gone[-1]
        places += list(zip(lons, lats, strict=True))
        gone += (begin + steps).tolist()
    return np.array(places), np.array(gone)


def _metres(place: Floats, among: Floats) -> Floats:
    _, _, metres = GRS80.inv(np.full(len(among), place[0]), np.full(len(among), place[1]), among[:, 0], among[:, 1])
    return np.asarray(metres)


@pytest.fixture(scope="module")
def valley(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """The database, the folder of its grids, rivers, ponds (named by their river) and schools."""
    rng, state = np.random.default_rng(213), tmp_path_factory.mktemp("state")
    courses = _courses(rng)
    ponds = {
        f"{name}/{n:02}": course[int(rng.integers(2, 117))] + rng.normal(0, 0.0022, 2)
        for name, course in courses.items()
        for n in range(12)
    }
    schools = {
        f"s-{n:04}": course[int(rng.integers(120))] + rng.normal(0, 0.002, 2)
        for n, course in enumerate(list(courses.values()) * 300)
    }
    for layer, places, values in (("tailings_ponds", ponds, {"above_homes": False}), ("schools", schools, {})):
        rows = [
            (shapely.to_wkt(shapely.Point(place), rounding_precision=17), key, {"name": key, **values})
            for key, place in places.items()
        ]
        insert_many(module_database_url, layer, rows)
    insert_many(
        module_database_url, "rivers", [row for name, course in courses.items() for row in _reaches(name, course)]
    )
    gone = {"name": "旧河", "flow_direction": "digitised", "retired_at": "2026-01-01"}
    insert_many(module_database_url, "rivers", [("MULTILINESTRING((115 25.6, 115.1 25.6))", "gone", gone)])
    insert_many(module_database_url, "tailings_ponds", [("POINT(115.05 25.6)", "dry/00", {"name": "旱库"})])
    insert_many(module_database_url, "schools", [("POINT(115.055 25.6)", "dry", {"name": "旱小学"})])
    # Ground that falls to the east by 40 m in a kilometre …, known around the last two rivers only.
    path, transform = state / "heights.tif", Affine(0.001, 0, 114.98, 0, -0.001, 25.45)
    band = np.tile(900.0 - 4.0 * np.arange(170), (200, 1))
    band[:100] = band[:100, ::-1]  # … and to the west in the north, where "uphill" is declared to run east
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float64", crs="EPSG:4490", transform=transform, height=200, width=170, count=1
    ) as file:
        file.write(band, 1)
    add_raster(module_database_url, rasters_directory(state), path, RasterKind.ELEVATION)
    return module_database_url, state, courses, ponds, schools


async def _audit(dsn: str, state: Path) -> AuditAnswer:
    database = Database(dsn, pool_size=1)
    query = AuditQuery(
        discover(),
        date(2026, 11, 22),
        grids=Grids(rasters_directory(state)),
        river_snap_m=SNAP_M,
        downstream_breadth_m=BREADTH_M,
    )
    try:
        return await AUDITS["below-tailings-ponds"].run(database, query)
    finally:
        await database.close()


def _along(
    name: str, dense: tuple[Floats, Floats], pond: Floats, schools: dict[str, Floats]
) -> tuple[float, float, dict[str, float]]:
    """Metres to the river, metres of the way, and by school its distance to the way from the pond down the river."""
    places, gone = dense
    away = _metres(pond, places)
    nearest = int(np.argmin(away))
    from_m, to_m = gone[nearest], gone[nearest] + 1000.0
    if name == "unknown":
        from_m -= 1000.0
    on_way = places[(gone >= from_m - 0.5) & (gone <= to_m + 0.5)]
    # Every fourth metre: from 150 m away that is a centimetre too far at most.
    way = np.vstack((np.linspace(pond, places[nearest], 120), on_way[::4], on_way[-1:]))
    near = {key: place for key, place in schools.items() if np.abs(place - pond).max() < 0.03}
    reach = {key: float(_metres(place, way).min()) for key, place in near.items()}
    longest = min(1000.0, max(gone[-1] - gone[nearest], gone[nearest] if name == "unknown" else 0.0))
    return float(away[nearest]), longest, reach


async def test_along_every_river_what_lies_below_each_pond_is_found_and_no_more(valley):
    dsn, state, courses, ponds, schools = valley
    answer = await _audit(dsn, state)
    found = {str(each.feature["properties"]["source_id"]): each.values for each in answer.findings}
    near_river = 0
    dense = {name: _dense(course) for name, course in courses.items()}
    for key, pond in ponds.items():
        name, values = key.split("/")[0], found[key]
        river_m, way_m, reach = _along(name, dense[name], pond, schools)
        if river_m > SNAP_M:
            assert values["method"] != "river"
            continue
        if values["method"] == "ground":
            # Only where the river lies higher than the pond, by the ground that falls to the east.
            assert name in ("sloping", "uphill")
            continue
        near_river += 1
        assert values["method"] == "river"
        assert values["rivers"] == f"{name}河"
        assert values["river_m"] == pytest.approx(river_m, abs=0.6)
        assert values["way_m"] == pytest.approx(way_m, abs=2)
        assert values["direction"] == {"unknown": "unknown", "sloping": "heights"}.get(name, "declared")
        listed = {str(each).removeprefix("schools/test/") for each in values["features"]}
        sure = {school for school, metres in reach.items() if metres <= BREADTH_M - 1.5}
        maybe = {school for school, metres in reach.items() if metres <= BREADTH_M + 1.5}
        assert sure <= listed <= maybe, key
        assert values["downstream_1km"] == len(listed)
    assert near_river >= 30
    assert answer.audited == len(ponds) + 1


async def test_each_row_says_by_which_way_it_was_found_and_what_is_doubtful(valley):
    dsn, state, *_ = valley
    answer = await _audit(dsn, state)
    for each in answer.findings:
        key, values, zh, en = str(each.feature["properties"]["source_id"]), each.values, each.why.zh, each.why.en
        name = key.split("/")[0]
        word = {"river": "河道线", "ground": "高程栅格", "straight": "直线距离"}[str(values["method"])]
        assert word in zh
        assert {"river": "river line", "ground": "elevation grid", "straight": "straight line"}[
            str(values["method"])
        ] in en
        if values["method"] == "river":
            assert ("流向未知,上下游都列出" in zh) == (name == "unknown")
            assert ("流向按河段两端高程" in zh) == (name == "sloping")
            assert ("登记的流向与高程不符" in zh) == (name == "uphill" and values["way_m"] > 0)
        if name == "dry":
            assert values["method"] == "straight"
            assert values["features"] == ["schools/test/dry"]
    assert "上下游都列出" in answer.notes[0].zh
    assert "本项目取值" in answer.notes[1].zh
