"""Rare characters and long names on every surface the service draws or tells: as written, and never as boxes."""

from __future__ import annotations

import asyncio
import json
import math

import numpy as np
import psycopg
import pypdfium2
import pytest

from geo.cartography.theme import Themes
from layers.feature import LONGEST_NAME
from tests.mvt import decode
from tests.pixels import of_colour, read
from tests.wms import INFO, MAP

RARE = "㙍䢺𬇙"
MISSING = "\U000ffffe"
"""A character that no font has: what is drawn for it is the font's box."""
LABEL = Themes().get("light").surface.label
TITLE = RARE * 20
"""As long as the title of a grid may be."""
LONG = (RARE + "长青村见龙河门后山滑坡隐患点") * 20


def renamed(dsn: str, name: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE hazard_points SET name = %s, grade = NULL WHERE source_id = 'h-1'", [name])


def tile_of(zoom: int) -> tuple[int, int, int]:
    y = (1 - math.asinh(math.tan(math.radians(25.0))) / math.pi) / 2
    return zoom, int((115.004 + 180) / 360 * 2**zoom), int(y * 2**zoom)


def ink(content: bytes) -> bytes:
    return np.packbits(of_colour(read(content), LABEL, 110)).tobytes()


async def names_in_tile(client, awaited: str) -> list[str]:
    """Of the tile; the news of a commit takes milliseconds."""
    for _ in range(100):
        tile = decode((await client.get(f"/tiles/hazard_points/{z}/{x}/{y}.mvt")).content)
        found = [each.properties["name"] for each in tile["hazard_points"]]
        if awaited in found:
            break
        await asyncio.sleep(0.01)
    return found


z, x, y = tile_of(14)
SURFACES = {
    "picture": ("/maps/image.png", {"bbox": "114.99,24.99,115.02,25.01", "layers": "hazard_points", "size": "400x300"}),
    "wms 1.3.0": ("/wms", MAP),
    "wms webp": ("/wms", MAP | {"FORMAT": "image/webp", "TRANSPARENT": "TRUE"}),
    "wmts": (f"/wmts/1.0.0/hazard_points/light/WebMercatorQuad/{z}/{y}/{x}.png", {}),
}


@pytest.mark.parametrize("surface", SURFACES)
async def test_rare_characters_are_drawn_as_themselves(client, small_city, surface):
    address, parameters = SURFACES[surface]
    drawn = {}
    for name in (*RARE, MISSING, "空"):
        renamed(small_city, name * 3)
        answer = await client.get(address, params=parameters)
        assert answer.status_code == 200, answer.text
        drawn[name] = ink(answer.content)
    assert len(set(drawn.values())) == len(drawn), "two different names look alike: as boxes, or as nothing"


async def test_names_of_any_length_are_told_whole_in_tiles_and_information(client, small_city):
    assert len(LONG) >= LONGEST_NAME
    for name in (RARE, LONG[:LONGEST_NAME]):
        renamed(small_city, name)
        assert name in await names_in_tile(client, name)
        for media in ("text/plain", "text/html", "application/json"):
            told = await client.get("/wms", params=INFO | {"INFO_FORMAT": media})
            assert name in (told.json()["features"][0]["properties"]["name"] if "json" in media else told.text)


@pytest.mark.parametrize("surface", ["picture", "wms 1.3.0"])
async def test_a_long_name_is_broken_into_lines_and_stays_beside_its_mark(client, small_city, surface):
    address, parameters = SURFACES[surface]
    drawn = []
    with psycopg.connect(small_city) as connection:
        connection.execute("DELETE FROM hazard_points WHERE source_id = 'h-2'")  # its name would make room
    for name in ("", LONG[:LONGEST_NAME]):
        renamed(small_city, name)
        drawn.append(read((await client.get(address, params=parameters)).content))
    rows, columns = np.nonzero((drawn[0] != drawn[1]).any(axis=2))
    width, height = columns.max() - columns.min(), rows.max() - rows.min()
    assert 60 < width < 160
    assert 30 < height < 80, "some lines, not all of its three hundred characters"


async def test_a_pdf_holds_rare_characters_as_text_and_is_not_widened_by_long_names(client, small_city):
    asked = {"bbox": "114.99,24.99,115.02,25.01", "layers": "hazard_points", "size": "640x480"}
    sizes = set()
    for name in (RARE, LONG[:LONGEST_NAME]):
        renamed(small_city, name)
        document = pypdfium2.PdfDocument((await client.get("/maps/image.pdf", params=asked)).content)
        sizes.add(document[0].get_size())
        text = document[0].get_textpage().get_text_range().replace("\r", "").replace("\n", "")
        document.close()
        assert RARE in text
    assert len(sizes) == 1


async def test_a_legend_writes_rare_characters_and_keeps_long_titles_in_its_column(client, small_city):
    drawn = {}
    for number, title in enumerate((*RARE, MISSING, "空", TITLE)):
        words = {"zh": title, "en": "x"}
        table = {"title": words, "opacity": 1.0, "class": [{"value": 1, "color": "#67A9CF", "title": words}]}
        with psycopg.connect(small_city) as connection:
            connection.execute(
                "INSERT INTO onemap_rasters (name, kind, file, crs, west, south, east, north, resolution_m, minimum, "
                "maximum, known_share, colours) VALUES (%s, 'thematic', 'x.tif', 'EPSG:4490', 114, 24, 116, 26, 30, 1, "
                "1, 1, %s)",
                (f"grid{number}", json.dumps(table)),
            )
        asked = {"rasters": f"grid{number}", "layers": "shelters"}
        for _ in range(100):
            answer = await client.get("/legend.png", params=asked)
            if answer.status_code == 200:
                break
            await asyncio.sleep(0.01)
        assert answer.status_code == 200, answer.text
        drawn[title] = read(answer.content)
        assert (await client.get("/legend.json", params=asked)).json()["rasters"][0]["items"][0]["title"] == title
    short = [drawn[title].tobytes() for title in (*RARE, MISSING, "空")]
    assert len(set(short)) == len(short)
    assert drawn[TITLE].shape[1] == drawn["空"].shape[1]
    ground = drawn[TITLE][1, -2]
    assert (drawn[TITLE][4:-4, -3:] == ground).all(), "a long title is cut before the edge"
