"""The risk answer agrees with an independent computation (pyproj.Geod, shapely, no PostGIS) over real imported data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pytest
import shapely
from psycopg import sql

from geo.database import Database
from geo.ingest import ImportOptions, import_file
from geo.risk import RiskQuery, risk_answer
from layers.registry import discover
from tests.independent import Ground

pytestmark = pytest.mark.anyio

FILES = {
    "hazards/taiwan_debris_flow_torrents.geojson": ("hazard_points", None),
    "hazards/taiwan_large_landslides.geojson": ("hazard_points", None),
    "shelters/taiwan_shelters_v9.csv": ("shelters", "CRS84"),
    "reservoirs/takamatsu_reservoir_list.xlsx": ("reservoirs", "CRS84"),
    "helipads/ourairports_heliports_east_asia.csv": ("helipads", "CRS84"),
    "forest/japan_national_forest_akamatsu.gpkg": ("forest_zones", None),
    "enterprises/wri_power_plants_china.csv": ("enterprises", "CRS84"),
}
QUESTIONS = 200
RADII_M = (500.0, 5_000.0, 50_000.0)
CENTIMETRE = 0.01
REGISTRY = discover()


@dataclass(frozen=True)
class City:
    """A database with the real files, and the same features outside it."""

    dsn: str
    ground: Ground
    geometries: list[shapely.Geometry]


@pytest.fixture(scope="module")
def city(module_database_url: str, shared_data: Path) -> City:
    for name, (layer, crs) in FILES.items():
        import_file(module_database_url, shared_data / name, REGISTRY[layer], ImportOptions(crs=crs))
    keys, geometries = [], []
    with psycopg.connect(module_database_url) as connection:
        for layer in REGISTRY.searchable():
            query = sql.SQL("SELECT source, source_id, ST_AsBinary(geom) FROM {} ORDER BY 1, 2")
            for source, source_id, wkb in connection.execute(query.format(sql.Identifier(layer.name))):
                keys.append(f"{layer.name}/{source}/{source_id}")
                geometries.append(shapely.from_wkb(bytes(wkb)))
    return City(module_database_url, Ground(keys, geometries), geometries)


@pytest.mark.parametrize("radius_m", RADII_M)
async def test_the_answer_holds_exactly_what_an_independent_computation_finds(city, radius_m, record_property):
    database = Database(city.dsn)
    chance = np.random.default_rng(20261122)
    members, worst_m, wrong = 0, 0.0, []
    try:
        for _ in range(QUESTIONS):
            near = city.geometries[chance.integers(len(city.geometries))].centroid
            lon, lat = near.x + chance.normal(0, 0.1), near.y + chance.normal(0, 0.1)
            query = RiskQuery.at(lon, lat, (radius_m,), REGISTRY)
            found = json.loads(
                await risk_answer(database, RiskQuery(query.where, (radius_m,), query.layers, limit=50_000))
            )
            answered = {f["id"]: f["properties"]["distance_m"] for f in found["features"]["features"]}
            true = {each.key: each.distance_m for each in city.ground.within(lon, lat, radius_m)}
            members += len(answered)
            for key in answered.keys() | true.keys():
                distance_m = true.get(key, np.inf)
                if (key in answered) != (distance_m <= radius_m) and abs(distance_m - radius_m) > CENTIMETRE:
                    wrong.append((lon, lat, key, distance_m))
                if key in answered:
                    worst_m = max(worst_m, abs(answered[key] - distance_m))
    finally:
        await database.close()
    record_property("members", members)
    print(
        f"{QUESTIONS} points at {radius_m:g} m: {members} members, {len(wrong)} wrong, worst distance {worst_m:.4f} m"
    )
    assert wrong == []
    assert members > 0
    assert worst_m < CENTIMETRE
