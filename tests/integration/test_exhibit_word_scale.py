"""The 1:N printed on a map in Word is true at the size that the map has there, on every paper."""

from __future__ import annotations

import io
import re

import pdfplumber
import pyproj
import pytest
from docx import Document

from geo.exhibits.formats.writing import FORMATS, write
from geo.exhibits.manuscript import Manuscript, prepare
from geo.exhibits.page import map_picture
from geo.exhibits.paper import picture_grid
from tests.exhibit_shop import request_of
from tests.exhibit_workshop import STATE, in_workshop
from tests.seeding import insert

EMU_PER_MM = 36_000
PAPERS = [
    (kind, paper, way)
    for kind in ("four_colours", "hazards")
    for paper, way in (
        ("A4", "portrait"),
        ("A4", "landscape"),
        ("A3", "portrait"),
        ("A3", "landscape"),
        ("A2", "portrait"),
        ("A1", "landscape"),
    )
]


@pytest.fixture(scope="module")
def made(module_database_url: str) -> dict[tuple[str, str, str], tuple[Manuscript, bytes]]:
    square = "MULTIPOLYGON(((115 25, 115.2 25, 115.2 25.2, 115 25.2, 115 25)))"
    insert(module_database_url, "divisions", square, "360724", name="上犹县", level="county", division_code="360724")
    for layer in ("hazard_points", "enterprises"):
        for at, place in enumerate(("POINT(115.03 25.04)", "POINT(115.17 25.15)")):
            insert(module_database_url, layer, place, f"{layer}-{at}", grade="red", division_code="360724")

    async def work(shop):
        found = {}
        for kind, paper, way in PAPERS:
            request = request_of(kind=kind, division="360724", paper=paper, orientation=way)
            manuscript = await prepare(shop, request, STATE)
            found[kind, paper, way] = manuscript, write(manuscript, FORMATS["docx"], 60)[0]
        return found

    return in_workshop(module_database_url, work)


def map_size(document: bytes) -> tuple[float, float]:
    """Width and height of the map, the largest picture."""
    shapes = Document(io.BytesIO(document)).inline_shapes
    largest = max(shapes, key=lambda each: each.width * each.height)
    return largest.width / EMU_PER_MM, largest.height / EMU_PER_MM


def printed_scale(manuscript: Manuscript, room: tuple[float, float]) -> float:
    """The 1:N on the map when it is drawn for a room."""
    drawn = map_picture(manuscript, manuscript.content.maps[0], "pdf", room=room)
    with pdfplumber.open(io.BytesIO(drawn.content)) as read:
        text = read.pages[0].extract_text()
    found = re.search(r"1:([\d\s]+\d)", text.replace("\u00a0", " "))
    assert found, text
    return float(re.sub(r"\s", "", found[1].split("\n")[0]))


@pytest.mark.parametrize("key", PAPERS, ids="-".join)
def test_the_scale_of_a_map_in_word_is_true_on_its_paper(made, key):
    manuscript, document = made[key]
    size = map_size(document)
    part = manuscript.content.maps[0]
    sheet, items = part.panel.sheet, sorted(part.items, key=lambda each: each.lon)
    first, second = items[0], items[-1]
    ground_m = pyproj.Geod(ellps="GRS80").inv(first.lon, first.lat, second.lon, second.lat)[2]
    a, b = sheet.mm(first.lon, first.lat), sheet.mm(second.lon, second.lat)
    on_paper_mm = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 * size[0] / picture_grid(sheet.box).width
    assert printed_scale(manuscript, size) == pytest.approx(ground_m * 1000 / on_paper_mm, rel=0.002)


@pytest.mark.parametrize("key", [key for key in PAPERS if key[1] in ("A4", "A3")], ids="-".join)
def test_a_map_on_the_papers_of_an_office_keeps_its_round_scale(made, key):
    manuscript, document = made[key]
    own = picture_grid(manuscript.content.maps[0].panel.sheet.box)
    assert map_size(document) == pytest.approx((own.width, own.height), abs=0.01)


@pytest.mark.parametrize("key", PAPERS, ids="-".join)
def test_a_map_stays_within_the_margins_of_its_page(made, key):
    section = Document(io.BytesIO(made[key][1])).sections[0]
    wide, high = map_size(made[key][1])
    assert wide <= (section.page_width - section.left_margin - section.right_margin) / EMU_PER_MM + 0.01
    assert high <= (section.page_height - section.top_margin - section.bottom_margin) / EMU_PER_MM
