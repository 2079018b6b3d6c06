"""The wall over real files that nobody here made: towns, torrents, landslides, shelters, helipads, as delivered.

Their grades are of another scale and none of it is demonstration data: what is not known must be seen as not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from geo.ingest.importing import import_file
from geo.ingest.options import ImportOptions
from layers.registry import discover
from tests.wall.driving import Watched, serving, watched_page
from tests.wall.looking import ask

FILES = {
    "divisions/taiwan_towns.geojson": ("divisions", None),
    "hazards/taiwan_debris_flow_torrents.geojson": ("hazard_points", None),
    "hazards/taiwan_large_landslides.geojson": ("hazard_points", None),
    "shelters/taiwan_shelters_v9.csv": ("shelters", "CRS84"),
    "helipads/ourairports_heliports_east_asia.csv": ("helipads", "CRS84"),
}
LON, LAT = 120.95, 23.9
VIEW = f"#map=11/{LAT}/{LON}&theme=dark"


@pytest.fixture(scope="module")
def real(module_database_url: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on them."""
    for name, (layer, crs) in FILES.items():
        import_file(module_database_url, shared_data / name, discover()[layer], ImportOptions(crs=crs))
    with serving(module_database_url, tmp_path_factory.mktemp("service")) as address:
        yield address


@pytest.fixture
def wall(browser: Browser, real: str) -> Iterator[Watched]:
    with watched_page(browser, real, viewport={"width": 1920, "height": 1080}) as watched:
        yield watched
        assert watched.strangers() == []
        assert watched.failed == []
        assert watched.complaints == []


def _figure(text: str | None) -> int:
    assert text is not None
    return int(text.replace(",", ""))


def test_hazards_of_a_foreign_scale_are_counted_as_not_graded(wall: Watched) -> None:
    page = wall.open(f"{VIEW}&count=all")
    expect(page.get_by_test_id("risk-total")).to_have_text("1,847")
    assert _figure(page.get_by_test_id("grade-none").get_by_test_id("value").text_content()) == 1847
    for grade in ("red", "orange", "yellow", "blue"):
        assert _figure(page.get_by_test_id(f"grade-{grade}").get_by_test_id("value").text_content()) == 0
    assert "演示数据" not in page.locator("body").inner_text()


def test_a_place_among_them_is_asked_and_its_figures_are_the_services(wall: Watched) -> None:
    page = wall.open(f"{VIEW}&at={LON},{LAT}&r=5000")
    wall.answered()
    answer = ask(f"{wall.address}/risk?lon={LON}&lat={LAT}&radius_m=5000")
    assert answer["total"] > 0
    assert {row["grade"] for row in answer["counts"] if row["layer"] == "hazard_points"} == {"none"}
    assert _figure(page.get_by_test_id("answer-total").text_content()) == answer["total"]
    # Nothing that would score is known: 0 is the least that the index may be, and blue the best grade.
    expect(page.get_by_test_id("index-value").locator("..")).to_contain_text("至少")
    expect(page.get_by_test_id("index-grade")).to_contain_text("至少")
    assert answer["index"]["grade"] != answer["index"]["grade_if_worst"]
    expect(page.get_by_test_id("index-perhaps")).to_be_visible()
    # No grid of people was loaded: that is told at the ring, and is no 0.
    expect(page.get_by_text("人口未知").first).to_be_visible()


def test_a_shelter_is_found_by_name_and_its_card_tells_what_its_file_said(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.get_by_test_id("search").fill("五峰活動中心")
    page.get_by_role("option").first.click()
    card = page.get_by_test_id("card")
    expect(card).to_contain_text("五峰活動中心")
    expect(card).to_contain_text("110")
