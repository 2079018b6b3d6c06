"""What the wall watches: figures of a frame from one reading, what changed lately, saved views, scenes."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest

from api.main import create_app
from api.settings import Settings
from geo import kept_figures
from geo.risk import read_presets
from geo.risk.rules import BadRules
from geo.scenes import read_scenes

GRADES = ("red", "orange", "yellow", "blue", "none")


async def figures(client, **asked):
    response = await client.get("/statistics", params={"by": "all", **asked})
    assert response.status_code == 200, response.text
    return response.json()


async def test_layers_counties_and_the_sum_agree_with_each_other_and_with_the_catalogue(client):
    told = await figures(client)
    catalogue = {layer["name"]: layer for layer in (await client.get("/layers")).json()["layers"]}
    assert {row["layer"]: row["counts"] for row in told["layers"]} == {
        name: layer["counts"] for name, layer in catalogue.items() if layer["total"] and layer["family"] != "base"
    }
    graded = [row for row in told["layers"] if catalogue[row["layer"]]["graded"]]
    for grade in GRADES:
        assert told["counts"][grade] == sum(row["counts"][grade] for row in graded)
        assert told["counts"][grade] == sum(row["counts"][grade] for row in told["divisions"])
    assert told["total"] == sum(row["total"] for row in told["townships"]) == 4
    assert {row["code"] for row in told["townships"]} == {"360721101", "360721102", None}


async def test_the_figures_follow_a_frame_and_its_layers(client):
    told = await figures(client, bbox="115.015,24.99,115.06,25.01", layers="hazard_points,helipads")
    assert {row["layer"]: row["total"] for row in told["layers"]} == {"hazard_points": 1, "helipads": 1}
    assert told["total"] == 1, "a helipad is no risk"


async def test_a_layer_that_is_not_counted_leaves_the_sums_but_not_the_tree(client):
    told = await figures(client, counted="forest_zones")
    assert told["total"] == sum(row["total"] for row in told["divisions"]) == 1
    assert {row["layer"]: row["total"] for row in told["layers"]}["hazard_points"] == 3
    assert (await figures(client, counted=""))["total"] == 0


async def test_the_outlines_of_the_counties_are_coarse_and_have_a_place_for_their_name(client):
    told = (await client.get("/statistics/outlines")).json()
    (county,) = told["features"]
    assert county["properties"] == {"code": "360721", "name": "赣县区", "lon": 115, "lat": 25}
    assert (await client.get("/statistics/outlines", params={"level": "township"})).json()["features"] == []


async def test_the_changes_of_a_day_are_told_newest_first_with_their_places(client, small_city):
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET grade = 'orange' WHERE source_id = 'h-1'")
    told = (await client.get("/changes")).json()
    first = told["changes"][0]
    assert (first["kind"], first["id"]) == ("regraded", "hazard_points/test/h-1")
    assert (first["grade_before"], first["grade"], first["name"]) == ("red", "orange", "下坝组滑坡")
    assert first["geometry"]["coordinates"] == [115.004, 25]
    assert told["total"] == len(told["changes"]) == sum(told["by_hour"]) == 8
    assert told["by_hour"][-1] == 8
    assert told["gained"]["hazard_points"] == {"orange": 1, "blue": 1, "none": 1}
    assert "张三丰" not in json.dumps(told, ensure_ascii=False)


async def test_the_changes_of_some_layers_cut_at_a_limit_say_so(client):
    told = (await client.get("/changes", params={"layers": "hazard_points", "limit": 2})).json()
    assert [told["total"], len(told["changes"]), told["truncated"]] == [3, 2, True]
    assert (await client.get("/changes", params={"hours": 0})).status_code == 422


async def test_a_view_is_kept_by_name_for_everybody_and_can_be_removed(client):
    link = "#map=12/25.95/115.3&hide=shelters&without=blue"
    for name in ("全市总览", "贡水沿线", "会昌 强降雨区"):
        assert (await client.put(f"/views/{name}", json={"link": link, "duty": "flood"})).status_code == 200
    await client.put("/views/全市总览", json={"link": "#map=9/25.9/115", "duty": "flood"})
    listed = (await client.get("/views")).json()["views"]
    assert [view["name"] for view in listed] == ["全市总览", "贡水沿线", "会昌 强降雨区"], "in the order of saving"
    assert listed[0]["link"] == "#map=9/25.9/115"
    assert (await client.delete("/views/贡水沿线")).status_code == 204
    assert (await client.delete("/views/贡水沿线")).status_code == 404
    assert len((await client.get("/views")).json()["views"]) == 2


async def test_saving_a_view_is_an_event_for_open_walls(client, small_city):
    await client.put("/views/a", json={"link": "#map=9/25/115"})
    with psycopg.connect(small_city) as connection:
        row = connection.execute("SELECT revision FROM onemap_revisions WHERE layer = 'wall:views'").fetchone()
    assert row == (1,)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a", {"link": "https://elsewhere.example"}),
        ("a", {"link": "#" + "x" * 8001}),
        (" a", {"link": "#a"}),
        ("长" * 41, {"link": "#a"}),
        ("a", {"link": "#a\nb"}),
        ("a", {"link": "#a", "more": 1}),
    ],
)
async def test_a_view_that_is_none_is_refused(client, name, body):
    assert (await client.put(f"/views/{name}", json=body)).status_code == 422


async def test_the_scenes_name_layers_and_rings_that_are_there(client):
    told = (await client.get("/scenes", params={"lang": "zh"})).json()
    assert [scene["title"] for scene in told["scenes"]] == ["综合", "防汛", "森林防火", "地质灾害", "安全生产"]
    known = {layer["name"] for layer in (await client.get("/layers")).json()["layers"]}
    presets = {each["event"]: each["rings_m"] for each in (await client.get("/risk/presets")).json()["presets"]}
    for scene in told["scenes"]:
        assert set(scene["layers"]) <= known
        assert scene["rings_m"] == presets[scene["event"]]
    assert "reservoirs" in told["scenes"][1]["layers"]
    assert told["screen"] == {"wall_pitch_mm": None, "tour_s": 30.0, "tour_rest_s": 180.0}


async def test_a_bureaus_own_scenes_are_served_and_a_wrong_file_is_said(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[wind]\ntitle = { zh = "防风", en = "Wind" }\nevent = "general"\nlayers = ["shelters"]\n')
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/none", scenes=own, wall_pitch_mm=0.93)
    assert create_app(settings).state.onemap.scenes["wind"].layers == ("shelters",)
    own.write_text('[wind]\ntitle = { zh = "防风", en = "Wind" }\nevent = "storm"\n')
    with pytest.raises(BadRules, match="storm"):
        read_scenes(read_presets(), own)
    own.write_text("[wind")
    with pytest.raises(BadRules):
        read_scenes(read_presets(), own)


async def test_figures_of_everything_are_counted_once_for_all_who_ask_and_anew_after_an_edit(
    client, small_city, monkeypatch
):
    countings = []

    async def counted(*asked):
        countings.append(asked)
        return await count(*asked)

    count = kept_figures.figures
    monkeypatch.setattr(kept_figures, "figures", counted)
    first, *others = await asyncio.gather(*(figures(client) for _ in range(5)))
    assert all(each == first for each in others)
    assert (first["counts"]["red"], first["counts"]["orange"]) == (1, 1)
    assert await figures(client) == first
    assert len(countings) == 1
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET grade = 'orange' WHERE source_id = 'h-1'")
    renewed = await figures(client)
    assert (renewed["counts"]["red"], renewed["counts"]["orange"]) == (0, 2)
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE divisions SET name = '赣县' WHERE source_id = '360721'")
    assert [row["name"] for row in (await figures(client))["divisions"] if row["code"] == "360721"] == ["赣县"]
    assert len(countings) == 3
    await figures(client, counted="forest_zones")
    await figures(client, bbox="115.015,24.99,115.06,25.01")
    await figures(client, bbox="115.015,24.99,115.06,25.01")
    assert len(countings) == 6, "another choice is another counting, and a frame is always counted"


async def test_the_legend_of_everything_counts_what_its_layers_hold(client):
    everything = (await client.get("/legend.json")).json()["entries"]
    world = (await client.get("/legend.json", params={"bbox": "-180,-90,180,90"})).json()["entries"]
    assert everything == world
    (hazards,) = [entry for entry in everything if entry["layer"] == "hazard_points"]
    assert sum(item["count"] for item in hazards["items"]) == 3
