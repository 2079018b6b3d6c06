"""Grades in the pixels of the printed page: the map shows just what it lists, and legend and list show it too."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest

from geo.cartography.theme import Themes
from geo.exhibits.content import Content, MapPart
from geo.exhibits.paper import Box
from layers.severity import RiskGrade
from tests.exhibit_shop import made_of
from tests.pixels import Pixels, of_colour

DPI = 200
COUNTY = "360724"
PAGES: list[dict[str, object]] = [
    {"kind": "surroundings", "lon": 115.646, "lat": 24.957},
    {"kind": "hazards", "division": COUNTY},
    {"kind": "hazards", "division": COUNTY, "grades": ("orange", "blue")},
    {"kind": "hazards", "division": COUNTY, "grades": ("red",)},
    {"kind": "comparison", "division": COUNTY, "other_division": "360734", "layers": ("reservoirs",)},
]
LEAST_PX = 12
"""A few pixels of the smallest sign's fill."""


@pytest.fixture(scope="module")
def pages(demo_database_url: str) -> list[tuple[Content, bytes]]:
    return made_of(demo_database_url, PAGES)


def printed(pdf: bytes) -> Pixels:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.asarray(document[0].render(scale=DPI / 72).to_pil().convert("RGB"), dtype=np.int16)
    finally:
        document.close()


def cut(pixels: Pixels, box: Box) -> Pixels:
    left, top, right, bottom = (round(mm * DPI / 25.4) for mm in (box.x, box.y, box.x + box.w, box.y + box.h))
    return pixels[top:bottom, left:right]


def grades_in(pixels: Pixels) -> set[str]:
    fills = {grade.value: Themes().get("print").grades[grade.value].fill for grade in RiskGrade}
    return {grade for grade, fill in fills.items() if np.count_nonzero(of_colour(pixels, fill)) >= LEAST_PX}


def frame_without_legend(page: Pixels, part: MapPart) -> Pixels:
    frame, corner = part.panel.sheet.box, part.free_corner
    inside = page.copy()
    if corner is not None:
        cut(inside, Box(frame.x + corner.x, frame.y + corner.y, corner.w, corner.h))[:] = 255
    return cut(inside, frame)


def graded(part: MapPart) -> set[str]:
    return {item.grade for item in part.items if item.grade is not None}


def test_the_maps_show_in_colour_the_grades_of_what_they_list(pages):
    seen = []
    for wanted, (content, pdf) in zip(PAGES, pages, strict=True):
        page = printed(pdf)
        for part in content.maps:
            assert grades_in(frame_without_legend(page, part)) == graded(part), wanted
            seen.append(frozenset(graded(part)))
    assert len(set(seen)) > 2, "pages that all show the same grades would tell little"


def test_legend_and_list_show_every_colour_of_the_maps(pages):
    """Others may be beside them: heads of tables that count every grade, and words that warn in red."""
    for wanted, (content, pdf) in zip(PAGES, pages, strict=True):
        page = printed(pdf)
        for part in content.maps:
            cut(page, part.panel.sheet.box)[:] = 255
        on_maps = set[str]().union(*map(graded, content.maps))
        assert on_maps <= grades_in(page), wanted
