"""The abstract tests of WMTS 1.0.0 (OGC 07-057r7 annex A) for a server with KVP and plain addresses."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import httpx
import pytest

from geo.cartography.theme import Themes
from tests.pixels import of_colour, read

OWS, WMTS, XLINK = (
    "{http://www.opengis.net/ows/1.1}",
    "{http://www.opengis.net/wmts/1.0}",
    "{http://www.w3.org/1999/xlink}",
)
RED = Themes().get("light").grades["red"].fill
# Of level 14, over 115.004° E, 25° N.
TILE = {
    "SERVICE": "WMTS", "VERSION": "1.0.0", "REQUEST": "GetTile", "LAYER": "hazard_points", "STYLE": "light",
    "FORMAT": "image/png", "TILEMATRIXSET": "WebMercatorQuad", "TILEMATRIX": "14",
    "TILEROW": "7016", "TILECOL": "13425",
}  # fmt: skip
INFO = TILE | {"REQUEST": "GetFeatureInfo", "I": "245", "J": "76", "INFOFORMAT": "application/json"}


async def report(client: httpx.AsyncClient, parameters: dict[str, str]) -> tuple[int, str, str]:
    """Status, code and locator of a refusal."""
    answer = await client.get("/wmts", params=parameters)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    (found,) = ElementTree.fromstring(answer.content)
    return answer.status_code, found.get("exceptionCode", ""), found.get("locator", "")


async def capabilities(client: httpx.AsyncClient) -> ElementTree.Element:
    return ElementTree.fromstring((await client.get("/wmts/1.0.0/WMTSCapabilities.xml")).content)


async def test_names_are_read_in_any_case_and_order_and_unknown_ones_are_ignored(client):
    usual = await client.get("/wmts", params=TILE)
    assert of_colour(read(usual.content), RED).any()
    odd = {name.title(): value for name, value in reversed(TILE.items())} | {"BoGuS": "ignored"}
    assert (await client.get("/wmts", params=odd)).content == usual.content
    told = (await client.get("/wmts", params=INFO)).json()
    assert [each["properties"]["source_id"] for each in told["features"]] == ["h-1"]


async def test_what_is_missing_is_named_as_the_standard_names_it(client):
    for name in (
        "Layer",
        "Format",
        "TileMatrixSet",
        "TileMatrix",
        "TileRow",
        "TileCol",
        "service",
        "version",
        "request",
    ):
        without = {known: value for known, value in TILE.items() if known != name.upper()}
        assert await report(client, without) == (400, "MissingParameterValue", name)
    for name in ("I", "J", "InfoFormat"):
        without = {known: value for known, value in INFO.items() if known != name.upper()}
        assert await report(client, without) == (400, "MissingParameterValue", name)


async def test_what_is_wrong_is_named_as_the_standard_names_it(client):
    for name, value in (("Layer", "nowhere"), ("Style", "nowhere"), ("Format", "image/gif"), ("TileMatrixSet", "x"),
                        ("TileMatrix", "99"), ("TileMatrix", "x"), ("TileRow", "1.5"), ("TileCol", "x"),
                        ("version", "2.0.0"), ("service", "WMS")):  # fmt: skip
        assert await report(client, TILE | {name.upper(): value}) == (400, "InvalidParameterValue", name)
    assert await report(client, INFO | {"INFOFORMAT": "image/x"}) == (400, "InvalidParameterValue", "InfoFormat")
    assert await report(client, INFO | {"LAYER": "divisions"}) == (400, "InvalidParameterValue", "Layer")
    assert await report(client, TILE | {"REQUEST": "GetPizza"}) == (501, "OperationNotSupported", "request")
    refused = await report(client, {"SERVICE": "WMTS", "REQUEST": "GetCapabilities", "ACCEPTVERSIONS": "0.9.0"})
    assert refused == (400, "VersionNegotiationFailed", "AcceptVersions")


async def test_a_tile_or_pixel_outside_says_in_which_direction(client):
    for name, value in (("TileRow", "-1"), ("TileRow", "16384"), ("TileCol", "-1"), ("TileCol", "16384")):
        assert await report(client, TILE | {name.upper(): value}) == (400, "TileOutOfRange", name)
    for name, value in (("I", "-1"), ("I", "256"), ("J", "256")):
        assert await report(client, INFO | {name: value}) == (400, "PointIJOutOfRange", name)
    answer = await client.get("/wmts/1.0.0/hazard_points/light/WebMercatorQuad/14/16384/13425.png")
    assert (answer.status_code, b"TileOutOfRange" in answer.content) == (400, True)


async def test_every_layer_can_be_fetched_by_its_template_and_by_its_parameters(client):
    root = await capabilities(client)
    (link,) = root.findall(f"{OWS}OperationsMetadata/{OWS}Operation[@name='GetTile']//{OWS}Get")
    assert link.get(f"{XLINK}href").endswith("?")
    for place, layer in enumerate(root.iter(f"{WMTS}Layer")):
        styles = [each.findtext(f"{OWS}Identifier") for each in layer.findall(f"{WMTS}Style")]
        assert [each.get("isDefault") for each in layer.findall(f"{WMTS}Style")].count("true") == 1
        template = next(each for each in layer.findall(f"{WMTS}ResourceURL") if each.get("format") == "image/png")
        style = styles[place % len(styles)]
        where = {"Style": style, "TileMatrixSet": "CGCS2000Quad", "TileMatrix": "5", "TileRow": "5", "TileCol": "26"}
        address = template.get("template")
        for name, value in where.items():
            address = address.replace(f"{{{name}}}", value)
        assert "{" not in unquote(address)
        plain = await client.get(address)
        assert plain.headers["content-type"] == "image/png"
        asked = {name.upper(): value for name, value in where.items()}
        by_kvp = await client.get(
            link.get(f"{XLINK}href"), params=TILE | asked | {"LAYER": layer.findtext(f"{OWS}Identifier")}
        )
        assert by_kvp.content == plain.content


async def test_the_last_tile_of_every_matrix_is_there_and_the_next_is_not(client):
    for matrices in (await capabilities(client)).findall(f"{WMTS}Contents/{WMTS}TileMatrixSet"):
        for matrix in matrices.findall(f"{WMTS}TileMatrix")[::6]:
            columns, rows = (int(matrix.findtext(f"{WMTS}Matrix{name}")) for name in ("Width", "Height"))
            at = TILE | {"TILEMATRIXSET": matrices.findtext(f"{OWS}Identifier"), "LAYER": "shelters"}
            at |= {
                "TILEMATRIX": matrix.findtext(f"{OWS}Identifier"),
                "TILEROW": str(rows - 1),
                "TILECOL": str(columns - 1),
            }
            assert (await client.get("/wmts", params=at)).status_code == 200
            assert (await report(client, at | {"TILEROW": str(rows)}))[1:] == ("TileOutOfRange", "TileRow")
            assert (await report(client, at | {"TILECOL": str(columns)}))[1:] == ("TileOutOfRange", "TileCol")


@pytest.mark.parametrize(("name", "shown", "hidden"), [("GRADES", "red", "blue"), ("DIVISION", "360721", "360722")])
async def test_grades_and_division_choose_what_a_tile_shows(client, name, shown, hidden):
    assert of_colour(read((await client.get("/wmts", params=TILE | {name: shown})).content), RED).any()
    assert not of_colour(read((await client.get("/wmts", params=TILE | {name: hidden})).content), RED).any()
    plain = "/wmts/1.0.0/hazard_points/light/WebMercatorQuad/14/7016/13425.png"
    assert not of_colour(read((await client.get(plain, params={name: hidden})).content), RED).any()
    assert (await client.get("/wmts", params=TILE | {name: "'"})).status_code == 400


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_layer_that_a_legend_explains_has_one_of_the_size_that_is_told_rivers_too(client, theme):
    legends = {}
    for layer in (await capabilities(client)).iter(f"{WMTS}Layer"):
        (style,) = (each for each in layer.iter(f"{WMTS}Style") if each.findtext(f"{OWS}Identifier") == theme)
        legends[layer.findtext(f"{OWS}Identifier")] = style.find(f"{WMTS}LegendURL")
    assert {name for name, found in legends.items() if found is None} == {"divisions"}, "only outlines and names"
    for name in ("rivers", "base", "hazard_points", "onemap"):
        found = legends[name]
        answer = await client.get(found.get(f"{XLINK}href"))
        assert answer.headers["content-type"] == found.get("format")
        picture = read(answer.content)
        assert (str(picture.shape[1]), str(picture.shape[0])) == (found.get("width"), found.get("height"))
        drawn = of_colour(picture, Themes().get(theme).rivers.color, 12).sum() > 20
        assert drawn == (name in ("rivers", "base", "onemap"))
