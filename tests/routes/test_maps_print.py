"""Maps on paper: Chinese that is found again, rare characters among it, and the same bytes for the same map."""

from __future__ import annotations

import json

import psycopg
import pypdfium2
import pytest

from tests.seeding import insert

NAME = "㙍䢺𬇙长青村见龙河门"
BOX = {"bbox": "114.98,24.98,115.03,25.02", "layers": "hazard_points", "size": "640x480"}


@pytest.fixture
async def named(client, small_city):
    insert(small_city, "hazard_points", "POINT(115.01 25.01)", "rare", name=NAME, grade="red")
    return client


async def test_the_text_of_a_pdf_is_what_was_written(named):
    answer = await named.get("/maps/image.pdf", params=BOX)
    document = pypdfium2.PdfDocument(answer.content)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert NAME in text.replace("\r", "").replace("\n", "")
    radicals = [char for char in text if 0x2E80 <= ord(char) <= 0x2FDF or 0xF900 <= ord(char) <= 0xFAFF]
    assert radicals == []


@pytest.mark.parametrize("kind", ["pdf", "svg", "png", "webp"])
async def test_the_same_map_has_the_same_bytes(named, kind):
    # Another map between them, and the second is drawn anew: its address differs in what draws nothing.
    first = await named.get(f"/maps/image.{kind}", params=BOX)
    await named.get(f"/maps/image.{kind}", params={**BOX, "theme": "dark", "graticule": "true"})
    again = await named.get(f"/maps/image.{kind}", params={**BOX, "lang": "zh", "dpi": "96", "bbox": BOX["bbox"] + "0"})
    assert first.content == again.content


async def test_rare_characters_are_drawn_in_every_picture_and_kept_in_every_answer(named):
    plain = await named.get("/maps/image.png", params={**BOX, "labels": "false"})
    lettered = await named.get("/maps/image.png", params=BOX)
    assert plain.content != lettered.content
    wms = {"SERVICE": "WMS", "VERSION": "1.3.0", "CRS": "CRS:84", "BBOX": BOX["bbox"], "WIDTH": "200", "HEIGHT": "160"}
    wms |= {"LAYERS": "hazard_points", "QUERY_LAYERS": "hazard_points", "STYLES": "", "REQUEST": "GetFeatureInfo"}
    for kind in ("text/plain", "text/html", "application/json"):
        found = await named.get("/wms", params={**wms, "I": "120", "J": "40", "INFO_FORMAT": kind})
        assert NAME in (json.loads(found.text)["features"][0]["properties"]["name"] if "json" in kind else found.text)


async def test_a_crowd_is_counted_in_plates_and_nothing_is_left_out(client, small_city):
    with psycopg.connect(small_city) as connection:
        connection.execute(
            "INSERT INTO reservoirs (source, source_id, name, grade, grade_basis, demo, geom) SELECT 'many', n::text, "
            "'水库', CASE WHEN n = 1 THEN 'red' ELSE 'blue' END, '{}', true, "
            "ST_SetSRID(ST_MakePoint(114.5 + n % 100 * 0.01, 24.5 + n / 100 * 0.01), 4490) "
            "FROM generate_series(1, 5000) AS n"
        )
    asked = {"bbox": "114,24,116,26", "layers": "reservoirs", "size": "800x700"}
    answer = await client.get("/maps/image.svg", params=asked)
    assert "x-onemap-truncated" not in answer.headers
    pdf = await client.get("/maps/image.pdf", params=asked)
    document = pypdfium2.PdfDocument(pdf.content)
    text = document[0].get_textpage().get_text_range()
    document.close()
    counted = [int(word.replace(",", "")) for word in text.replace("/", " ").split() if word.replace(",", "").isdigit()]
    assert 4999 in counted, "the legend counts every blue one"
    assert "演示数据" in text
    assert text.count("/") > 0, "the plate of the red one tells it and how many are with it"
