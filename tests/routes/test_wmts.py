"""WMTS over HTTP: both grids, both encodings, tiles that fit together, and refusals as OWS reports."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import psycopg
import pytest
from PIL import Image

from geo.cartography.theme import Themes
from geo.cartography.wmts_grids import GRIDS, TILE_PX
from layers.registry import discover
from tests.pixels import near, of_colour, read
from tests.seeding import insert

LIGHT = Themes().get("light")
RED = LIGHT.grades["red"].fill
WMTS, OWS = "{http://www.opengis.net/wmts/1.0}", "{http://www.opengis.net/ows/1.1}"
TILE = {
    "SERVICE": "WMTS",
    "VERSION": "1.0.0",
    "REQUEST": "GetTile",
    "LAYER": "hazard_points",
    "STYLE": "light",
    "FORMAT": "image/png",
}


def address(grid_name: str, level: int, lon: float, lat: float) -> tuple[int, int, float, float]:
    """Column and row of the tile that holds a place, and the place's pixel in it."""
    grid = GRIDS[grid_name]
    x, y, _, _ = grid.crs.of_degrees(lon, lat, lon, lat)
    edge = grid.pixel(level) * TILE_PX
    column, row = (x - grid.left) / edge, (grid.top - y) / edge
    return int(column), int(row), column % 1 * TILE_PX, row % 1 * TILE_PX


def where(grid_name: str, level: int, lon: float, lat: float) -> dict[str, str]:
    column, row, _, _ = address(grid_name, level, lon, lat)
    place = {"TILEMATRIXSET": grid_name, "TILEMATRIX": str(level), "TILECOL": str(column), "TILEROW": str(row)}
    return TILE | place


async def ask(client, status: int = 200, **parameters):
    response = await client.get("/wmts", params=parameters)
    assert response.status_code == status, response.text
    return response


@pytest.mark.parametrize(("grid_name", "level"), [("WebMercatorQuad", 14), ("CGCS2000Quad", 14), ("CGCS2000Quad", 8)])
async def test_a_mark_is_in_its_tile_at_its_pixel(client, grid_name, level):
    _, _, x, y = address(grid_name, level, 115.004, 25.0)
    drawn = read((await ask(client, **where(grid_name, level, 115.004, 25.0))).content)
    assert drawn.shape == (256, 256, 3)
    assert of_colour(near(drawn, x, y, 8), RED).any()


async def test_kvp_and_rest_give_the_same_tile(client):
    asked = where("CGCS2000Quad", 12, 115.004, 25.0)
    by_kvp = await ask(client, **{name.lower(): value for name, value in asked.items()})
    path = "/".join(asked[name] for name in ("LAYER", "STYLE", "TILEMATRIXSET", "TILEMATRIX", "TILEROW", "TILECOL"))
    by_rest = await client.get(f"/wmts/1.0.0/{path}.png")
    assert by_rest.status_code == 200
    assert by_kvp.content == by_rest.content
    assert by_kvp.headers["etag"] == by_rest.headers["etag"]
    as_webp = await client.get(f"/wmts/1.0.0/{path}.webp")
    assert as_webp.content.startswith(b"RIFF")


async def test_tiles_are_transparent_and_fit_together_across_metatiles(client, small_city):
    # A line that crosses many tiles: where it leaves one it enters the next.
    insert(small_city, "hazard_points", "MULTILINESTRING((114.5 25.05, 115.5 25.05))", "w-1", grade="orange")
    grid = GRIDS["WebMercatorQuad"]
    column, row, _, y = address("WebMercatorQuad", 13, 115.0, 25.05)
    rows = []
    for each in range(column - 3, column + 4):
        asked = TILE | {"TILEMATRIXSET": grid.name, "TILEMATRIX": "13", "TILECOL": str(each), "TILEROW": str(row)}
        with Image.open(io.BytesIO((await ask(client, **asked)).content)) as image:
            pixels = np.asarray(image.convert("RGBA"))
        assert pixels[(int(y) + 128) % 256, 128, 3] in (0, 255)
        rows.append(pixels[:, :, 3].astype(int))
    joined = np.concatenate(rows, axis=1)
    line = joined[round(y)]
    assert (line > 200).all()


async def test_neighbours_of_one_metatile_are_drawn_once(client):
    from api.studio import Studio  # the studio of the running service

    column, row, _, _ = address("WebMercatorQuad", 13, 115.0, 25.0)
    left, top = column // 4 * 4, row // 4 * 4
    app = client._transport.app
    for step in range(4):
        asked = TILE | {"TILEMATRIXSET": "WebMercatorQuad", "TILEMATRIX": "13"}
        await ask(client, **asked, TILECOL=str(left + step), TILEROW=str(top + step))
    studio = app.state.studio
    assert isinstance(studio, Studio)
    assert len(studio.drawn) == 1


