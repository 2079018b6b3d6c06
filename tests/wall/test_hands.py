"""Hands on the wall: fingers on a tablet, keys alone, the whole screen, coordinates as people write them, duties."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.wall.driving import Watched, watched_page
from tests.wall.looking import ask

VIEW = "#map=12/25.95/115.3&theme=light"


@pytest.fixture
def tablet(browser: Browser, service: str) -> Iterator[Watched]:
    """A page of 1024×768 that is touched; nothing may fail or be complained of."""
    with watched_page(browser, service, viewport={"width": 1024, "height": 768}, has_touch=True) as watched:
        yield watched
        assert watched.strangers() == []
        assert watched.failed == []
        assert watched.complaints == []


def middle(page: Page, east: float = 0, south: float = 0) -> tuple[float, float]:
    box = page.locator("[data-test=map] canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2 + east, box["y"] + box["height"] / 2 + south


def asked_at(page: Page) -> tuple[float, float]:
    expect(page).to_have_url(re.compile("[#&]at="))
    found = re.search(r"at=([\d.]+),([\d.]+)", page.evaluate("location.hash"))
    assert found is not None
    return float(found[1]), float(found[2])


def press_long(page: Page, x: float, y: float, ms: int = 900) -> None:
    """A finger that stays."""
    hand = page.context.new_cdp_session(page)
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(ms)
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_tap_asks_and_the_answer_slides_in(tablet: Watched) -> None:
    page = tablet.open(VIEW)
    page.touchscreen.tap(*middle(page, 10, -40))
    tablet.answered()
    expect(page.get_by_test_id("answer-total")).to_be_in_viewport()
    lon, lat = asked_at(page)
    assert abs(lon - 115.3) < 0.005
    assert abs(lat - 25.95) < 0.01


def test_a_finger_that_stays_asks_even_on_a_crowded_map(tablet: Watched) -> None:
    page = tablet.open("#map=8/25.95/115.3&theme=light")
    press_long(page, *middle(page, 6, 4))
    tablet.answered()
    lon, lat = asked_at(page)
    assert abs(lon - 115.3) < 0.05
    assert abs(lat - 25.95) < 0.05


def test_a_tap_on_a_symbol_opens_its_card_and_a_row_asks_from_there(tablet: Watched) -> None:
    page = tablet.open(VIEW)
    page.touchscreen.tap(*middle(page))
    card = page.get_by_test_id("card")
    expect(card.get_by_role("heading", level=2)).to_contain_text("下坝组滑坡")
    card.get_by_test_id("ask-from").tap()
    tablet.answered()
    expect(page).to_have_url(re.compile("feature=hazard_points"))


def test_what_is_in_view_is_listed_by_a_tap(tablet: Watched) -> None:
    page = tablet.open("#map=8/25.95/115.3&theme=light")
    page.get_by_test_id("list-frame").tap()
    expect(page.get_by_test_id("cluster").locator("li")).to_have_count(70)


def test_controls_are_large_enough_for_fingers(tablet: Watched) -> None:
    page = tablet.open(VIEW)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.bar button, .bar a, .left button, .zoom button')]
            .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
            .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < 40).map(([html]) => html)"""
    )
    assert small == []


@pytest.mark.parametrize(
    "typed",
    [
        "115°18′00″E 25°57′00″N",
        "东经115度18分0秒,北纬25度57分0秒",
        "25.95, 115.3",
        "E115.3 N25.95",
    ],
)
def test_coordinates_are_understood_as_they_are_written(wall: Watched, typed: str) -> None:
    page = wall.open("#map=10/25.9/115.2&theme=light")
    page.get_by_test_id("search").fill(typed)
    expect(page.get_by_role("option").first).to_contain_text("115.3")
    page.keyboard.press("Enter")
    wall.answered()
    lon, lat = asked_at(page)
    assert (round(lon, 4), round(lat, 4)) == (115.3, 25.95)


def test_the_whole_screen_is_taken_and_given_back(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.get_by_test_id("full").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_every_duty_shows_its_layers_and_rings(wall: Watched) -> None:
    page = wall.open(VIEW)
    layers = {layer["name"]: layer["title"] for layer in ask(f"{wall.address}/layers?lang=zh")["layers"]}
    scenes = ask(f"{wall.address}/scenes?lang=zh")["scenes"]
    assert [scene["title"] for scene in scenes] == ["综合", "防汛", "森林防火", "地质灾害", "安全生产"]
    for scene in scenes:
        page.get_by_test_id("scenes").locator(f"[data-option={scene['name']}]").click()
        expect(page.get_by_test_id("scenes").locator("[aria-pressed=true]")).to_have_text(scene["title"])
        for name in layers:
            box = page.get_by_test_id(f"layer-{name}").get_by_role("checkbox")
            expect(box).to_be_checked(checked=not scene["layers"] or name in scene["layers"])
        if scene["rings_m"]:
            furthest = max(scene["rings_m"])
            told = f"{furthest / 1000:g} km" if furthest >= 1000 else f"{furthest:g} m"
            expect(page.get_by_test_id("rings")).to_contain_text(told)


def test_the_wall_is_worked_by_keys_alone(wall: Watched) -> None:
    """Search, ask, read, hear why, ask again from a result, make a file, leave: no pointer."""
    page = wall.open(VIEW)
    page.keyboard.press("/")
    page.keyboard.type("罗坳林")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    card = page.get_by_test_id("card")
    expect(card.get_by_role("heading", level=2)).to_have_text("罗坳林区")
    card.get_by_test_id("ask-from").focus()
    page.keyboard.press("Enter")
    wall.answered()
    expect(page).to_have_url(re.compile("feature=forest_zones"))
    page.locator("section.list .row").nth(1).focus()  # the first is the zone itself
    page.keyboard.press("r")
    wall.answered()
    expect(page).to_have_url(re.compile("feature=(?!forest_zones/test/F1&)"))
    page.get_by_test_id("export").focus()
    page.keyboard.press("Enter")
    with page.expect_download() as saved:
        page.get_by_test_id("export-csv").press("Enter")
    assert saved.value.suggested_filename.endswith(".csv")
    page.get_by_test_id("close").press("Enter")
    expect(page.get_by_text("点一下地图,看这里有什么风险")).to_be_visible()
