"""People around major hazards and α, held to numpy and geodesics: 200 plants of all shapes on a grid with gaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
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

CELL, ROWS, COLUMNS, WEST, NORTH = 0.0008, 250, 300, 115.0, 25.2
FINER = 8
"""Each cell is asked at 8 × 8 places: how much of it lies within 500 m."""
ALPHAS = [(100, 2.0), (50, 1.5), (30, 1.2), (1, 1.0), (0, 0.5)]
CLASSES = [(100, "class_1"), (50, "class_2"), (10, "class_3"), (0, "class_4")]


@dataclass(frozen=True)
class Plant:
    shape: shapely.Geometry
    level: str | None
    r: float | None
    recorded_alpha: float | None


def _band(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """People by cell: some crowded, most empty; a strip in the south where nobody counted (nodata), nobody at all."""
    people = np.where(rng.uniform(size=(ROWS, COLUMNS)) < 0.25, rng.gamma(0.6, 4.0, (ROWS, COLUMNS)), 0.0)
    people[:, 60:140] *= 0.08
    people[:90, 200:] = 0.0
    people[200:, 80:160] = np.nan
    return people


def _outline(rng: np.random.Generator, lon: float, lat: float, kind: int) -> shapely.Geometry:
    wide, high = rng.uniform(0.001, 0.005, 2)
    box = shapely.box(lon, lat, lon + wide, lat + high)
    if kind == 1:
        return shapely.MultiPolygon([box])
    if kind == 2:  # with a village in its middle
        return shapely.MultiPolygon(
            [box.difference(shapely.box(lon + wide / 4, lat + high / 4, lon + wide / 2, lat + high / 2))]
        )
    if kind == 3:  # on both sides of a road
        return shapely.MultiPolygon([box, shapely.transform(box, lambda c: c + np.array((wide + 0.0004, 0.001)))])
    return shapely.Point(lon, lat)


def _plants(rng: np.random.Generator) -> dict[str, Plant]:
    found = {}
    levels = ("class_1", "class_2", "class_3", "class_4")
    rs, alphas = (None, 9.9, 10.0, 30.0, 50.0, 75.0, 100.0, 240.0), (None, 0.5, 1.0, 1.2, 1.5, 2.0)
    for n in range(200):
        lon, lat = WEST - 0.01 + rng.uniform(0, 0.26), NORTH - 0.21 + rng.uniform(0, 0.22)
        shape = _outline(rng, lon, lat, n % 4)
        found[f"p-{n:03}"] = Plant(shape, levels[n % 4], rs[int(rng.integers(8))], alphas[int(rng.integers(6))])
    found["far"] = Plant(shapely.Point(120, 30), "class_2", 60.0, 1.0)
    found["in-gap"] = Plant(shapely.Point(WEST + 120 * CELL, NORTH - 225 * CELL), "class_3", 30.0, 1.0)
    found["harmless"] = Plant(shapely.Point(115.1, 25.1), None, None, None)
    return found


@pytest.fixture(scope="module")
def town(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, dict[str, Plant], npt.NDArray[np.float64]]:
    rng, state = np.random.default_rng(18218), tmp_path_factory.mktemp("state")
    plants, band = _plants(rng), _band(np.random.default_rng(40))
    insert_many(
        module_database_url,
        "enterprises",
        [
            (shapely.to_wkt(plant.shape, rounding_precision=17), key,
             {"major_hazard_level": plant.level, "hazard_r": plant.r, "recorded_alpha": plant.recorded_alpha})
            for key, plant in plants.items()
        ],
    )  # fmt: skip
    path, transform = state / "people.tif", Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float64", crs="EPSG:4490", nodata=-1, transform=transform,
        height=ROWS, width=COLUMNS, count=1,
    ) as file:  # fmt: skip
        file.write(np.where(np.isnan(band), -1, band), 1)
    add_raster(module_database_url, rasters_directory(state), path, RasterKind.POPULATION)
    return module_database_url, state, plants, band


async def _audit(dsn: str, state: Path | None) -> AuditAnswer:
    database = Database(dsn, pool_size=1)
    grids = None if state is None else Grids(rasters_directory(state))
    try:
        return await AUDITS["plant-neighbours"].run(database, AuditQuery(discover(), date(2026, 11, 22), grids=grids))
    finally:
        await database.close()


def _counted(shape: shapely.Geometry, band: npt.NDArray[np.float64]) -> tuple[float | None, float]:
    """People within 500 m and outside the plant, and what share of that ground holds a value.

    Places in a fine lattice, each measured by geodesics to the plant's outline; none of it by a drawn ring.
    """
    west, south, east, north = shapely.bounds(shape)
    step = CELL / FINER
    columns = np.arange(np.floor((west - 0.0056 - WEST) / CELL) * FINER, np.ceil((east + 0.0056 - WEST) / CELL) * FINER)
    rows = np.arange(
        np.floor((NORTH - north - 0.0050) / CELL) * FINER, np.ceil((NORTH - south + 0.0050) / CELL) * FINER
    )
    lons, lats = np.meshgrid(WEST + (columns + 0.5) * step, NORTH - (rows + 0.5) * step)
    within = _near(shape, lons.ravel(), lats.ravel()).reshape(lons.shape)
    cell_rows, cell_columns = np.floor_divide(rows, FINER).astype(int), np.floor_divide(columns, FINER).astype(int)
    padded = np.full(lons.shape, np.nan)
    inside_r, inside_c = (cell_rows >= 0) & (cell_rows < ROWS), (cell_columns >= 0) & (cell_columns < COLUMNS)
    padded[np.ix_(inside_r, inside_c)] = band[np.ix_(cell_rows[inside_r], cell_columns[inside_c])]
    known = within & ~np.isnan(padded)
    share = float(known.sum() / within.sum())
    return (None if share == 0 else float(np.nansum(padded[known]) / FINER**2)), share


def _near(
    shape: shapely.Geometry, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which places lie within 500 m of a plant and not in it: a geodesic to the nearest place of its outline."""
    square = np.array((np.cos(np.radians(float(lats.mean()))), 1.0))
    flat = shapely.transform(shape if shape.geom_type == "Point" else shape.boundary, lambda c: c * square)
    shapely.prepare(flat)
    ways = shapely.shortest_line(shapely.points(np.column_stack((lons, lats)) * square), flat)
    feet = shapely.get_coordinates(ways)[1::2] / square
    _, _, metres = GRS80.inv(lons, lats, feet[:, 0], feet[:, 1])
    inside = shapely.contains_xy(shape, lons, lats) if shape.geom_type != "Point" else np.zeros(len(lons), dtype=bool)
    return np.asarray((np.asarray(metres) <= 500.0) & ~inside)


