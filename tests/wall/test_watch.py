"""What the wall watches: search, one set of figures, scenes, the overdue, keys, opacity."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.wall.driving import Watched
from tests.wall.looking import ask, count_of, pixels
from tests.wall.test_page import colours, figure

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


def test_projected_coordinates_are_asked_where_they_are(wall: Watched) -> None:
    page = wall.open(VIEW)
    # Gauss-Krueger of zone 39, northing first; computed with PROJ from 115.3, 25.95.
    page.get_by_test_id("search").fill("2872400.87, 39329712.37")
    page.get_by_role("option", name=re.compile("EPSG:4527")).click()
    wall.answered()
    expect(page).to_have_url(re.compile("at="))  # the address follows the answer
    lon, lat = (float(part) for part in re.findall(r"at=([\d.]+),([\d.]+)", page.evaluate("location.hash"))[0])
    assert abs(lon - 115.3) < 1e-3
    assert abs(lat - 25.95) < 1e-3


def settle(page: Page) -> None:
    """The figures come when the frame has come to rest."""
    page.wait_for_timeout(2500)


def total(page: Page) -> int:
    return figure(page.get_by_test_id("risk-total").text_content())


def table_sum(page: Page) -> int:
    cells = page.get_by_test_id("counties").locator("tbody td.sum").all_text_contents()
    return sum(figure(each) for each in cells)


def tree_sum(page: Page, families: str = "risk") -> int:
    names = [layer["name"] for layer in ask(page.url.split("#")[0] + "layers")["layers"] if layer["family"] == families]
    shown = [page.get_by_test_id(f"layer-{name}") for name in names]
    return sum(
        figure(row.get_by_test_id("total").text_content()) for row in shown if row.get_by_role("checkbox").is_checked()
    )


def chart_sum(page: Page, tab: str) -> int:
    page.get_by_test_id("compare-tabs").locator(f"[data-option={tab}]").click()
    lines = page.get_by_test_id("counties").locator("figure li").all_text_contents()
    return sum(int(number) for line in lines for number in re.findall(r" (\d+)(?:,|$)", line.partition(":")[2]))


def test_strip_tree_table_charts_and_the_service_are_one_set_of_figures(wall: Watched) -> None:
    page = wall.open(WIDE)
    for hidden in ([], ["hazard_points"]):
        for name in hidden:
            page.get_by_test_id(f"layer-{name}").get_by_role("checkbox").uncheck()
        settle(page)
        page.get_by_test_id("compare-tabs").locator("[data-option=county]").click()
        layers = ",".join(
            layer["name"]
            for layer in ask(f"{wall.address}/layers")["layers"]
            if layer["graded"] and layer["name"] not in hidden
        )
        everything = ask(f"{wall.address}/statistics?layers={layers}")["total"]
        assert total(page) == tree_sum(page) == table_sum(page) == chart_sum(page, "layer") == everything


def test_in_a_smaller_frame_they_still_agree_and_the_scope_can_be_all(wall: Watched) -> None:
    page = wall.open(WIDE)
    settle(page)
    everything = total(page)
    for _ in range(4):
        page.get_by_role("button", name="放大").click()
        page.wait_for_timeout(350)
    wall.drawn()
    settle(page)
    assert 0 < total(page) < everything
    assert total(page) == tree_sum(page) == table_sum(page) == chart_sum(page, "layer")
    page.get_by_test_id("scope").locator("[data-option=all]").click()
    settle(page)
    assert total(page) == everything
    expect(page).to_have_url(re.compile("count=all"))


def test_a_scene_shows_its_layers_and_asks_its_rings(wall: Watched) -> None:
    page = wall.open(VIEW)
    scenes = ask(f"{wall.address}/scenes?lang=zh")["scenes"]
    forest = next(scene for scene in scenes if scene["name"] == "forest")
    page.get_by_test_id("scenes").get_by_text("森林防火").click()
    for layer in ask(f"{wall.address}/layers")["layers"]:
        box = page.get_by_test_id(f"layer-{layer['name']}").get_by_role("checkbox")
        expect(box).to_be_checked(checked=layer["name"] in forest["layers"])
    expect(page.get_by_test_id("rings")).to_contain_text("森林火灾")
    expect(page).to_have_url(re.compile("scene=forest"))
    page.get_by_test_id("scenes").get_by_text("综合").click()
    expect(page.get_by_test_id("layer-hazard_points").get_by_role("checkbox")).to_be_checked()


def test_the_overdue_are_listed_and_fly_to_their_card(wall: Watched) -> None:
    page = wall.open(WIDE)
    told = ask(f"{wall.address}/audits/inspections?limit=1000")["features"]["features"]
    overdue = [each["properties"] for each in told if each["properties"]["state"] == "overdue"]
    assert overdue
    expect(page.get_by_test_id("overdue-total")).to_have_text(str(len(overdue)))
    page.get_by_test_id("news-tabs").locator("[data-option=overdue]").click()
    rows = page.get_by_test_id("overdue").locator(".row")
    expect(rows).to_have_count(len(overdue))
    rows.first.click()
    name = rows.first.locator(".clip").text_content()
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text(name or "")


def test_the_keys_do_what_the_help_sheet_says(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.keyboard.press("?")
    expect(page.get_by_test_id("help-sheet")).to_be_visible()
    expect(page.get_by_test_id("help-sheet")).to_contain_text("轮播开、停")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help-sheet")).not_to_be_visible()
    page.keyboard.press("m")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("2")
    expect(page.get_by_test_id("grade-orange")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Alt+1")
    expect(page).to_have_url(re.compile("without=orange,yellow,blue,none"))
    page.get_by_test_id("search").fill("2m?")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_layer_is_faded_and_the_link_keeps_it(wall: Watched) -> None:
    page = wall.open(VIEW)
    before = count_of(pixels(page, "[data-test=map]"), colours(wall.address, "light")["blue"])
    row = page.get_by_test_id("layer-hazard_points")
    row.get_by_test_id("more").click()
    row.get_by_test_id("opacity").fill("30")
    page.wait_for_timeout(800)
    expect(page).to_have_url(re.compile("fade=hazard_points:30"))
    assert count_of(pixels(page, "[data-test=map]"), colours(wall.address, "light")["blue"]) < before * 0.6
    link = page.evaluate("location.hash")
    page.goto("about:blank")
    wall.open(link)
    assert count_of(pixels(page, "[data-test=map]"), colours(wall.address, "light")["blue"]) < before * 0.6


def test_large_figures_have_room_in_the_strip(wall: Watched) -> None:
    """Five digits in every figure, and what the day brought: none reaches into the next."""
    wall.page.set_viewport_size({"width": 1920, "height": 1080})
    page = wall.open(f"{VIEW}&count=all")
    page.wait_for_selector(".strip .day")
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.strip .fig')].filter((each) => {
            for (const value of each.querySelectorAll('.val')) value.textContent = '12,345'
            for (const day of each.querySelectorAll('.day')) day.textContent = '24 h +12,345'
            return each.scrollWidth > each.clientWidth
        }).map((each) => each.textContent)"""
    )
    assert wide == []
