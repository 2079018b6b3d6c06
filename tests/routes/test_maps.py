"""Rendered maps: what is in the data is in the pixels, in its place, in its colour, and in Chinese."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from pyproj import Geod

from geo.cartography.frame import frame_around
from geo.cartography.furniture import inset_for
from geo.cartography.theme import Themes
from tests.pixels import near, of_colour, read
from tests.seeding import insert

THEMES = Themes()
AROUND = {"lon": 115.0, "lat": 25.0, "radius_m": "1000"}
PLAIN = {"legend": "false", "strip": "false"}
SIZE = (640, 480)


def frame_of(radius_m: float, **furniture: bool):
    inset = inset_for(*SIZE, legend=furniture.get("legend", False), strip=furniture.get("strip", False))
    return frame_around(115.0, 25.0, radius_m * 1.07, *SIZE, inset)


async def image(client, kind: str = "png", **parameters) -> bytes:
    response = await client.get(f"/maps/image.{kind}", params={"size": "640x480"} | AROUND | parameters)
    assert response.status_code == 200, response.text
    return response.content


async def test_a_picture_has_the_size_asked_for_at_every_scale(client):
    assert read(await image(client)).shape == (480, 640, 3)
    assert read(await image(client, scale="2")).shape == (960, 1280, 3)


@pytest.mark.parametrize("theme", THEMES.names)
async def test_each_grade_is_drawn_where_its_feature_is_in_its_colour(client, small_city, theme):
    grades = ["red", "orange", "yellow", "blue", None]
    places = [(115.0 + dx, 25.003) for dx in (-0.006, -0.003, 0.0, 0.003, 0.006)]
    for number, (grade, (lon, lat)) in enumerate(zip(grades, places, strict=True)):
        insert(small_city, "reservoirs", f"POINT({lon} {lat})", f"r-{number}", grade=grade)
    pixels = read(await image(client, layers="reservoirs", labels="false", theme=theme, **PLAIN))
    frame = frame_of(1000)
    for grade, (lon, lat) in zip(grades, places, strict=True):
        paint = THEMES.get(theme).grades[grade or "none"]
        around = near(pixels, *frame.pixel(lon, lat), 12)
        assert of_colour(around, paint.fill).sum() > 20, grade
        assert of_colour(around, paint.ink).sum() > 3, f"the glyph of {grade}"
        others = [each.fill for key, each in THEMES.get(theme).grades.items() if key not in (grade or "none", "none")]
        assert not any(of_colour(around, other).any() for other in others)


async def test_grades_that_are_not_asked_for_are_not_drawn(client):
    red = THEMES.get("light").grades["red"].fill
    assert of_colour(read(await image(client, grades="red", **PLAIN)), red).sum() > 50
    assert of_colour(read(await image(client, grades="blue", **PLAIN)), red).sum() == 0


async def test_the_ring_is_where_the_ellipsoid_says(client):
    for radius_m in (1000, 20_000):
        given = {"radius_m": str(radius_m), "layers": "reservoirs", "labels": "false"} | PLAIN
        pixels = read(await image(client, **given))
        frame = frame_of(radius_m)
        ink = of_colour(pixels, THEMES.get("light").surface.question, 90)
        for azimuth in range(10, 360, 20):
            lon, lat, _ = Geod(ellps="GRS80").fwd(115.0, 25.0, azimuth, radius_m)
            x, y = frame.pixel(lon, lat)
            assert near(ink[..., None], x, y, 1).any(), f"{radius_m} m at {azimuth}°"
            lon, lat, _ = Geod(ellps="GRS80").fwd(115.0, 25.0, azimuth, radius_m - 6 * frame.metres_per_px)
            assert not near(ink[..., None], *frame.pixel(lon, lat), 1).any()


def glyph_of(pixels) -> bytes:
    """The ink of a picture's middle as one comparable shape."""
    return np.packbits(of_colour(pixels, THEMES.get("light").surface.label, 110)).tobytes()


@pytest.mark.parametrize("character", ["水", "长", "㙍", "䢺", "𬇙", "赣"])
async def test_a_label_is_drawn_with_its_own_characters_and_not_as_boxes(client, small_city, character):
    drawn = {}
    for shown in (character, "\U000fffff", ""):
        insert(small_city, "reservoirs", "POINT(115 25.004)", "r-1", name=shown * 3)
        bbox = {"bbox": "114.998,25.002,115.002,25.006", "layers": "reservoirs", **PLAIN}
        response = await client.get("/maps/image.png", params={"size": "300x200", "layers": "reservoirs"} | bbox)
        drawn[shown] = glyph_of(read(response.content))
        with_psql(small_city, "DELETE FROM reservoirs")
    assert drawn[character] != drawn[""], "nothing was written"
    assert drawn[character] != drawn["\U000fffff"], "the font's box for a missing character was drawn"