def _alpha(people: int) -> float:
    return next(alpha for least, alpha in ALPHAS if people >= least)


def _class(plant: Plant, alpha: float) -> str | None:
    if plant.r is None or plant.recorded_alpha is None:
        return None
    # r / recorded · α in whole thousandths and tenths, so that 50 stays 50.
    r = Fraction(str(plant.r)) / Fraction(str(plant.recorded_alpha)) * Fraction(str(alpha))
    return next(name for least, name in CLASSES if r >= least)


async def test_people_alpha_and_class_of_every_plant_are_as_counted_by_hand(town):
    dsn, state, plants, band = town
    answer = await _audit(dsn, state)
    found = {str(each.feature["properties"]["source_id"]): each.values for each in answer.findings}
    assert set(found) == {key for key, plant in plants.items() if plant.level is not None}
    kinds = Counter[str]()
    for key, values in found.items():
        plant = plants[key]
        people, share = _counted(plant.shape, band)
        assert values["recorded_class"] == plant.level
        assert values["recorded_alpha"] == plant.recorded_alpha
        if people is None:
            kinds["unknown"] += 1
            assert (values["people"], values["alpha"], values["class_by_alpha"], values["class_changes"]) == (None,) * 4
            assert (values["known_share"] or 0.0) == pytest.approx(0.0, abs=0.004)
            continue
        assert values["people"] == pytest.approx(people, abs=1.0 + 0.005 * people), key
        assert values["known_share"] == pytest.approx(share, abs=0.006)
        least = _alpha(values["people"])
        if values["known_share"] < 0.995 and least < 2.0:
            kinds["in part"] += 1
            assert values["alpha"] is None
            by = _class(plant, least) if _class(plant, least) == _class(plant, 2.0) else None
        else:
            kinds["whole"] += 1
            assert values["alpha"] == least
            by = _class(plant, least)
        assert values["class_by_alpha"] == by
        assert values["class_changes"] == (None if by is None else by != plant.level)
    assert min(kinds[each] for each in ("unknown", "in part", "whole")) >= 5, kinds
    changed = sum(values["class_changes"] is True for values in found.values())
    assert f"{len(found)} 处重大危险源中,{changed} 处" in answer.summary.zh


async def test_what_is_not_known_is_never_taken_for_nobody(town):
    dsn, state, *_ = town
    for each in (await _audit(dsn, state)).findings:
        values, zh = each.values, each.why.zh
        if values["people"] is None:
            assert "人口未知" in zh
        elif values["known_share"] < 0.995:
            assert "其余未知" in zh
            assert ("α 至少为" in zh) == (values["alpha"] is None)
        if values["recorded_alpha"] is None and values["people"] is not None:
            assert "没有备案 α" in zh
    blind = await _audit(dsn, None)
    assert {each.values["people"] for each in blind.findings} == {None}
    assert "没有人口栅格" in blind.notes[0].zh


async def test_those_whose_class_changes_come_first_then_by_class(town):
    dsn, state, *_ = town
    keys = [
        (not each.values["class_changes"], each.values["recorded_class"])
        for each in (await _audit(dsn, state)).findings
    ]
    assert keys == sorted(keys)
