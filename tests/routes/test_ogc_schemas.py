"""Every document of the OGC services is valid by the OGC's own schemas and DTDs, whatever the service holds."""

from __future__ import annotations

import httpx
import psycopg
import pytest

from tests.ogc_schemas import faults_by_dtd, faults_by_schema
from tests.seeding import insert
from tests.wms import MAP, old

NEW = ("wms/1.3.0/capabilities_1_3_0.xsd", "sld/1.1.0/sld_capabilities.xsd")
WMTS = "wmts/1.0/wmtsGetCapabilities_response.xsd"
HOSTILE = "</Name>\x08&<b>𬇙\ufffe"


async def documents(client: httpx.AsyncClient, lang: str) -> dict[str, bytes]:
    asked = {"REQUEST": "GetCapabilities", "lang": lang}
    wms = asked | {"SERVICE": "WMS"}
    return {
        "1.3.0": (await client.get("/wms", params=wms | {"VERSION": "1.3.0"})).content,
        "1.1.1": (await client.get("/wms", params=wms | {"VERSION": "1.1.1"})).content,
        "kvp": (await client.get("/wmts", params=asked | {"SERVICE": "WMTS"})).content,
        "rest": (await client.get("/wmts/1.0.0/WMTSCapabilities.xml", params={"lang": lang})).content,
    }


async def all_valid(client: httpx.AsyncClient) -> None:
    for lang in ("zh", "en"):
        told = await documents(client, lang)
        assert faults_by_schema(told["1.3.0"], *NEW) == []
        assert faults_by_dtd(told["1.1.1"], "wms/1.1.1/WMS_MS_Capabilities.dtd") == []
        assert faults_by_schema(told["kvp"], WMTS) == faults_by_schema(told["rest"], WMTS) == []


async def test_capabilities_are_valid_of_an_empty_service_and_of_one_with_features_and_grids(client, small_city):
    await all_valid(client)
    with psycopg.connect(small_city) as connection:
        for kind, name in (("elevation", "高程"), ("population", "人口")):
            connection.execute(
                "INSERT INTO onemap_rasters (name, kind, file, crs, west, south, east, north, resolution_m, minimum, "
                "maximum, known_share) VALUES (%s, %s, 'x.tif', 'EPSG:4490', 114.9, 24.9, 115.1, 25.1, 30, 0, 900, 1)",
                (name, kind),
            )
    for _ in range(100):
        if "raster:人口".encode() in (await documents(client, "zh"))["1.3.0"]:
            break
    else:
        pytest.fail("the grids were never told")
    assert b">hillshade<" in (await documents(client, "zh"))["kvp"]
    await all_valid(client)
    with psycopg.connect(small_city) as connection:
        connection.execute("DELETE FROM hazard_points; DELETE FROM forest_zones; DELETE FROM shelters")
    await all_valid(client)


async def test_reports_of_refusals_are_valid_in_all_three(client, small_city):
    insert(small_city, "shelters", "POINT(115.004 25)", "odd", name="x")
    for changes in ({"LAYERS": HOSTILE}, {"CRS": None}, {"DIVISION": "x"}, {"REQUEST": "GetPizza"}):
        wanted = {name: value for name, value in (MAP | changes).items() if value is not None}
        new = await client.get("/wms", params=wanted)
        assert new.status_code == 400
        assert faults_by_schema(new.content, "wms/1.3.0/exceptions_1_3_0.xsd") == []
        before = await client.get(
            "/wms", params=old(MAP | {"CRS": "EPSG:4490"}) | changes | {"SRS": changes.get("CRS", "CRS:84")}
        )
        assert before.status_code == 400
        assert faults_by_dtd(before.content, "wms/1.1.1/exception_1_1_1.dtd") == []
    tile = {"SERVICE": "WMTS", "VERSION": "1.0.0", "REQUEST": "GetTile", "LAYER": HOSTILE, "FORMAT": "image/png"}
    for changes in ({}, {"LAYER": ""}, {"REQUEST": "GetPizza"}, {"LAYER": "shelters", "TILEMATRIXSET": HOSTILE}):
        report = await client.get("/wmts", params=tile | changes)
        assert report.status_code >= 400
        assert faults_by_schema(report.content, "ows/1.1.0/owsExceptionReport.xsd") == []


def test_the_schemas_find_what_is_wrong():
    swapped = b'<Service xmlns="http://www.opengis.net/wms"><Title>x</Title><Name>WMS</Name></Service>'
    assert faults_by_schema(swapped, *NEW)
    named = b'<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.opengis.net/wms/1.1.1/WMS_MS_Capabilities.dtd">'
    assert faults_by_dtd(named + b'<WMT_MS_Capabilities version="1.1.1"/>', "wms/1.1.1/WMS_MS_Capabilities.dtd")
