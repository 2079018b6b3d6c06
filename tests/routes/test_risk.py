"""``GET /risk``: what is near, how far, how bad, and clear words for bad questions."""

from __future__ import annotations

import json

import pytest

HERE = {"lon": 115, "lat": 25}


async def ask(client, **parameters):
    response = await client.get("/risk", params=HERE | parameters)
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer):
    return [feature["id"] for feature in answer["features"]["features"]]


async def test_features_of_all_layers_come_nearest_first(client):
    answer = await ask(client, radius_m=3000)
    assert ids(answer) == [
        "forest_zones/test/f-1",
        "hazard_points/test/h-1",
        "hazard_points/test/h-3",
        "hazard_points/test/h-2",
    ]
    distances = [feature["properties"]["distance_m"] for feature in answer["features"]["features"]]
    assert distances[0] == 0
    assert distances == sorted(distances)
    # pyproj.Geod(ellps="GRS80").inv(115, 25, 115.004, 25)
    assert distances[1] == pytest.approx(403.80036, abs=0.001)


async def test_a_place_inside_a_zone_has_no_bearing_and_east_is_ninety_degrees(client):
    zone, point, line, _ = (await ask(client, radius_m=3000))["features"]["features"]
    assert zone["properties"]["bearing_deg"] is None
    assert point["properties"]["bearing_deg"] == pytest.approx(90, abs=0.01)
    assert line["properties"]["bearing_deg"] == pytest.approx(90, abs=0.01)


async def test_counts_add_up_by_layer_grade_and_ring_with_the_ungraded(client):
    answer = await ask(client, radius_m="1000,1500,3000")
    assert answer["counts"] == [
        {"family": "risk", "layer": "hazard_points", "grade": "red", "ring_m": 1000, "count": 1},
        {"family": "risk", "layer": "hazard_points", "grade": "blue", "ring_m": 1500, "count": 1},
        {"family": "risk", "layer": "hazard_points", "grade": "none", "ring_m": 3000, "count": 1},
        {"family": "risk", "layer": "forest_zones", "grade": "orange", "ring_m": 1000, "count": 1},
    ]
    assert sum(row["count"] for row in answer["counts"]) == answer["total"] == 4


async def test_the_division_of_the_place_is_named(client):
    assert (await ask(client))["place"]["divisions"] == [
        {"code": "360721", "name": "赣县区", "level": "county", "demo": False}
    ]


async def test_help_is_named_beyond_the_radius_but_never_a_closed_helipad(client):
    nearest = {group["layer"]: group["features"] for group in (await ask(client, radius_m=100))["nearest"]}
    assert [feature["properties"]["name"] for feature in nearest["shelters"]] == ["中心小学"]
    assert [feature["properties"]["name"] for feature in nearest["helipads"]] == ["中学起降点"]


async def test_counts_stay_complete_when_the_list_is_cut(client):
    answer = await ask(client, radius_m=3000, limit=1)
    assert answer["truncated"] is True
    assert len(answer["features"]["features"]) == 1
    assert answer["total"] == 4


async def test_grades_and_divisions_filter(client):
    assert ids(await ask(client, radius_m=3000, grades="red,none")) == [
        "hazard_points/test/h-1",
        "hazard_points/test/h-2",
    ]
    assert ids(await ask(client, radius_m=3000, division="360721")) == [
        "hazard_points/test/h-1",
        "hazard_points/test/h-3",
    ]
    assert ids(await ask(client, radius_m=3000, division="360721101000")) == ["hazard_points/test/h-1"]


async def test_personal_data_is_masked_and_extra_stays_inside(client):
    answer = await ask(client, radius_m=1000, layers="hazard_points")
    properties = answer["features"]["features"][0]["properties"]
    assert properties["responsible_person"] == "张*"
    assert properties["responsible_phone"] == "138****78"
    assert "extra" not in properties
    assert "三丰" not in json.dumps(answer, ensure_ascii=False)


async def test_hostile_text_comes_back_as_the_same_text(client):
    answer = await ask(client, radius_m=3000, layers="hazard_points")
    names = [feature["properties"]["name"] for feature in answer["features"]["features"]]
    assert "</script><b>'; DROP TABLE shelters; -- \u202e𬇙㙍" in names


async def test_the_same_place_in_gauss_kruger_metres_gets_the_same_answer(client):
    # pyproj: 115, 25 in EPSG:4548 (central meridian 117)
    plane = await ask(client, lon=298073.27579, lat=2767544.00141, crs="EPSG:4548", radius_m=3000)
    assert ids(plane) == ids(await ask(client, radius_m=3000))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"lon": "NaN"}, "lon", "不在经度"),
        ({"lon": 181}, "lon", "不在经度"),
        ({"lat": -90.01}, "lat", "不在经度"),
        ({"lon": 25, "lat": 115}, "lat", "写反"),
        ({"lon": "here"}, "lon", "不是数字"),
        ({"radius_m": -1}, "radius_m", "大于 0"),
        ({"radius_m": 0}, "radius_m", "大于 0"),
        ({"radius_m": 200_001}, "radius_m", "200,000"),
        ({"radius_m": "NaN"}, "radius_m", "大于 0"),
        ({"radius_m": "1000,x"}, "radius_m", "无法识别"),
        ({"radius_m": ","}, "radius_m", "为空"),
        ({"radius_m": ",".join(str(n) for n in range(1, 12))}, "radius_m", "1 到 10"),
        ({"layers": "hazard_points,volcanoes"}, "layers", "volcanoes"),
        ({"grades": "pink"}, "grades", "pink"),
        ({"division": "36; DROP"}, "division", "2 到 12 位数字"),
        ({"division": "３６０７"}, "division", "2 到 12 位数字"),
        ({"crs": "EPSG:4610"}, "crs", "Xian 1980"),
        ({"crs": "mars"}, "crs", "不认识"),
        ({"limit": 0}, "limit", "limit"),
        ({"limit": 50_001}, "limit", "50000"),
        ({"nearest": 21}, "nearest", "20"),
    ],
)
async def test_a_bad_question_is_a_422_that_says_what_is_wrong(client, wrong, field, words):
    response = await client.get("/risk", params=HERE | wrong)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert field in [each["field"] for each in problem["errors"]]
    assert words in problem["detail"]


async def test_errors_speak_english_when_asked(client):
    by_query = await client.get("/risk", params=HERE | {"radius_m": -1, "lang": "en"})
    by_header = await client.get("/risk", params=HERE | {"radius_m": -1}, headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert "should be more than 0" in by_query.json()["detail"]
    assert "should be more than 0" in by_header.json()["detail"]


async def test_an_answer_is_not_sent_again_to_who_has_it(client):
    first = await client.get("/risk", params=HERE)
    again = await client.get("/risk", params=HERE, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
