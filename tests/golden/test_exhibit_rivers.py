"""Rivers on printed pages: as wide as their class declares, named, and in the legend where they are drawn."""

from __future__ import annotations

from math import cos, log2, radians

import numpy as np
import pypdfium2
import pytest
import shapely

from geo.cartography.theme import Themes
from geo.cartography.water import water_width_px
from geo.exhibits.content import Content
from geo.exhibits.design import GROUND
from layers.registry import discover
from tests.exhibit_shop import made_of
from tests.pixels import of_colour, widths_of
from tests.seeding import insert, insert_many

DPI = 600
SCALE = 100_000
LAND = "MULTIPOLYGON(((114.5 25.5,115.5 25.5,115.5 26.1,114.5 26.1,114.5 25.5)))"
LAT = {"main": 25.84, "tributary_2": 25.82, "stream": 25.80}
NAMES = {"main": "章江", "tributary_2": "青溪河", "stream": "石门溪"}
COLOUR = Themes().get("print").rivers.color
HERE = {"lon": 114.95, "lat": 25.82, "radius_m": (3000,), "layers": ("hazard_points",), "kind": "thematic"}
PAGES: dict[str, dict[str, object]] = {
    "near": {**HERE, "scale": SCALE},
    "far": {**HERE, "scale": 3_000_000},
    "dry": {**HERE, "lat": 25.6, "scale": SCALE},
    "filled": {"kind": "four_colours", "division": "360700"},
}


@pytest.fixture(scope="module")
def pages(module_database_url: str) -> dict[str, tuple[Content, bytes]]:
    """A city of one county; three rivers to the east, each in two reaches."""
    for code, level in (("360700", "city"), ("360702", "county")):
        insert(module_database_url, "divisions", LAND, code, name=code, level=level, division_code=code)
    insert(
        module_database_url, "enterprises", "POINT(114.95 25.82)", "e", name="厂", division_code="360702", grade="red"
    )
    reaches = [
        (f"MULTILINESTRING(({west} {lat}, {east} {lat}))", f"{code}{west}", {"name": NAMES[code], "river_class": code})
        for code, lat in LAT.items()
        for west, east in ((114.8, 114.95), (114.95, 115.2))
    ]
    insert_many(module_database_url, "rivers", reaches)
    return dict(zip(PAGES, made_of(module_database_url, PAGES.values()), strict=True))


def printed(pdf: bytes) -> np.ndarray:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.asarray(document[0].render(scale=DPI / 72).to_pil().convert("RGB"), dtype=np.int16)
    finally:
        document.close()


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(document[0].get_textpage().get_text_bounded().split())
    finally:
        document.close()


def legend_of(content: Content) -> dict[str, str]:
    return {entry.key: entry.colour for part in content.maps for group in part.legend for entry in group.entries}


def test_each_class_is_as_wide_on_paper_as_on_a_screen_of_96_dpi_that_shows_the_map_at_this_size(pages):
    content, pdf = pages["near"]
    sheet = content.maps[0].panel.sheet
    page, drawn = printed(pdf), []
    for lat in LAT.values():
        # All along the line: what a name or another line adds here and there is not its width.
        middle = sheet.box.y + sheet.mm(114.95, lat)[1]
        top, bottom, left, right = (
            round(mm * DPI / 25.4) for mm in (middle - 1.2, middle + 1.2, sheet.box.x, sheet.box.x + sheet.box.w)
        )
        columns = range(left + 40, right - 40, 20)
        widths = [sum(widths_of(page[top:bottom, at : at + 4], GROUND, COLOUR)) for at in columns]
        drawn.append(float(np.median(widths)) * 25.4 / DPI)
    # 512 px tiles: at zoom 0 the equator is 512 px, on the sphere of EPSG:3857.
    screen_m = SCALE * 25.4 / 96 / 1000
    zoom = log2(2 * np.pi * 6378137 / 512 * cos(radians(25.82)) / screen_m)
    declared = water_width_px(discover()["rivers"], zoom)
    assert drawn == pytest.approx([declared[code] * 25.4 / 96 for code in LAT], abs=0.05), "from the north"


def test_names_stand_along_the_lines_where_the_scale_shows_them(pages):
    assert all(name in words(pages["near"][1]) for name in NAMES.values())
    assert not any(name in words(pages["far"][1]) for name in NAMES.values())


def test_reaches_of_one_name_are_one_line(pages):
    (panel,) = (part.panel for part in pages["near"][0].maps)
    shapes = [shapely.geometry.shape(each["geometry"]) for each in panel.features["waters"]]
    assert [shape.geom_type for shape in shapes] == ["LineString"] * 3


def test_a_small_scale_shows_the_great_rivers_only(pages):
    drawn = pages["far"][0].maps[0].panel.features["waters"]
    assert len(drawn) == 1


@pytest.mark.parametrize(("page", "rivers"), [("near", True), ("far", True), ("dry", False), ("filled", False)])
def test_the_legend_and_the_sources_tell_of_rivers_where_they_are_drawn(pages, page, rivers):
    content, pdf = pages[page]
    assert legend_of(content).get("water-rivers") == (COLOUR if rivers else None)
    assert ("河流" in content.origin.sources) is rivers
    assert ("河流" in words(pdf)) is rivers
    assert bool(of_colour(printed(pdf), COLOUR).sum() > 50) is rivers


def test_the_recipe_names_the_revision_of_rivers_wherever_they_were_looked_for(pages):
    assert "rivers" in pages["near"][0].origin.layers
    assert "rivers" in pages["dry"][0].origin.layers, "the next ones may be loaded"
    assert "rivers" not in pages["filled"][0].origin.layers
