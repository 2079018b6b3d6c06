"""``/layers``: the catalogue counts what is there, and features are paged without loss."""

from __future__ import annotations

from tests.seeding import insert


async def catalogue(client, **parameters):
    return {layer["name"]: layer for layer in (await client.get("/layers", params=parameters)).json()["layers"]}


async def test_the_catalogue_counts_every_grade_and_the_ungraded(client):
    layers = await catalogue(client)
    assert layers["hazard_points"]["counts"] == {"red": 1, "orange": 0, "yellow": 0, "blue": 1, "none": 1}
    assert layers["hazard_points"]["total"] == 3
    assert layers["reservoirs"]["total"] == 0
    assert layers["reservoirs"]["extent"] is None


async def test_titles_and_units_are_given_in_both_languages(client):
    assert (await catalogue(client))["reservoirs"]["title"] == "水库"
    assert (await catalogue(client, lang="en"))["reservoirs"]["title"] == "Reservoirs"


async def test_an_edit_by_any_tool_is_counted_in_the_next_answer(client, small_city):
    before = (await catalogue(client))["shelters"]
    insert(small_city, "shelters", "POINT(115 25)", "s-2")
    after = (await catalogue(client))["shelters"]
    assert after["total"] == before["total"] + 1
    assert after["revision"] == before["revision"] + 1


async def test_an_unknown_layer_is_named_with_the_known_ones(client):
    problem = (await client.get("/layers/volcanoes")).json()
    assert problem["code"] == "unknown-layer"
    assert "hazard_points" in problem["detail"]


async def test_pages_follow_each_other_until_nothing_is_left(client):
    seen, parameters = [], {"limit": 1}
    while True:
        page = (await client.get("/layers/hazard_points/features", params=parameters)).json()
        seen += [feature["id"] for feature in page["features"]]
        if not page["truncated"]:
            assert page["next"] is None
            break
        parameters = {"limit": 1, "cursor": page["next"]}
    assert seen == [f"hazard_points/test/h-{n}" for n in (1, 2, 3)]


async def test_a_box_selects_what_touches_it(client):
    page = (await client.get("/layers/hazard_points/features", params={"bbox": "115.009,24.99,115.011,25.01"})).json()
    assert [feature["id"] for feature in page["features"]] == ["hazard_points/test/h-3"]


async def test_a_wrong_box_is_refused(client):
    for wrong in ("1,2,3", "a,b,c,d", "116,24,114,26", "nan,0,1,1", "0,0,0,0"):
        assert (await client.get("/layers/shelters/features", params={"bbox": wrong})).status_code == 422


async def test_one_feature_has_everything_but_what_is_masked(client):
    feature = (await client.get("/layers/hazard_points/features/test/h-1")).json()
    assert feature["id"] == "hazard_points/test/h-1"
    assert feature["properties"]["name"] == "下坝组滑坡"
    assert feature["properties"]["responsible_person"] == "张*"
    assert "imported_at" in feature["properties"]


async def test_a_feature_that_is_not_there_is_a_404_in_words(client):
    response = await client.get("/layers/hazard_points/features/test/none")
    assert response.status_code == 404
    assert response.json()["code"] == "not-found"
