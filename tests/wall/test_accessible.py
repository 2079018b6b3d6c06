"""No violation of WCAG 2.2 A or AA that axe can see: every screen and state, both themes, both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.wall.driving import ROOT, Watched, watched_page

AXE = (ROOT / "api/wall/node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = "{runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}}"
ASKED = "#map=12/25.95/115.3&at=115.3,25.95&r=5000"
BUSY = '{"type": "about:blank", "title": "Busy", "status": 503, "detail": "数据库正忙", "code": "busy"}'


def violations(page: Page) -> list[str]:
    """Each rule that is broken, with where."""
    # The page's policy forbids inline scripts; this is the test's own, through the debugging door.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(
        f"axe.run(document, {RULES}).then((result) => result.violations.map((broken) =>"
        " `${broken.id}: ${broken.nodes.slice(0, 3).map((node) => node.html.slice(0, 150)).join(' | ')}`))"
    )
    return found


@dataclass
class Walk:
    """What axe said in each state of one walk through the wall."""

    page: Page
    broken: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0

    def look(self, state: str) -> None:
        self.page.wait_for_timeout(250)  # what fades in is judged as it stays
        self.seen += 1
        if found := violations(self.page):
            self.broken[state] = found


def refuse(route: Route) -> None:
    route.fulfill(status=503, content_type="application/problem+json", body=BUSY)


@pytest.fixture
def walk(browser: Browser, service: str, look: tuple[str, str, int, int]) -> Iterator[tuple[Watched, Walk]]:
    theme, lang, width, height = look
    with watched_page(browser, service, viewport={"width": width, "height": height}, has_touch=width < 1200) as watched:
        walked = Walk(watched.open(f"#theme={theme}&lang={lang}"))
        yield watched, walked
        assert walked.broken == {}


LOOKS = [("light", "zh", 1366, 768), ("dark", "en", 1920, 1080), ("dark", "zh", 3840, 1080), ("light", "en", 1366, 768)]
TABLETS = [("light", "zh", 1024, 768), ("dark", "en", 1024, 768)]
WIDE = 2560


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_no_rule_is_broken_while_nothing_is_asked(walk: tuple[Watched, Walk], look: tuple[str, str, int, int]) -> None:
    _, walked = walk
    page = walked.page
    walked.look("blank")
    page.get_by_test_id("search").fill("Q")
    page.get_by_role("option").first.wait_for()
    walked.look("search")
    page.keyboard.press("Escape")
    page.get_by_test_id("layer-hazard_points").get_by_test_id("more").click()
    page.get_by_test_id("raster-people").get_by_role("checkbox").check()
    page.get_by_test_id("raster-legend-people").wait_for()
    walked.look("layer opened, legend of a grid")
    page.get_by_test_id("view-new").click()
    walked.look("naming a view")
    page.get_by_test_id("scenes").locator("[data-option=flood]").click()
    page.get_by_test_id("grade-blue").click()
    walked.look("scene, grade filtered")
    if look[2] < WIDE:
        for tab in ("township", "layer"):
            page.get_by_test_id("compare-tabs").locator(f"[data-option={tab}]").click()
            walked.look(tab)
        page.get_by_test_id("news-tabs").locator("[data-option=overdue]").click()
        walked.look("overdue")
    page.get_by_test_id("help").click()
    walked.look("keys")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_no_rule_is_broken_while_asking_and_answering(
    walk: tuple[Watched, Walk], look: tuple[str, str, int, int]
) -> None:
    watched, walked = walk
    page = walked.page
    page.goto("about:blank")
    watched.open(f"{ASKED}&theme={look[0]}&lang={look[1]}")
    watched.answered()
    walked.look("answer")
    page.get_by_test_id("rings").click()
    walked.look("rings")
    page.keyboard.press("Escape")
    page.locator("section.list .row").first.click()
    page.get_by_test_id("card").get_by_role("button").last.wait_for()
    walked.look("card")
    page.get_by_test_id("export").click()
    page.locator("[data-format]").first.wait_for()
    walked.look("export")
    page.keyboard.press("Escape")
    page.get_by_test_id("exhibit").click()
    page.get_by_test_id("exhibit-state").wait_for()
    walked.look("exhibit in progress")
    page.get_by_test_id("exhibit-file").wait_for(timeout=60_000)
    walked.look("exhibit done")
    page.get_by_test_id("copy-link").click()
    page.get_by_test_id("tool-measure").click()
    page.get_by_test_id("draw-note").wait_for()
    walked.look("measuring")
    page.get_by_test_id("tool-polygon").click()
    walked.look("drawing")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("look", LOOKS[:3], ids=str)
def test_no_rule_is_broken_when_things_fail(walk: tuple[Watched, Walk], look: tuple[str, str, int, int]) -> None:
    watched, walked = walk
    page = walked.page
    for address in ("**/risk?**", "**/exhibits?**", "**/features/**"):
        page.route(address, refuse)
    page.locator("[data-test=map] canvas").press("Enter")
    page.get_by_test_id("answer").get_by_role("alert").wait_for()
    walked.look("answer failed")
    page.get_by_test_id("search").fill("Q3")
    page.get_by_role("option").first.click()
    page.get_by_test_id("card").get_by_role("alert").wait_for()
    walked.look("card failed")
    page.goto("about:blank")
    for address in ("**/layers?**", "**/style.json**", "**/statistics?**", "**/changes?**", "**/audits/**"):
        page.route(address, refuse)
    page.goto(f"{watched.address}/#theme={look[0]}&lang={look[1]}")
    page.get_by_role("alert").first.wait_for()
    page.wait_for_timeout(500)
    walked.look("nothing could be fetched")
    page.unroute_all()
    page.goto("about:blank")
    page.route("**/events", lambda route: route.fulfill(status=502, body=""))
    watched.open(f"{ASKED}&theme={look[0]}&lang={look[1]}")
    watched.answered()
    walked.look("polling")
    page.route(re.compile("/(layers|tiles|risk|statistics)"), lambda route: route.abort("connectionrefused"))
    expect(page.get_by_test_id("link")).to_have_attribute("data-link", "lost", timeout=30_000)
    page.get_by_test_id("link-plate").wait_for()
    walked.look("disconnected")


@pytest.mark.parametrize("look", TABLETS, ids=str)
def test_no_rule_is_broken_on_a_tablet(walk: tuple[Watched, Walk], look: tuple[str, str, int, int]) -> None:
    watched, walked = walk
    page = walked.page
    walked.look("tablet")
    page.get_by_test_id("open-layers").tap()
    page.get_by_test_id("layer-shelters").get_by_test_id("more").tap()
    walked.look("layers' drawer")
    page.get_by_test_id("open-layers").tap()
    page.locator("[data-test=map] canvas").press("Enter")
    watched.answered()
    walked.look("answer's drawer")
    page.get_by_test_id("open-answer").tap()
    page.get_by_test_id("help").tap()
    walked.look("keys")
    assert re.search("at=", page.url)
