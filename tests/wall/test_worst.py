"""The worst risks in view, before anything is asked: true to the frame, its filters and the data; never an old list."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.wall.driving import Watched, end, launch, serving, watched_page
from tests.wall.looking import Json, ask
from tests.wall.seed import seed

VIEW = "#map=12/25.95/115.3&theme=light"
FEATURES = "**/features?*"


def worst(page: Page) -> Locator:
    """The panel, once what it lists is of now."""
    panel = page.get_by_test_id("worst")
    expect(panel).to_have_attribute("data-current", "true")
    return panel


def rows(page: Page) -> list[str]:
    ids: list[str] = worst(page).locator("li").evaluate_all("(all) => all.map((each) => each.dataset.id)")
    return ids


def answered(watched: Watched, **other: object) -> Json:
    """The service's answer to what the panel asked last, with other words where they are given."""
    asked = next(url for url in reversed(watched.requests) if urlsplit(url).path == "/features")
    words = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    return ask(f"{watched.address}/features?{urlencode(words | other)}")


def ids(told: Json) -> list[str]:
    return [feature["id"] for feature in told["features"]]


def test_the_panel_lists_the_worst_of_the_frame_and_says_how_many_more(wall: Watched) -> None:
    page = wall.open(VIEW)
    assert rows(page) == ids(answered(wall))
    every = answered(wall, limit=200)
    assert not every["truncated"]
    expect(page.get_by_test_id("worst-shown")).to_have_text(f"列出 20 / 共 {len(every['features'])}")
    ungraded = len(answered(wall, limit=200, grades="none")["features"])
    assert ungraded > 0
    expect(page.get_by_test_id("worst-notes")).to_have_text(f"未分级 {ungraded} 处不在此列")
    grades = [feature["properties"]["grade"] for feature in every["features"]]
    assert grades == sorted(grades, key=("red", "orange", "yellow", "blue").index)
    first = worst(page).locator("li").first
    expect(first.get_by_role("img")).to_have_attribute("aria-label", "红 重大")
    hazard = worst(page).locator("li[data-id^=hazard_points]").first
    for words in ("红", "地质灾害隐患点", "威胁 612 人,险情等级为大型", "于都县", "演示"):
        expect(hazard).to_contain_text(words)
    expect(page.get_by_text("点一下地图,看这里有什么风险")).to_be_visible()


def test_names_are_text_whatever_they_hold(wall: Watched) -> None:
    page = wall.open("#map=16/25.95/115.3&theme=light")
    expect(worst(page).locator("li")).not_to_have_count(0)
    assert page.evaluate("window.hacked") is None


def test_a_row_flies_to_its_risk_opens_its_card_and_asks_from_there_by_keys(wall: Watched) -> None:
    page = wall.open(VIEW)
    row = worst(page).locator("li").nth(2)
    name = row.locator(".name").text_content() or ""
    row.locator(".row").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text(name)
    page.wait_for_timeout(1500)
    wall.drawn()
    assert float(page.evaluate("location.hash").split("=")[1].split("/")[0]) >= 13
    worst(page).locator("li").first.locator(".row").focus()
    page.keyboard.press("r")
    wall.answered()
    expect(page).to_have_url(re.compile("feature="))
    expect(page.get_by_test_id("worst")).to_have_count(0)
    page.get_by_test_id("close").press("Enter")
    expect(worst(page).locator("li").first).to_be_visible()


def test_the_list_follows_frame_layers_and_grades(wall: Watched) -> None:
    page = wall.open(VIEW)
    before = rows(page)
    page.locator("[data-test=map] canvas").focus()
    for _ in range(3):
        page.keyboard.press("+")
    page.wait_for_timeout(1200)
    nearer = rows(page)
    assert nearer == ids(answered(wall))
    assert nearer != before
    page.get_by_test_id("grade-red").click()
    expect(page.get_by_test_id("worst")).to_have_attribute("data-current", "false")
    assert not [each for each in ids(answered(wall, grades="red")) if each in rows(page)]
    expect(page.get_by_test_id("worst-notes")).to_contain_text("未显示:红")
    page.get_by_test_id("layer-hazard_points").get_by_role("checkbox").uncheck()
    page.wait_for_timeout(50)
    assert not [each for each in rows(page) if each.startswith("hazard_points/")]
    expect(page.get_by_test_id("worst-notes")).to_contain_text("另有 1 个风险图层未显示")


def test_what_is_switched_off_whole_is_no_list_of_none(wall: Watched) -> None:
    page = wall.open(f"{VIEW}&without=red,orange,yellow,blue")
    expect(page.get_by_test_id("worst")).to_contain_text("红橙黄蓝都没有显示")
    expect(page.get_by_test_id("worst").locator("li")).to_have_count(0)
    assert not [url for url in wall.requests if urlsplit(url).path == "/features"]


def test_an_old_list_is_never_shown_as_the_frames_own(wall: Watched) -> None:
    page = wall.open(VIEW)
    panel = worst(page)
    held: list[Route] = []
    page.route(FEATURES, lambda route: held.append(route))
    page.locator("[data-test=map] canvas").press("ArrowRight")
    expect(panel).to_have_attribute("data-current", "false")
    expect(page.get_by_test_id("worst-state")).to_have_text("正在更新")
    page.wait_for_timeout(1500)
    assert len(held) == 1, "asked once when the map had come to rest"
    expect(panel.locator("ol")).to_have_class("old")
    expect(page.get_by_test_id("worst-shown")).to_have_text("列出 20 / 共 —")
    held[0].continue_()
    assert rows(page) == ids(answered(wall))
    expect(page.get_by_test_id("worst-state")).to_have_text("先按等级,同级由图心向外")


