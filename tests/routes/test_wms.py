"""WMS over HTTP: what a client asks for by the standard is drawn, told and refused as the standard says."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import psycopg
import pytest
from PIL import Image
from pyproj import Proj

from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.theme import Themes
from layers.registry import discover
from tests.pixels import near, of_colour, read
from tests.seeding import insert
from tests.wms import INFO, MAP, WMS, ask, capabilities, code_of, old, pixels

LIGHT = Themes().get("light")
RED = LIGHT.grades["red"].fill


async def test_capabilities_tell_every_layer_in_chinese_with_its_extent_and_styles(client):
    root = await capabilities(client)
    assert root.tag == f"{WMS}WMS_Capabilities"
    leaves = {each.findtext(f"{WMS}Name"): each for each in root.iter(f"{WMS}Layer")}
    registry = discover()
    assert set(registry) <= set(leaves)
    for name, layer in registry.items():
        assert leaves[name].findtext(f"{WMS}Title") == layer.title.zh
        assert [each.text for each in leaves[name].findall(f"{WMS}Style/{WMS}Name")] == ["light", "dark", "print"]
    box = leaves["hazard_points"].find(f"{WMS}EX_GeographicBoundingBox")
    assert [float(each.text) for each in box] == pytest.approx([115.004, 115.02, 24.9, 25.1])
    by_crs = {each.get("CRS"): each for each in leaves["hazard_points"].findall(f"{WMS}BoundingBox")}
    assert float(by_crs["EPSG:4490"].get("minx")) == 24.9
    assert float(by_crs["CRS:84"].get("minx")) == 115.004
    assert (await capabilities(client, lang="en")).findtext(f"{WMS}Service/{WMS}Title") == "Emergency one map"


async def test_capabilities_offer_every_crs_once_on_the_root(client):
    root = await capabilities(client)
    assert [each.text for each in root.findall(f"{WMS}Capability/{WMS}Layer/{WMS}CRS")] == list(MAP_CRSS)
    older = await capabilities(client, "1.1.1")
    assert [each.text for each in older.findall("Capability/Layer/SRS")] == list(MAP_CRSS)


@pytest.mark.parametrize(
    ("asked", "answered", "media"),
    [
        (None, "1.3.0", "text/xml"), ("1.1.1", "1.1.1", "application/vnd.ogc.wms_xml"), ("9.9.9", "1.3.0", "text/xml"),
        ("1.0.0", "1.1.1", "application/vnd.ogc.wms_xml"), ("1.2.0", "1.1.1", "application/vnd.ogc.wms_xml"),
    ],
)  # fmt: skip
async def test_the_version_is_negotiated(client, asked, answered, media):
    response = await ask(client, service="WMS", request="GetCapabilities", version=asked)
    assert ElementTree.fromstring(response.content).get("version") == answered
    assert response.headers["content-type"].startswith(media)


async def test_both_versions_draw_the_same_place(client):
    new, older = await pixels(client, MAP), await pixels(client, old(MAP))
    assert np.array_equal(new, older)
    # (115.004, 25) is the middle of the box.
    assert of_colour(near(new, 200, 200, 14), RED).sum() > 20
    assert of_colour(new, RED).sum() == of_colour(near(new, 200, 200, 30), RED).sum()


async def test_swapped_axes_show_another_place(client):
    assert of_colour(await pixels(client, MAP, BBOX="114.984,24.98,115.024,25.02"), RED).sum() == 0
    assert of_colour(await pixels(client, MAP, BBOX="114.984,24.98,115.024,25.02", CRS="CRS:84"), RED).sum() > 20


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:4526", "EPSG:4547"])
async def test_a_mark_is_where_the_crs_says(client, code):
    crs = MAP_CRSS[code]
    box = crs.ordered(crs.of_degrees(114.99, 24.99, 115.03, 25.03), by_authority=True)
    drawn = await pixels(client, MAP, CRS=code, BBOX=",".join(map(repr, box)), WIDTH="500", HEIGHT="500")
    west, south, east, north = crs.of_degrees(114.99, 24.99, 115.03, 25.03)
    px, py = Proj(crs.srs)(115.004, 25.0)
    x, y = (px - west) / (east - west) * 500, (north - py) / (north - south) * 500
    rows, columns = np.nonzero(of_colour(drawn, RED))
    assert abs((columns.min() + columns.max()) / 2 - x) < 2
    assert abs((rows.min() + rows.max()) / 2 - y) < 2


async def test_a_picture_is_stretched_where_box_and_size_do_not_agree(client):
    drawn = await pixels(client, MAP, WIDTH="800")
    assert drawn.shape == (400, 800, 3)
    assert of_colour(near(drawn, 400, 200, 14), RED).sum() > 20


async def test_transparency_background_and_formats(client):
    response = await ask(client, **MAP, TRANSPARENT="TRUE")
    with Image.open(io.BytesIO(response.content)) as image:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert alpha[0, 0] == 0
    assert alpha.max() == 255
    coloured = await pixels(client, MAP, BGCOLOR="0x123456")
    assert tuple(coloured[0, 0]) == (0x12, 0x34, 0x56)
    begins = {
        "image/png; mode=8bit": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/webp": b"RIFF",
        "image/svg+xml": b"<?xml", "application/pdf": b"%PDF",
    }  # fmt: skip
    for media, first in begins.items():
        response = await ask(client, **(MAP | {"FORMAT": media}))
        assert response.content.startswith(first)
        assert response.headers["content-type"].startswith(media.split(";")[0])


async def test_a_higher_resolution_draws_the_same_map_with_larger_marks(client):
    small = of_colour(await pixels(client, MAP), RED).sum()
    large = of_colour(await pixels(client, MAP, DPI="192", WIDTH="800", HEIGHT="800"), RED).sum()
    assert 3 < large / small < 5
    odd = await pixels(client, MAP, DPI="133", WIDTH="401", HEIGHT="399")
    assert odd.shape == (399, 401, 3)


async def test_the_last_layer_lies_on_top_whatever_its_grade(client, small_city):
    insert(small_city, "reservoirs", "POINT(115.004 25)", "r-1", grade="blue")
    blue = LIGHT.grades["blue"].fill
    over = near(await pixels(client, MAP, LAYERS="hazard_points,reservoirs"), 200, 200, 4)
    under = near(await pixels(client, MAP, LAYERS="reservoirs,hazard_points"), 200, 200, 4)
    assert of_colour(over, blue).sum() > of_colour(over, RED).sum()
    assert of_colour(under, RED).sum() > of_colour(under, blue).sum()


async def test_a_transparent_base_map_hides_nothing(client):
    response = await ask(client, **(MAP | {"LAYERS": "divisions", "TRANSPARENT": "TRUE"}))
    with Image.open(io.BytesIO(response.content)) as image:
        assert np.asarray(image.convert("RGBA"))[200, 200, 3] == 0
    assert tuple((await pixels(client, MAP, LAYERS="divisions"))[200, 200]) == tuple(
        bytes.fromhex(LIGHT.surface.land[1:])
    )


async def test_grades_and_division_are_the_one_selections(client):
    assert of_colour(await pixels(client, MAP, GRADES="blue"), RED).sum() == 0
    assert of_colour(await pixels(client, MAP, DIVISION="360722"), RED).sum() == 0
    assert of_colour(await pixels(client, MAP, DIVISION="360721"), RED).sum() > 20


async def test_an_edit_shows_in_the_next_map_and_nothing_else_is_sent_again(client, small_city):
    first = await ask(client, **MAP)
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await client.get("/wms", params=MAP, headers=tag)).status_code == 304
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET grade = 'blue' WHERE source_id = 'h-1'")
    after = await client.get("/wms", params=MAP, headers=tag)
    assert after.status_code == 200
    assert of_colour(read(after.content), RED).sum() == 0


async def test_a_feature_is_told_masked_in_all_formats_and_both_versions(client):
    for parameters in (INFO, old(INFO)):
        told = json.loads((await ask(client, **parameters, INFO_FORMAT="application/json")).content)
        (feature,) = told["features"]
        assert feature["id"] == "hazard_points/test/h-1"
        assert feature["properties"]["responsible_phone"] != "13812345678"
        for media in ("text/html", "text/plain"):
            response = await ask(client, **parameters, INFO_FORMAT=media)
            assert response.headers["content-type"].startswith(media)
            assert "下坝组滑坡" in response.text
            assert "重大" in response.text
            assert "13812345678" not in response.text
            assert "张三丰" not in response.text


async def test_a_hostile_name_is_told_as_text(client):
    at = INFO | {"BBOX": "24.98,115,25.02,115.04"}
    response = await ask(client, **at, INFO_FORMAT="text/html")
    page, style = response.text, re.search("<style>(.*?)</style>", response.text)
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert response.headers["content-security-policy"] == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert "&lt;/script&gt;&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert " style=" not in page
    plain = (await ask(client, **at, INFO_FORMAT="text/plain")).text
    assert "</script><b>'; DROP TABLE" in plain


async def test_info_takes_lines_and_areas_and_nothing_where_nothing_is(client):
    async def ids(**changes) -> list[str]:
        response = await ask(client, **(INFO | {"INFO_FORMAT": "application/json", "FEATURE_COUNT": "10"} | changes))
        return [each["properties"]["source_id"] for each in response.json()["features"]]

    everything = {"QUERY_LAYERS": "hazard_points,forest_zones", "LAYERS": "hazard_points,forest_zones"}
    assert await ids(I="260", J="100", **everything) == ["h-3"]  # the line at 115.01
    assert await ids(I="100", J="200", **everything) == ["f-1"]
    assert await ids(I="399", J="0", **everything) == []
    assert await ids(I="200", J="200", GRADES="blue") == []
    assert await ids(I="230", J="200") == []
    assert set(await ids(I="230", J="200", BUFFER="40")) == {"h-1", "h-3"}
    empty = await ask(client, **(INFO | {"I": "399", "J": "0", "INFO_FORMAT": "text/plain"}))
    assert "没有" in empty.text


async def test_a_legend_shows_every_class_and_counts_what_lies_in_a_box(client):
    legend = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetLegendGraphic", "LAYER": "hazard_points"}
    response = await ask(client, **legend, FORMAT="image/png")
    drawn = read(response.content)
    for grade in ("red", "orange", "yellow", "blue"):
        assert of_colour(drawn, LIGHT.grades[grade].fill).sum() > 30
    counted = await ask(client, **legend, FORMAT="image/png", CRS="EPSG:4490", BBOX="24.9,114.9,25.1,115.1")
    within = read(counted.content)
    assert of_colour(within, RED).sum() > 30
    assert of_colour(within, LIGHT.grades["yellow"].fill).sum() == 0
    root = await capabilities(client)
    links = [each.attrib for each in root.iter(f"{WMS}LegendURL")]
    assert links
    href = next(iter(root.iter(f"{WMS}LegendURL")))[1].get("{http://www.w3.org/1999/xlink}href")
    picture = read((await client.get(href)).content)
    assert picture.shape[:2] == (int(links[0]["height"]), int(links[0]["width"]))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"LAYERS": "nowhere"}, "LayerNotDefined"), ({"STYLES": "nowhere"}, "StyleNotDefined"),
        ({"FORMAT": "image/x"}, "InvalidFormat"), ({"CRS": "EPSG:2000"}, "InvalidCRS"),
        ({"BBOX": "26,114,24,116"}, "InvalidParameterValue"), ({"WIDTH": "100000"}, "InvalidParameterValue"),
        ({"REQUEST": "GetPizza"}, "OperationNotSupported"), ({"REQUEST": ""}, "MissingParameterValue"),
        ({"VERSION": ""}, "MissingParameterValue"), ({"SERVICE": "WFS"}, "InvalidParameterValue"),
        ({"DIVISION": "x"}, None), ({"LAYERS": "\x00\x08'; DROP TABLE shelters"}, "LayerNotDefined"),
    ],
)  # fmt: skip
async def test_a_refusal_is_a_report_with_the_standards_code(client, changes, code):
    response = await ask(client, 400, **(MAP | changes))
    assert response.headers["content-type"].startswith("text/xml")
    assert code_of(response) == code
    assert response.headers["cache-control"] == "no-store"


async def test_a_refusal_in_1_1_1_has_its_own_form(client):
    response = await ask(client, 400, **(old(MAP) | {"SRS": "EPSG:1"}))
    assert response.headers["content-type"].startswith("application/vnd.ogc.se_xml")
    assert code_of(response) == "InvalidSRS"
    assert b"<!DOCTYPE ServiceExceptionReport" in response.content


async def test_a_refusal_may_be_a_picture(client):
    notice = LIGHT.surface.notice
    written = await pixels(client, MAP, LAYERS="nowhere", EXCEPTIONS="INIMAGE")
    assert written.shape == (400, 400, 3)
    assert of_colour(written, notice, 60).sum() > 50
    blank = await pixels(client, MAP, LAYERS="nowhere", EXCEPTIONS="BLANK", BGCOLOR="0x010203")
    assert (blank == np.array([1, 2, 3])).all()
    older = await pixels(client, old(MAP), LAYERS="nowhere", EXCEPTIONS="application/vnd.ogc.se_inimage")
    assert of_colour(older, notice, 60).sum() > 50
    assert (await ask(client, 400, **(MAP | {"WIDTH": "0", "EXCEPTIONS": "BLANK"}))).text.startswith("<?xml")


@pytest.mark.parametrize(
    "box", ["-90,-180,90,180", "-1000,-1000,1000,1000", "80,170,100,190", "1e300,1e300,1.5e300,1.5e300"]
)
@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:3857", "EPSG:4547"])
async def test_no_box_is_too_strange_to_be_answered(client, box, code):
    given = {"BBOX": box, "CRS": code, "WIDTH": "64", "HEIGHT": "64", "LAYERS": "onemap"}
    assert (await ask(client, **(MAP | given))).headers["content-type"] == "image/png"
    told = INFO | given | {"QUERY_LAYERS": "onemap", "I": "1", "J": "1", "INFO_FORMAT": "application/json"}
    assert (await ask(client, **told)).json()["type"] == "FeatureCollection"
