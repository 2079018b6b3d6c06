"""The page as it opens: drawn from the service alone, the catalogue's figures, in two languages and themes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.wall.driving import Watched, serving, watched_page
from tests.wall.looking import ask, count_of, pixels

DIST = Path(__file__).resolve().parents[2] / "api/wall/dist"
GRADES = ("red", "orange", "yellow", "blue", "none")
SIZES = ((1366, 768), (1920, 1080), (3840, 1080))


def figure(text: str | None) -> int:
    assert text is not None
    return int(text.strip().replace(",", ""))


def test_the_page_may_run_only_its_own_scripts(wall: Watched) -> None:
    answer = wall.page.goto(wall.address)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    wall.drawn()
    assert any("/tiles/" in url for url in wall.requests)
    assert not any("/fonts" in url or ".pbf" in url for url in wall.requests), "labels are drawn with local fonts"


def colours(address: str, theme: str) -> dict[str, str]:
    """Fill by grade, as the service's legend tells it."""
    entries = ask(f"{address}/legend.json?theme={theme}&lang=zh")["entries"]
    (hazards,) = (entry for entry in entries if entry["layer"] == "hazard_points")
    return {item["grade"]: item["color"] for item in hazards["items"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_grade_is_drawn_in_its_own_colour(wall: Watched, theme: str) -> None:
    page = wall.open(f"#map=12/25.95/115.3&theme={theme}")
    picture = pixels(page, "[data-test=map]")
    legend = colours(wall.address, theme)
    for grade in ("red", "orange", "yellow", "blue"):
        # The smallest mark, a blue circle with its glyph and edge, shows some 250 pixels of its fill.
        assert count_of(picture, legend[grade]) > 200, f"too little {grade} on the map"


def test_the_figures_are_those_of_the_catalogue(wall: Watched) -> None:
    page = wall.open()
    layers = ask(f"{wall.address}/layers?lang=zh")["layers"]
    for layer in layers:
        row = page.get_by_test_id(f"layer-{layer['name']}")
        assert figure(row.get_by_test_id("total").text_content()) == layer["total"], layer["name"]
        if layer["graded"] and layer["total"]:
            shown = {grade: figure(row.get_by_test_id(f"count-{grade}").text_content()) for grade in GRADES}
            assert shown == {grade: layer["counts"][grade] for grade in GRADES}
    graded = [layer for layer in layers if layer["graded"]]
    for grade in GRADES:
        strip = page.get_by_test_id(f"grade-{grade}").get_by_test_id("value")
        assert figure(strip.text_content()) == sum(layer["counts"][grade] for layer in graded)
    assert figure(page.get_by_test_id("risk-total").text_content()) == sum(layer["total"] for layer in graded)


def test_a_hidden_layer_leaves_map_figures_and_address(wall: Watched) -> None:
    page = wall.open("#map=12/25.95/115.3&theme=light")
    page.wait_for_timeout(600)  # the figures of the frame come when it has come to rest
    before = figure(page.get_by_test_id("risk-total").text_content())
    hazards = page.get_by_test_id("layer-hazard_points")
    own = figure(hazards.get_by_test_id("total").text_content())
    hazards.get_by_role("checkbox").uncheck()
    wall.drawn()
    assert 0 < own < 60, "the frame shows less than all"
    assert figure(page.get_by_test_id("risk-total").text_content()) == before - own
    expect(page).to_have_url(re.compile("&hide=hazard_points"))
    page.get_by_test_id("layer-enterprises").get_by_role("checkbox").uncheck()
    page.wait_for_timeout(500)
    wall.drawn()
    assert count_of(pixels(page, "[data-test=map]"), colours(wall.address, "light")["blue"]) == 0


def test_a_grade_can_be_filtered_and_shown_alone(wall: Watched) -> None:
    page = wall.open("#map=12/25.95/115.3&theme=light")
    red = page.get_by_test_id("grade-red")
    red.click()
    expect(red).to_have_attribute("aria-pressed", "false")
    red.click(modifiers=["Alt"])
    expect(red).to_have_attribute("aria-pressed", "true")
    for other in GRADES[1:]:
        expect(page.get_by_test_id(f"grade-{other}")).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("&without=orange,yellow,blue,none"))


def test_language_and_theme_are_switched_and_kept(wall: Watched) -> None:
    page = wall.open()
    expect(page.get_by_role("heading", name="应急一张图")).to_be_visible()
    page.get_by_test_id("language").click()
    expect(page.get_by_role("heading", name="Emergency One Map")).to_be_visible()
    english = ask(f"{wall.address}/layers?lang=en")["layers"][0]["title"]
    expect(page.get_by_text(english, exact=True).first).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_test_id("theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    wall.drawn()
    expect(page).to_have_url(re.compile("lang=en&theme=dark"))
    page.goto("about:blank")
    wall.open()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    expect(page.get_by_role("heading", name="Emergency One Map")).to_be_visible()


def test_the_system_decides_the_theme_when_nobody_chose(browser: Browser, service: str) -> None:
    for scheme in ("light", "dark"):
        with watched_page(browser, service, color_scheme=scheme) as watched:
            watched.open()
            assert watched.page.locator("html").get_attribute("data-theme") == scheme


def _cut_off(page: Page) -> list[str]:
    """Controls and figures whose text is wider than their box, or that lie outside the window."""
    found: list[str] = (
        page.evaluate("""() => [...document.querySelectorAll('button, .fig, .val, .lab, h1, h2, time, .counts, td')]
        .filter((e) => e.offsetParent !== null && !e.closest('.clip') && !e.closest('ol')).filter((e) => {
            const box = e.getBoundingClientRect()
            return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 || box.right > innerWidth + 1 || box.left < -1
        }).map((e) => e.outerHTML.slice(0, 120))""")
    )
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_off(
    browser: Browser, service: str, tmp_path: Path, width: int, height: int, lang: str, theme: str
) -> None:
    with watched_page(browser, service, viewport={"width": width, "height": height}) as watched:
        page = watched.open(f"#map=12/25.95/115.3&at=115.3,25.95&r=5000&lang={lang}&theme={theme}")
        watched.answered()
        page.screenshot(path=tmp_path / f"wall-{width}-{lang}-{theme}.png")
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            width,
            height,
        ]
        assert _cut_off(page) == []
        assert watched.complaints == []
        map_box = page.locator("[data-test=map]").bounding_box()
        assert map_box is not None
        assert map_box["width"] > width * 0.3


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (1180, 820), (600, 960)])
def test_a_tablet_has_tree_and_answer_in_drawers(browser: Browser, service: str, width: int, height: int) -> None:
    with watched_page(browser, service, viewport={"width": width, "height": height}, has_touch=True) as watched:
        page = watched.open("#map=12/25.95/115.3")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        tree, answer = page.get_by_test_id("layer-shelters"), page.get_by_test_id("answer")
        expect(tree).not_to_be_visible()
        page.get_by_test_id("open-layers").tap()
        tree.get_by_role("checkbox").tap()
        expect(page).to_have_url(re.compile("hide=shelters"))
        page.get_by_test_id("open-layers").tap()
        expect(tree).not_to_be_visible()
        page.locator("[data-test=map] canvas").press("Enter")
        watched.answered()
        expect(answer).to_be_in_viewport()
        last = page.locator("section.list button").last
        for _ in range(3):  # rows get their true height when they come into sight
            last.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
        expect(last).to_be_in_viewport()
        page.get_by_test_id("open-answer").tap()
        expect(answer).not_to_be_visible()
        assert watched.complaints == []