def test_a_failure_is_told_without_old_rows_and_can_be_tried_again(browser: Browser, service: str) -> None:
    with watched_page(browser, service) as watched:
        page = watched.open(VIEW)
        before = rows(page)
        page.route(FEATURES, lambda route: route.fulfill(status=503, json={"title": "忙", "code": "busy"}))
        page.get_by_test_id("grade-blue").click()
        panel = page.get_by_test_id("worst")
        expect(panel.get_by_role("alert")).to_contain_text("风险清单没有取到")
        expect(panel.locator("li")).to_have_count(0)
        expect(page.get_by_test_id("worst-shown")).to_have_count(0)
        page.unroute(FEATURES)
        panel.get_by_test_id("retry").click()
        assert rows(page)[:5] == before[:5]


def test_nothing_jumps_when_the_list_comes(browser: Browser, service: str) -> None:
    with watched_page(browser, service) as watched:
        page = watched.page
        held: list[Route] = []
        page.route(FEATURES, lambda route: held.append(route))
        watched.open(VIEW)
        page.wait_for_timeout(600)
        box = "(all) => all.map((e) => [e.getBoundingClientRect().top, e.getBoundingClientRect().height])"
        waiting = page.get_by_test_id("worst").locator(".wait span").evaluate_all(box)[:8]
        page.evaluate("""() => {
            window.shift = 0
            new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value })
                .observe({type: 'layout-shift'})
        }""")
        held[0].continue_()
        listed = worst(page).locator("li").evaluate_all(box)[:8]
        page.wait_for_timeout(500)
        assert page.evaluate("window.shift") < 0.001
        assert [round(top) for top, _ in listed] == pytest.approx([round(top) for top, _ in waiting], abs=2)


def test_a_wall_that_counts_everything_counts_the_frame_beside_its_list(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport={"width": 3840, "height": 1080}) as watched:
        page = watched.open("#map=12.5/25.95/115.3&theme=dark&lang=en")
        rows(page)
        inside = len(answered(watched, limit=200)["features"])
        everything = ask(f"{service}/statistics")["total"]
        assert 20 < inside < everything
        expect(page.get_by_test_id("worst-shown")).to_have_text(f"20 of {inside}")
        expect(page.get_by_test_id("risk-total")).to_have_text(str(everything))
        page.get_by_test_id("worst-more").click()
        expect(page.get_by_test_id("cluster").locator("li").nth(inside - 1)).to_be_attached()


def test_a_closed_drawer_asks_nothing_and_a_choice_from_it_is_looked_at(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport={"width": 820, "height": 1180}, has_touch=True) as watched:
        page = watched.open(VIEW)
        page.wait_for_timeout(800)
        assert not [url for url in watched.requests if urlsplit(url).path == "/features"]
        page.get_by_test_id("open-answer").tap()
        worst(page).locator("li .row").first.tap()
        expect(page.get_by_test_id("card")).to_be_visible()
        expect(page.get_by_test_id("worst")).not_to_be_visible()


@pytest.fixture
def city(database_url: str) -> str:
    seed(database_url)
    return database_url


def test_an_edit_is_in_the_list_without_a_reload(browser: Browser, city: str, tmp_path: Path) -> None:
    with serving(city, tmp_path) as address, watched_page(browser, address) as watched:
        page = watched.open(VIEW)
        expect(page.get_by_test_id("link")).to_have_attribute("data-link", "live")
        first = rows(page)[0]
        with psycopg.connect(city) as connection:
            connection.execute(
                "UPDATE hazard_points SET grade = 'blue' WHERE 'hazard_points/test/' || source_id = %s", [first]
            )
            connection.execute("UPDATE hazard_points SET grade = 'red' WHERE source_id = 'G000'")
        expect(page.get_by_test_id("worst").locator("li").first).to_have_attribute("data-id", "hazard_points/test/G000")
        assert first not in [each for each in rows(page)[:12] if "/G" in each]


def test_a_list_that_nobody_renews_says_of_when_it_is(browser: Browser, city: str, tmp_path: Path) -> None:
    address, running = launch(city, tmp_path)
    try:
        with watched_page(browser, address) as watched:
            page = watched.open(VIEW)
            expect(page.get_by_test_id("link")).to_have_attribute("data-link", "live")
            before = rows(page)
            end(running)
            panel = page.get_by_test_id("worst")
            expect(page.get_by_test_id("worst-state")).to_have_text(re.compile(r"停在 \d\d:\d\d:\d\d"))
            expect(panel).to_have_attribute("data-current", "false")
            expect(panel.locator("ol")).to_have_class("old")
            port = int(address.rpartition(":")[2])
            _, running = launch(city, tmp_path, port=port)
            assert rows(page) == before
    finally:
        end(running)


def test_a_frame_without_risks_says_so(browser: Browser, database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as address, watched_page(browser, address) as watched:
        page = watched.open()
        expect(page.get_by_test_id("worst")).to_contain_text("图幅内没有分级的风险隐患")
        expect(page.get_by_test_id("worst-shown")).to_have_text("列出 0 / 共 0")
        expect(page.get_by_text("点一下地图,看这里有什么风险")).to_be_visible()
