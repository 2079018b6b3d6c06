"""What is listed and asked from lists: plates, all that is in view, townships, the grids' legends, the inset."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.wall.driving import Watched, watched_page
from tests.wall.looking import ask
from tests.wall.seed import TOWNSHIP

VIEW = "#map=12/25.95/115.3&theme=light"
ASKED = f"{VIEW}&at=115.3,25.95&r=5000"
CITY = {"width": 1920, "height": 1080}


def find_plate(page: Page) -> tuple[float, float]:
    """A place of the window where a plate lies; the pointer is on it."""
    box = page.locator("[data-test=map] canvas").bounding_box()
    assert box is not None
    for south in range(-60, 61, 12):
        for east in range(-80, 81, 16):
            x, y = box["x"] + box["width"] / 2 + east, box["y"] + box["height"] / 2 + south
            page.mouse.move(x, y)
            page.wait_for_timeout(30)
            if page.locator(".tip .counted").count() > 0:
                return x, y
    raise AssertionError("no plate on the map")


def grades_listed(page: Page) -> list[str]:
    names: list[str] = (
        page.get_by_test_id("cluster")
        .locator("li [role=img]")
        .evaluate_all("(signs) => signs.map((sign) => sign.getAttribute('aria-label'))")
    )
    return names


def test_shift_click_lists_what_a_plate_counts_worst_first(wall: Watched) -> None:
    page = wall.open("#map=8/25.95/115.3&theme=light")
    x, y = find_plate(page)
    counted = [int(text) for text in page.locator(".tip .counted").all_text_contents()]
    page.keyboard.down("Shift")
    page.mouse.click(x, y)
    page.keyboard.up("Shift")
    rows = page.get_by_test_id("cluster").locator("li")
    expect(rows).to_have_count(sum(counted))
    order = ["红 重大", "橙 较大", "黄 一般", "蓝 低", "未分级"]
    listed = grades_listed(page)
    assert listed == sorted(listed, key=order.index)
    assert [Counter(listed)[grade] for grade in order if Counter(listed)[grade]] == counted
    name = rows.first.locator(".name").text_content()
    rows.first.locator(".row").click()
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text(name or "")
    expect(page.get_by_test_id("cluster")).to_have_count(0)


def test_a_plain_click_on_a_plate_goes_nearer(wall: Watched) -> None:
    page = wall.open("#map=8/25.95/115.3&theme=light")
    page.mouse.click(*find_plate(page))
    page.wait_for_timeout(1500)
    assert float(page.evaluate("location.hash").split("=")[1].split("/")[0]) > 8.5
    assert not [url for url in wall.requests if "/risk?" in url]


def test_what_is_in_view_is_listed_and_read_by_keys_alone(wall: Watched) -> None:
    page = wall.open(f"{VIEW}&without=blue,none&hide=enterprises")
    canvas = page.locator("[data-test=map] canvas")
    canvas.focus()
    page.keyboard.press("v")
    panel = page.get_by_test_id("cluster")
    expect(panel.locator("li").first).to_be_visible()
    assert set(grades_listed(page)) == {"红 重大", "橙 较大", "黄 一般"}
    expect(panel).not_to_contain_text("企业")
    expect(panel.get_by_role("heading")).to_have_text(f"图幅内 {panel.locator('li').count()} 处风险隐患")
    expect(panel.get_by_role("button").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(canvas).to_be_focused()
    page.get_by_test_id("list-frame").click()
    expect(panel.get_by_role("button").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_be_visible()


def test_a_township_is_asked_from_its_row_by_keys(wall: Watched) -> None:
    page = wall.open("#map=10/25.95/115.3&theme=light")
    page.get_by_test_id("compare-tabs").locator("[data-option=township]").click()
    row = page.get_by_test_id("counties").locator(f"tr[data-code='{TOWNSHIP}']")
    inside = ask(f"{wall.address}/layers/hazard_points/features?division={TOWNSHIP}&limit=100")["features"]
    expect(row.locator("td.sum")).to_have_text(str(len(inside)))
    asking = row.get_by_role("button", name="研判银坑镇全域")
    asking.focus()
    with page.expect_request(lambda request: request.method == "POST" and "/risk" in request.url) as asked:
        page.keyboard.press("Enter")
    assert (asked.value.post_data_json or {})["in_division"] == TOWNSHIP
    wall.answered()
    expect(page).to_have_url(re.compile(f"division={TOWNSHIP}"))
    expect(page.get_by_test_id("answer-hazard_points").locator(".figure")).to_have_text(str(len(inside)))
    expect(row).to_have_class(re.compile("asked"))


def test_the_rings_tell_their_people_and_what_nobody_counted(wall: Watched) -> None:
    """The western half of the county is counted, the eastern half is not."""
    page = wall.open(f"{VIEW}&at=115.2,25.95&r=1000")
    wall.answered()
    told = ask(f"{wall.address}/risk?lon=115.2&lat=25.95&radius_m=500,1000")["rings"]
    people = (told["features"] if isinstance(told, dict) else told)[-1]["properties"]["people"]["people"]
    label = page.locator(".sign-ring").last
    expect(label).to_have_text(f"1 km约 {people} 人")
    cells = page.get_by_test_id("ring-people").locator("td").all_text_contents()
    assert sum(int(text) for text in cells[:-1]) == int(cells[-1]) == people
    page.goto("about:blank")
    wall.open(ASKED)
    wall.answered()
    expect(page.locator(".sign-ring").last).to_contain_text("至少")
    expect(page.get_by_test_id("ring-people").locator("td").last).to_contain_text("≥")
    page.goto("about:blank")
    wall.open(f"{VIEW}&at=115.42,25.95&r=5000")
    wall.answered()
    expect(page.locator(".sign-ring").last).to_have_text("5 km人口未知")
    expect(page.get_by_test_id("ring-people").locator("td").last).to_have_text("未知")


def test_the_table_of_rings_adds_up_to_the_answer(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    rows = [
        [int(text) for text in page.get_by_test_id(f"ring-{name}").locator("td").all_text_contents()]
        for name in ("red", "orange", "yellow", "blue", "none", "risks", "others")
    ]
    assert all(sum(row[:-1]) == row[-1] for row in rows)
    *grades, risks, others = rows
    assert [sum(column) for column in zip(*grades, strict=True)] == risks
    assert str(risks[-1] + others[-1]) == page.get_by_test_id("answer-total").text_content()


def test_the_colours_of_a_grid_are_told_while_it_is_shown(wall: Watched) -> None:
    page = wall.open(VIEW)
    legend = page.get_by_test_id("raster-legend-people")
    expect(legend).to_have_count(0)
    page.get_by_test_id("raster-people").get_by_role("checkbox").check()
    told = ask(f"{wall.address}/layers?lang=zh")["rasters"][0]["legend"]
    expect(legend.get_by_role("heading")).to_contain_text("人/像元")
    assert legend.locator("li").all_text_contents() == [item["title"] for item in told["items"]]
    expect(legend.locator("li").last).to_contain_text("无数据")
    expect(legend).to_contain_text("有数据 50%,其余未知")
    style = "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    colours = legend.locator(".swatch i").evaluate_all(style)
    wanted = [item["color"] for item in told["items"] if item["color"]]
    assert colours == [f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in wanted]
    opaque = float(legend.locator(".swatch i").first.evaluate("(each) => getComputedStyle(each).opacity"))
    page.get_by_test_id("raster-people").get_by_role("slider").fill("50")
    paler = legend.locator(".swatch i").first.evaluate("(each) => getComputedStyle(each).opacity")
    assert float(paler) == pytest.approx(opaque / 2)
    expect(page).to_have_url(re.compile("people"))
    page.get_by_test_id("raster-people").get_by_role("checkbox").uncheck()
    expect(legend).to_have_count(0)


def test_a_city_screen_has_an_inset_that_tells_where_the_map_is(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport=CITY) as watched:
        page = watched.open("#map=13/25.95/115.3&theme=dark")
        inset = page.get_by_test_id("inset")
        expect(inset.locator(".frame")).to_be_visible()
        inset.locator("[data-code='360731']").click(position={"x": 20, "y": 20})
        page.wait_for_timeout(1500)
        watched.drawn()
        assert float(page.evaluate("location.hash").split("=")[1].split("/")[0]) < 12
        page.set_viewport_size({"width": 1366, "height": 768})
        expect(inset).to_have_count(0)


def test_a_city_screen_shows_counties_and_their_townships_side_by_side(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport=CITY) as watched:
        page = watched.open("#map=11/25.95/115.3")
        tables = page.get_by_test_id("division-table")
        expect(tables).to_have_count(2)
        expect(tables.first).to_contain_text("于都县")
        expect(tables.last).to_contain_text("银坑镇")
