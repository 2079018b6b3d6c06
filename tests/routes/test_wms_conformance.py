"""The abstract tests of WMS 1.3.0 (OGC 06-042 annex A) about basic service elements and GetCapabilities.

In the order of the list that the OGC publishes; those about maps are in ``test_wms_conformance_maps.py``.
"""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from layers.registry import discover
from tests.pixels import read
from tests.wms import INFO, MAP, WMS, ask, capabilities, code_of, named, texts

HREF = "{http://www.w3.org/1999/xlink}href"
CAPABILITIES = {"SERVICE": "WMS", "REQUEST": "GetCapabilities", "VERSION": "1.3.0"}


def with_ancestors(root: ElementTree.Element) -> list[list[ElementTree.Element]]:
    """Each layer after the layers that hold it."""
    found: list[list[ElementTree.Element]] = []

    def walk(layer: ElementTree.Element, above: list[ElementTree.Element]) -> None:
        found.append([*above, layer])
        for child in layer.findall(f"{WMS}Layer"):
            walk(child, [*above, layer])

    walk(root.find(f"{WMS}Capability/{WMS}Layer"), [])
    return found


# Basic service elements


async def test_names_are_read_in_any_case_and_order_and_unknown_ones_are_ignored(client):
    usual = await ask(client, **MAP)
    odd = {name.swapcase().title(): value for name, value in reversed(MAP.items())} | {"BoGuS": "ignored"}
    assert (await ask(client, **odd)).content == usual.content
    told = await ask(client, **INFO, INFO_FORMAT="application/json")
    odd = {name.lower(): value for name, value in reversed(INFO.items())} | {"bogus": "1"}
    assert (await ask(client, **odd, info_format="application/json")).content == told.content
    assert (await capabilities(client, BoGuS="ignored")).tag == f"{WMS}WMS_Capabilities"


async def test_values_may_be_escaped_and_a_plus_is_a_space(client):
    escaped = "".join(f"%{ord(char):02X}" for char in "GetCapabilities")
    answer = await client.get(f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST={escaped}")
    assert ElementTree.fromstring(answer.content).tag == f"{WMS}WMS_Capabilities"
    eight_bit = str(client.build_request("GET", "/wms", params=MAP | {"FORMAT": "image/png; mode=8bit"}).url)
    assert "%3B+mode" in eight_bit
    assert (await client.get(eight_bit)).headers["content-type"].startswith("image/png")


async def test_what_is_mandatory_is_missed_by_its_name(client):
    for name in ("LAYERS", "CRS", "BBOX", "WIDTH", "HEIGHT", "FORMAT", "VERSION", "REQUEST"):
        answer = await ask(client, 400, **(MAP | {name: None}))
        assert code_of(answer) == "MissingParameterValue"
        assert name in answer.text


# GetCapabilities


async def test_capabilities_are_xml_whatever_format_is_asked_for(client):
    for word in (None, "text/xml", "application/vnd.ogc.wms_xml", "invalid"):
        answer = await ask(client, **CAPABILITIES, FORMAT=word)
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert ElementTree.fromstring(answer.content).tag == f"{WMS}WMS_Capabilities"


async def test_no_update_sequence_is_told_so_that_none_is_heeded(client):
    plain = await ask(client, **CAPABILITIES)
    assert ElementTree.fromstring(plain.content).get("updateSequence") is None
    for word in ("0", "99999999", "2026-11-22", "x"):
        assert (await ask(client, **CAPABILITIES, UPDATESEQUENCE=word)).content == plain.content


async def test_addresses_of_operations_are_prefixes_and_xml_is_offered(client):
    root = await capabilities(client)
    links = root.findall(f"{WMS}Capability/{WMS}Request//{WMS}OnlineResource")
    assert len(links) == 4
    assert all(each.get(HREF).endswith("?") for each in links)
    assert "text/xml" in texts(root, "Capability/Request/GetCapabilities/Format")
    assert texts(root, "Capability/Exception/Format") == ["XML", "INIMAGE", "BLANK"]
    assert "image/png" in texts(root, "Capability/Request/GetMap/Format")


async def test_every_named_layer_has_its_crss_boxes_and_words(client):
    root = await capabilities(client)
    every = with_ancestors(root)
    offered = {text for each in every[0] for text in texts(each, "CRS")}
    assert {"CRS:84", "EPSG:4326", "EPSG:4490"} <= offered
    assert len({texts(each, "Name")[0] for each in named(root)}) == len(named(root))
    for layer in named(root):
        boxes = [each.get("CRS") for each in layer.findall(f"{WMS}BoundingBox")]
        assert len(set(boxes)) == len(boxes) > 0
        assert set(boxes) <= offered
        west, east, south, north = (float(each.text) for each in layer.find(f"{WMS}EX_GeographicBoundingBox"))
        assert west <= east
        assert south <= north
        assert texts(layer, "Abstract")
        assert texts(layer, "KeywordList/Keyword")


async def test_no_layer_defines_a_style_that_it_inherits(client):
    for *above, layer in with_ancestors(await capabilities(client)):
        own = texts(layer, "Style/Name")
        assert len(set(own)) == len(own)
        assert not {name for each in above for name in texts(each, "Style/Name")} & set(own)
        assert own or layer.find(f"{WMS}Name") is None


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_legend_is_of_the_language_format_and_size_that_are_told(client, lang):
    root = await capabilities(client, lang=lang)
    legends = [style.find(f"{WMS}LegendURL") for style in root.iter(f"{WMS}Style") if texts(style, "Name") == ["light"]]
    links = [(each, each.find(f"{WMS}OnlineResource").get(HREF)) for each in legends if each is not None]
    assert len(links) > len([each for each in discover().values() if each.graded])
    for each, address in links:
        assert f"lang={lang}" in address
        answer = await client.get(address)
        assert answer.headers["content-type"] == each.findtext(f"{WMS}Format")
        height, width = read(answer.content).shape[:2]
        assert (str(width), str(height)) == (each.get("width"), each.get("height"))
