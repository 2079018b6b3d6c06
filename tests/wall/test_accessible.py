"""No violation of WCAG 2.2 A or AA that axe can see, on any state of the page, in either theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.wall.driving import ROOT, watched_page

AXE = ROOT / "api/wall/node_modules/axe-core/axe.min.js"
RULES = "{runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}}"


def violations(page: Page) -> list[str]:
    """Each rule that is broken, with where."""
    # The page's policy forbids inline scripts; this is the test's own, through the debugging door.
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(
        f"axe.run(document, {RULES}).then((result) => result.violations.map((broken) =>"
        " `${broken.id}: ${broken.nodes.slice(0, 3).map((node) => node.html.slice(0, 150)).join(' | ')}`))"
    )
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_is_broken_with_an_answer_a_card_and_the_rings_open(browser: Browser, service: str, theme: str) -> None:
    with watched_page(browser, service) as watched:
        page = watched.open(f"#map=12/25.95/115.3&at=115.3,25.95&r=5000&theme={theme}")
        watched.answered()
        assert violations(page) == []
        page.locator("section.list .row").first.click()
        page.get_by_test_id("card").get_by_role("button").last.wait_for()
        page.get_by_test_id("rings").click()
        assert violations(page) == []


def test_no_rule_is_broken_before_anything_is_asked(browser: Browser, service: str) -> None:
    with watched_page(browser, service, viewport={"width": 1920, "height": 1080}) as watched:
        page = watched.open("#lang=en")
        page.get_by_test_id("search").fill("Q")
        page.get_by_role("option").first.wait_for()
        assert violations(page) == []
