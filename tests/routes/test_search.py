"""Search and statistics: found by part of a name or by id; counts that add up to the catalogue's."""

from __future__ import annotations

import pytest


async def found(client, q, **more):
    response = await client.get("/search", params={"q": q, **more})
    assert response.status_code == 200, response.text
    return response.json()["results"]


async def test_a_part_of_a_name_finds_it_with_a_place(client):
    (hit,) = await found(client, "坝组")
    assert hit["id"] == "hazard_points/test/h-1"
    assert hit["grade"] == "red"
    assert hit["geometry"]["coordinates"] == [115.004, 25]
    assert "responsible_person" not in hit


async def test_an_id_is_found_by_its_beginning_and_the_whole_match_comes_first(client):
    ids = [hit["id"] for hit in await found(client, "h-")]
    assert ids == ["hazard_points/test/h-1", "hazard_points/test/h-3", "hazard_points/test/h-2"]
    assert (await found(client, "起降点"))[0]["name"] == "中学起降点"


@pytest.mark.parametrize("q", ["%", "_", "\\", "'; DROP TABLE shelters; --x", "zz"])
async def test_signs_of_sql_and_like_are_only_themselves(client, q):
    assert await found(client, q) == []


@pytest.mark.parametrize("q", ["", "   ", "长" * 81])
async def test_nothing_or_too_much_is_refused(client, q):
    assert (await client.get("/search", params={"q": q})).status_code == 422


async def test_counts_by_county_add_up_to_the_catalogue(client):
    body = (await client.get("/statistics", params={"by": "division"})).json()
    layers = (await client.get("/layers")).json()["layers"]
    assert body["total"] == sum(layer["total"] for layer in layers if layer["graded"])
    rows = {row["code"]: row for row in body["rows"]}
    assert rows["360721"]["name"] == "赣县区"
    assert rows["360721"]["counts"] == {"red": 1, "orange": 0, "yellow": 0, "blue": 1, "none": 0}
    assert rows[None]["counts"]["orange"] == 1, "what has no division is counted too"
    assert body["rows"][0]["code"] == "360721", "the most severe first"


async def test_counts_follow_a_frame(client):
    body = (await client.get("/statistics", params={"bbox": "115.015,24.99,115.03,25.01"})).json()
    assert [(row["code"], row["total"]) for row in body["rows"]] == [("360722", 1)]
    assert (await client.get("/statistics", params={"layers": "shelters"})).status_code == 422
