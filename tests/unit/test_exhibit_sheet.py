"""The sheet is true to scale anywhere in China, its furniture is computed from it, and numbers find their places."""

from __future__ import annotations

import itertools

import pyproj
import pytest

from geo.errors import InputError
from geo.exhibits.paper import grid_of
from geo.exhibits.placing import Label, Rect, place_labels
from geo.exhibits.request import read_request
from geo.exhibits.sheet import Sheet, round_scale, sheet_around
from geo.exhibits.wording import count_text, full_width, minutes, printable

GEOD = pyproj.Geod(ellps="GRS80")
PAPERS = list(itertools.product(("A4", "A3"), ("portrait", "landscape")))


@pytest.mark.parametrize(("lon", "lat"), [(109.5, 18.2), (123.4, 53.3), (115.5, 25.8), (87.6, 43.8)])
@pytest.mark.parametrize("scale", [5_000, 50_000, 1_000_000])
@pytest.mark.parametrize(("paper", "orientation"), PAPERS)
def test_a_distance_on_the_sheet_is_the_distance_on_the_ellipsoid(lon, lat, scale, paper, orientation):
    sheet = Sheet(grid_of(paper, orientation).map, lon, lat, scale)
    width, height = sheet.box.w, sheet.box.h
    for one, other in (((0, 0), (width, height)), ((width, 0), (0, height)), ((0, height / 2), (width, height / 2))):
        _, _, ground_m = GEOD.inv(*sheet.lonlat(*one), *sheet.lonlat(*other))
        paper_m = ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5 * scale / 1000
        assert ground_m == pytest.approx(paper_m, rel=0.002)


@pytest.mark.parametrize(
    ("wanted", "printed"), [(80_000, 80_000), (80_001, 100_000), (31_000, 35_000), (1_234, 1_500), (9, 500)]
)
def test_a_scale_is_rounded_up_to_the_series(wanted, printed):
    assert round_scale(wanted) == pytest.approx(printed)


def test_a_continent_is_no_page():
    with pytest.raises(InputError):
        round_scale(2e7)


@pytest.mark.parametrize(("paper", "orientation"), PAPERS)
@pytest.mark.parametrize("reach_m", [120, 5_000, 180_000])
def test_rings_bar_and_graticule_fit_their_frame(paper, orientation, reach_m):
    sheet = sheet_around(grid_of(paper, orientation).map, 115.2, 25.7, reach_m)
    assert min(sheet.box.w, sheet.box.h) / 2 - reach_m / sheet.scale * 1000 >= 1.5 - 1e-6
    bar = sheet.bar()
    assert bar.part_mm * 4 <= 60
    assert bar.part_mm * sheet.scale / 1000 == pytest.approx(bar.part_m)
    meridians = [each for each in sheet.graticule if each.is_meridian]
    assert 1 <= len(meridians) <= 7
    assert len(sheet.graticule) - len(meridians) >= 1


def test_the_arrow_leans_towards_the_central_meridian():
    east, west = (Sheet(grid_of("A4", "portrait").map, lon, 25.8, 80_000) for lon in (115.05, 112.95))
    assert minutes(east.convergence_deg) == "+0°27′"
    assert minutes(west.convergence_deg) == "−0°27′"
    assert (east.epsg, east.central_meridian) == (4547, 114)


def test_numbers_touch_neither_symbols_nor_each_other():
    labels = [Label(8 + 7.5 * (n % 9), 24 + 6.5 * (n // 9), 1.8, 3.0, 2.3) for n in range(60)]
    arrow = Rect(60, 0, 80, 20)
    placed = place_labels(labels, [arrow], 80, 80)
    boxes = [Rect.around(each.x, each.y, 3.0, 2.3) for each in placed if each is not None]
    assert len(boxes) >= 50
    assert not any(one.touches(other) for one, other in itertools.combinations(boxes, 2))
    symbols = [Rect.around(each.x, each.y, 3.6, 3.6) for each in labels]
    assert not any(box.touches(other) for box in boxes for other in [*symbols, arrow])


def test_words_are_printed_as_a_bureau_prints_them():
    assert count_text(46420) == "46\u00a0420"
    assert full_width("风险指数 26.29,低;主要(5.25 分)") == "风险指数 26.29\uff0c低\uff1b主要\uff085.25 分\uff09"
    assert printable("甲\u202e乙\x00\n丙 ") == "甲乙 丙"
    assert printable("长" * 300) == "长" * 199 + "…"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "题" * 31}, "title"),
        ({"radius_m": (-1,)}, "radius_m"),
        ({"lon": None}, "lon"),
        ({"paper": "A9"}, "paper"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_request_names_its_field(wrong, field):
    with pytest.raises(InputError) as told:
        read_request({"kind": "surroundings", "made_on": "2026-11-22", "lon": 115, "lat": 25} | wrong)
    assert field in (told.value.field or "")