def test_a_printed_page_is_a_light_sheet_without_controls(browser: Browser, service: str, tmp_path: Path) -> None:
    with watched_page(browser, service, viewport={"width": 1366, "height": 768}) as watched:
        page = watched.open("#map=12/25.95/115.3&at=115.3,25.95&r=5000&theme=dark")
        watched.answered()
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(18, 25, 32)"
        for control in ("theme", "export", "tool-point", "scenes"):
            expect(page.get_by_test_id(control)).not_to_be_visible()
        for kept in ("map", "risk-total", "answer-total", "nearest"):
            expect(page.get_by_test_id(kept)).to_be_visible()
        expect(page.get_by_text("内部使用,未经地图审核,不得公开")).to_be_visible()
        sheet = tmp_path / "wall.pdf"
        page.pdf(path=sheet, prefer_css_page_size=True, print_background=True)
        assert sheet.read_bytes().startswith(b"%PDF")


def test_no_edge_of_a_panel_nor_a_figure_crosses_the_seam_of_two_screens(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport={"width": 3840, "height": 1080}) as watched:
        page = watched.open("#map=12/25.95/115.3&at=115.3,25.95&r=5000")
        watched.answered()
        crossing: list[str] = page.evaluate("""() => [...document.querySelectorAll(
            '.wall > :not(.head, dialog), .head > *:not(.spring), .fig, td, h2')].filter((e) => e.offsetParent !== null)
            .map((e) => [e, e.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && box.left < 1919 && box.right > 1921)
            .map(([e]) => e.className || e.tagName)""")
        assert crossing == []
        edges = page.evaluate("document.querySelector('main').getBoundingClientRect().left")
        assert abs(edges - 1920) <= 1
        expect(page.get_by_test_id("city").locator(".plate")).to_have_count(1)
        assert figure(page.get_by_test_id("risk-total").text_content()) == ask(f"{service}/statistics")["total"], (
            "the left half is the whole city, whatever the map shows"
        )


