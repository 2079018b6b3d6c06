"""Search and the county table: found by name, id or coordinates; the table follows the frame and adds up."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.wall.driving import Watched
from tests.wall.looking import ask
from tests.wall.test_page import figure

VIEW = "#map=12/25.95/115.3&theme=light"
WIDE = "#map=10/25.95/115.3&theme=light"
"""The whole county of the tests is in the frame."""


def test_a_name_is_found_by_keyboard_alone_and_its_card_opens(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.locator("[data-test=map] canvas").focus()
    page.keyboard.press("/")
    page.keyboard.type("罗坳林")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text("罗坳林区")
    expect(page.get_by_role("option")).to_have_count(0)


def test_an_id_is_found_and_what_is_not_there_is_said(wall: Watched) -> None:
    page = wall.open(VIEW)
    search = page.get_by_test_id("search")
    search.fill("Q3")
    expect(page.get_by_role("option").first).to_contain_text("企业 3")
    search.fill("亚特兰蒂斯")
    expect(page.get_by_role("search")).to_contain_text("没有找到“亚特兰蒂斯”")


def test_coordinates_in_degrees_and_minutes_are_asked(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.get_by_test_id("search").fill("北纬25°57′ 东经115°18′")
    page.get_by_role("option").click()
    wall.answered()
    expect(page).to_have_url(re.compile(r"at=115\.3,25\.95"))


def test_the_counties_follow_the_frame_and_add_up(wall: Watched) -> None:
    page = wall.open(WIDE)
    table = page.get_by_test_id("counties")
    everything = ask(f"{wall.address}/statistics")
    row = table.locator("tbody tr")
    expect(row.last.locator("td").last).to_have_text(str(everything["total"]))
    for _ in range(4):
        page.get_by_role("button", name="放大").click()
        page.wait_for_timeout(350)
    wall.drawn()
    expect(row.last.locator("td").last).not_to_have_text(str(everything["total"]))
    assert 0 < figure(row.last.locator("td").last.text_content()) < everything["total"]


def test_a_hidden_layer_leaves_the_county_table(wall: Watched) -> None:
    page = wall.open(WIDE)
    before = ask(f"{wall.address}/statistics")["total"]
    last = page.get_by_test_id("counties").locator("tbody tr").last.locator("td").last
    expect(last).to_have_text(str(before))
    page.get_by_test_id("layer-hazard_points").get_by_role("checkbox").uncheck()
    expect(last).to_have_text(str(before - 60))
