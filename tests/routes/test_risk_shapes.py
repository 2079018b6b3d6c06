"""``POST /risk``, presets, rules, the index, files and batches over the small city."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from importlib.resources import files

import httpx
import pytest

from api.main import create_app
from api.settings import Settings

LEAPING = {"type": "LineString", "coordinates": [[179.9, 25.0], [-179.9, 25.0]]}


async def ask(client, **body):
    response = await client.post("/risk", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer):
    return [feature["id"].removeprefix("hazard_points/test/") for feature in answer["features"]["features"]]


async def test_a_line_finds_what_lies_along_it(client):
    river = {"type": "LineString", "coordinates": [[115.0, 24.99], [115.03, 24.99]]}
    answer = await ask(client, geometry=river, radius_m=1200, layers=["hazard_points"])
    assert set(ids(answer)) == {"h-1", "h-2", "h-3"}
    distances = {f["id"][-3:]: f["properties"]["distance_m"] for f in answer["features"]["features"]}
    assert distances["h-3"] == 0
    # 0.01° of the meridian at 25° N: pyproj.Geod(ellps="GRS80").inv(115.004, 24.99, 115.004, 25)
    assert distances["h-1"] == pytest.approx(1107.7, abs=0.5)


async def test_radius_zero_is_inside_the_polygon(client):
    square = {
        "type": "Polygon",
        "coordinates": [[[115, 24.99], [115.012, 24.99], [115.012, 25.01], [115, 25.01], [115, 24.99]]],
    }
    assert set(ids(await ask(client, geometry=square, radius_m=0, layers=["hazard_points"]))) == {"h-1", "h-3"}


async def test_a_sector_looks_one_way_only(client):
    sector = {"lon": 115.012, "lat": 25, "start_deg": 45, "end_deg": 135}
    assert ids(await ask(client, sector=sector, radius_m=2000, layers=["hazard_points"])) == ["h-2"]
    sector |= {"start_deg": 225, "end_deg": 315}
    assert ids(await ask(client, sector=sector, radius_m=2000, layers=["hazard_points"])) == ["h-3", "h-1"]


async def test_a_division_and_a_feature_are_places_too(client):
    county = await ask(client, in_division="360721000000", radius_m=0)
    assert county["query"]["kind"] == "division"
    assert county["total"] == 7
    plant = await ask(client, feature="forest_zones/test/f-1", radius_m=500, layers=["hazard_points"])
    assert ids(plant) == ["h-1"]


async def test_affected_divisions_have_their_share(client):
    answer = await ask(client, geometry={"type": "Point", "coordinates": [115, 25]}, radius_m=1000)
    (county,) = answer["affected"]
    assert (county["code"], county["share_of_ring"]) == ("360721", 1.0)
    assert county["covered_km2"] == pytest.approx(3.14, abs=0.01)


async def test_rings_come_by_event(client):
    answer = await ask(client, geometry={"type": "Point", "coordinates": [115, 25]}, event="forest_fire")
    assert answer["query"]["radius_m"] == [3000, 5000, 10000]
    assert (await client.get("/risk", params={"lon": 115, "lat": 25, "event": "ufo"})).status_code == 422


async def test_the_contributions_add_up_to_the_index_exactly(client):
    text = (await client.get("/risk", params={"lon": 115, "lat": 25})).text
    index = json.loads(text, parse_float=Decimal)["index"]
    assert sum(each["points"] for each in index["contributions"]) == index["value"]
    for each in index["contributions"]:
        if each.get("listed"):
            assert sum(item["points"] for item in each["listed"]) + each["rest"]["points"] == each["points"]
        assert each["points"] <= each["maximum"]
    low, high = index["range"]
    assert low == index["value"] <= high <= 100


async def test_the_index_is_of_the_place_whatever_ring_is_drawn(client):
    near, far = [
        (await client.get("/risk", params={"lon": 115, "lat": 25, "radius_m": radius})).json()["index"]
        for radius in (50, 5000)
    ]
    assert near == far


async def test_a_red_hazard_next_door_is_never_drowned_in_a_low_index(client):
    index = (await client.get("/risk", params={"lon": 115.003, "lat": 25})).json()["index"]
    assert index["grade_by_index"] == "blue"
    assert index["grade"] == "red"
    assert "300 米内有红色要素" in index["why"]["zh"]


async def test_unknowns_widen_the_range_and_are_named(client):
    index = (await client.get("/risk", params={"lon": 115.02, "lat": 25})).json()["index"]
    assert index["range"][1] > index["value"]
    assert "1 处未分级" in index["why"]["zh"]
    assert "people unknown" in index["why"]["en"]


async def test_a_bureaus_rule_set_is_chosen_by_its_name(small_city, tmp_path):
    shipped = files("geo.risk").joinpath("rulesets/default.toml").read_text(encoding="utf-8")
    flood = shipped.replace('version = "2026.1"', 'version = "flood-1"').replace("red = 25", "red = 35")
    (tmp_path / "flood.toml").write_text(flood, encoding="utf-8")
    app = create_app(Settings(database_url=small_city, rulesets=tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://onemap") as asking:
        where = {"lon": 115, "lat": 25, "include": "index"}
        plain = (await asking.get("/risk", params=where)).json()["index"]
        chosen = (await asking.get("/risk", params=where | {"rules": "flood"})).json()["index"]
        unknown = await asking.get("/risk", params=where | {"rules": "nonesuch"})
        told = (await asking.get("/risk/rules", params={"rules": "flood"})).json()
    await app.state.onemap.database.close()
    assert (plain["rules"], chosen["rules"]) == ("2026.1", "flood-1")
    assert chosen["value"] > plain["value"]
    assert unknown.status_code == 422
    assert "flood" in unknown.text
    assert (told["version"], told["available"]) == ("flood-1", ["default", "flood"])


async def test_rules_and_presets_can_be_read(client):
    rules = (await client.get("/risk/rules")).json()
    assert sum(factor["maximum"] for factor in rules["factor"]) == 100
    presets = {each["event"]: each["rings_m"] for each in (await client.get("/risk/presets")).json()["presets"]}
    assert presets["chemical"] == [1000, 5000]


async def test_the_answer_can_be_taken_as_a_file(client):
    response = await client.get("/risk", params={"lon": 115, "lat": 25, "radius_m": 3000, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["source_id"] for row in rows] == ["f-1", "h-1", "h-3", "h-2"]
    assert 'filename="risk.csv"' in response.headers["content-disposition"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "只给出一个"),
        ({"in_division": "36", "feature": "a/b/c"}, "只给出一个"),
        ({"geometry": {"type": "Nonsense"}}, "GeoJSON"),
        ({"geometry": {"type": "LineString", "coordinates": []}}, "空的"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}, "无效"),
        ({"geometry": {"type": "LineString", "coordinates": [[0, 0], [400, 0]]}}, "不在"),
        ({"geometry": {"type": "Point", "coordinates": [115, 25]}, "radius_m": 0}, "大于 0"),
        ({"geometry": {"type": "Point", "coordinates": [115, 25]}, "surprise": 1}, "surprise"),
        ({"sector": {"lon": 115, "lat": 25, "start_deg": 1e9, "end_deg": 0}}, "方位角"),
    ],
)
async def test_a_bad_shape_is_a_422_in_words(client, body, words):
    response = await client.post("/risk", json=body)
    assert response.status_code == 422
    assert words in response.json()["detail"]


async def test_a_shape_over_the_180th_meridian_is_told_to_be_cut(client):
    response = await client.post("/risk", json={"geometry": LEAPING, "radius_m": 1000})
    assert response.status_code == 422
    assert "180" in response.json()["detail"]


async def test_townships_side_by_side_whose_edges_differ_in_length_are_one_place(client):
    parts = [
        [[[114.9, 24.9], [116.9, 24.9], [116.9, 25.9], [114.9, 25.9], [114.9, 24.9]]],
        [[[115.9, 25.9], [116.4, 26.4], [115.4, 26.4], [115.9, 25.9]]],
    ]
    answer = await ask(client, geometry={"type": "MultiPolygon", "coordinates": parts}, radius_m=0)
    assert "h-1" in ids(answer)


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
async def test_a_character_that_no_text_holds_is_a_422(client, character):
    response = await client.post("/risk", content=json.dumps({"feature": f"hazard_points/{character}/x"}))
    assert response.status_code == 422
    assert (await client.get("/search?q=%00")).status_code == 422


async def test_unknown_places_are_404(client):
    assert (await client.post("/risk", json={"in_division": "990000"})).status_code == 404
    assert (await client.post("/risk", json={"feature": "shelters/test/none"})).status_code == 404


async def batch(client, content, kind="text/csv", **parameters):
    response = await client.post("/risk/batch", content=content, headers={"Content-Type": kind}, params=parameters)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


async def test_a_batch_answers_each_row_in_order_and_a_wrong_row_with_its_error(client):
    sites = "编号,经度,纬度,半径\na,115,25,3000\nb,x,25,\nc,115,25,-5\nd,100,40,1000\n"
    a, b, c, d = await batch(client, sites.encode())
    assert (a["site"], a["total"], a["worst"]) == ("a", 4, "red")
    assert a["closest"]["hazard_points"]["id"] == "hazard_points/test/h-1"
    assert "不是数字" in b["error"]["zh"]
    assert "大于 0" in c["error"]["zh"]
    assert (d["total"], d["worst"], d["counts"]) == (0, None, {})


async def test_a_batch_agrees_with_the_single_answers(client):
    places = [(115 + n * 0.003, 25 + n * 0.001, 500 + 300 * n) for n in range(12)]
    lines = "\n".join(json.dumps({"site": n, "lon": x, "lat": y, "radius_m": r}) for n, (x, y, r) in enumerate(places))
    answers = await batch(client, lines.encode(), "application/x-ndjson")
    for (lon, lat, radius_m), answer in zip(places, answers, strict=True):
        single = (await client.get("/risk", params={"lon": lon, "lat": lat, "radius_m": radius_m})).json()
        assert answer["total"] == single["total"]
        counts = {(layer, grade): n for layer, grades in answer["counts"].items() for grade, n in grades.items()}
        assert counts == {(row["layer"], row["grade"]): row["count"] for row in single["counts"]}


async def test_geojson_sites_are_taken_too(client):
    sites = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "p", "geometry": {"type": "Point", "coordinates": [115, 25]}, "properties": {}},
            {"type": "Feature", "geometry": None, "properties": {}},
        ],
    }
    good, bad = await batch(client, json.dumps(sites).encode(), "application/geo+json", radius_m=3000)
    assert good["total"] == 4
    assert "error" in bad


async def test_a_batch_of_an_unknown_kind_is_refused(client):
    response = await client.post("/risk/batch", content=b"x", headers={"Content-Type": "image/png"})
    assert response.status_code == 422