def test_the_type_follows_the_pitch_of_the_screen(browser: Browser, service: str) -> None:
    with watched_page(browser, service) as watched:

        def pitched(route: Route) -> None:
            told = route.fetch().json()
            route.fulfill(json={**told, "screen": {**told["screen"], "wall_pitch_mm": 0.93}})

        watched.page.route("**/scenes?*", pitched)
        page = watched.open()
        expect(page.locator("html")).to_have_css("font-size", "21.5px")


def test_an_empty_database_is_said_and_tells_what_to_do(browser: Browser, database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as address, watched_page(browser, address) as watched:
        page = watched.open()
        expect(page.get_by_text("还没有数据")).to_be_visible()
        expect(page.get_by_text("onemap demo")).to_be_visible()
        page.locator("[data-test=map] canvas").click()
        watched.answered()
        expect(page.get_by_text("5 km内没有登记的要素")).to_be_visible()
        assert watched.complaints == []


def test_the_documentation_of_the_api_is_served_from_here(browser: Browser, service: str) -> None:
    with watched_page(browser, service) as watched:
        watched.page.goto(f"{service}/docs")
        expect(watched.page.get_by_text("/risk", exact=True).first).to_be_visible()
        assert watched.strangers() == []
        assert watched.failed == []
        assert not any("Content Security Policy" in complaint for complaint in watched.complaints)


def test_the_scripts_weigh_less_than_their_budget() -> None:
    scripts = [gzip.compress(path.read_bytes(), 9) for path in (DIST / "assets").glob("*.js")]
    assert len(scripts) >= 2
    assert sum(map(len, scripts)) < 1_200_000


def test_the_lock_file_names_no_download_address() -> None:
    assert '"resolved"' not in (DIST.parent / "package-lock.json").read_text("utf-8")


def test_the_golden_pictures_are_there_and_small() -> None:
    kept = {path.name: path.stat().st_size for path in (DIST.parents[2] / "tests/golden/wall").glob("*.png")}
    wanted = {f"{what}-{w}-{theme}.png" for what in ("city", "answer") for w, _ in SIZES for theme in ("light", "dark")}
    assert set(kept) == wanted
    assert max(kept.values()) <= 400_000
