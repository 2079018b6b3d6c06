"""``/risk`` with grids: people in each ring, the ground at the place and at hazards; the unknown widens the index."""

from __future__ import annotations

import httpx
import numpy as np
import pyogrio
import pytest
import rasterio
from affine import Affine
from openpyxl import load_workbook

from api.main import create_app
from api.settings import Settings
from geo.rasters import RasterKind, add_raster, rasters_directory
from tests.seeding import insert

HERE = {"lon": 115, "lat": 25}
CELL = 0.001


def write(path, band, nodata=-1.0):
    transform = Affine(CELL, 0, 114.9, 0, -CELL, 25.1)
    shape = {"height": band.shape[0], "width": band.shape[1], "count": 1}
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", crs="EPSG:4490", nodata=nodata, transform=transform, **shape
    ) as file:
        file.write(band.astype(np.float32), 1)
    return path


@pytest.fixture
async def grid_client(small_city, tmp_path):
    """A client of a service over the small city whose grids lie under ``tmp_path``."""
    app = create_app(Settings(database_url=small_city, state_directory=tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


@pytest.fixture
def people(small_city, tmp_path):
    """One person in each cell; the eastern half is unknown beyond 115.02."""
    band = np.ones((200, 200))
    band[:, 120:] = -1.0
    path = write(tmp_path / "people.tif", band)
    return add_raster(small_city, rasters_directory(tmp_path), path, RasterKind.POPULATION)


@pytest.fixture
def slope(small_city, tmp_path):
    """Ground that rises to the east by 100 m in 0.1°, from 100 m at 114.9."""
    band = np.tile(100.0 + (np.arange(200) + 0.5) * CELL * 1000, (200, 1))
    path = write(tmp_path / "heights.tif", band)
    return add_raster(small_city, rasters_directory(tmp_path), path, RasterKind.ELEVATION)


async def ask(client, **parameters):
    response = await client.get("/risk", params=HERE | parameters)
    assert response.status_code == 200, response.text
    return response.json()


async def test_each_ring_says_how_many_people_it_holds_and_of_how_much_of_it(grid_client, people):
    answer = await ask(grid_client, radius_m="1000,4000")
    near, far = (ring["properties"]["people"] for ring in answer["rings"]["features"])
    # A cell is 100.9 m × 110.8 m at 25°N: a kilometre's disc holds π·10⁶ / 11,178 of them.
    assert near["people"] == pytest.approx(281, abs=2)
    assert near["known_share"] == 1.0
    assert near["grid"] == "people"
    assert 0.7 < far["known_share"] < 0.9
    assert far["people"] == pytest.approx(16 * 281 * far["known_share"], rel=0.01)


async def test_without_a_grid_an_answer_says_nothing_of_people_or_heights(grid_client):
    answer = await ask(grid_client, radius_m="1000")
    assert set(answer["rings"]["features"][0]["properties"]) == {"radius_m"}
    assert set(answer["place"]) == {"divisions"}
    (factor,) = (each for each in answer["index"]["contributions"] if each["factor"] == "people")
    assert factor["people"] is None
    assert factor["might_add"] == factor["maximum"]


async def test_a_place_off_the_grids_has_unknown_people_not_none(grid_client, people):
    response = await grid_client.get("/risk", params={"lon": 100, "lat": 30, "radius_m": 500})
    (ring,) = response.json()["rings"]["features"]
    assert ring["properties"]["people"] is None


async def test_the_people_score_and_what_is_unknown_widens_the_range(grid_client, people):
    index = (await ask(grid_client))["index"]
    (factor,) = (each for each in index["contributions"] if each["factor"] == "people")
    assert factor["people"] > 4000
    assert factor["points"] > 0
    assert factor["known_share"] < 1
    assert factor["might_add"] == pytest.approx(factor["maximum"] - factor["points"])
    assert sum(each["points"] for each in index["contributions"]) == pytest.approx(index["value"])
    assert index["range"][1] > index["value"]
    assert "人口未知" in index["why"]["zh"]


async def test_the_place_has_its_height_and_slope_and_hazards_their_height_above_it(grid_client, slope):
    answer = await ask(grid_client, radius_m=3000)
    assert answer["place"]["elevation_m"] == pytest.approx(200.0, abs=0.1)
    # 1 m in 0.001° of longitude, 100.9 m at 25°N
    assert answer["place"]["slope_deg"] == pytest.approx(0.6, abs=0.05)
    features = {each["id"]: each["properties"] for each in answer["features"]["features"]}
    assert features["hazard_points/test/h-1"]["height_difference_m"] == pytest.approx(4.0, abs=0.1)
    assert features["hazard_points/test/h-3"]["elevation_m"] == pytest.approx(210.0, abs=0.1)


async def test_the_rest_of_the_answer_is_the_same_with_and_without_grids(grid_client, people, slope):
    with_grids = await ask(grid_client, radius_m="1000,3000")
    without = await ask(grid_client, radius_m="1000,3000", include="index,affected")
    for feature in with_grids["features"]["features"]:
        feature["properties"].pop("elevation_m", None)
        feature["properties"].pop("height_difference_m", None)
    for name in ("features", "counts", "total", "nearest", "data", "affected"):
        assert with_grids[name] == without[name], name
    assert with_grids["place"]["divisions"] == without["place"]["divisions"]


async def test_a_line_that_is_asked_about_counts_the_people_beside_it(grid_client, people):
    line = {"type": "LineString", "coordinates": [[114.95, 25], [115.0, 25]]}
    response = await grid_client.post("/risk", json={"geometry": line, "radius_m": 500})
    (ring,) = response.json()["rings"]["features"]
    # 5.045 km × 1 km and two half discs, in cells of 100.9 m × 110.8 m
    assert ring["properties"]["people"]["people"] == pytest.approx((5045 * 1000 + np.pi * 500**2) / 11_178, rel=0.01)


async def test_beds_are_held_against_people(grid_client, people, small_city):
    insert(small_city, "shelters", "POINT(115.001 25)", "s-known", capacity_people=120)
    insert(small_city, "shelters", "POINT(115 25.004)", "s-unknown")
    insert(small_city, "shelters", "POINT(115 25.04)", "s-far", capacity_people=1000)
    answer = await ask(grid_client, radius_m="300,1000,5000", layers="hazard_points")
    inner, middle, outer = answer["capacity"]
    already = (await ask(grid_client, radius_m="300", layers="shelters"))["features"]["features"]
    assert inner["shelters"] == len(already)
    ring_people = [ring["properties"]["people"]["people"] for ring in answer["rings"]["features"]]
    assert [each["people"] for each in (inner, middle, outer)] == ring_people
    assert middle["unknown_capacity"] >= 1
    assert outer["capacity_people"] >= middle["capacity_people"] + 1000
    assert middle["enough"] is (middle["capacity_people"] >= middle["people"] or None)
    assert "张" in inner["why"]["zh"] or "够用" in inner["why"]["zh"]


async def test_without_a_grid_beds_say_that_people_are_unknown(grid_client):
    (ring,) = (await ask(grid_client, radius_m="3000"))["capacity"]
    assert ring["people"] is None
    assert ring["enough"] is None
    assert ring["short_people"] == [None, None]
    assert "people unknown" in ring["why"]["en"]


async def test_an_export_holds_the_beds_beside_the_features(grid_client, people, tmp_path):
    for format_ in ("xlsx", "gpkg", "geojson"):
        answer = await grid_client.get("/risk", params=HERE | {"radius_m": "1000,3000", "format": format_})
        assert answer.status_code == 200, answer.text
        path = tmp_path / f"around.{format_}"
        path.write_bytes(answer.content)
        if format_ == "xlsx":
            rows = list(load_workbook(path)["capacity"].iter_rows(values_only=True))
            assert rows[0][0] == "radius_m"
            assert [row[0] for row in rows[1:]] == [1000, 3000]
        elif format_ == "gpkg":
            assert list(pyogrio.read_dataframe(path, layer="capacity")["radius_m"]) == [1000, 3000]
        else:
            assert [each["radius_m"] for each in answer.json()["capacity"]] == [1000, 3000]
