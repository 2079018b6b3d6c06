"""Vector tiles: everything of a layer, worst grade first, versioned, and never stale."""

from __future__ import annotations

import math

import pytest

from tests.mvt import decode
from tests.seeding import insert

CITY = "9/419/219"


def tile_at(lon: float, lat: float, z: int) -> str:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{z}/{int((lon + 180) / 360 * 2**z)}/{int(y * 2**z)}"


async def features(client, path: str, **parameters):
    response = await client.get(f"/tiles/{path}.mvt", params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return decode(response.content)


async def test_a_tile_holds_each_layer_under_its_name_with_what_a_client_needs(client):
    tile = await features(client, tile_at(115.0, 25.0, 9))
    (red,) = [feature for feature in tile["hazard_points"] if feature.properties["source_id"] == "h-1"]
    assert red.properties == {"source": "test", "source_id": "h-1", "name": "下坝组滑坡", "grade": "red", "demo": False}
    assert {"divisions", "forest_zones", "hazard_points", "helipads"} <= set(tile)


async def test_an_ungraded_feature_has_no_grade_and_a_hostile_name_is_text(client):
    tile = await features(client, f"hazard_points/{tile_at(115.02, 25.0, 9)}")
    (feature,) = [feature for feature in tile["hazard_points"] if feature.properties["source_id"] == "h-2"]
    assert "grade" not in feature.properties
    assert feature.properties["name"] == "</script><b>'; DROP TABLE shelters; -- \u202e𬇙㙍"


async def test_a_point_lies_where_it_is(client):
    z, x, y = map(int, tile_at(115.004, 25.0, 14).split("/"))
    (feature, *_) = (await features(client, f"hazard_points/{z}/{x}/{y}"))["hazard_points"]
    (px, py) = feature.points[0]
    lon = (x + px / 4096) / 2**z * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + py / 4096) / 2**z))))
    assert lon == pytest.approx(115.004, abs=1e-5)
    assert lat == pytest.approx(25.0, abs=1e-5)


async def test_a_line_or_polygon_also_brings_its_anchor_once(client):
    tile = await features(client, tile_at(115.0, 25.0, 9))
    kinds = [feature.kind for feature in tile["forest_zones"]]
    assert sorted(kinds) == ["point", "polygon"]
    anchors = 0
    _, x, y = map(int, tile_at(115.01, 25.0, 11).split("/"))
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            found = await features(client, f"hazard_points/11/{x + dx}/{y + dy}")
            for feature in found.get("hazard_points", []):
                inside = feature.points and all(0 <= value < 4096 for value in feature.points[0])
                if feature.properties["source_id"] == "h-3" and feature.kind == "point" and inside:
                    anchors += 1
    assert anchors == 1


async def test_grades_select_and_worst_come_first(client):
    path = f"hazard_points/{tile_at(115.0, 25.0, 9)}"
    assert {f.properties.get("grade") for f in (await features(client, path, grades="red"))["hazard_points"]} == {"red"}
    assert {f.properties.get("grade") for f in (await features(client, path, grades="none"))["hazard_points"]} == {None}
    every = [f.properties.get("grade") for f in (await features(client, path))["hazard_points"]]
    assert every == sorted(every, key=["red", "orange", "yellow", "blue", None].index)


async def test_an_empty_tile_is_an_empty_answer(client):
    response = await client.get("/tiles/shelters/12/0/0.mvt")
    assert (response.status_code, response.content) == (200, b"")


async def test_an_etag_spares_the_tile_until_the_layer_is_edited(client, small_city):
    address = f"/tiles/shelters/{tile_at(115.3, 25.0, 9)}.mvt"
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    insert(small_city, "helipads", "POINT(115.3 25)", "p-9")
    untouched = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert untouched.status_code == 304, "another layer's edit does not concern this tile"
    insert(small_city, "shelters", "POINT(115.31 25)", "s-9")
    fresh = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert len(decode(fresh.content)["shelters"]) == 2
    assert fresh.headers["etag"] != first.headers["etag"]


async def test_only_an_address_with_the_present_version_may_be_kept_for_ever(client, small_city):
    described = (await client.get("/tiles.json", params={"layers": "shelters"})).json()
    (template,) = described["tiles"]
    z, x, y = tile_at(115.3, 25.0, 9).split("/")
    versioned = template.replace("{z}", z).replace("{x}", x).replace("{y}", y)
    assert "immutable" in (await client.get(versioned)).headers["cache-control"]
    insert(small_city, "shelters", "POINT(115.31 25)", "s-9")
    late = await client.get(versioned)
    assert "immutable" not in late.headers["cache-control"]
    assert len(decode(late.content)["shelters"]) == 2, "an old address shows the present data"
    assert (await client.get("/tiles.json", params={"layers": "shelters"})).json()["tiles"] != [template]


@pytest.mark.parametrize(
    "path",
    [
        "-1/0/0", "99/0/0", "1/2/0", "1/0/-1", "0/0/1", "shelters/3/8/0", "volcanoes/1/0/0", "x/y/z",
        "shelters'; DROP TABLE shelters; --/1/0/0", "%2e%2e/1/0/0", f"1/{10**30}/0",
    ],
)  # fmt: skip
async def test_what_is_no_tile_is_a_problem_and_never_a_fault(client, path):
    response = await client.get(f"/tiles/{path}.mvt")
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


async def test_ten_thousand_layers_are_refused(client):
    response = await client.get("/tiles/1/0/0.mvt?layers=" + ",".join(f"{n:x}" for n in range(10_000)))
    assert response.status_code == 422


async def test_a_tile_over_its_budget_keeps_the_worst_and_says_how_many_it_left_out(client, small_city, monkeypatch):
    monkeypatch.setattr("geo.cartography.tiles._FEATURES_PER_LAYER", 2)
    for number in range(6):
        insert(
            small_city, "reservoirs", f"POINT(115.{number:02} 25)", f"r-{number}", grade="red" if number == 5 else None
        )
    response = await client.get(f"/tiles/reservoirs/{tile_at(115.02, 25.0, 9)}.mvt")
    assert response.headers["x-onemap-truncated"] == "reservoirs=4/6"
    assert [feature.properties.get("grade") for feature in decode(response.content)["reservoirs"]] == ["red", None]
