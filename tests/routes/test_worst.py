"""``/features``: the risks of a frame, worst first, from its middle outwards."""

from __future__ import annotations

import psycopg

from tests.seeding import insert, insert_many

CITY = "114,24,116,26"


async def listed(client, **asked):
    response = await client.get("/features", params={"bbox": CITY, **asked})
    assert response.status_code == 200, response.text
    return response.json()


def ids(told):
    return [feature["id"] for feature in told["features"]]


async def test_the_worst_come_first_and_resources_are_no_risks(client):
    told = await listed(client)
    assert ids(told) == [
        "hazard_points/test/h-1",
        "forest_zones/test/f-1",
        "hazard_points/test/h-3",
        "hazard_points/test/h-2",
    ]
    assert [feature["properties"]["grade"] for feature in told["features"]] == ["red", "orange", "blue", None]
    assert told["truncated"] is False


async def test_a_row_tells_where_it_is_and_nothing_of_persons(client):
    first = (await listed(client, grades="red"))["features"][0]
    assert first["properties"] == {
        "layer": "hazard_points",
        "source": "test",
        "source_id": "h-1",
        "name": "下坝组滑坡",
        "grade": "red",
        "grade_basis": {"kind": "none"},
        "division_code": "360721101",
        "division": "赣县区",
        "data_date": "2026-05-01",
        "demo": False,
    }
    assert first["geometry"] == {"type": "Point", "coordinates": [115.004, 25]}


async def test_county_and_township_are_named_where_they_are_known(client, small_city):
    square = "MULTIPOLYGON(((115 24.9, 115.1 24.9, 115.1 25.1, 115 25.1, 115 24.9)))"
    insert(small_city, "divisions", square, "360721101", name="梅林镇", level="township")
    named = {row["id"]: row["properties"]["division"] for row in (await listed(client))["features"]}
    assert named["hazard_points/test/h-1"] == "赣县区 梅林镇"
    assert named["hazard_points/test/h-3"] == "赣县区", "its township is not loaded"
    assert named["hazard_points/test/h-2"] is None, "its county is not loaded"


async def test_an_area_is_a_point_on_it(client):
    (zone,) = (await listed(client, layers="forest_zones"))["features"]
    assert zone["geometry"]["type"] == "Point"
    lon, lat = zone["geometry"]["coordinates"]
    assert 114.99 < lon < 115.001
    assert 24.99 < lat < 25.01


async def test_of_one_grade_what_the_frame_is_centred_on_comes_first(client, small_city):
    rows = [(f"POINT({115 + at / 100} 25.5)", f"r-{at}", {"grade": "red"}) for at in range(10)]
    insert_many(small_city, "reservoirs", rows)
    for at in (0, 4, 9):
        box = f"{114.9 + at / 100},25.4,{115.1 + at / 100},25.6"
        assert ids(await listed(client, bbox=box, limit=1)) == [f"reservoirs/test/r-{at}"], "moving there lists it"


async def test_what_lies_at_one_place_is_ordered_by_layer_and_id(client, small_city):
    for layer in ("reservoirs", "hazard_points"):
        rows = [("POINT(115.5 25.5)", f"{name}", {"grade": "orange"}) for name in ("b", "a", "c")]
        insert_many(small_city, layer, rows)
    box = "115.4,25.4,115.6,25.6"
    every = [f"{layer}/test/{name}" for layer in ("hazard_points", "reservoirs") for name in "abc"]
    for limit in range(1, 7):
        told = await listed(client, bbox=box, limit=limit)
        assert ids(told) == every[:limit]
        assert told["truncated"] is (limit < 6)


async def test_lesser_grades_fill_what_the_worse_leave(client, small_city):
    rows = [(f"POINT({115 + at / 100} 25.5)", f"r-{at}", {"grade": "yellow"}) for at in range(3)]
    insert_many(small_city, "reservoirs", rows)
    told = await listed(client, limit=4)
    assert [row["properties"]["grade"] for row in told["features"]] == ["red", "orange", "yellow", "yellow"]
    assert told["truncated"] is True


async def test_grades_divisions_and_layers_filter(client):
    assert ids(await listed(client, grades="orange,blue")) == ["forest_zones/test/f-1", "hazard_points/test/h-3"]
    assert ids(await listed(client, division="360721101")) == ["hazard_points/test/h-1"]
    assert ids(await listed(client, layers="forest_zones,shelters")) == ["forest_zones/test/f-1"]
    assert ids(await listed(client, bbox="115.0005,24.995,115.0009,25.005")) == ["forest_zones/test/f-1"], "touched"


async def test_an_edit_by_any_tool_is_in_the_next_list_and_what_is_retired_is_not(client, small_city):
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET grade = 'red' WHERE source_id = 'h-2'")
        connection.execute("UPDATE hazard_points SET retired_at = now() WHERE source_id = 'h-1'")
    assert ids(await listed(client, grades="red")) == ["hazard_points/test/h-2"]


async def test_a_frame_without_risks_is_an_empty_list(client):
    assert await listed(client, bbox="100,30,101,31") == {
        "type": "FeatureCollection",
        "features": [],
        "truncated": False,
    }


async def test_what_makes_no_sense_is_refused(client):
    for wrong in ({"bbox": "116,24,114,26"}, {"layers": "shelters"}, {"layers": "x"}, {"limit": 201}, {"grades": "no"}):
        assert (await client.get("/features", params={"bbox": CITY, **wrong})).status_code == 422, wrong
    assert (await client.get("/features")).status_code == 422, "a frame is needed"


async def test_the_same_list_is_not_sent_twice(client):
    first = await client.get("/features", params={"bbox": CITY})
    again = await client.get("/features", params={"bbox": CITY}, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
