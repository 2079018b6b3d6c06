"""Exhibit pages read back from their PDFs: text, boxes, scale, legend, table; and a contact sheet to look at."""

from __future__ import annotations

import io
import re

import pdfplumber
import pyproj
import pytest

from geo.exhibits.paper import grid_of
from geo.exhibits.pdf import read_recipe
from tests.exhibit_pages import outside, overlapping, text_of
from tests.exhibit_shop import composed_of, pdf_of
from tests.seeding import insert

CITY = {"lon": 114.93, "lat": 25.83, "maker": "××市应急管理局"}
CROWDED = {"lon": 115.646, "lat": 24.957}
"""Sixty features around a township, two dozen of them within a kilometre, of fourteen kinds."""
PAPERS = [("A4", "portrait"), ("A4", "landscape"), ("A3", "portrait"), ("A3", "landscape")]
LONG = "长" * 200
HOSTILE = '#image("/etc/passwd") *粗* $x$ ]]> \u202e<script> \\ @ref'


def numbers_in(text: str) -> list[int]:
    """``3–5、9`` → 3, 4, 5, 9."""
    found: list[int] = []
    for run in text.split("、"):
        first, _, last = run.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


@pytest.fixture(scope="module")
def pages(demo_database_url) -> dict[tuple[str, str, str], bytes]:
    """Every paper in Chinese, and one in English, over the demo city."""
    wanted = [(*paper, "en" if paper == ("A3", "landscape") else "zh") for paper in PAPERS]
    made = {
        (paper, orientation, lang): pdf_of(demo_database_url, paper=paper, orientation=orientation, lang=lang, **CITY)
        for paper, orientation, lang in wanted
    }
    for lang in ("zh", "en"):
        made["A4", "crowded", lang] = pdf_of(demo_database_url, lang=lang, **CROWDED)
    return made


def test_no_text_leaves_a_page_or_lies_on_other_text(pages):
    for key, pdf in pages.items():
        assert outside(pdf) == [], key
        # What the map letters and what the page letters: a ring's name on its veil is the panel's own affair.
        assert overlapping(pdf) == [], key


def test_the_text_is_found_as_it_was_written(pages):
    for (_, _, lang), pdf in pages.items():
        text = text_of(pdf)
        wrong = [
            each for each in text if 0x2E80 <= ord(each) <= 0x2FDF or 0xE000 <= ord(each) <= 0xF8FF or each == "\ufffd"
        ]
        assert wrong == []
        for word in ("图例", "制图单位", "演示数据", "风险说明") if lang == "zh" else ("Legend", "Explanation"):
            assert word in text


def test_the_footer_says_what_a_bureau_must(pages):
    text = text_of(pages["A4", "portrait", "zh"]).replace(" ", "")
    for word in ("2026-11-22", "EPSG:4547", "CGCS2000", "内部使用", "密级内部", "第1页共", "1:80\u00a0000", "γ=+0°24′"):
        assert word.replace("\u00a0", "") in text.replace("\u00a0", ""), word


def test_the_approval_number_replaces_the_sentence(demo_database_url):
    text = re.sub(r"\s", "", text_of(pdf_of(demo_database_url, approval="赣S(2026)012号", **CITY)))
    assert "赣S(2026)012号" in text
    assert "内部使用" not in text


def test_every_number_of_the_table_is_on_the_map_once(demo_database_url):
    for place in (CITY, CROWDED):
        content = composed_of(demo_database_url, **place)
        (part,) = content.maps
        texts = [str(each["properties"]["name"]) for each in part.panel.features["numbers"]]
        told = sorted(number for text in texts for number in numbers_in(text))
        listed = [row.cells[0] for row in content.tables[-1].rows if row.role == "row"]
        assert told == listed == list(range(1, len(listed) + 1))


@pytest.fixture(scope="module")
def places(module_database_url) -> dict[float, list[tuple[float, float]]]:
    """Two graded points 40 mm apart on paper at 1:5,000 … 1:1,000,000, far in the south and far in the north."""
    geod = pyproj.Geod(ellps="GRS80")
    found = {}
    for lat, lon in ((18.2, 109.6), (53.3, 123.9)):
        for scale in (5_000, 50_000, 1_000_000):
            ends = [geod.fwd(lon, lat, bearing, 0.02 * scale)[:2] for bearing in (60, 240)]
            for number, (x, y) in enumerate(ends):
                name = f"s-{lat}-{scale}-{number}"
                insert(module_database_url, "hazard_points", f"POINT({x} {y})", name, name=name, grade="red")
            found[lat, scale] = ((lon, lat), ends)
    insert(module_database_url, "shelters", "POINT(100 30)", "long", name=LONG, capacity_people=5)
    insert(module_database_url, "shelters", "POINT(100.001 30)", "evil", name=HOSTILE, capacity_people=6)
    return found


@pytest.mark.parametrize("lat", [18.2, 53.3])
@pytest.mark.parametrize("scale", [5_000, 50_000, 1_000_000])
def test_the_scale_is_true_on_paper(module_database_url, places, lat, scale):
    (lon, _), ends = places[lat, scale]
    pdf = pdf_of(
        module_database_url, lon=lon, lat=lat, radius_m=(0.022 * scale,), scale=scale, layers=("hazard_points",)
    )
    with pdfplumber.open(io.BytesIO(pdf)) as read:
        marks = _diamonds(read.pages[0])
    assert len(marks) >= 2
    ground_m = pyproj.Geod(ellps="GRS80").inv(*ends[0], *ends[1])[2]
    spans = [((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 / 72 * 25.4 for a in marks for b in marks]
    assert min(abs(span - ground_m / scale * 1000) for span in spans) <= 0.002 * ground_m / scale * 1000


def _apart(one: float, other: float) -> float:
    return abs(one - other)


def _diamonds(page: pdfplumber.page.Page) -> list[tuple[float, float]]:
    """The centres of red diamonds on the map, points from the top left."""
    red = (200 / 255, 16 / 255, 46 / 255)
    frame = grid_of("A4", "portrait").map
    found = []
    for curve in page.curves + page.rects:
        colour = curve.get("non_stroking_color")
        near = isinstance(colour, tuple) and len(colour) == 3 and max(map(_apart, colour, red)) < 0.01
        if near and curve["fill"] and curve["x1"] < (frame.x + frame.w) / 25.4 * 72:
            found.append(((curve["x0"] + curve["x1"]) / 2, (curve["top"] + curve["bottom"]) / 2))
    return found


def test_nothing_found_makes_an_honest_page(module_database_url, places):
    pdf = pdf_of(module_database_url, lon=80.0, lat=40.0)
    text = text_of(pdf)
    assert "没有符合条件的要素" in text
    assert outside(pdf) == []
    assert overlapping(pdf) == []


def test_long_and_hostile_names_are_only_names(module_database_url, places):
    pdf = pdf_of(module_database_url, lon=100.0, lat=30.0)
    text = re.sub(r"\s", "", text_of(pdf))
    assert "长" * 20 in text
    assert '#image("/etc/passwd")*粗*$x$]]><script>\\@ref' in text
    assert outside(pdf) == []
    assert overlapping(pdf) == []


def test_the_same_data_gives_the_same_bytes_and_the_page_can_be_made_again(demo_database_url, pages):
    first = pages["A4", "portrait", "zh"]
    recipe = read_recipe(first)
    assert recipe["software"].startswith("onemap ")
    assert recipe["revisions"]["hazard_points"] > 0
    assert pdf_of(demo_database_url, **recipe["request"]) == first