def with_psql(dsn: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(dsn) as connection:
        connection.execute(statement)


HOSTILE = [
    "]]>", "<b>x</b>", "'; DROP TABLE reservoirs; --", "${[name]}", "[name]", '"quoted"', "\\u0000 \\n", "&amp;&",
    "长" * 200, "\u202eabc\u202c", "a\tb\nc\rd", "%s%n{0}", "   ", "😀🏞", "\u0301" * 20,
]  # fmt: skip


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
async def test_hostile_names_are_only_drawn(client, small_city, kind):
    for number, name in enumerate(HOSTILE):
        insert(small_city, "reservoirs", f"POINT({114.992 + number * 0.001} 25)", f"r-{number}", name=name, grade="red")
    drawn = await image(client, kind, layers="reservoirs")
    if kind == "png":
        assert of_colour(read(drawn), THEMES.get("light").grades["red"].fill).sum() > 200
    else:
        assert b"DROP TABLE" not in drawn


async def test_names_can_be_left_out_and_the_red_ones_are_first(client):
    colour = THEMES.get("light").grades["red"].text
    for labels, least, most in (("true", 40, 10_000), ("false", 0, 5)):
        pixels = read(await image(client, layers="hazard_points", labels=labels, **PLAIN))
        assert least <= of_colour(pixels, colour, 20).sum() <= most


async def test_demonstration_data_and_internal_use_are_noted_in_red(client, small_city):
    notice = THEMES.get("light").surface.notice

    async def noted(**parameters) -> int:
        pixels = read(await image(client, **parameters))
        return int(of_colour(pixels[-28:], notice, 60).sum())

    with_demo, without = await noted(layers="forest_zones"), await noted(layers="shelters")
    assert without > 100
    assert with_demo > without * 1.15


async def test_the_legend_counts_what_is_in_the_frame(client, small_city):
    before = await image(client, layers="reservoirs", size="800x480")
    insert(small_city, "reservoirs", "POINT(115 25)", "r-1", grade="red")
    after = read(await image(client, layers="reservoirs", size="800x480"))
    column = after[:, -160:]
    red = THEMES.get("light").grades["red"].fill
    assert of_colour(column, red).sum() > 30
    assert of_colour(read(before)[:, -160:], red).sum() == 0
    insert(small_city, "reservoirs", "POINT(115.5 25)", "r-2", grade="blue")
    farther = read(await image(client, layers="reservoirs", size="800x480"))
    assert np.array_equal(farther[:, -160:], column), "what lies outside the frame is not counted"


async def test_divisions_are_the_ground_even_when_they_are_not_asked_for(client):
    land, outside = THEMES.get("light").surface.land, THEMES.get("light").surface.outside
    pixels = read(await image(client, layers="reservoirs", bbox="113.5,24.5,115,25.5", **PLAIN))
    assert of_colour(pixels, land).sum() > 10_000
    assert of_colour(pixels, outside).sum() > 10_000


async def test_a_polygon_is_tinted_hatched_and_outlined_in_its_grade(client):
    pixels = read(await image(client, layers="forest_zones", labels="false", **PLAIN))
    x, y = frame_of(1000).pixel(114.9985, 25.0012)
    paint = THEMES.get("light").grades["orange"]
    inside = near(pixels, x, y, 14)
    assert not of_colour(inside, THEMES.get("light").surface.land, 2).all(axis=1).any()
    assert of_colour(inside, paint.text, 90).sum() > 20, "the hatch"


@pytest.mark.parametrize(
    ("kind", "begins", "media"),
    [
        ("png", b"\x89PNG", "image/png"),
        ("webp", b"RIFF", "image/webp"),
        ("pdf", b"%PDF-", "application/pdf"),
        ("svg", b"<?xml", "image/svg+xml"),
    ],
)
async def test_every_format_is_what_it_says(client, kind, begins, media):
    response = await client.get(f"/maps/image.{kind}", params=AROUND | {"size": "640x480"})
    assert response.headers["content-type"] == media
    assert response.content.startswith(begins)
    if kind == "webp":
        with Image.open(io.BytesIO(response.content)) as opened:
            assert opened.size == SIZE
    if kind == "svg":
        assert re.search(rb'width="640(px)?"', response.content)


async def test_the_same_question_has_the_same_bytes_and_an_etag_until_an_edit(client, small_city):
    first = await client.get("/maps/image.png", params=AROUND)
    assert (await client.get("/maps/image.png", params=AROUND)).content == first.content
    again = await client.get("/maps/image.png", params=AROUND, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    insert(small_city, "shelters", "POINT(115 25.002)", "s-9")
    fresh = await client.get("/maps/image.png", params=AROUND, headers={"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert fresh.content != first.content


async def test_an_edit_of_the_ground_is_seen_too(client, small_city):
    given = AROUND | {"layers": "shelters"}
    first = await client.get("/maps/image.png", params=given)
    with_psql(small_city, "UPDATE divisions SET geom = ST_Multi(ST_Translate(geom, 1.0, 0))")
    fresh = await client.get("/maps/image.png", params=given, headers={"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"bbox": "1,2,3"},
        {"bbox": "115,25,114,26"},
        {"lon": "115"},
        {"lon": "115", "lat": "25"},
        {"lon": "nan", "lat": "25", "radius_m": "1000"},
        {"lon": "115", "lat": "95", "radius_m": "1000"},
        AROUND | {"radius_m": "-1"},
        AROUND | {"radius_m": "200001"},
        AROUND | {"radius_m": ",".join(["1000"] * 11)},
        AROUND | {"size": "9999x9999"},
        AROUND | {"size": "4096x4096", "scale": "2"},
        AROUND | {"scale": "100"},
        AROUND | {"theme": "../light"},
        AROUND | {"layers": "volcanoes"},
        AROUND | {"grades": "purple"},
        AROUND | {"crs": "EPSG:1"},
        AROUND | {"division": "x"},
    ],
)
async def test_a_wrong_question_is_refused_in_words(client, wrong):
    response = await client.get("/maps/image.png", params=wrong)
    assert response.status_code == 422
    assert response.json()["detail"]


async def test_an_unknown_format_is_refused(client):
    assert (await client.get("/maps/image.gif", params=AROUND)).status_code == 422


async def test_a_layer_that_fails_is_an_error_and_never_a_blank_map(client, monkeypatch):
    def broken(*_: object, **__: object) -> str:
        return "<Map><Style name='marks'><Rule><Filter>[[</Filter></Rule></Style></Map>"

    monkeypatch.setattr("geo.cartography.picture.mapnik_style", broken)
    response = await client.get("/maps/image.png", params=AROUND)
    assert response.status_code == 500
    assert response.json()["code"] == "render"


async def test_the_legend_answers_what_the_wall_reads(client):
    answer = (await client.get("/legend.json", params={"theme": "dark", "lang": "en"})).json()
    entry = next(entry for entry in answer["entries"] if entry["layer"] == "hazard_points")
    assert [item["grade"] for item in entry["items"]] == ["red", "orange", "yellow", "blue", "none"]
    assert [item["shape"] for item in entry["items"]] == ["diamond", "triangle", "square", "circle", "ring"]
    assert [item["count"] for item in entry["items"]] == [1, 0, 0, 1, 1]
    assert entry["items"][0]["color"] == THEMES.get("dark").grades["red"].fill
    counted = (await client.get("/legend.json", params={"bbox": "115.003,24.99,115.005,25.01"})).json()
    entry = next(entry for entry in counted["entries"] if entry["layer"] == "hazard_points")
    assert [item["count"] for item in entry["items"]] == [1, 0, 0, 0, 0]


async def test_the_style_leads_to_tiles_and_sprites_that_exist(client):
    style = (await client.get("/style.json", params={"theme": "dark"})).json()
    for source in style["sources"].values():
        (template,) = source["tiles"]
        tile = await client.get(template.replace("{z}", "0").replace("{x}", "0").replace("{y}", "0"))
        assert tile.status_code == 200
    address, _, version = style["sprite"].partition("?")
    for kind in (".json", ".png", "@2x.json", "@2x.png"):
        answer = await client.get(f"{address}{kind}?{version}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    index = (await client.get(f"{address}.json")).json()
    assert "red-hazard-landslide" in index
    assert "http" not in json.dumps(style), "behind a proxy the service does not know its own name"


@pytest.mark.parametrize("file", ["light.gif", "nope.png", "light@9x.png", "..%2flight.json", "light@2x"])
async def test_a_sprite_that_does_not_exist_is_a_problem(client, file):
    assert (await client.get(f"/sprites/{file}")).status_code in (404, 422)


async def test_the_legend_is_a_picture_too_with_the_same_counts(client, small_city):
    red = THEMES.get("light").grades["red"].fill
    small = read((await client.get("/legend.png", params={"layers": "hazard_points"})).content)
    assert of_colour(small, red).sum() > 30
    assert small.shape == read((await client.get("/legend.png", params={"layers": "hazard_points"})).content).shape
    large = read((await client.get("/legend.png", params={"layers": "hazard_points", "scale": 2})).content)
    assert large.shape[:2] == (small.shape[0] * 2, small.shape[1] * 2)
    everything = read((await client.get("/legend.png")).content)
    assert everything.shape[0] > small.shape[0]
    without = await client.get("/legend.png", params={"layers": "hazard_points", "grades": "blue"})
    assert of_colour(read(without.content), red).sum() == 0
    assert (await client.get("/legend.svg")).content.startswith(b"<?xml")
    assert (await client.get("/legend.gif")).status_code == 422