async def test_an_edit_shows_in_the_next_tile(client, small_city):
    asked = where("WebMercatorQuad", 14, 115.004, 25.0)
    first = await ask(client, **asked)
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await client.get("/wmts", params=asked, headers=tag)).status_code == 304
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET grade = 'blue' WHERE source_id = 'h-1'")
    after = await client.get("/wmts", params=asked, headers=tag)
    assert after.status_code == 200
    assert of_colour(read(after.content), RED).sum() == 0


async def test_capabilities_tell_layers_styles_grids_and_templates(client):
    by_kvp = await ask(client, SERVICE="WMTS", REQUEST="GetCapabilities", ACCEPTVERSIONS="2.0.0,1.0.0")
    by_rest = await client.get("/wmts/1.0.0/WMTSCapabilities.xml")
    assert by_kvp.content == by_rest.content
    root = ElementTree.fromstring(by_kvp.content)
    assert [each.tag.rpartition("}")[2] for each in root] == [
        "ServiceIdentification", "OperationsMetadata", "Contents", "ServiceMetadataURL",
    ]  # fmt: skip
    layers = {each.findtext(f"{OWS}Identifier"): each for each in root.iter(f"{WMTS}Layer")}
    for name, layer in discover().items():
        assert layers[name].findtext(f"{OWS}Title") == layer.title.zh
    order = [
        "Title",
        "WGS84BoundingBox",
        "Identifier",
        "Style",
        "Format",
        "InfoFormat",
        "TileMatrixSetLink",
        "ResourceURL",
    ]
    for each in layers.values():
        places = [order.index(child.tag.rpartition("}")[2]) for child in each]
        assert places == sorted(places)
    sets = {each.findtext(f"{OWS}Identifier"): each for each in root.findall(f"{WMTS}Contents/{WMTS}TileMatrixSet")}
    assert list(sets) == list(GRIDS)
    first = sets["WebMercatorQuad"].find(f"{WMTS}TileMatrix")
    assert float(first.findtext(f"{WMTS}ScaleDenominator")) == pytest.approx(559082264.0287178, rel=1e-12)
    degrees = sets["CGCS2000Quad"].find(f"{WMTS}TileMatrix")
    assert degrees.findtext(f"{OWS}Identifier") == "1"
    assert degrees.findtext(f"{WMTS}TopLeftCorner") == "90 -180"
    assert float(degrees.findtext(f"{WMTS}ScaleDenominator")) == pytest.approx(279541132.0143589, rel=1e-12)
    assert [degrees.findtext(f"{WMTS}Matrix{name}") for name in ("Width", "Height")] == ["2", "1"]


GOOD = where("WebMercatorQuad", 10, 115.0, 25.0)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"LAYER": "nowhere"}, 400, "InvalidParameterValue"), ({"STYLE": "x"}, 400, "InvalidParameterValue"),
        ({"FORMAT": "image/gif"}, 400, "InvalidParameterValue"), ({"VERSION": "2.0.0"}, 400, "InvalidParameterValue"),
        ({"TILEMATRIXSET": "x"}, 400, "InvalidParameterValue"), ({"TILEMATRIX": "99"}, 400, "InvalidParameterValue"),
        ({"TILEMATRIX": "-1"}, 400, "InvalidParameterValue"), ({"TILECOL": "1024"}, 400, "TileOutOfRange"),
        ({"TILEROW": "-1"}, 400, "TileOutOfRange"), ({"TILEROW": "x"}, 400, "InvalidParameterValue"),
        ({"TILECOL": ""}, 400, "MissingParameterValue"), ({"LAYER": ""}, 400, "MissingParameterValue"),
        ({"SERVICE": ""}, 400, "MissingParameterValue"), ({"REQUEST": "GetPizza"}, 501, "OperationNotSupported"),
        ({"REQUEST": "GetCapabilities", "ACCEPTVERSIONS": "2.0.0"}, 400, "VersionNegotiationFailed"),
    ],
)  # fmt: skip
async def test_a_refusal_is_an_ows_report(client, changes, status, code):
    response = await ask(client, status, **(GOOD | changes))
    assert response.headers["content-type"].startswith("text/xml")
    (found,) = ElementTree.fromstring(response.content)
    assert found.get("exceptionCode") == code
    assert found.findtext(f"{OWS}ExceptionText")


@pytest.mark.parametrize("path", ["x/light/WebMercatorQuad/1/0/0.png", "hazard_points/light/WebMercatorQuad/1/0/9.png",
                                  "hazard_points/light/WebMercatorQuad/1/0/0.gif", "a/b/c/d/e/f"])  # fmt: skip
async def test_a_plain_address_that_is_none_is_an_ows_report(client, path):
    response = await client.get(f"/wmts/1.0.0/{path}")
    assert response.status_code == 400
    assert ElementTree.fromstring(response.content).tag == f"{OWS}ExceptionReport"


@pytest.mark.parametrize("name", ["GoogleMapsCompatible", "EPSG:3857", "w"])
async def test_the_names_of_other_servers_are_known(client, name):
    same = await ask(client, **(GOOD | {"TILEMATRIXSET": name, "TILEMATRIX": "EPSG:3857:10"}))
    assert same.content == (await ask(client, **GOOD)).content
